"""FEEL, the expression language of DMN 1.3, as far as decision tables and what stands around them use it.

Read once into a tree (:mod:`.parser`), turned into closures (:mod:`.compiling`), run often. Nothing here evaluates
Python, opens files or asks for the time; what an expression may cost is counted (:mod:`.scope`).

Where we leave the standard, on purpose: what the standard turns into ``null`` because somebody made a mistake (text
compared with a number, a function given the wrong kind, an unknown name, a division by zero) is an error that says so,
in Chinese and in English. ``null`` itself behaves as the standard says.
"""
