"""Billing asks for services to be stopped, restored or terminated, and tells of payments; that becomes orders.

The number of an instruction is its key: however often it comes, it is carried out once, and answered alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import SYSTEM, Actor, may
from app.domain.commands import PlaceOrder, PlaceOrderItem
from app.domain.ordering.billing_guard import Debt, Objection, objection
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, OPEN, OrderState
from app.domain.promises.ticket_lifecycle import OPEN as OPEN_TICKETS
from app.domain.words import Words
from app.errors import Conflict, InvalidInput, NotFound
from app.persistence.counter.customers import Account, Customer, InstalledProduct
from app.persistence.ordering.billing_instructions import BillingInstruction
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.amending.order_change import begin_cancel, locked_order
from app.services.counter import order_intake
from app.unit_of_work import read, retried, transaction
from processes.lifecycle import JobState
from processes.store.jobs import Job

BILLING: Final = replace(SYSTEM, login="billing")
CHANNEL: Final = "billing"
#: What is asked for, and how urgent it is in the TMF622 scale (0 highest): restoring overtakes stopping.
PRIORITY: Final[Mapping[str, str]] = {"suspend": "4", "disconnect": "4", "resume": "1", "payment": "1"}
STOPS: Final = ("suspend", "disconnect")
PAID: Final = Words("已缴费，撤销停机", "paid: the stop is called off")


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction as it came in; ``occurred_at`` is an aware instant.

    ``kind``: ``suspend``, ``resume``, ``disconnect`` or ``payment``. ``products``: only these; empty for all of the
    account. ``notices``: how many notices were sent before a termination.
    """

    instruction_no: str
    kind: str
    account_no: str
    occurred_at: datetime
    mode: str = "two_way"
    products: tuple[str, ...] = ()
    notices: int = 0


@retried
def take(instruction: Instruction, deps: Deps, *, body_hash: str) -> BillingInstruction:
    """Carry out an instruction, or say why not; the same one again is answered with what came of it.

    :raises NotFound: no such account. :raises Conflict: the number was used for something else.
    """
    try:
        return _taken(instruction, deps, body_hash)
    except IntegrityError:
        # Its twin has just committed: it is found now, or the error was another one.
        return _taken(instruction, deps, body_hash)


def _taken(instruction: Instruction, deps: Deps, body_hash: str) -> BillingInstruction:
    with transaction(deps.sessions) as tx:
        session = tx.session
        known = session.get(BillingInstruction, instruction.instruction_no)
        if known is not None:
            if known.body_hash != body_hash:
                raise Conflict(
                    f"instruction {instruction.instruction_no} came with another content before",
                    f"指令 {instruction.instruction_no} 已用于其他内容",
                )
            return known
        # Instructions about one account are taken one after the other: a payment and a stop must see each other.
        account = session.scalars(
            select(Account).where(Account.account_no == instruction.account_no).with_for_update()
        ).one_or_none()
        if account is None:
            raise NotFound(f"there is no account {instruction.account_no}", f"没有账户 {instruction.account_no}")
        now = deps.clock(session)
        row = BillingInstruction(
            instruction_no=instruction.instruction_no,
            kind=instruction.kind,
            mode=instruction.mode,
            account_no=account.account_no,
            customer_no=account.customer_no,
            area=account.area,
            body_hash=body_hash,
            notices=instruction.notices,
            state="nothing_to_do",
            reasons=[],
            withdrawn=[],
            occurred_at=instruction.occurred_at,
            received_at=now,
        )
        _carry_out(session, row, instruction, deps, now)
        session.add(row)
        tx.after_commit.append(deps.wake)
    return row


def _carry_out(session: Session, row: BillingInstruction, instruction: Instruction, deps: Deps, now: datetime) -> None:
    products = _products(session, instruction)
    if instruction.kind in STOPS:
        against = objection(instruction.kind, _debt(session, row, products), asked_at=instruction.occurred_at, now=now)
        if against is not None:
            _refuse(row, against)
            return
        order_type = instruction.kind
        chosen = [product for product in products if _may_stop(product, instruction)]
    else:
        row.withdrawn = _call_off(session, row, deps, now)
        order_type = "resume"
        chosen = [product for product in products if _may_restore(session, product)]
    if not chosen:
        return
    command = _command(row, order_type, instruction, chosen)
    try:
        order = order_intake.place_in(session, command, BILLING, deps, row.body_hash, now).order
    except InvalidInput as problem:
        first = problem.details[0] if problem.details else None
        code = first.code if first else problem.code
        _refuse(row, Objection(code, Words(problem.message_zh, problem.message_en)))
        return
    row.state, row.order_id, row.order_number = "ordered", order.id, order.number


def _refuse(row: BillingInstruction, against: Objection) -> None:
    row.state = "refused"
    row.reasons = [{"code": against.code, "zh": against.words.zh, "en": against.words.en}]


def _products(session: Session, instruction: Instruction) -> Sequence[InstalledProduct]:
    """What the account pays for; the components of a bundle go with it."""
    query = select(InstalledProduct).where(
        InstalledProduct.account_no == instruction.account_no,
        InstalledProduct.parent_product_id.is_(None),
        InstalledProduct.status.in_(("active", "suspended")),
    )
    if instruction.products:
        query = query.where(
            or_(
                InstalledProduct.product_id.in_(instruction.products),
                InstalledProduct.subscription_no.in_(instruction.products),
            )
        )
    return session.scalars(query.order_by(InstalledProduct.product_id)).all()


def _may_stop(product: InstalledProduct, instruction: Instruction) -> bool:
    if instruction.kind == "disconnect":
        return True
    half = product.status == "suspended" and (product.suspended or {}).get("mode") == "one_way"
    return product.status == "active" or (half and instruction.mode == "two_way")


def _may_restore(session: Session, product: InstalledProduct) -> bool:
    """What billing has had stopped, or is having stopped right now; what the customer asked for stays stopped."""
    if product.status == "suspended":
        return str((product.suspended or {}).get("asked_by") or "billing") == "billing"
    under_way = (
        select(ProductOrderItem.id)
        .join(ProductOrder, ProductOrder.id == ProductOrderItem.order_id)
        .where(
            ProductOrderItem.product_id == product.product_id,
            ProductOrderItem.order_type == "suspend",
            ProductOrder.channel == CHANNEL,
            ProductOrder.state.in_([state.value for state in OPEN - CALLED_OFF]),
        )
    )
    return session.scalar(under_way.limit(1)) is not None


CALLED_OFF: Final = frozenset({OrderState.ASSESSING_CANCELLATION, OrderState.PENDING_CANCELLATION})


def _debt(session: Session, row: BillingInstruction, products: Sequence[InstalledProduct]) -> Debt:
    customer = session.get_one(Customer, row.customer_no)
    open_tickets = (
        select(TroubleTicket.number, TroubleTicket.opened_at, TroubleTicket.ticket_type)
        .where(
            TroubleTicket.customer_no == row.customer_no,
            TroubleTicket.state.in_([state.value for state in OPEN_TICKETS]),
        )
        .order_by(TroubleTicket.opened_at)
    )
    tickets = session.execute(open_tickets).all()
    paid = select(BillingInstruction.occurred_at).where(
        BillingInstruction.account_no == row.account_no, BillingInstruction.kind == "payment"
    )
    stopped = [
        (product.suspended or {}).get("since") if product.status == "suspended" else None for product in products
    ]
    return Debt(
        tags=frozenset(str(tag) for tag in customer.tags),
        grades=frozenset(str(product.characteristics.get("service_grade", "")) for product in products),
        complaint=next((one.number for one in tickets if one.ticket_type == "complaint"), None),
        oldest_ticket=next(((one.number, one.opened_at) for one in tickets), None),
        paid_at=session.scalar(paid.order_by(BillingInstruction.occurred_at.desc()).limit(1)),
        notices=row.notices,
        suspended_since=[datetime.fromisoformat(str(since)) if since else None for since in stopped],
    )


def _call_off(session: Session, row: BillingInstruction, deps: Deps, now: datetime) -> list[str]:
    """Cancel the stops of this account of which nothing has been sent to a neighbour yet; returns their numbers."""
    asked = session.scalars(
        select(BillingInstruction).where(
            BillingInstruction.account_no == row.account_no,
            BillingInstruction.kind.in_(STOPS),
            BillingInstruction.state == "ordered",
        )
    ).all()
    numbers = []
    for instruction in asked:
        order = locked_order(session, str(instruction.order_id), BILLING, "order.cancel")
        if OrderState(order.state) not in CANCEL_STARTS_FROM or _is_sent(session, order, deps):
            continue
        begin_cancel(session, order, PAID.en, BILLING.login, deps, now)
        instruction.state = "withdrawn"
        instruction.reasons = [{"code": "paid", "zh": PAID.zh, "en": PAID.en}]
        numbers.append(order.number)
    return numbers


def _is_sent(session: Session, order: ProductOrder, deps: Deps) -> bool:
    """Whether a neighbour has been asked to change anything; the instance is locked, so none is asked now."""
    rows = session.execute(
        select(Job.operation, Job.state, Job.attempts).where(
            Job.root_id == order.process_instance_id, Job.adapter.is_not(None)
        )
    )
    return any(
        deps.registry.get(job.operation).effect == "write" and (job.state != JobState.READY or job.attempts > 0)
        for job in rows
    )


def _command(
    row: BillingInstruction, order_type: str, instruction: Instruction, products: Sequence[InstalledProduct]
) -> PlaceOrder:
    said: dict[str, Any] = {"asked_by": "billing", "instruction_no": instruction.instruction_no}
    if order_type == "suspend":
        said["mode"] = instruction.mode
    return PlaceOrder(
        external_id=f"billing:{instruction.instruction_no}"[:64],
        channel=CHANNEL,
        category=order_type,
        priority=PRIORITY[instruction.kind],
        customer_no=row.customer_no,
        account_no=row.account_no,
        items=tuple(
            PlaceOrderItem(
                item_no=str(number),
                action="delete" if order_type == "disconnect" else "modify",
                order_type=order_type,
                product_id=product.product_id,
                characteristics={} if order_type == "disconnect" else said,
            )
            for number, product in enumerate(products, 1)
        ),
    )


def listed(actor: Actor, deps: Deps, *, account_no: str, limit: int = 100) -> Sequence[BillingInstruction]:
    """What billing has asked for about an account of the caller's area, newest first."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        query = scoped(select(BillingInstruction), BillingInstruction, actor)
        query = query.where(BillingInstruction.account_no == account_no)
        return session.scalars(query.order_by(BillingInstruction.received_at.desc()).limit(limit)).all()
