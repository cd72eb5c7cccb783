"""The names under which the engine knows our things: `order:<id>`, `order:<id>/item:<no>`, `ticket:<id>`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """What a run of a process is about; ids are ours, ``item_no`` is the customer's line number."""

    order_id: str | None = None
    item_no: str | None = None
    ticket_id: str | None = None


def subject_of(business_key: str) -> Subject:
    """Read a business key; one of another form is about nothing of ours."""
    kind, _, rest = business_key.partition(":")
    if kind == "ticket" and rest:
        return Subject(ticket_id=rest)
    if kind != "order" or not rest:
        return Subject()
    order_id, _, item = rest.partition("/")
    item_kind, _, item_no = item.partition(":")
    return Subject(order_id=order_id, item_no=item_no if item_kind == "item" and item_no else None)
