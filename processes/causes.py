"""One cause, many incidents: a message without what differs from one order to the next."""

from __future__ import annotations

import hashlib
import re
from typing import Final

LONGEST: Final = 300
#: What is put in the place of what differs, in this order.
MARKS: Final = (
    (re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"|“[^”]*”|「[^」]*」"), "<…>"),
    (re.compile(r"\b[0-9a-fA-F]*\d[0-9a-fA-F]*[a-fA-F][0-9a-fA-F]{6,}\b"), "<id>"),
    # Codes of things: letters with a number behind, as order and port numbers are.
    (re.compile(r"\b[A-Z][A-Z0-9]*(?:[-/.:_]?\d[\w-]*)+"), "#"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
    (re.compile(r"(?:#[\s,;/]*){2,}"), "# "),
    (re.compile(r"\s+"), " "),
)


def normalised(message: str) -> str:
    """The message with ids, times, quoted texts and numbers marked, at most 300 characters."""
    text = message[: 4 * LONGEST]
    for pattern, mark in MARKS:
        text = pattern.sub(mark, text)
    return text.strip()[:LONGEST]


def cause_key(code: str, operation: str, cause: str) -> str:
    """32 characters that are the same for every incident of one code, operation and normalised message."""
    whole = "\n".join((code, operation, cause))
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
