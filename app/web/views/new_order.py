"""The counter's page for a new order, or for a change of an installed product."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.form_rendering import FormPage
from app.web.views.customers import CustomerRow
from app.web.views.parts import Choice, Fault, Pair, Tag


@dataclass(frozen=True, kw_only=True)
class OfferingCard:
    """An offering with its prices, as a card to choose."""

    code: str
    name: str
    monthly: str
    one_off: str
    note: str
    href: str


@dataclass(frozen=True, kw_only=True)
class OfferingGroup:
    """The offerings of one product."""

    product: str
    note: str
    cards: tuple[OfferingCard, ...]


@dataclass(frozen=True, kw_only=True)
class PlaceField:
    """One address of the order: what was looked for, what was found, what is chosen."""

    role: str
    label: str
    query: str
    hits: tuple[Choice, ...]
    chosen: str
    chosen_text: str
    problem: str = ""
    note: str = ""


@dataclass(frozen=True)
class CheckRow:
    """The answer to one question asked before the order is placed."""

    name: str
    state: Tag
    note: str
    took: str = ""
    #: Of a place that is not served: its role, and the nearest that are.
    role: str = ""
    near: tuple[Choice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OwnerField:
    """Who gets the product: what was looked for, who was found, who is chosen, and which account pays."""

    key: str
    query: str
    hits: tuple[Choice, ...]
    chosen: str
    account_key: str = ""
    accounts: tuple[Choice, ...] = ()
    account: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Pledge:
    """The promise that would be made now, and why it is that one."""

    when: str
    iso: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """What it costs."""

    rows: tuple[Pair, ...]
    monthly: str
    first_bill: str


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """Everything on the page; sections appear as what they need is known."""

    customer_query: str = ""
    hits: tuple[CustomerRow, ...] = ()
    searched: bool = False
    recent: tuple[CustomerRow, ...] = ()
    examples: tuple[Choice, ...] = ()
    customer_no: str = ""
    customer: str = ""
    customer_facts: tuple[Pair, ...] = ()
    accounts: tuple[Choice, ...] = ()
    account_no: str = ""
    groups: tuple[OfferingGroup, ...] = ()
    offering: str = ""
    offering_name: str = ""
    product_id: str = ""
    order_type: str = ""
    kind: str = ""
    kind_note: str = ""
    form: FormPage | None = None
    places: tuple[PlaceField, ...] = ()
    owner: OwnerField | None = None
    #: Orders that work on the product: what is said of each, and where it is.
    busy: tuple[Fault, ...] = ()
    description: str = ""
    #: The quote that is ordered by.
    quote: str = ""
    quote_href: str = ""
    external_id: str = ""
    start_date: str = ""
    checks: tuple[CheckRow, ...] = ()
    checks_href: str = ""
    asks_at_once: bool = False
    pledge: Pledge | None = None
    prices: PriceList | None = None
    faults: tuple[Fault, ...] = ()
    action: str = ""
    change_customer_href: str = ""
    change_offering_href: str = ""

    @property
    def step(self) -> int:
        """Which section is to be filled now, from 1 to 3."""
        if not self.customer_no:
            return 1
        return 3 if self.offering or self.product_id else 2
