"""Visits and tests of speed, as they were: written down against what was agreed, and paid for where that was broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.promises.measurements import EXCLUSIONS, Kind, is_missed, is_slow
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.areas import area_path
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.promises.sla_measurements import SlaMeasurement
from app.persistence.scope import scoped
from app.services.ordering.order_state import locked
from app.services.promises import compensation
from app.services.promises.sla_clock_rows import MEASURED, clocks_of
from app.unit_of_work import read, retried, transaction

#: What an order agrees for its speed, in Mbit/s.
SPEED: Final = "downstream_mbps"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A visit: to be there by ``promised_until``; nobody came where ``arrived_at`` is None. Instants are aware."""

    promised_until: datetime
    arrived_at: datetime | None
    evidence: str
    exclusion: str = ""


@dataclass(frozen=True, kw_only=True)
class SpeedTest:
    """A test of the speed of a line, in Mbit/s, at an instant (aware)."""

    at: datetime
    measured_mbps: Decimal
    evidence: str
    exclusion: str = ""


def measurements(actor: Actor, deps: Deps, *, about: str | None = None, limit: int = 200) -> Sequence[SlaMeasurement]:
    """What was measured in the actor's area, newest first; about an order (id or number) or a product."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        rows = scoped(select(SlaMeasurement), SlaMeasurement, actor)
        if about is not None:
            number = select(ProductOrder.id).where(ProductOrder.number == about).scalar_subquery()
            rows = rows.where(
                or_(
                    SlaMeasurement.order_id == number,
                    SlaMeasurement.order_id == about,
                    SlaMeasurement.product_id == about,
                )
            )
        return session.scalars(rows.order_by(SlaMeasurement.from_at.desc(), SlaMeasurement.id).limit(limit)).all()


@retried
def note(order: str, item_no: str, found: Visit | SpeedTest, actor: Actor, deps: Deps) -> SlaMeasurement:
    """Write down a visit or a test of an item of an order (id or number).

    :raises NotFound: there is no such order in the actor's area, or no such item of it.
    :raises InvalidInput: it lies in the future, is excluded for no reason of the list, or nothing is agreed.
    :raises Conflict: it was written down already.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        query = scoped(select(ProductOrder.id, ProductOrder.area), ProductOrder, actor)
        row = session.execute(
            query.where((ProductOrder.id == order) | (ProductOrder.number == order)).limit(1)
        ).one_or_none()
        if row is None:
            raise NotFound()
        may(actor, "sla.measure", area_path=area_path(session, row.area))
        owner = locked(session, row.id)
        item = next((item for item in owner.items if item.item_no == item_no), None)
        if item is None:
            raise NotFound()
        return noted(session, owner, item, found, actor.login, deps.clock(session))


def noted(
    session: Session, order: ProductOrder, item: ProductOrderItem, found: Visit | SpeedTest, who: str, now: datetime
) -> SlaMeasurement:
    """:func:`note`, in the transaction of the caller; the order is locked."""
    row = _visit(found, now) if isinstance(found, Visit) else _speed(item, found, now)
    known = select(SlaMeasurement.id).where(
        SlaMeasurement.kind == row.kind, SlaMeasurement.item_id == item.id, SlaMeasurement.from_at == row.from_at
    )
    if session.scalar(known) is not None:
        raise Conflict("this was written down already", "该次记录已存在")
    row.order_id, row.item_id, row.product_id, row.area = order.id, item.id, item.product_id, order.area
    row.exclusion, row.evidence, row.who, row.at = found.exclusion, found.evidence.strip()[:500], who, now
    session.add(row)
    order.record("measured", _words(row), who, now, detail={"kind": row.kind, "broken": row.broken})
    session.flush()
    if row.counts:
        clocks = clocks_of(session, order, None)
        for clock in clocks:
            if clock.kind == "promise" and clock.item_id == item.id:
                clock.explanation = {**clock.explanation, MEASURED: True}
        if order.is_final:
            compensation.assess(session, order, clocks, now)
    return row


def _visit(visit: Visit, now: datetime) -> SlaMeasurement:
    _check("promisedUntil", visit.promised_until, now)
    _check("arrivedAt", visit.arrived_at, now)
    _check_exclusion(Kind.VISIT, visit.exclusion)
    return SlaMeasurement(
        kind=Kind.VISIT,
        broken=is_missed(visit.promised_until, visit.arrived_at),
        from_at=visit.promised_until,
        to_at=visit.arrived_at,
    )


def _speed(item: ProductOrderItem, test: SpeedTest, now: datetime) -> SlaMeasurement:
    _check("at", test.at, now)
    _check_exclusion(Kind.SPEED, test.exclusion)
    agreed = item.characteristics.get(SPEED)
    if agreed is None:
        raise _wrong("item", "nothing-agreed", "该订单项没有约定速率", "no speed is agreed for this item")
    if test.measured_mbps < 0:
        raise _wrong("measuredMbps", "negative", "速率不能为负", "a speed is not negative")
    return SlaMeasurement(
        kind=Kind.SPEED,
        agreed=str(agreed),
        measured=f"{test.measured_mbps:f}"[:20],
        broken=is_slow(Decimal(str(agreed)), test.measured_mbps),
        from_at=test.at,
        to_at=test.at,
    )


def _check(field: str, at: datetime | None, now: datetime) -> None:
    if at is not None and at > now:
        raise _wrong(field, "future", "时间不能晚于现在", "this lies in the future")


def _check_exclusion(kind: Kind, exclusion: str) -> None:
    if exclusion and exclusion not in EXCLUSIONS[kind]:
        some = ", ".join(sorted(EXCLUSIONS[kind]))
        raise _wrong("exclusion", "unknown", f"除外原因只能是：{some}", f"what is excluded is one of: {some}")


def _wrong(path: str, code: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=path, code=code, zh=zh, en=en)])


def _words(row: SlaMeasurement) -> Words:
    if row.kind == Kind.VISIT:
        return Words("失约", "a visit was missed") if row.broken else Words("按约上门", "the visit was kept")
    zh = f"测速 {row.measured} Mbit/s，约定 {row.agreed}"
    return Words(zh, f"{row.measured} Mbit/s measured, {row.agreed} agreed")
