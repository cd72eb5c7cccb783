"""Repairs with a second person: one asks, having seen what will happen; another one agrees, and then it happens.

What was looked at is kept with the request as the digest of its plan: when the order has moved on meanwhile, nothing is
done, and it has to be looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.repair_requests import (
    ACT_NAMES,
    AGREE,
    ASKED_WITH,
    RepairAct,
    RequestState,
    needs_second_person,
    why_not_skip,
)
from app.domain.words import Words
from app.errors import Conflict, Forbidden, NotFound
from app.persistence.areas import area_path
from app.persistence.ordering.order_trees import in_tree_of
from app.persistence.ordering.orders import ProductOrder
from app.persistence.repairs.repair_requests import RepairRequest
from app.persistence.scope import scoped
from app.services.amending.cancel_assessments import preview_of
from app.services.amending.order_change import locked_order
from app.services.ordering.order_state import locked
from app.services.refused import refusals
from app.services.repairs import repair_desk
from app.services.repairs.fallout_desk import found_incident
from app.unit_of_work import retried, transaction
from processes import cancel_plans
from processes.errors import PlanChanged
from processes.lifecycle import IncidentState
from processes.move_plans import MovePlan
from processes.moving import MoveOrder
from processes.repairs import Why
from processes.store.bulk import Move, Repair
from processes.store.instances import Incident, ProcessInstance

#: So many requests are listed.
MOST: Final = 50


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for: see :class:`app.persistence.repairs.repair_requests.RepairRequest`."""

    act: RepairAct
    subject: str
    instance_id: str
    element_id: str = ""
    how: Mapping[str, Any] = field(default_factory=dict)


@retried
def ask(order_no: str, wanted: Wanted, reason: str, actor: Actor, deps: Deps) -> RepairRequest:
    """Ask for a repair that a second person has to agree to.

    :raises NotFound: no such order, or nothing of it is of that id.
    :raises Conflict: it cannot be done, is not what was looked at any more, or is asked for already.
    """
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        order = locked_order(session, order_no, actor, ASKED_WITH[wanted.act])
        _require_of_order(session, order, wanted, actor)
        _require_possible(session, order, wanted, actor, deps, now)
        same = select(RepairRequest.id).where(
            RepairRequest.act == wanted.act,
            RepairRequest.subject == wanted.subject,
            RepairRequest.state == RequestState.WAITING,
        )
        if session.scalar(same) is not None:
            raise Conflict("this waits for a second person already", "已提交，正等第二人同意")
        request = RepairRequest(
            id=deps.new_id(),
            order_id=order.id,
            act=wanted.act,
            subject=wanted.subject,
            instance_id=wanted.instance_id,
            element_id=wanted.element_id,
            how=dict(wanted.how),
            reason=reason,
            asked_by=actor.login,
            asked_at=now,
            area=order.area,
        )
        session.add(request)
        session.flush()
        name = ACT_NAMES[wanted.act]
        _tell(session, request, order, actor.login, "ask", reason, now, deps)
        order.record("repair", Words(f"申请{name.zh}：{reason}", f"asked for: {name.en}: {reason}"), actor.login, now)
    return request


@retried
def decide(order_no: str, request_id: str, note: str, actor: Actor, deps: Deps, *, agree: bool) -> RepairRequest:
    """Agree, and it is carried out in the same transaction; or refuse, and nothing is.

    :raises NotFound: no such request for an order of the actor's area.
    :raises Forbidden: nobody agrees to a request of their own.
    :raises Conflict: it was decided on already; or the order has moved on, and it has to be looked at again.
    """
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        request = _found(session, order_no, request_id, actor, AGREE)
        if request.asked_by == actor.login:
            raise Forbidden("a second person has to agree", "须由另一人同意")
        request.decide(RequestState.AGREED if agree else RequestState.REFUSED, actor.login, note, now)
        session.flush()
        if agree:
            with refusals():
                _carry_out(session, request, actor, deps, now)
        order = locked(session, request.order_id)
        name = ACT_NAMES[RepairAct(request.act)]
        zh, en = ("同意", "agreed") if agree else ("不同意", "refused")
        said = Words(f"{zh}{name.zh}", f"{en}: {name.en}")
        _tell(session, request, order, actor.login, "agree" if agree else "refuse", note, now, deps)
        order.record("repair", Words(f"{said.zh}：{note}", f"{said.en}: {note}") if note else said, actor.login, now)
        tx.after_commit.append(deps.wake)
    return request


@retried
def withdraw(order_no: str, request_id: str, actor: Actor, deps: Deps) -> RepairRequest:
    """Take a request of one's own back. :raises Forbidden: it is somebody else's."""
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        request = _found(session, order_no, request_id, actor, "ops.view")
        if request.asked_by != actor.login:
            raise Forbidden("only who asked may take it back", "只有申请人可以撤回")
        request.decide(RequestState.WITHDRAWN, actor.login, "", now)
        order = locked(session, request.order_id)
        name = ACT_NAMES[RepairAct(request.act)]
        order.record("repair", Words(f"撤回申请：{name.zh}", f"taken back: {name.en}"), actor.login, now)
    return request


@retried
def add_note(order_no: str, text: str, actor: Actor, deps: Deps) -> None:
    """Write something into the record of an order, for whoever looks at it next.

    :raises NotFound: no such order in the actor's area.
    """
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_no, actor, "instance.repair")
        order.record("note", text, actor.login, deps.clock(tx.session))


def move_alone(instance_id: str, move: MoveOrder, reason: str, actor: Actor, deps: Deps) -> tuple[Move, MovePlan]:
    """Go back where nothing has to be undone for it: that needs no second person.

    :raises Conflict: it does, or it is not what was looked at any more.
    """
    plan = repair_desk.plan_move(instance_id, move, actor, deps)
    if needs_second_person(goes_back=plan.goes_back, undoes=undone_by(plan)):
        raise Conflict("a second person has to agree to this", "须由另一人同意")
    as_seen = MoveOrder(**{**vars(move), "digest": move.digest or plan.digest})
    return repair_desk.move(instance_id, as_seen, reason, actor, deps)


def undone_by(plan: MovePlan) -> int:
    """How many effects a move undoes."""
    return sum(line.undo for line in plan.effects)


def of_order(session: Session, order_id: str, *, limit: int = MOST) -> Sequence[RepairRequest]:
    """The requests of an order the reader may see, newest first."""
    rows = select(RepairRequest).where(RepairRequest.order_id == order_id)
    return session.scalars(rows.order_by(RepairRequest.asked_at.desc(), RepairRequest.id.desc()).limit(limit)).all()


def waiting(session: Session, actor: Actor) -> Sequence[tuple[RepairRequest, str]]:
    """The requests of the actor's area that wait for somebody, oldest first, with the numbers of their orders."""
    query = select(RepairRequest, ProductOrder.number).join(ProductOrder, ProductOrder.id == RepairRequest.order_id)
    query = scoped(query, RepairRequest, actor).where(RepairRequest.state == RequestState.WAITING)
    found = session.execute(query.order_by(RepairRequest.asked_at, RepairRequest.id).limit(MOST))
    return [(request, number) for request, number in found]


def _found(session: Session, order_no: str, request_id: str, actor: Actor, action: str) -> RepairRequest:
    query = scoped(select(RepairRequest), RepairRequest, actor).join(
        ProductOrder, ProductOrder.id == RepairRequest.order_id
    )
    mine = (RepairRequest.id == request_id, ProductOrder.number == order_no)
    request = session.scalars(query.where(*mine).with_for_update(of=RepairRequest)).one_or_none()
    if request is None:
        raise NotFound()
    may(actor, action, area_path=area_path(session, request.area))
    return request


def _require_of_order(session: Session, order: ProductOrder, wanted: Wanted, actor: Actor) -> None:
    """:raises NotFound: the instance is none of this order's, or the incident none of the instance's."""
    mine = select(ProcessInstance.id).where(
        ProcessInstance.id == wanted.instance_id, in_tree_of(session, order.id, actor)
    )
    if session.scalar(mine) is None:
        raise NotFound()
    if wanted.act is RepairAct.SKIP:
        incident = found_incident(session, wanted.subject, actor, "incident.skip")
        if incident.instance_id != wanted.instance_id:
            raise NotFound()


def _require_possible(
    session: Session, order: ProductOrder, wanted: Wanted, actor: Actor, deps: Deps, now: datetime
) -> None:
    """:raises Conflict: it cannot be done now, so there is nothing to agree to."""
    with refusals():
        if wanted.act is RepairAct.SKIP:
            require_skippable(session, wanted.subject, deps)
        elif wanted.act is RepairAct.MOVE:
            plan = deps.engine.plan_move(session, wanted.instance_id, MoveOrder(**wanted.how), now=now)
            if plan.problem is not None:
                raise Conflict(f"it could not begin: {plan.problem}", f"该步骤无法开始：{plan.problem}")
            if plan.digest != wanted.how.get("digest"):
                raise PlanChanged("the order has moved on since this was looked at; look again")
        else:
            look = preview_of(session, order)
            if look.assessment.refused is not None:
                raise Conflict(look.assessment.refused.en, look.assessment.refused.zh)


def require_skippable(session: Session, incident_id: str, deps: Deps) -> None:
    """:raises Conflict: it is over, or a step of this kind is never skipped."""
    incident = session.get_one(Incident, incident_id)
    if incident.state != IncidentState.OPEN:
        raise Conflict("the incident is over", "该异常已处理")
    if incident.operation in deps.registry.codes():
        operation = deps.registry.get(incident.operation)
        refused = why_not_skip(operation.adapter, operation.code, is_write=operation.is_write)
        if refused is not None:
            raise Conflict(refused.en, refused.zh)


def _carry_out(session: Session, request: RepairRequest, actor: Actor, deps: Deps, now: datetime) -> None:
    why = Why(actor=request.asked_by, reason=request.reason)
    if request.act == RepairAct.SKIP:
        require_skippable(session, request.subject, deps)
        deps.engine.skip_incident(
            session,
            request.subject,
            result=request.how.get("result") or {},
            effect_happened=bool(request.how.get("effect_happened")),
            reason=request.reason,
            actor=request.asked_by,
            now=now,
        )
    elif request.act == RepairAct.MOVE:
        deps.engine.move(session, request.instance_id, MoveOrder(**request.how), why=why, now=now)
    else:
        if cancel_plans.cancel_plan(session, request.subject).digest != request.how.get("digest"):
            raise PlanChanged("more has been done since this was looked at; look again")
        repair_desk.cancel_tree(session, request.subject, why, deps, now)


def _tell(
    session: Session,
    request: RepairRequest,
    order: ProductOrder,
    who: str,
    action: str,
    reason: str,
    now: datetime,
    deps: Deps,
) -> None:
    session.add(
        Repair(
            id=deps.new_id(),
            at=now,
            actor=who,
            action=action,
            reason=reason,
            subject=request.id,
            instance_id=request.instance_id,
            root_id=order.process_instance_id,
            element_id=request.element_id or None,
            business_key=order.business_key,
            area=order.area,
            after={"act": request.act, "request": request.id},
        )
    )
