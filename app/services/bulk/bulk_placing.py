"""The lines of a submitted sheet become orders, a handful in one transaction, each judged once more as any order is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.command_data import command_of
from app.domain.commands import PlaceOrder
from app.errors import AppError
from app.persistence.bulk.bulk_orders import BulkOrder, BulkOrderLine
from app.persistence.people import actor_for
from app.services.counter.order_intake import Placement, Wanted, place_all
from processes.bulk import Applied, Refused
from processes.store.bulk import BulkItem, BulkRun

KIND: Final = "place_order"
#: A sheet of so many lines is no more than a busy hour: the work on its orders begins at once.
SMALL: Final = 50
#: So many orders are placed in a second at most, as far as anybody relies on it.
PLACED_PER_S: Final = 100.0
#: A run is begun with so soon after it was submitted.
NOTICED_WITHIN_S: Final = 1.0
#: Longer than that nobody waits for the rest of a sheet: it may have been paused.
LONGEST_REST_S: Final = 300.0


def register(deps: Deps) -> None:
    """Let bulk runs place orders."""

    def place(
        session: Session, run: BulkRun, items: Sequence[BulkItem], now: datetime
    ) -> list[Applied | Refused | None]:
        return _place(session, run, items, deps, now)

    deps.engine.parts.bulk_batches[KIND] = place


def _place(
    session: Session, run: BulkRun, items: Sequence[BulkItem], deps: Deps, now: datetime
) -> list[Applied | Refused | None]:
    order = session.get_one(BulkOrder, run.params["bulk_order_id"])
    lines = _lines(session, order, items)
    # Rights are those of the one who submitted, as they are now.
    actor = replace(actor_for(session, order.login), area_path=order.area_path)
    wanted: dict[int, Wanted] = {}
    busy: set[str] = set()
    for item in items:
        command = _command(order, lines[int(item.subject_id)])
        if command.items[0].product_id is not None and command.customer_no is not None:
            if command.customer_no in busy:
                continue  # the products of a bundle are one: who comes second has to see the first
            busy.add(command.customer_no)
        begin_at = begins_at(run, item.seq, deps.live.now.bulk_starts_per_s, now)
        wanted[item.seq] = Wanted(command, _hash(order, lines[int(item.subject_id)]), begin_at)
    found = dict(zip(wanted, _placed(session, list(wanted.values()), actor, deps, now), strict=True))
    results: list[Applied | Refused | None] = []
    for item in items:
        one = found.get(item.seq)
        if isinstance(one, Placement):
            line = lines[int(item.subject_id)]
            line.order_id, line.order_number = one.order.id, one.order.number
            results.append(Applied(follow={"order": one.order.number}))
        else:
            results.append(None if one is None else _refused(one))
    return results


def _placed(
    session: Session, wanted: Sequence[Wanted], actor: Actor, deps: Deps, now: datetime
) -> Sequence[Placement | AppError]:
    try:
        return place_all(session, wanted, actor, deps, now)
    except AppError as error:
        raise LineRefused(error) from error


class LineRefused(Exception):
    """A line that was good when it was checked cannot be ordered any more; the text is in both languages."""

    def __init__(self, error: AppError) -> None:
        self.code, message = reason_of(error)
        super().__init__(message)


def _refused(error: AppError) -> Refused:
    code, message = reason_of(error)
    return Refused(code=code, message=message)


def reason_of(error: AppError) -> tuple[str, str]:
    """The code of what is wrong, and the text in English and, on the next line, in Chinese."""
    details = error.details[:3]
    en = "; ".join(row.en for row in details) or error.message_en
    zh = "；".join(row.zh for row in details) or error.message_zh
    return details[0].code if details else error.code, f"{en}\n{zh}"


def begins_at(run: BulkRun, seq: int, starts_per_s: float, now: datetime) -> datetime | None:
    """When the work on the order of a line that is placed now begins; None: at once.

    The lines of a large sheet are accepted first. Then their work begins at a pace, so that others who order meanwhile
    do not stand behind two thousand. When the sheet will be through is seen by how fast it went so far.
    """
    if starts_per_s <= 0 or run.total <= SMALL or 0 < run.rate_per_s <= starts_per_s:
        return None
    took_s = max((now - run.created_at).total_seconds() - NOTICED_WITHIN_S, seq / PLACED_PER_S)
    rest_s = min((run.total - seq) * took_s / seq, LONGEST_REST_S)
    return now + timedelta(seconds=rest_s + seq / starts_per_s)


def _lines(session: Session, order: BulkOrder, items: Sequence[BulkItem]) -> Mapping[int, BulkOrderLine]:
    numbers = [int(item.subject_id) for item in items]
    rows = select(BulkOrderLine).where(BulkOrderLine.bulk_id == order.id, BulkOrderLine.line.in_(numbers))
    return {row.line: row for row in session.scalars(rows)}


def _command(order: BulkOrder, line: BulkOrderLine) -> PlaceOrder:
    command = command_of(line.command)
    return command if command.external_id is not None else replace(command, external_id=f"{order.number}/{line.line}")


def _hash(order: BulkOrder, line: BulkOrderLine) -> str:
    """What stands for the body of a request: the line itself."""
    return hashlib.sha256(f"{order.file_hash}:{line.line}:{line.cells}".encode()).hexdigest()
