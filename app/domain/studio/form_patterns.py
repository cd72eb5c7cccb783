"""Patterns of forms that a machine can try on any answer in no time; the others are refused before anybody is asked.

The pattern language of Python goes back and tries again: ``(a+)+`` on a few dozen letters takes longer than the world
is old. What may be repeated without end is therefore limited, and so is the length of an answer with a pattern.
"""

from __future__ import annotations

import re
from typing import Final

MAX_CHARS: Final = 200
#: Of an answer whose question has a pattern.
MAX_ANSWER: Final = 300
MAX_ENDLESS: Final = 3
#: What stands for itself: an escaped sign, a class of signs.
_PLAIN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ENDLESS: Final = re.compile(r"[*+]|\{\d*,\}")
_LONG: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_REPEATED: Final = re.compile(r"\(([^()]*)\)([*+]|\{\d*,\d*\})")
_AGAIN: Final = re.compile(r"\\\d|\(\?(?!:)")
MAX_TIMES: Final = 100


def pattern_problem(pattern: str) -> tuple[str, str] | None:
    """Why a pattern cannot be used, in Chinese and in English; None for a good one."""
    if len(pattern) > MAX_CHARS:
        return f"pattern 最多 {MAX_CHARS} 个字符", f"pattern has at most {MAX_CHARS} characters"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        return f"pattern 不是正则表达式：{problem}", f"pattern is no regular expression: {problem}"
    if _AGAIN.search(pattern):
        return "pattern 不能用反向引用和前后查找", "pattern has no back references and nothing that looks around"
    plain = _PLAIN.sub("x", pattern)
    times = [int(number) for found in _LONG.finditer(plain) for number in found.groups() if number]
    if len(_ENDLESS.findall(plain)) > MAX_ENDLESS or any(number > MAX_TIMES for number in times) or _nested(plain):
        return "pattern 里的重复过多，匹配可能很久", "pattern repeats too much: trying it could take for ever"
    return None


def _nested(plain: str) -> bool:
    """Whether something without a fixed length, or one of several, is repeated without end."""
    text = plain.replace("(?:", "(")
    while True:
        found = _REPEATED.search(text)
        if found is not None and (re.search(r"[*+?|]|\{\d*,", found[1])):
            return True
        inner = re.sub(r"\(([^()]*)\)", lambda group: group[1] if not re.search(r"[*+?|{]", group[1]) else "y*", text)
        if inner == text:
            return False
        text = inner
