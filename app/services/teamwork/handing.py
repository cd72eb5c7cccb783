"""Work items from hand to hand: over to a colleague, back to the sender, on to the team that gave it back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.promises.calendar import ZONE
from app.domain.teamwork.returns import return_reason, said, wrong
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.errors import Conflict
from app.persistence.people import Team, TeamMember, User
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.task_desk import responsible_team
from app.services.teamwork.work_list import found_item, locked, own_item, taken
from app.unit_of_work import retried, transaction

#: Where something goes that nobody has sent by hand: who manages the orders of the area, else its counter.
DESKS = ("order_desk", "counter")


@retried
def hand_over(item_id: str, login: str, note: str, actor: Actor, deps: Deps) -> WorkItem:
    """Give an item the actor has to a colleague of its team, who has it from then on.

    :raises InvalidInput: no note, or nobody of that login is in the team.
    :raises Conflict: the actor does not have the item.
    """
    with transaction(deps.sessions) as tx:
        item, now = _mine(tx.session, item_id, actor, deps)
        words = said(note, "note")
        if login == actor.login or login not in colleagues(tx.session, item):
            raise wrong("to", "choose a colleague of the team", "请选择本班组的同事")
        item.move_to(WorkItemState.OPEN, Words(f"移交：{words}", f"handed over: {words}"), actor.login, now)
        item.move_to(WorkItemState.CLAIMED, Words("接手", "taken over"), login, now)
    return item


@retried
def send_back(item_id: str, reason: str, note: str, actor: Actor, deps: Deps) -> WorkItem:
    """Give an item the actor has back to where it came from: who sent it by hand, else the desk of its area. It lies
    there open, says why, and goes on to the actor's team again with :func:`send_again`.

    :raises InvalidInput: the reason is not on the list, or there is no note.
    :raises Conflict: the actor does not have the item, or no desk of its area could take it.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        item, now = _mine(session, item_id, actor, deps)
        name, words = return_reason(reason), said(note, "note")
        desk = sender_of(session, item)
        if desk is None:
            raise Conflict("there is no desk to give it back to; hand it over instead", "没有可退回的班组，请改为移交")
        why = Words(f"退回：{name.zh}，{words}", f"given back: {name.en}, {words}")
        item.move_to(WorkItemState.OPEN, why, actor.login, now)
        item.returned = {"by": actor.login, "team": item.team_code, "reason": reason, "note": words}
        item.returned_at = now
        _put(session, item, desk, actor, words)
    return item


@retried
def send_again(item_id: str, note: str, actor: Actor, deps: Deps) -> WorkItem:
    """Put right what was wrong, and send the item on to the team that gave it back.

    :raises InvalidInput: no note.
    :raises Conflict: the actor does not have the item, or nobody has given it back.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        item, now = _mine(session, item_id, actor, deps)
        words = said(note, "note")
        if item.returned_at is None:
            raise Conflict("nobody has given this item back", "该待办没有被退回")
        team = str(item.returned["team"])
        item.move_to(WorkItemState.OPEN, Words(f"已处理，再次派发：{words}", f"sent again: {words}"), actor.login, now)
        _put(session, item, team, actor, words)
        item.returned, item.returned_at = None, None
    return item


@retried
def follow_up(item_id: str, on: date | None, actor: Actor, deps: Deps) -> WorkItem:
    """Note the day on which to look at an item again, or that there is none. The due time stays what it is.

    :raises Conflict: it is closed.
    :raises InvalidInput: the day is over.
    """
    with transaction(deps.sessions) as tx:
        found, now = found_item(tx.session, item_id, actor, "item.claim", deps)
        if on is not None and on < now.astimezone(ZONE).date():
            raise wrong("day", "the day is over already", "跟进日期不能早于今天")
        item = locked(tx.session, found.id)
        if WorkItemState(item.state) not in WORK_ITEM_OPEN:
            raise taken(item)
        item.follow_up_on = on
    return item


def colleagues(session: Session, item: WorkItem) -> list[str]:
    """Logins of who could have the item instead: the active members of its team."""
    rows = select(User.login).join(TeamMember, TeamMember.login == User.login)
    return sorted(session.scalars(rows.where(TeamMember.team_code == item.team_code, User.active)))


def sender_of(session: Session, item: WorkItem) -> str | None:
    """The team an item would go back to: that of who sent it by hand, else the desk of its area."""
    return _sender(session, item) or _desk(session, item)


def _mine(session: Session, item_id: str, actor: Actor, deps: Deps) -> tuple[WorkItem, datetime]:
    found, now = found_item(session, item_id, actor, "item.claim", deps)
    item = locked(session, found.id)
    own_item(item, actor)
    if item.state != WorkItemState.CLAIMED:
        raise Conflict("the work item is paused", "该待办已暂停")
    return item, now


def _sender(session: Session, item: WorkItem) -> str | None:
    """A team of who sent it by hand, other than the one it lies with."""
    by = (item.dispatch or {}).get("by")
    if not by:
        return None
    rows = select(TeamMember.team_code).join(User, User.login == TeamMember.login)
    teams = session.scalars(rows.where(TeamMember.login == by, User.active, TeamMember.team_code != item.team_code))
    return next(iter(sorted(teams)), None)


def _desk(session: Session, item: WorkItem) -> str | None:
    for role in DESKS:
        desk = responsible_team(session, role, item.area, None)
        if desk is not None and desk.code != item.team_code:
            return desk.code
    return None


def _put(session: Session, item: WorkItem, team: str, actor: Actor, why: str) -> None:
    asked: dict[str, Any] = {"role": item.dispatch["role"]} if (item.dispatch or {}).get("role") else {}
    chosen = session.scalars(select(Team).where(Team.code == team)).one()
    item.team_code, item.team_role = chosen.code, chosen.role
    item.dispatch = {"by": actor.login, "why": why, **asked}
