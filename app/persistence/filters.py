"""Turning named filters into conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, String, false, literal_column, or_
from sqlalchemy.orm import InstrumentedAttribute

Columns = Mapping[str, InstrumentedAttribute[Any]]

#: An index over texts knows them by three letters at a time: shorter words are looked for at the beginning only.
WHOLE_WORD: Final = re.compile(r"[^\W_]{3}")


def values_of(value: Any) -> list[Any]:
    """A filter may name one value or several."""
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def equals_any(column: InstrumentedAttribute[Any], value: Any) -> ColumnElement[bool]:
    """True where the column is one of the values."""
    return column.in_(values_of(value))


def in_words(column: ColumnElement[Any] | InstrumentedAttribute[Any], states: Iterable[StrEnum]) -> ColumnElement[bool]:
    """True where the column is one of the states, said in the statement: a parameter would hide an index over some of
    the rows from a planner that plans once for all values."""
    return column.in_([literal_column(f"'{state}'", String()) for state in sorted(states)])


def at_most(number: int | None) -> ColumnElement[int] | None:
    """A limit said in the statement: a planner that plans once for all limits would take it for a tenth of all rows."""
    return None if number is None else literal_column(str(int(number)), Integer())


def contains_text(columns: Iterable[ColumnElement[Any] | InstrumentedAttribute[Any]], text: str) -> ColumnElement[bool]:
    """True where one of the columns contains the text; ``%`` and ``_`` are plain characters."""
    plain = text.replace("\x00", "").strip()
    return or_(*(column.icontains(plain, autoescape=True) for column in columns))


def matches_text(columns: Iterable[ColumnElement[Any] | InstrumentedAttribute[Any]], text: str) -> ColumnElement[bool]:
    """True where one of the columns contains the text, or begins with it where it is too short to be found inside.

    A text without any letter or digit is found nowhere.
    """
    plain = text.replace("\x00", "").strip()
    if WHOLE_WORD.search(plain):
        return contains_text(columns, plain)
    if not re.search(r"[^\W_]", plain):
        return false()
    return or_(*(column.istartswith(plain, autoescape=True) for column in columns))


def is_id(text: str) -> bool:
    """Whether a text has the form of an id (36 characters with dashes), and not of a number people use."""
    return len(text) == 36 and text.count("-") == 4
