"""Past the soft point of no return a second person agrees to a cancel, or refuses it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.teamwork.work_lifecycle import CancelState
from app.domain.words import Words
from app.errors import Conflict, Forbidden, NotFound
from app.persistence.amending.cancels import CancelRequest
from app.persistence.areas import area_path
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.services.amending.cancel_assessments import as_data, preview_of
from app.services.amending.order_change import BEGINS, locked_order, refuse
from app.services.teamwork import work_freeze
from app.unit_of_work import read, retried, transaction

APPROVE: Final = "order.approve"


def requests_of(order_id: str, actor: Actor, deps: Deps) -> list[CancelRequest]:
    """The requests to cancel an order, newest first. :raises NotFound: no such order in the caller's area."""
    mine = (ProductOrder.id == order_id) | (ProductOrder.number == order_id)
    with read(deps.read_sessions) as session:
        order = session.execute(
            scoped(select(ProductOrder.id, ProductOrder.area), ProductOrder, actor).where(mine)
        ).first()
        if order is None:
            raise NotFound()
        may(actor, "order.view", area_path=area_path(session, order.area))
        rows = select(CancelRequest).where(CancelRequest.order_id == order.id)
        return list(session.scalars(rows.order_by(CancelRequest.at.desc(), CancelRequest.id.desc())))


@retried
def decide(order_id: str, cancel_id: str, agreed: bool, reason: str, actor: Actor, deps: Deps) -> CancelRequest:
    """Agree to a cancel, which then begins, or refuse it: the order goes back to exactly the state it came from.

    :raises NotFound: no such order or request in the caller's area.
    :raises Forbidden: nobody agrees to a cancel of their own.
    :raises Conflict: it has been decided on already.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        order = locked_order(session, order_id, actor, APPROVE)
        request = session.get(CancelRequest, cancel_id, populate_existing=True)
        if request is None or request.order_id != order.id:
            raise NotFound()
        if request.requested_by == actor.login:
            raise Forbidden("a second person has to agree", "须由另一人审批")
        if not request.awaits_approval:
            raise Conflict("this cancel has been decided on already", "该撤单申请已处理")
        request.decided_by = actor.login
        now = deps.clock(session)
        if not agreed:
            refuse(order, request, Words(reason, reason), actor.login, now)
            _let_go_on(session, order, request, actor, deps)
        else:
            _carry_out(session, order, request, reason, actor, deps)
        tx.after_commit.append(deps.wake)
    return request


def _carry_out(
    session: Session, order: ProductOrder, request: CancelRequest, reason: str, actor: Actor, deps: Deps
) -> None:
    """Begin to undo, unless an answer that came meanwhile has led past the hard point."""
    now = deps.clock(session)
    shown = preview_of(session, order)
    request.assessment, request.fee_cny = as_data(shown, deps), f"{shown.assessment.fee_cny:.2f}"
    if shown.assessment.refused is not None:
        refuse(order, request, shown.assessment.refused, actor.login, now)
        _let_go_on(session, order, request, actor, deps)
        return
    request.move_to(CancelState.IN_PROGRESS, Words(reason, reason) if reason else BEGINS, actor.login, now)
    session.flush()
    root = str(order.process_instance_id)
    deps.engine.cancel(session, root, reason=request.reason, actor=actor.login, now=now)


def _let_go_on(session: Session, order: ProductOrder, request: CancelRequest, actor: Actor, deps: Deps) -> None:
    """The plan goes on if it stood still for the request and for nothing else."""
    if request.frozen:
        request.frozen = False
        why = Words("撤单未获同意，继续施工", "the cancel is refused, the work goes on")
        work_freeze.thaw(session, order, why, actor.login, deps, deps.clock(session))
