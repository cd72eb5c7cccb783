"""Customers by a word somebody remembers: a part of the name, initials in Pinyin, some digits of the phone."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import ColumnElement

from app.domain.counter.found_by import plain
from app.persistence.counter.customers import Customer
from app.persistence.filters import WHOLE_WORD, matches_text

#: So many digits of a phone number find somebody; fewer would fit too many.
FEWEST_DIGITS: Final = 4
DIGITS: Final = re.compile(r"[\d\s()+-]+")


def digits_in(text: str) -> str:
    """The digits of a text that may be a part of a phone number, however they are grouped; else nothing."""
    wanted = plain(text)
    digits = re.sub(r"\D", "", wanted)
    return digits if DIGITS.fullmatch(wanted) and len(digits) >= FEWEST_DIGITS else ""


def customers_like(text: str) -> list[ColumnElement[bool]]:
    """Conditions any of which a customer may fulfil, each answered by an index; none for a text without a letter or
    digit. ``slkj`` and ``示例`` find 示例科技有限公司, ``0013 80`` finds 13800138000."""
    wanted = plain(text)
    if not re.search(r"[^\W_]", wanted):
        return []
    inside = wanted if WHOLE_WORD.search(wanted) else f" {wanted}"
    found: list[ColumnElement[bool]] = [
        matches_text((Customer.customer_no,), wanted),
        Customer.found_by.contains(inside, autoescape=True),
    ]
    if digits := digits_in(text):
        found.append(Customer.phone.contains(digits))
    return found
