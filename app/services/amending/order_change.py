"""Changes to an order in flight: cancel it, correct its notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.ordering.order_lifecycle import FINAL, OrderState
from app.domain.teamwork.work_lifecycle import CancelState
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound, StaleVersion
from app.persistence.amending.cancels import CancelRequest
from app.persistence.areas import area_path
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.services.amending.cancel_assessments import as_data, preview_of, require_cancellable, terms_of
from app.services.ordering.order_state import locked
from app.services.teamwork import work_freeze
from app.unit_of_work import retried, transaction
from processes.store.instances import ProcessInstance

ASK: Final = Words(
    "现场施工已开始，须由运营经理同意后撤单，或完工后办理拆机",
    "work on site has begun: the operations manager has to agree to a cancel; or order a disconnect after completion",
)
ASKED: Final = Words(
    "现场施工已开始，撤单待运营经理同意", "work on site has begun: the cancel waits for a second person"
)
BEGINS: Final = Words("开始撤单", "the cancel begins")
PATCHABLE: Final = ("description", "note", "priority", "requested_completion_date")


@retried
def request_cancel(order_id: str, reason: str, actor: Actor, deps: Deps, *, terms: str | None = None) -> CancelRequest:
    """Ask to cancel an order: what was done is undone in reverse order, unless a point of no return is passed.

    The order is ``assessingCancellation`` while answers are outstanding and ``pendingCancellation`` while it is
    being undone. Past the soft point a second person has to agree (:mod:`app.services.amending.cancel_decisions`):
    until then the request stays ``acknowledged`` and the plan stands still. Past the hard point the request ends in
    ``terminatedWithError`` and the order goes on.

    :param terms: what was shown to the one who asks (:func:`app.services.amending.cancel_assessments.terms_of`).
    :raises NotFound: no such order in the caller's area.
    :raises Conflict: the order has ended, a cancel is already on its way, or it is not any more as it was shown.
    """
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_id, actor, "order.cancel")
        now = deps.clock(tx.session)
        require_cancellable(order)
        if terms is not None and terms != terms_of(as_data(preview_of(tx.session, order), deps)):
            raise Conflict(
                "the order has moved on; look at what a cancel means now", "订单已有进展，请重新查看撤单影响"
            )
        request = begin_cancel(tx.session, order, reason, actor.login, deps, now, may_ask=True)
        tx.after_commit.append(deps.wake)
    return request


def begin_cancel(
    session: Session,
    order: ProductOrder,
    reason: str,
    who: str,
    deps: Deps,
    now: datetime,
    *,
    repairs: bool = False,
    run_id: str | None = None,
    may_ask: bool = False,
) -> CancelRequest:
    """Write the request and begin to undo, or refuse it past a point of no return; the order is locked by the caller.

    :param repairs: an operator cancels, so it is a line of the audit of repairs.
    :param may_ask: where somebody has to agree he is asked, and the plan stands still; else it is refused.
    """
    request = CancelRequest(
        order_id=order.id, reason=reason, requested_by=who, at=now, area=order.area, id=deps.new_id()
    )
    request.order = order
    session.add(request)
    shown = preview_of(session, order)
    found = shown.assessment
    request.assessment, request.fee_cny = as_data(shown, deps), f"{found.fee_cny:.2f}"
    order.move_to(OrderState.ASSESSING_CANCELLATION, Words(reason, reason), who, now)
    if found.refused is not None:
        refuse(order, request, found.refused, who, now)
        return request
    root = str(order.process_instance_id)
    if found.approver and not may_ask:
        refuse(order, request, ASK, who, now)
        return request
    if found.approver:
        request.approver = found.approver
        order.record("note", ASKED, who, now, detail={"cancel_request_id": request.id, "fee_cny": request.fee_cny})
        request.frozen = work_freeze.freeze(session, order, ASKED, who, deps, now)
        return request
    request.move_to(CancelState.IN_PROGRESS, BEGINS, who, now)
    session.flush()
    deps.engine.cancel(session, root, reason=reason, actor=who, now=now, audited=repairs, run_id=run_id)
    return request


def refuse(order: ProductOrder, request: CancelRequest, why: Words, who: str, now: datetime) -> None:
    """The request ends, the order goes on as it was."""
    request.move_to(CancelState.TERMINATED_WITH_ERROR, why, who, now)
    order.move_to(OrderState(str(order.state_before_cancel)), why, who, now)


@retried
def patch_order(
    order_id: str, changes: Mapping[str, Any], actor: Actor, deps: Deps, *, if_version: int | None = None
) -> ProductOrder:
    """Change what may be changed without touching the work: description, notes, priority, wanted date.

    :raises InvalidInput: a field that cannot be changed this way.
    :raises StaleVersion: the order has changed since the caller read it.
    """
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_id, actor, "order.amend")
        if if_version is not None and order.version != if_version:
            raise StaleVersion()
        if unknown := sorted(set(changes) - set(PATCHABLE)):
            raise invalid(unknown[0], "not-patchable", "不能这样修改", "cannot be changed this way")
        if OrderState(order.state) in FINAL:
            raise Conflict("the order has ended", "订单已经结束")
        now = deps.clock(tx.session)
        for name, value in changes.items():
            setattr(order, name, value)
        order.record("amended", Words("修改", "changed"), actor.login, now, detail={"fields": sorted(changes)})
    return order


def locked_order(session: Session, order_id: str, actor: Actor, action: str) -> ProductOrder:
    """The order, locked until the end of the transaction.

    The engine locks its instance before our rows, so the instance is locked first here too.

    :raises NotFound: no such order in the caller's area.
    """
    found = session.execute(
        scoped(select(ProductOrder.id, ProductOrder.process_instance_id, ProductOrder.area), ProductOrder, actor).where(
            or_(ProductOrder.id == order_id, ProductOrder.number == order_id)
        )
    ).first()
    if found is None:
        raise NotFound()
    may(actor, action, area_path=area_path(session, found.area))
    if found.process_instance_id is not None:
        session.scalars(
            select(ProcessInstance).where(ProcessInstance.id == found.process_instance_id).with_for_update()
        ).one_or_none()
    return locked(session, found.id)


def invalid(path: str, code: str, zh: str, en: str) -> InvalidInput:
    """A refusal of one field."""
    return InvalidInput(f"{path} {en}", f"{path} {zh}", details=[FieldProblem(path=path, code=code, zh=zh, en=en)])
