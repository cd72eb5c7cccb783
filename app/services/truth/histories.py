"""I5 of orders and tickets: each change of a state has its line, and the lines make a way the lifecycle allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import Text, select, type_coerce

from app.domain.ordering import order_lifecycle
from app.domain.promises import ticket_lifecycle
from app.domain.teamwork import work_lifecycle
from app.persistence.amending.cancels import CancelRequest
from app.persistence.audit import OrderEvent
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from processes.invariants import Look, Violation
from processes.invariants.look import batches

RULE: Final = "I5"
AT_ONCE: Final = 200
Table = Mapping[Any, frozenset[Any]]


@dataclass(frozen=True)
class Kind:
    """One kind of line: how people call what it is about, which word of its detail names it, its lifecycle."""

    word: str
    named_by: str | None
    allowed: Table
    first: StrEnum


ORDER: Final = Kind("the order", None, order_lifecycle.ALLOWED, order_lifecycle.OrderState.ACKNOWLEDGED)
TICKET: Final = Kind("the ticket", None, ticket_lifecycle.ALLOWED, ticket_lifecycle.TicketState.ACKNOWLEDGED)
PARTS: Final[Mapping[str, Kind]] = {
    "item_state": Kind("item", "item_no", order_lifecycle.ITEM_ALLOWED, order_lifecycle.OrderState.ACKNOWLEDGED),
    "work_order_state": Kind(
        "work order",
        "work_order_id",
        work_lifecycle.WORK_ORDER_ALLOWED,
        work_lifecycle.WorkOrderState.ACKNOWLEDGED,
    ),
    "work_item_state": Kind(
        "work item", "work_item_id", work_lifecycle.WORK_ITEM_ALLOWED, work_lifecycle.WorkItemState.OPEN
    ),
    "cancel_state": Kind(
        "request to cancel",
        "cancel_request_id",
        work_lifecycle.CANCEL_ALLOWED,
        work_lifecycle.CancelState.ACKNOWLEDGED,
    ),
}

Thing = tuple[str, str, str]  # id of the order or ticket, kind of line, name within it


def broken_histories(look: Look) -> Iterator[Violation]:
    """Orders and tickets, some hundred at a time, with everything that belongs to them."""
    for table, column, kind in (
        (ProductOrder, OrderEvent.order_id, ORDER),
        (TroubleTicket, OrderEvent.ticket_id, TICKET),
    ):
        owners = (tuple(row) for row in look.stream(select(table.id, table.number, table.state)))
        for piece in batches(owners, AT_ONCE):
            look.saw(RULE, "histories", len(piece))
            numbers = {owner_id: number for owner_id, number, _state in piece}
            now = {(owner_id, "state", ""): state for owner_id, _number, state in piece}
            names = dict.fromkeys(now, kind.word)
            _parts(look, table, list(numbers), now, names)
            lines = _lines(look, column, list(numbers))
            for thing, text in _wrong(now, lines, kind):
                yield Violation(RULE, numbers[thing[0]], f"{names.get(thing, thing[1])} {text}")


def _parts(
    look: Look, table: type[Any], owner_ids: Sequence[str], now: dict[Thing, str], names: dict[Thing, str]
) -> None:
    """Add the states, and the names, of everything that belongs to the orders or tickets."""
    rows: list[tuple[str, Any]]
    if table is TroubleTicket:
        of_no_order = (WorkItem.ticket_id.in_(owner_ids), WorkItem.order_id.is_(None))
        items = select(WorkItem.ticket_id, WorkItem.id, WorkItem.number, WorkItem.state).where(*of_no_order)
        rows = [("work_item_state", items)]
    else:
        rows = [
            (kind, select(part.order_id, key, name, part.state).where(part.order_id.in_(owner_ids)))
            for kind, part, key, name in (
                ("item_state", ProductOrderItem, ProductOrderItem.item_no, ProductOrderItem.item_no),
                ("work_order_state", WorkOrder, WorkOrder.id, WorkOrder.element_id),
                ("work_item_state", WorkItem, WorkItem.id, WorkItem.number),
                ("cancel_state", CancelRequest, CancelRequest.id, CancelRequest.at),
            )
        ]
    for kind, query in rows:
        for owner_id, key, name, state in look.session.execute(query):
            now[owner_id, kind, key] = state
            names[owner_id, kind, key] = f"{PARTS[kind].word} {name}"


def _lines(look: Look, column: Any, owner_ids: Sequence[str]) -> Mapping[Thing, list[tuple[str | None, str | None]]]:
    """The changes of each thing, oldest first. A line about a ticket of an order is the order's."""
    found: dict[Thing, list[tuple[str | None, str | None]]] = defaultdict(list)
    wanted = select(
        column, OrderEvent.kind, OrderEvent.from_state, OrderEvent.to_state, type_coerce(OrderEvent.detail, Text)
    ).where(column.in_(owner_ids), OrderEvent.kind.in_(("state", *PARTS)))
    count = 0
    for owner_id, kind, before, after, detail in look.session.execute(wanted.order_by(OrderEvent.seq)):
        named_by = PARTS[kind].named_by if kind in PARTS else None
        name = str(orjson.loads(detail).get(named_by)) if named_by else ""
        found[owner_id, kind, name].append((before, after))
        count += 1
    look.saw(RULE, "changes of state", count)
    return found


def _wrong(
    now: Mapping[Thing, str], lines: Mapping[Thing, list[tuple[str | None, str | None]]], owner: Kind
) -> Iterator[tuple[Thing, str]]:
    for thing in {**now, **lines}:
        kind = PARTS.get(thing[1], owner)
        state: str = kind.first
        for number, (before, after) in enumerate(lines.get(thing, ())):
            if number == 0 and before is None and after == kind.first:
                continue  # it came into being
            if before != state:
                yield thing, f"was {state}, and its next line begins in {before}"
            elif after not in kind.allowed[type(kind.first)(before)]:
                yield thing, f"went from {before} to {after}, which its lifecycle does not allow"
            state = str(after)
        if thing in now and now[thing] != state:
            yield thing, f"is {now[thing]}, but its history ends in {state}"
        elif thing not in now:
            yield thing, "has a history, but is gone"
