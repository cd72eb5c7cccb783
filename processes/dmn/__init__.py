"""Decision models of DMN 1.3: tables, expressions, functions, and which decision needs which.

:mod:`.reading` makes a :class:`~.graph.Decision` of a file; what is wrong with the file is gathered, in two languages.
"""
