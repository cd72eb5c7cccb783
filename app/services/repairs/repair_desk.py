"""Repairing single instances: move, suspend, resume, cancel with a plan."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, OrderState
from app.errors import Conflict, NotFound
from app.persistence.areas import area_path
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.services.amending import order_change
from app.services.ordering.order_state import locked
from app.services.refused import refusals
from app.unit_of_work import read, retried, transaction
from processes import cancel_plans
from processes.cancel_plans import CancelPlan
from processes.errors import PlanChanged
from processes.locking import lock_instance
from processes.move_plans import MovePlan
from processes.moving import MoveOrder
from processes.repairs import Why
from processes.store.bulk import Move
from processes.store.instances import ProcessInstance


def plan_move(instance_id: str, order: MoveOrder, actor: Actor, deps: Deps) -> MovePlan:
    """What moving a token would do. :raises NotFound, Conflict: no such instance, or it cannot be done."""
    with read(deps.read_sessions) as session, refusals():
        found_instance(session, instance_id, actor, "instance.repair")
        return deps.engine.plan_move(session, instance_id, order, now=deps.clock(session))


@retried
def move(instance_id: str, order: MoveOrder, reason: str, actor: Actor, deps: Deps) -> tuple[Move, MovePlan]:
    """Take a token back or forward. :raises NotFound, Conflict: no such instance, or it cannot be done."""
    with transaction(deps.sessions) as tx, refusals():
        found_instance(tx.session, instance_id, actor, "instance.repair")
        why = Why(actor=actor.login, reason=reason)
        moved = deps.engine.move(tx.session, instance_id, order, why=why, now=deps.clock(tx.session))
        tx.after_commit.append(deps.wake)
    return moved


@retried
def suspend(instance_id: str, reason: str, actor: Actor, deps: Deps, *, suspended: bool) -> int:
    """Suspend an instance with all it called, or let it go on; returns how many instances that were."""
    with transaction(deps.sessions) as tx, refusals():
        found_instance(tx.session, instance_id, actor, "instance.repair")
        act = deps.engine.suspend if suspended else deps.engine.resume
        why = Why(actor=actor.login, reason=reason)
        count = act(tx.session, instance_id, why=why, now=deps.clock(tx.session))
        tx.after_commit.append(deps.wake)
    return count


def plan_cancel(instance_id: str, actor: Actor, deps: Deps) -> CancelPlan:
    """What cancelling a tree would undo, in which order."""
    with read(deps.read_sessions) as session, refusals():
        _found_root(session, instance_id, actor)
        return cancel_plans.cancel_plan(session, instance_id)


@retried
def cancel(instance_id: str, reason: str, digest: str | None, actor: Actor, deps: Deps) -> str:
    """Cancel a tree and the order it fulfils; returns its state.

    :param digest: of the plan that was looked at; another one is refused.
    """
    with transaction(deps.sessions) as tx, refusals():
        _found_root(tx.session, instance_id, actor)
        lock_instance(tx.session, instance_id)
        if digest is not None and cancel_plans.cancel_plan(tx.session, instance_id).digest != digest:
            raise PlanChanged("more has been done since the plan was made; look at it again")
        why = Why(actor=actor.login, reason=reason)
        state = cancel_tree(tx.session, instance_id, why, deps, deps.clock(tx.session))
        tx.after_commit.append(deps.wake)
    return state


def cancel_tree(session: Session, root_id: str, why: Why, deps: Deps, now: datetime) -> str:
    """Cancel a tree inside the caller's transaction; the order it fulfils is cancelled as its customer would do it.

    :raises Conflict: the order has ended, is being cancelled, or has passed a point of no return.
    """
    lock_instance(session, root_id)
    order_id = session.scalar(select(ProductOrder.id).where(ProductOrder.process_instance_id == root_id))
    if order_id is None:
        return deps.engine.cancel(
            session, root_id, reason=why.reason, actor=why.actor, run_id=why.run_id, audited=True, now=now
        ).state
    order = locked(session, order_id)
    if OrderState(order.state) not in CANCEL_STARTS_FROM:
        raise Conflict(f"the order is {order.state} and cannot be cancelled", "订单当前状态不能撤单")
    request = order_change.begin_cancel(
        session, order, why.reason, why.actor, deps, now, repairs=True, run_id=why.run_id
    )
    if request.state == "terminatedWithError":
        raise Conflict("the order has passed its point of no return", "订单已过不可撤回点")
    return session.scalar(select(ProcessInstance.state).where(ProcessInstance.id == root_id)) or ""


def found_instance(session: Session, instance_id: str, actor: Actor, action: str) -> ProcessInstance:
    """The instance, if it lies in the caller's area. :raises NotFound: it does not, or is not there."""
    query = scoped(select(ProcessInstance).where(ProcessInstance.id == instance_id), ProcessInstance, actor)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no process instance {instance_id}", f"没有流程实例 {instance_id}")
    may(actor, action, area_path=area_path(session, found.area))
    return found


def _found_root(session: Session, instance_id: str, actor: Actor) -> None:
    """Only whole trees are cancelled. :raises Conflict: it was called by another; the text names the root."""
    found = found_instance(session, instance_id, actor, "instance.cancel")
    if found.id != found.root_id:
        en = f"this instance was called by another one; cancel the tree as a whole: {found.root_id}"
        zh = f"该实例是被调用的，只能整体撤销：{found.root_id}"
        raise Conflict(en, zh, facts={"root_id": found.root_id})
