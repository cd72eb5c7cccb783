"""What a customer sees of one order, without a login."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.order_acts import SlotDay
from app.web.views.order_page import CustomerView
from app.web.views.parts import Choice, Fault, Pair


@dataclass(frozen=True, kw_only=True)
class MyVisit:
    """When somebody comes."""

    item_no: str
    line: str
    when: str
    can_move: bool


@dataclass(frozen=True, kw_only=True)
class MyOrder:
    """The page. ``link`` names the link it was made for, so that two in one browser are not mixed up."""

    language: str
    other_language_href: str
    sheets: tuple[str, ...]
    link: str
    number: str
    what: str
    state: str
    view: CustomerView
    facts: tuple[Pair, ...]
    visits: tuple[MyVisit, ...] = ()
    days: tuple[SlotDay, ...] = ()
    can_rate: bool = False
    rated: str = ""
    scores: tuple[Choice, ...] = ()
    faults: tuple[Fault, ...] = ()
    notice: str = ""
    chosen: str = ""


@dataclass(frozen=True, kw_only=True)
class NoOrder:
    """What is shown where a link leads nowhere."""

    language: str
    other_language_href: str
    sheets: tuple[str, ...]
    title: str
    text: str
