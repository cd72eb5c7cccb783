"""The bell: what happened to somebody's orders, tasks and teams since it was last read.

Nothing is written when something happens: the bell asks the rows that are there. A thousand orders that end in one
minute are one line with a number, and cost nobody anything until somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, and_, func, or_, select, text, update
from sqlalchemy.orm import Session, selectinload

from app.deps import Deps
from app.domain.actors import Actor, can
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.studio.deployments import AGREE, STATE_NAMES, DeploymentState
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.errors import NotFound
from app.persistence.audit import OrderEvent
from app.persistence.bell_marks import BellMark, keep_mark, marks_of
from app.persistence.filters import at_most, in_words
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import Team
from app.persistence.promises.sla_clocks import JeopardyAlert, JeopardyNotice, SlaClock
from app.persistence.scope import within
from app.persistence.studio.deployment_requests import DeploymentRequest
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import read, retried, transaction
from processes.store.bulk import BulkRun

#: What was never read and is older than this is history, not news.
OLDEST: Final = timedelta(days=7)
#: So many are counted of one kind, and so many of them are named.
COUNTED: Final = 1000
NAMED: Final = 5
#: So much of a release note is told.
NOTE: Final = 200


@dataclass(frozen=True)
class Line:
    """One thing that happened: ``about`` is ``order``, ``ticket``, ``task``, ``bulk``, ``deployment`` or ``release``;
    ``number`` names it."""

    about: str
    number: str
    at: datetime
    words: Words | None = None
    state: str = ""


@dataclass(frozen=True)
class Ring:
    """Everything of one kind that happened since it was read; the newest of it is named."""

    kind: str
    count: int
    lines: Sequence[Line]
    muted: bool


Finder = Callable[[Session, Actor, datetime], tuple[int, Sequence[Line]]]


def rings(actor: Actor, deps: Deps, now: datetime, *, with_muted: bool = False) -> list[Ring]:
    """What is news for the actor, by kind; kinds that are muted come only when asked for."""
    with read(deps.read_sessions) as session:
        marks = marks_of(session, actor.login)
        found = []
        for kind, (right, finder) in KINDS.items():
            mark = marks.get(kind)
            muted = mark is not None and mark.muted
            if not can(actor, right) or (muted and not with_muted):
                continue
            count, lines = finder(session, actor, _since(mark, now))
            if count or muted:
                found.append(Ring(kind, count, lines, muted))
        return found


@retried
def note_read(kinds: Sequence[str], upto: datetime, actor: Actor, deps: Deps) -> None:
    """Somebody has read these kinds as they were at an instant; what came later is still news.

    :raises NotFound: there is no such kind.
    """
    for kind in kinds:
        _known(kind)
    with transaction(deps.sessions) as tx:
        seen = min(upto, deps.clock(tx.session))
        for kind in kinds:
            keep_mark(tx.session, actor.login, kind, read_at=seen)
        if "danger" in kinds:
            mine = update(JeopardyNotice).where(JeopardyNotice.login == actor.login, text("read_at IS NULL"))
            tx.session.execute(mine.where(JeopardyNotice.at <= seen).values(read_at=seen))


@retried
def mute(kind: str, muted: bool, actor: Actor, deps: Deps) -> None:
    """Hear nothing of a kind any more, or hear of it again from now on.

    :raises NotFound: there is no such kind.
    """
    _known(kind)
    with transaction(deps.sessions) as tx:
        keep_mark(tx.session, actor.login, kind, read_at=deps.clock(tx.session), muted=muted)


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound()


def _since(mark: BellMark | None, now: datetime) -> datetime:
    return max(mark.read_at, now - OLDEST) if mark is not None else now - OLDEST


def _danger(session: Session, actor: Actor, _: datetime) -> tuple[int, Sequence[Line]]:
    """Promises in danger that the actor was told of and has not read."""
    mine = select(JeopardyNotice.id).where(JeopardyNotice.login == actor.login, text("read_at IS NULL"))
    rows = session.execute(
        select(JeopardyNotice.at, JeopardyAlert.message_zh, JeopardyAlert.message_en)
        .add_columns(ProductOrder.number.label("order_no"), TroubleTicket.number.label("ticket_no"))
        .join(JeopardyAlert, JeopardyAlert.id == JeopardyNotice.alert_id)
        .join(SlaClock, SlaClock.id == JeopardyAlert.clock_id)
        .outerjoin(ProductOrder, ProductOrder.id == SlaClock.order_id)
        .outerjoin(TroubleTicket, TroubleTicket.id == SlaClock.ticket_id)
        .where(JeopardyNotice.login == actor.login, text("read_at IS NULL"), within(SlaClock.area, actor))
        .order_by(JeopardyNotice.at.desc(), JeopardyNotice.id)
        .limit(NAMED)
    )
    lines = [
        Line(
            "order" if row.order_no else "ticket",
            row.order_no or row.ticket_no or "",
            row.at,
            Words(row.message_zh, row.message_en),
        )
        for row in rows
    ]
    return _count(session, mine) if lines else 0, lines


def _ended(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """Orders the actor has placed that have ended."""
    mine = select(ProductOrder.number, ProductOrder.state, ProductOrder.completed_at.label("at")).where(
        ProductOrder.client == actor.login,
        ProductOrder.completed_at.is_not(None),
        ProductOrder.completed_at > since,
        within(ProductOrder.area, actor),
    )
    rows = session.execute(mine.order_by(ProductOrder.completed_at.desc(), ProductOrder.id).limit(NAMED))
    return _count(session, mine), [Line("order", row.number, row.at, state=row.state) for row in rows]


def _stuck(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """Open orders the actor has placed that came to stand still: held, or waiting for the customer."""
    own = (ProductOrder.client == actor.login, ProductOrder.completed_at.is_(None), within(ProductOrder.area, actor))
    still = (OrderEvent.kind == "state", OrderEvent.to_state.in_((OrderState.HELD, OrderState.PENDING)))
    mine = (
        select(ProductOrder.number, ProductOrder.state, func.max(OrderEvent.at).label("at"))
        .join(OrderEvent, OrderEvent.order_id == ProductOrder.id)
        .where(*own, *still, OrderEvent.at > since, OrderEvent.who != actor.login)
        .where(ProductOrder.state.in_((OrderState.HELD, OrderState.PENDING)))
        .group_by(ProductOrder.number, ProductOrder.state)
    )
    rows = session.execute(mine.order_by(func.max(OrderEvent.at).desc()).limit(NAMED))
    return _count(session, mine), [Line("order", row.number, row.at, state=row.state) for row in rows]


def _given(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """To-dos that somebody else has given to the actor, or offers now."""
    claimed = select(WorkItem).where(WorkItem.claimed_by == actor.login, WorkItem.state == WorkItemState.CLAIMED)
    offered = select(WorkItem).where(WorkItem.offered_to.is_not(None), WorkItem.offered_to == actor.login)
    by_others = [
        item
        for item in session.scalars(claimed.where(WorkItem.claimed_at > since).limit(COUNTED))
        if (item.dispatch or {}).get("by", actor.login) != actor.login
    ]
    found = [*by_others, *session.scalars(offered.where(in_words(WorkItem.state, [WorkItemState.OPEN])).limit(COUNTED))]
    found.sort(key=lambda item: item.claimed_at or item.created_at, reverse=True)
    named = found[:NAMED]
    return len(found), [_task(item, item.claimed_at or item.created_at) for item in named]


def _team(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """To-dos that came to the actor's teams and that nobody has taken."""
    if not actor.teams:
        return 0, ()
    mine = select(WorkItem).where(
        WorkItem.team_code.in_(actor.teams),
        in_words(WorkItem.state, [WorkItemState.OPEN]),
        in_words(WorkItem.state, WORK_ITEM_OPEN),
        WorkItem.created_at > since,
        within(WorkItem.area, actor),
    )
    newest = mine.order_by(WorkItem.created_at.desc(), WorkItem.id.desc()).options(selectinload(WorkItem.order))
    lines = [_task(item, item.created_at) for item in session.scalars(newest.limit(NAMED))]
    return (_count(session, mine.with_only_columns(WorkItem.id)) if lines else 0), lines


def _bulk(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """Bulk runs of the actor that have ended."""
    mine = select(BulkRun).where(BulkRun.actor == actor.login, BulkRun.ended_at.is_not(None), BulkRun.ended_at > since)
    rows = session.scalars(mine.order_by(BulkRun.ended_at.desc()).limit(NAMED)).all()
    lines = [Line("bulk", row.id, row.ended_at, Words(row.reason, row.reason)) for row in rows if row.ended_at]
    return _count(session, mine.with_only_columns(BulkRun.id)), lines


def _task(item: WorkItem, at: datetime) -> Line:
    return Line("task", item.number, at, Words(item.title_zh, item.title_en))


def _count(session: Session, found: Select[*tuple[object, ...]]) -> int:
    some = found.order_by(None).limit(at_most(COUNTED)).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _agree(session: Session, actor: Actor, _: datetime) -> tuple[int, Sequence[Line]]:
    """Deployments that somebody else asks a second person to agree to."""
    waiting = (DeploymentRequest.state == DeploymentState.WAITING, DeploymentRequest.asked_by != actor.login)
    mine = select(DeploymentRequest).where(*waiting)
    rows = session.scalars(mine.order_by(DeploymentRequest.asked_at).limit(NAMED)).all()
    return _count(session, mine.with_only_columns(DeploymentRequest.id)), [_deployment(row) for row in rows]


def _deployed(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """What became of the deployments the actor has asked for or agreed to: decided on by others, or at their hour."""
    asked, agreed = DeploymentRequest.asked_by == actor.login, DeploymentRequest.decided_by == actor.login
    mine = select(DeploymentRequest).where(
        DeploymentRequest.state != DeploymentState.WAITING,
        or_(
            and_(asked, DeploymentRequest.decided_at > since, DeploymentRequest.decided_by != actor.login),
            and_(or_(asked, agreed), DeploymentRequest.activate_at.is_not(None), DeploymentRequest.done_at > since),
        ),
    )
    rows = session.scalars(mine.order_by(DeploymentRequest.asked_at.desc()).limit(NAMED)).all()
    return _count(session, mine.with_only_columns(DeploymentRequest.id)), [_deployment(row) for row in rows]


def _alone(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """What somebody else has put back or taken back alone, because it could not wait, and why."""
    done = (DeploymentRequest.alone.is_(True), DeploymentRequest.done_at > since)
    mine = select(DeploymentRequest).where(*done, DeploymentRequest.asked_by != actor.login)
    rows = session.scalars(mine.order_by(DeploymentRequest.done_at.desc()).limit(NAMED)).all()
    lines = [_deployment(row, told=True) for row in rows]
    return _count(session, mine.with_only_columns(DeploymentRequest.id)), lines


def _released(session: Session, actor: Actor, since: datetime) -> tuple[int, Sequence[Line]]:
    """New versions with steps of the actor's teams, and what is said of them."""
    if not actor.teams:
        return 0, ()
    kinds = set(session.scalars(select(Team.role).where(Team.code.in_(actor.teams))))
    made = (DeploymentRequest.state == DeploymentState.DONE, DeploymentRequest.done_at > since)
    mine = select(DeploymentRequest).where(*made, DeploymentRequest.release_note != "")
    newest = mine.order_by(DeploymentRequest.done_at.desc()).limit(COUNTED)
    found = [row for row in session.scalars(newest) if kinds.intersection(row.teams)]
    return len(found), [_deployment(row, told=True) for row in found[:NAMED]]


def _deployment(row: DeploymentRequest, *, told: bool = False) -> Line:
    """``told``: with the release note, for those it concerns."""
    names = Words("、".join(part["name_zh"] for part in row.parts), ", ".join(part["name_en"] for part in row.parts))
    state = STATE_NAMES[DeploymentState(row.state)]
    note = row.release_note[:NOTE]
    why = Words(f"，{row.said_zh[:NOTE]}", f", {row.said_en[:NOTE]}") if row.said_en else Words("", "")
    said = (
        Words(f"{names.zh}：{note}", f"{names.en}: {note}")
        if told
        else Words(f"{names.zh}：{state.zh}{why.zh}", f"{names.en}: {state.en}{why.en}")
    )
    return Line("release" if told else "deployment", row.id, row.done_at or row.decided_at or row.asked_at, said)


#: Kind -> the right without which nobody is told, and who looks it up; in the order in which they are shown.
KINDS: Final[Mapping[str, tuple[str, Finder]]] = {
    "danger": ("order.view", _danger),
    "stuck": ("order.view", _stuck),
    "given": ("item.view", _given),
    "ended": ("order.view", _ended),
    "team": ("item.view", _team),
    "bulk": ("bulk.run", _bulk),
    "agree": (AGREE, _agree),
    "alone": (AGREE, _alone),
    "deployed": (AGREE, _deployed),
    "released": ("item.view", _released),
}
