"""Amending an order in flight: shown first, then confirmed; only what the difference touches is done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import func, select

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.amending.amendments import AmendmentState
from app.domain.words import Words
from app.errors import Conflict, Forbidden, NotFound
from app.persistence.amending.amendments import Amendment
from app.persistence.areas import area_path
from app.persistence.ordering.order_search import get_order
from app.persistence.scope import scoped
from app.services.amending.amend_acts import CONFIRMED, carry_out
from app.services.amending.amend_items import ItemChange, feasibility, judged
from app.services.amending.amend_previews import Preview, preview_of, require_amendable
from app.services.amending.amend_shown import summary
from app.services.amending.order_change import locked_order
from app.unit_of_work import read, retried, transaction

APPROVE: Final = "order.approve"
#: How often what is done at once is looked at anew because the order has moved on.
AT_ONCE_TRIES: Final = 4


class MovedOn(Conflict):
    """What would be done is not any more what was shown."""


def preview(order_id: str, changes: Sequence[ItemChange], actor: Actor, deps: Deps) -> Preview:
    """What amending the order would keep, change, undo and do, and what becomes of price and promise; nothing is kept.

    :raises NotFound: no such order in the caller's area.
    :raises InvalidInput: what is asked for is wrong, or cannot be built.
    :raises Conflict: the order has ended, is being cancelled, or is being amended.
    """
    verdicts = _verdicts(order_id, changes, actor, deps)
    with deps.sessions() as session:  # plans are read as they stand, and nothing is kept
        order = get_order(session, actor, order_id, parts=())
        may(actor, "order.amend", area_path=area_path(session, order.area))
        return preview_of(session, order, changes, actor, deps, verdicts, deps.clock(session))


def confirm(
    order_id: str, changes: Sequence[ItemChange], reason: str, digest: str, actor: Actor, deps: Deps
) -> tuple[Amendment, Preview]:
    """Amend the order as it was shown; past the soft point a second person has to agree first.

    :raises NotFound, InvalidInput, Conflict: see :func:`preview`; also where it is not any more as it was shown.
    """
    verdicts = _verdicts(order_id, changes, actor, deps)
    return _confirmed(order_id, changes, reason, digest, verdicts, actor, deps)


@retried
def _confirmed(
    order_id: str,
    changes: Sequence[ItemChange],
    reason: str,
    digest: str,
    verdicts: Mapping[str, str],
    actor: Actor,
    deps: Deps,
) -> tuple[Amendment, Preview]:
    with transaction(deps.sessions) as tx:
        session = tx.session
        order = locked_order(session, order_id, actor, "order.amend")
        now = deps.clock(session)
        shown = preview_of(session, order, changes, actor, deps, verdicts, now)
        if shown.digest != digest:
            raise MovedOn("the order has moved on since; look at the preview again", "订单已有进展，请重新预览")
        row = Amendment(
            order_id=order.id,
            seq=1 + (session.scalar(select(func.max(Amendment.seq)).where(Amendment.order_id == order.id)) or 0),
            state=AmendmentState.AWAITING_APPROVAL,
            reason=reason,
            changes=[change.as_data() for change in changes],
            shown=summary(shown),
            waits_for=[],
            fee_cny=f"{shown.fee_cny:.2f}",
            requested_by=actor.login,
            at=now,
            area=order.area,
        )
        row.order = order
        session.add(row)
        detail = {"amendment_id": row.id, "seq": row.seq, "items": sorted(one.one.item.item_no for one in shown.items)}
        order.record("amended", Words(reason, reason) if reason else CONFIRMED, actor.login, now, detail=detail)
        if not shown.needs_approval:
            carry_out(session, row, shown, actor.login, deps, now)
        tx.after_commit.append(deps.wake)
        session.flush()
    return row, shown


def amend_at_once(order_id: str, changes: Sequence[ItemChange], actor: Actor, deps: Deps) -> Amendment:
    """Look and confirm in one go, for callers that do not show anything to anybody.

    :raises NotFound, InvalidInput, Conflict: see :func:`confirm`; also where a second person has to agree.
    """
    tries_left = AT_ONCE_TRIES
    while True:
        tries_left -= 1
        shown = preview(order_id, changes, actor, deps)
        if shown.refused is not None:
            raise Conflict(shown.refused.en, shown.refused.zh)
        if shown.needs_approval:
            raise Conflict("a second person has to agree; ask for an amendment", "须由另一人审批，请走变更申请")
        try:
            return confirm(order_id, changes, "", shown.digest, actor, deps)[0]
        except MovedOn:
            if not tries_left:
                raise


def decide(amendment_id: str, agreed: bool, reason: str, actor: Actor, deps: Deps) -> Amendment:
    """A second person agrees to an amendment past the soft point, or refuses it.

    :raises NotFound: no such amendment in the caller's area.
    :raises Forbidden: nobody agrees to an amendment of their own.
    :raises Conflict: it has been decided already, or cannot be carried out any more.
    """
    mine = scoped(select(Amendment), Amendment, actor).where(Amendment.id == amendment_id)
    with read(deps.read_sessions) as session:
        found = session.scalars(mine).one_or_none()
        if found is None:
            raise NotFound()
        may(actor, APPROVE, area_path=area_path(session, found.area))
        changes = [ItemChange.of(kept) for kept in found.changes]
    verdicts = _verdicts(found.order_id, changes, actor, deps, right=APPROVE, but=found) if agreed else {}
    return _decided(found.order_id, amendment_id, agreed, reason, changes, verdicts, actor, deps)


@retried
def _decided(
    order_id: str,
    amendment_id: str,
    agreed: bool,
    reason: str,
    changes: Sequence[ItemChange],
    verdicts: Mapping[str, str],
    actor: Actor,
    deps: Deps,
) -> Amendment:
    with transaction(deps.sessions) as tx:
        session = tx.session
        order = locked_order(session, order_id, actor, APPROVE)
        now = deps.clock(session)
        row = session.get_one(Amendment, amendment_id, populate_existing=True)
        if row.requested_by == actor.login:
            raise Forbidden("a second person has to agree", "须由另一人审批")
        if row.state != AmendmentState.AWAITING_APPROVAL:
            raise Conflict(f"it is {row.state} already", "该变更已处理")
        row.decided_by = actor.login
        why = Words(reason, reason)
        if agreed:
            shown = preview_of(session, order, changes, actor, deps, verdicts, now, but=row)
            row.shown, row.fee_cny = summary(shown), f"{shown.fee_cny:.2f}"
            carry_out(session, row, shown, actor.login, deps, now)
        else:
            row.move_to(AmendmentState.REFUSED, why, actor.login, now)
        tx.after_commit.append(deps.wake)
    return row


def _verdicts(
    order_id: str,
    changes: Sequence[ItemChange],
    actor: Actor,
    deps: Deps,
    *,
    right: str = "order.amend",
    but: Amendment | None = None,
) -> dict[str, str]:
    """What the resource system says of new addresses, by item; asked before any transaction is open."""
    with deps.sessions() as session:
        order = get_order(session, actor, order_id, parts=("items",))
        may(actor, right, area_path=area_path(session, order.area))
        require_amendable(session, order, but)
        moving = [
            one
            for one in judged(session, order, changes, actor, deps.clock(session)).items
            if one.moves and one.item.action == "add"
        ]
    return {one.item.item_no: feasibility(deps, one, one.normal.area) for one in moving}
