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
from app.domain.calendar import ZONE
from app.domain.commands import PlaceOrder
from app.domain.intake import Judgement, NormalItem, judge
from app.domain.intake_facts import Facts
from app.domain.intake_start import prerequisites
from app.domain.order_context import order_data
from app.domain.order_lifecycle import OrderState
from app.domain.sla_book import NoPolicy
from app.domain.words import Words
from app.errors import DuplicateExternalId, FieldProblem, InvalidInput, OpenOrderConflict
from app.persistence.catalogue_in_force import apply_due
from app.persistence.catalogue_reader import load_catalogue
from app.persistence.facts import load_facts
from app.persistence.numbers import next_number
from app.persistence.orders import ProductOrder, ProductOrderItem
from app.services import order_waits
from app.services.access_lookup import access_product_ids
from app.services.plans import has_plan
from app.services.sla_start import Known, start_clock
from app.unit_of_work import retried, transaction
from processes.faults import fault

PROCESS: Final = "order_to_activate"
ACCEPTED: Final = Words("受理订单", "order accepted")


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
    may(actor, "order.submit")
    known = known_order(session, command, actor, body_hash)
    if known is not None:
        return Placement(known, is_new=False)
    facts, judgement = accepted(session, command, actor, deps, now)
    access = access_product_ids(session, command.customer_no, judgement.items)
    order = order_row(command, judgement, actor, body_hash, next_number(session, "O", now), now)
    session.add(order)
    order.record("state", ACCEPTED, actor.login, now, to_state=OrderState.ACKNOWLEDGED)
    try:
        start_clock(session, order, now, known=known_of(facts, judgement))
    except NoPolicy as missing:
        raise unpromised(missing) from missing
    session.flush()  # the first steps are taken at once, and may be about its rows
    first = note_waits(session, order, command, facts, judgement)
    instance = deps.engine.start(
        session,
        PROCESS,
        business_key=order.business_key,
        area=order.area,
        data=order_data(order_head(order, facts, judgement, first, now), judgement.items, access),
        now=now,
        actor=actor.login,
    )
    order.process_instance_id = instance.id
    return Placement(order, is_new=True)


def known_order(session: Session, command: PlaceOrder, actor: Actor, body_hash: str) -> ProductOrder | None:
    """The order this external id stands for already.

    :raises DuplicateExternalId: it was used for something else.
    """
    if command.external_id is None:
        return None
    known = session.scalars(
        select(ProductOrder).where(ProductOrder.client == actor.login, ProductOrder.external_id == command.external_id)
    ).one_or_none()
    if known is not None and known.body_hash != body_hash:
        raise DuplicateExternalId(
            f"{command.external_id} is order {known.number} already, with another content",
            f"外部单号 {command.external_id} 已是订单 {known.number}，内容不同",
            facts={"number": known.number},
        )
    return known


def accepted(session: Session, command: PlaceOrder, actor: Actor, deps: Deps, now: datetime) -> tuple[Facts, Judgement]:
    """What is known about an order that may be taken, and the judgement of it.

    :raises InvalidInput: fields are wrong. :raises OpenOrderConflict: a product is being worked on.
    """
    facts = load_facts(session, command, actor)
    apply_due(session, now)
    judgement = judge(command, facts, load_catalogue(session), actor, today=now.astimezone(ZONE).date())
    problems = [*judgement.problems, *unplanned(session, judgement, deps)]
    if problems:
        raise InvalidInput(
            "the order cannot be taken: " + "; ".join(problem.en for problem in problems[:3]),
            "不能受理：" + "；".join(problem.zh for problem in problems[:3]),
            details=problems,
        )
    if judgement.conflicts:
        raise OpenOrderConflict(details=[conflict(*one) for one in judgement.conflicts.items()])
    return facts, judgement


def unplanned(session: Session, judgement: Judgement, deps: Deps) -> list[FieldProblem]:
    """What nobody has drawn a plan for yet is not promised to anybody."""
    asked = dict.fromkeys((item.product, item.order_type) for item in judgement.items)
    planned = {kind for kind in asked if has_plan(session, deps.engine, *kind)}
    return [
        FieldProblem(
            path=f"productOrderItem.{item.position}.action",
            code="no-plan",
            zh=f"{item.product} 暂不能办理 {item.order_type}：尚无施工计划",
            en=f"{item.order_type} of {item.product} cannot be carried out yet: there is no plan for it",
        )
        for item in judgement.items
        if (item.product, item.order_type) not in planned
    ]


def unpromised(missing: NoPolicy) -> InvalidInput:
    """What nobody has said a time for is not sold: the refusal of that item."""
    zh, en = "该业务没有时限规定，不能受理", f"there is no promise for it: {missing}"
    problem = FieldProblem(path=f"productOrderItem.{missing.position or 0}", code="no-promise", zh=zh, en=en)
    return InvalidInput(f"the order cannot be taken: {en}", f"不能受理：{zh}", details=[problem])


def conflict(product_id: str, number: str) -> FieldProblem:
    """Which open order stands in the way of which product."""
    return FieldProblem(
        path="productOrderItem",
        code="open-order",
        zh=f"产品 {product_id} 有在途订单 {number}",
        en=f"order {number} works on product {product_id}",
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


def order_row(
    command: PlaceOrder, judgement: Judgement, actor: Actor, body_hash: str, number: str, now: datetime
) -> ProductOrder:
    """The order with its items as rows."""
    order = ProductOrder(
        external_id=command.external_id,
        client=actor.login,
        body_hash=body_hash,
        channel=command.channel,
        category=judgement.category,
        state=OrderState.ACKNOWLEDGED,
        area=judgement.area,
        customer_no=command.customer_no,
        account_no=judgement.account_no,
        description=command.description,
        priority=command.priority,
        requested_start_date=command.requested_start_date,
        requested_completion_date=command.requested_completion_date,
        ordered_at=now,
        billing_account=dict(command.billing_account) if command.billing_account else None,
        related_party=[dict(party) for party in command.related_party],
        note=[dict(note) for note in command.notes],
        tmf_extra=dict(command.extra),
        checks={},
        number=number,
    )
    order.items = [item_row(item) for item in judgement.items]
    return order


def item_row(item: NormalItem) -> ProductOrderItem:
    """One item as a row."""
    return ProductOrderItem(
        item_no=item.item_no,
        position=item.position,
        action=item.action,
        order_type=item.order_type,
        product=item.product,
        offering=item.offering,
        product_id=item.product_id,
        state=OrderState.ACKNOWLEDGED,
        quantity=item.quantity,
        address_code=item.address_code,
        places=[place.as_data() for place in item.places],
        characteristics=dict(item.characteristics),
        prices=[price.as_data() for price in item.prices],
        relationships=[dict(tie) for tie in item.relationships],
        area=item.area,
    )


def note_waits(
    session: Session, order: ProductOrder, command: PlaceOrder, facts: Facts, judgement: Judgement
) -> list[str]:
    """Write down which orders come before this one; returns their numbers."""
    before, behind = prerequisites(command, facts), order_waits.named(session, judgement.behind.values())
    order_waits.note(session, order.id, before, behind)
    return sorted({known.number for known in (*before, *behind)})


def order_head(
    order: ProductOrder, facts: Facts, judgement: Judgement, waits_for: Sequence[str], now: datetime
) -> dict[str, Any]:
    """The head of the order as processes get it.

    :param waits_for: numbers of the orders that come first.
    """
    later = order.requested_start_date
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
        "starts_at": later.isoformat() if later is not None and later > now else "",
        "waits_for": list(waits_for),
    }
