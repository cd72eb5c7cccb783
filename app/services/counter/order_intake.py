"""Takes an order: judged by what we know ourselves, written once, and set in motion in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.commands import PlaceOrder
from app.domain.counter.intake import Judgement
from app.domain.counter.intake_facts import Facts
from app.domain.counter.intake_start import prerequisites
from app.domain.ordering.order_context import order_data
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.sla_book import NoPolicy
from app.domain.words import Words
from app.errors import AppError, DuplicateExternalId
from app.persistence.numbers import next_numbers
from app.persistence.ordering.orders import ProductOrder
from app.persistence.products.catalogue_in_force import apply_due
from app.services.counter.access_lookup import access_product_ids
from app.services.counter.lead_times import work_begins
from app.services.counter.order_judging import Judged, judge_all, unpromised
from app.services.counter.order_rows import order_row
from app.services.counter.quote_keeping import Quoted
from app.services.ordering import order_waits
from app.services.promises.sla_start import Known, start_clocks
from app.unit_of_work import retried, transaction
from processes.faults import fault

PROCESS: Final = "order_to_activate"
ACCEPTED: Final = Words("受理订单", "order accepted")


@dataclass(frozen=True)
class Wanted:
    """An order to be placed. ``body_hash`` tells one request from another with the same external id; ``begin_at``: an
    aware instant before which the work does not begin, though it is accepted."""

    command: PlaceOrder
    body_hash: str
    begin_at: datetime | None = None


@dataclass(frozen=True)
class Placement:
    """The order of a request; ``is_new`` is false where an earlier request had placed it already."""

    order: ProductOrder
    is_new: bool


@retried
def place_order(command: PlaceOrder, actor: Actor, deps: Deps, *, body_hash: str) -> Placement:
    """Accept one product order and start its process.

    The same external id with the same body, from the same client, returns the order made the first time; two such
    requests at one instant make one order.

    :raises InvalidInput: every wrong field with its path and reason; nothing is stored.
    :raises DuplicateExternalId: the external id was used for another order.
    :raises OpenOrderConflict: another open order works on a product.
    """
    try:
        placement = placed(command, actor, deps, body_hash)
    except IntegrityError:
        # The twin of this request has just committed: it is found now, or the error was another one.
        placement = placed(command, actor, deps, body_hash)
    fault("order.before_ack")
    return placement


def placed(command: PlaceOrder, actor: Actor, deps: Deps, body_hash: str) -> Placement:
    """One try of :func:`place_order`, in one transaction."""
    with transaction(deps.sessions) as tx:
        placement = place_in(tx.session, command, actor, deps, body_hash, deps.clock(tx.session))
        if placement.is_new:
            tx.after_commit.append(deps.wake)
    return placement


def place_in(
    session: Session, command: PlaceOrder, actor: Actor, deps: Deps, body_hash: str, now: datetime
) -> Placement:
    """Accept a product order in the transaction of the caller, who wakes the workers after it.

    :raises InvalidInput: fields are wrong. :raises OpenOrderConflict: a product is being worked on.
    :raises DuplicateExternalId: the external id was used for another order. :raises Forbidden: by rights.
    """
    found = place_all(session, [Wanted(command, body_hash)], actor, deps, now)[0]
    if isinstance(found, AppError):
        raise found
    return found


def place_all(
    session: Session, wanted: Sequence[Wanted], actor: Actor, deps: Deps, now: datetime
) -> list[Placement | AppError]:
    """Accept those orders that may be accepted, in the transaction of the caller; of the others, why not.

    No two of them may be about the same external id or the same installed product: they are judged before any is
    written. Nothing of those that are refused is stored.

    :raises InvalidInput: there is no promise for one of them; the transaction has to be rolled back.
    :raises Forbidden: by rights.
    """
    may(actor, "order.submit")
    known = _known_orders(session, wanted, actor)
    fresh = [one for one in wanted if one.command.external_id not in known]
    apply_due(session, now)
    judged = judge_all(session, [one.command for one in fresh], actor, deps, now, hold=True) if fresh else []
    quoted = Quoted(session, judged, actor, now)
    judged = [quoted.checked(one) for one in judged]
    found: dict[int, Placement | AppError] = {}
    taken: list[tuple[Wanted, Judged]] = []
    for one, verdict in zip(fresh, judged, strict=True):
        refusal = verdict.refusal()
        if refusal is not None:
            found[id(one)] = refusal
        else:
            taken.append((one, verdict))
    for (one, verdict), order in zip(taken, _write(session, taken, actor, deps, now), strict=True):
        quoted.note(order, verdict)
        found[id(one)] = Placement(order, is_new=True)
    return [
        found[id(one)] if id(one) in found else _known_before(known[one.command.external_id], one) for one in wanted
    ]


def _known_orders(session: Session, wanted: Sequence[Wanted], actor: Actor) -> dict[str | None, ProductOrder]:
    """The orders that external ids of this client stand for already."""
    names = {one.command.external_id for one in wanted} - {None}
    if not names:
        return {}
    rows = select(ProductOrder).where(ProductOrder.client == actor.login, ProductOrder.external_id.in_(names))
    return {row.external_id: row for row in session.scalars(rows)}


def _known_before(known: ProductOrder, one: Wanted) -> Placement | DuplicateExternalId:
    if known.body_hash == one.body_hash:
        return Placement(known, is_new=False)
    return DuplicateExternalId(
        f"{one.command.external_id} is order {known.number} already, with another content",
        f"外部单号 {one.command.external_id} 已是订单 {known.number}，内容不同",
        facts={"number": known.number},
    )


def _write(
    session: Session, taken: Sequence[tuple[Wanted, Judged]], actor: Actor, deps: Deps, now: datetime
) -> list[ProductOrder]:
    """Write orders with their promises, and start their processes."""
    orders = []
    numbers = next_numbers(session, "O", now, count=len(taken)) if taken else []
    for (one, judged), number in zip(taken, numbers, strict=True):
        order = order_row(one.command, judged.judgement, actor, one.body_hash, number, now)
        order.process_instance_id = deps.new_id()
        if one.begin_at is not None:
            order.checks = {"start": {"work_begins": one.begin_at.isoformat()}}
        session.add(order)
        order.record("state", ACCEPTED, actor.login, now, to_state=OrderState.ACKNOWLEDGED)
        orders.append(order)
    known = [known_of(judged.facts, judged.judgement) for _, judged in taken]
    try:
        start_clocks(session, list(zip(orders, known, strict=True)), now)
    except NoPolicy as missing:
        raise unpromised(missing) from missing
    session.flush()  # the first steps are taken at once, and may be about its rows
    for (one, judged), order in zip(taken, orders, strict=True):
        _start(session, order, one, judged, actor, deps, now)
    return orders


def _start(
    session: Session, order: ProductOrder, one: Wanted, judged: Judged, actor: Actor, deps: Deps, now: datetime
) -> None:
    facts, judgement = judged.facts, judged.judgement
    access = access_product_ids(session, one.command.customer_no, judgement.items)
    first = note_waits(session, order, one.command, facts, judgement)
    starts_at = _starts_at(session, order, judgement, deps, now)
    deps.engine.start(
        session,
        PROCESS,
        business_key=order.business_key,
        area=order.area,
        data=order_data(order_head(order, facts, judgement, first, starts_at), judgement.items, access),
        now=now,
        actor=actor.login,
        instance_id=order.process_instance_id,
        begin_at=one.begin_at,
    )


def known_of(facts: Facts, judgement: Judgement) -> Known:
    """What the promises depend on, as far as the judgement has read it already."""
    return Known(
        area_path=judgement.area_path,
        tier=facts.customer.tier if facts.customer else None,
        segment=facts.customer.segment if facts.customer else None,
        area_classes={code: address.area_class for code, address in facts.addresses.items()},
        present={number: product.characteristics for number, product in facts.products.items()},
    )


def _starts_at(
    session: Session, order: ProductOrder, judgement: Judgement, deps: Deps, now: datetime
) -> datetime | None:
    """When the work on an order for a later day begins, which is kept with the order; None: at once."""
    wanted = order.requested_start_date
    if wanted is None or wanted <= now:
        return None
    begins = work_begins(session, deps.engine, judgement.items, judgement.area_path, wanted=wanted, now=now)
    order.checks = {
        **order.checks,
        "start": {"wanted": wanted.isoformat(), "work_begins": max(begins, now).isoformat()},
    }
    return begins if begins > now else None


def note_waits(
    session: Session, order: ProductOrder, command: PlaceOrder, facts: Facts, judgement: Judgement
) -> list[str]:
    """Write down which orders come before this one; returns their numbers."""
    before, behind = prerequisites(command, facts), order_waits.named(session, judgement.behind.values())
    order_waits.note(session, order.id, before, behind)
    return sorted({known.number for known in (*before, *behind)})


def order_head(
    order: ProductOrder, facts: Facts, judgement: Judgement, waits_for: Sequence[str], starts_at: datetime | None
) -> dict[str, Any]:
    """The head of the order as processes get it.

    :param waits_for: numbers of the orders that come first.
    :param starts_at: when the work may begin, if later.
    """
    customer = facts.customer
    assert customer is not None  # noqa: S101 - an order without one is not accepted
    return {
        "id": order.id,
        "number": order.number,
        "channel": order.channel,
        "category": order.category,
        "area": order.area,
        "customer_no": order.customer_no,
        "account_no": order.account_no or "",
        "tier": customer.tier,
        "segment": customer.segment,
        "ordered_at": order.ordered_at.isoformat(),
        "first_bill_cny": f"{judgement.first_bill_cny:.2f}",
        "starts_at": starts_at.isoformat() if starts_at is not None else "",
        "waits_for": list(waits_for),
    }
