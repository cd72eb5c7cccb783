"""The command of an order as plain JSON, for what is accepted later, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from app.domain.commands import OrderRelationship, Place, PlaceOrder, PlaceOrderItem, Relationship

INSTANTS: Final = ("requested_start_date", "requested_completion_date")


def command_data(command: PlaceOrder) -> dict[str, Any]:
    """Every field by its name; instants as ISO texts."""
    data = asdict(command)
    for name in INSTANTS:
        data[name] = data[name].isoformat() if data[name] is not None else None
    return data


def command_of(data: Mapping[str, Any]) -> PlaceOrder:
    """The command that :func:`command_data` was made of."""
    given = dict(data)
    for name in INSTANTS:
        given[name] = datetime.fromisoformat(given[name]) if given[name] else None
    given["items"] = tuple(_item(row) for row in given["items"])
    given["order_relationships"] = tuple(OrderRelationship(**row) for row in given["order_relationships"])
    for name in ("related_party", "notes"):
        given[name] = tuple(given[name])
    return PlaceOrder(**given)


def _item(row: Mapping[str, Any]) -> PlaceOrderItem:
    given = dict(row)
    given["places"] = tuple(Place(**place) for place in given["places"])
    given["relationships"] = tuple(Relationship(**tie) for tie in given["relationships"])
    return PlaceOrderItem(**given)
