"""One order for several products of a customer."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.form_rendering import FormPage
from app.web.views.customers import ProductRow
from app.web.views.new_order import PlaceField
from app.web.views.parts import Fault, Pair


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A chosen product that cannot come along, and why."""

    name: str
    product_id: str
    why: str


@dataclass(frozen=True, kw_only=True)
class BatchPage:
    """One order for several products."""

    number: str
    customer: str
    customer_href: str
    kind: str
    rows: tuple[ProductRow, ...]
    left_out: tuple[LeftOut, ...]
    place: PlaceField | None
    form: FormPage | None
    form_note: str
    description: str
    totals: tuple[Pair, ...]
    faults: tuple[Fault, ...]
    action: str
