"""I1 and I3 of orders and tickets: each is final, or it runs, and everything open about it is somebody's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import and_, exists, literal, or_, select
from sqlalchemy.orm import aliased

from app.domain.ordering.order_lifecycle import FINAL, OPEN, OrderState
from app.domain.promises.ticket_lifecycle import OPEN as OPEN_TICKET
from app.domain.teamwork.work_lifecycle import CancelState
from app.persistence.amending.cancels import CancelRequest
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.teamwork.tickets import TroubleTicket
from processes.invariants import Look, Violation
from processes.invariants.look import TOLERANCE
from processes.lifecycle import InstanceState
from processes.store.instances import ProcessInstance

RULE: Final = "I1"
LIVE: Final = (InstanceState.RUNNING, InstanceState.CANCELLING)
BEING_CANCELLED: Final = (OrderState.ASSESSING_CANCELLATION, OrderState.PENDING_CANCELLATION)
OPEN_STATES: Final = tuple(state.value for state in OPEN)
FINAL_STATES: Final = tuple(state.value for state in FINAL)


def orders_without_process(look: Look) -> Iterator[Violation]:
    """An open order has a process that runs; one that is being cancelled has one that is being undone, or somebody
    has to agree to that first."""
    look.counted(RULE, "open orders", ProductOrder, ProductOrder.state.in_(OPEN_STATES))
    root = aliased(ProcessInstance)
    asked = exists().where(
        CancelRequest.order_id == ProductOrder.id,
        CancelRequest.state == CancelState.ACKNOWLEDGED,
        CancelRequest.approver.is_not(None),
    )
    stands_still = and_(ProductOrder.state.in_(BEING_CANCELLED), root.state == InstanceState.RUNNING, ~asked)
    goes_on = and_(ProductOrder.state.not_in(BEING_CANCELLED), root.state == InstanceState.CANCELLING)
    rows = (
        select(ProductOrder.number, ProductOrder.state, root.state.label("process"))
        .outerjoin(root, root.id == ProductOrder.process_instance_id)
        .where(ProductOrder.state.in_(OPEN_STATES))
        .where(or_(root.id.is_(None), root.state.not_in(LIVE), stands_still, goes_on))
    )
    for row in look.stream(rows):
        process = f"its process is {row.process}" if row.process else "it has no process"
        yield Violation(RULE, row.number, f"the order is {row.state}, and {process}: nobody moves it")


def final_orders_that_go_on(look: Look) -> Iterator[Violation]:
    """A final order has no process that runs and no open item."""
    look.counted(RULE, "final orders", ProductOrder, ProductOrder.state.in_(FINAL_STATES))
    running = (
        select(ProductOrder.number, ProductOrder.state, ProcessInstance.state.label("process"))
        .join(ProcessInstance, ProcessInstance.id == ProductOrder.process_instance_id)
        .where(ProductOrder.state.in_(FINAL_STATES), ProcessInstance.state.in_(LIVE))
        .where(or_(ProductOrder.completed_at.is_(None), ProductOrder.completed_at < look.now - TOLERANCE))
    )
    for row in look.stream(running):
        yield Violation(RULE, row.number, f"the order is {row.state}, but its process is {row.process}")
    items = (
        select(ProductOrder.number, ProductOrder.state, ProductOrderItem.item_no, ProductOrderItem.state.label("item"))
        .join(ProductOrderItem, ProductOrderItem.order_id == ProductOrder.id)
        .where(ProductOrder.state.in_(FINAL_STATES), ProductOrderItem.state.in_(OPEN_STATES))
    )
    for row in look.stream(items):
        yield Violation(RULE, row.number, f"the order is {row.state}, but item {row.item_no} is {row.item}")


def tickets_without_process(look: Look) -> Iterator[Violation]:
    """An open ticket has a process of its own that runs, or the order that opened it does."""
    is_open = TroubleTicket.state.in_([state.value for state in OPEN_TICKET])
    look.counted(RULE, "open tickets", TroubleTicket, is_open)
    own = exists().where(
        ProcessInstance.business_key == literal("ticket:") + TroubleTicket.id, ProcessInstance.state.in_(LIVE)
    )
    of_order = exists().where(
        ProductOrder.id == TroubleTicket.order_id,
        ProcessInstance.id == ProductOrder.process_instance_id,
        ProcessInstance.state.in_(LIVE),
    )
    for row in look.stream(select(TroubleTicket.number, TroubleTicket.state).where(is_open, ~own, ~of_order)):
        yield Violation(RULE, row.number, f"the ticket is {row.state}, and no process moves it")


def unanswered_cancels(look: Look) -> Iterator[Violation]:
    """A request to cancel is answered when the order is final, and is open only while the order is being cancelled."""
    waiting = CancelRequest.state.in_((CancelState.ACKNOWLEDGED, CancelState.IN_PROGRESS))
    look.counted(RULE, "open requests to cancel", CancelRequest, waiting)
    rows = (
        select(ProductOrder.number, ProductOrder.state)
        .join(CancelRequest, CancelRequest.order_id == ProductOrder.id)
        .where(waiting, ProductOrder.state.not_in(BEING_CANCELLED))
    )
    for row in look.stream(rows):
        yield Violation(RULE, row.number, f"a request to cancel was never answered, and the order is {row.state}")
