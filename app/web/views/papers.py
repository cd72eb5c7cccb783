"""Papers that a customer takes along: a quote, the confirmation of an order."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.customers import CustomerList
from app.web.views.parts import Pages, Pair, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class PaperItem:
    """One item: what it is, what was chosen, what it costs, when it will be done and why then."""

    title: str
    facts: tuple[Pair, ...]
    prices: tuple[tuple[str, str, str], ...]
    promise: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A whole paper. ``sign``: whether somebody signs it. ``notes``: sentences at its end."""

    title: str
    number: str
    crumb: tuple[tuple[str, str], ...]
    state: Tag | None
    facts: tuple[Pair, ...]
    items: tuple[PaperItem, ...]
    totals: tuple[Pair, ...]
    notes: tuple[str, ...]
    sign: bool
    order_href: str = ""


@dataclass(frozen=True, kw_only=True)
class QuotesPage:
    """The quotes of an area."""

    tabs: tuple[Tab, ...]
    list: CustomerList
    pages: Pages
