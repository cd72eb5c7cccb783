"""Customers, what they have, and everything that is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.counter.line_sketch import Sketch
from app.web.views.parts import Choice, Pages, Pair, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class ProductRow:
    """One installed product of a customer and what may be done with it. ``addresses``: each with its role."""

    product_id: str
    name: str
    detail: str
    address: str
    state: Tag
    since: str
    is_part: bool
    change_hrefs: tuple[Choice, ...] = ()
    report_href: str = ""
    locked_by: str = ""
    locked_href: str = ""
    href: str = ""
    addresses: tuple[str, ...] = ()
    contract_until: str = ""
    ends_soon: bool = False
    is_shown: bool = False


@dataclass(frozen=True, kw_only=True)
class ProductGroup:
    """Products that belong together, under one heading."""

    title: str
    rows: tuple[ProductRow, ...]


@dataclass(frozen=True, kw_only=True)
class ProductPanel:
    """One product in detail, with its drawing where it lies in the network."""

    product_id: str
    name: str
    state: Tag
    sketch: Sketch | None
    facts: tuple[Pair, ...]


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """A row of one of the lists about a customer: cells beside each other, the first one a link where it leads on."""

    cells: tuple[str, ...]
    href: str = ""
    state: Tag | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerList:
    """One list about a customer: orders, tickets, sites ..."""

    title: str
    head: tuple[str, ...]
    rows: tuple[ListRow, ...]
    empty: str


@dataclass(frozen=True, kw_only=True)
class CustomerPage:
    """A customer: who it is (masked), and one tab of what there is."""

    number: str
    name: str
    facts: tuple[Pair, ...]
    tabs: tuple[Tab, ...]
    tab: str
    groups: tuple[ProductGroup, ...] = ()
    by: tuple[Tab, ...] = ()
    batch: tuple[Choice, ...] = ()
    batch_href: str = ""
    panel: ProductPanel | None = None
    pages: Pages | None = None
    lists: tuple[CustomerList, ...] = ()
    new_order_href: str = ""
    edit_href: str = ""
    merge_href: str = ""
    merged_into: str = ""
    merged_href: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomerRow:
    """A hit of the customer search."""

    number: str
    name: str
    contact: str
    area: str
    tier: str
    products: int
    href: str


@dataclass(frozen=True, kw_only=True)
class CustomerSearch:
    """The search and its hits."""

    query: str
    rows: tuple[CustomerRow, ...]
    asked: bool
    recent: tuple[CustomerRow, ...] = ()
    examples: tuple[Choice, ...] = ()
