"""The board of a team: to-dos go from hand to hand, one by one or as a plan that was seen before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.promises.calendar import ZONE
from app.domain.teamwork.balancing import BARS, Card, Plan, Worker, balanced, barred
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.errors import AppError, Conflict, InvalidInput
from app.persistence.areas import area_path, area_paths
from app.persistence.people import Team
from app.persistence.teamwork.board import Member, cards_of, members_on, team_led_by
from app.persistence.teamwork.work_item_search import get_item
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.reassign import assign, offer
from app.services.teamwork.work_bulk import MOST, Outcome
from app.services.teamwork.work_list import found_item, locked, taken
from app.unit_of_work import read, retried, transaction
from processes.repairs import Why

#: Whoever is given something has at least this long to begin it, and at most that long; then it is for the whole team.
SHORTEST: Final = timedelta(hours=4)
LONGEST: Final = timedelta(days=2)
POOL: Final = ""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One to-do to somebody: ``to`` is a login, or empty for the whole team; ``team`` where it goes to another one.

    ``version`` is that of the to-do as it was seen; None where that does not matter.
    """

    number: str
    to: str = POOL
    team: str = ""
    version: int | None = None


def move_each(wishes: Sequence[Wish], reason: str, actor: Actor, deps: Deps) -> list[Outcome]:
    """Move every to-do, each in a transaction of its own; one that is refused stops no other.

    :raises Forbidden: the role may not assign at all.
    :raises InvalidInput: no to-do, more than 200, or no reason.
    """
    may(actor, "item.assign")
    why = " ".join(reason.split())[:200]
    if not wishes:
        raise InvalidInput("choose at least one work item", "请至少选择一条待办")
    if len(wishes) > MOST:
        raise InvalidInput(f"at most {MOST} work items at once", f"一次最多 {MOST} 条待办")
    if not why:
        raise InvalidInput("say why", "请写明原因")
    return [_outcome(wish, why, actor, deps) for wish in wishes]


def _outcome(wish: Wish, reason: str, actor: Actor, deps: Deps) -> Outcome:
    try:
        move(wish, reason, actor, deps)
    except AppError as refusal:
        if refusal.http_status >= 500:
            raise
        return Outcome(wish.number, Words(refusal.message_zh, refusal.message_en))
    return Outcome(wish.number)


@retried
def move(wish: Wish, reason: str, actor: Actor, deps: Deps) -> WorkItem:
    """Give a to-do of a team to one of its people, back to all of them, or to another team.

    What is in work goes from hand to hand. What is not begun is offered and not begun by that: to begin a step may pass
    its point of no return, and is for whoever does it. To whom it lies with already it is not given again.

    :raises NotFound: no such to-do, or none of a team the actor leads.
    :raises Conflict: it has changed since it was seen, is closed or paused, or that person cannot have it.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        found = get_item(session, actor, wish.number, in_brief=True)
        _, now = found_item(session, found.id, actor, "item.assign", deps)
        # No step of a process is begun by any of what follows, so nothing has to be locked before the to-do.
        item = locked(session, found.id)
        team = team_led_by(session, actor, item.team_code or "")
        if WorkItemState(item.state) not in WORK_ITEM_OPEN:
            raise taken(item)
        if _is_there(item, wish):
            return item
        if wish.version is not None and item.version != wish.version:
            raise Conflict("it has changed since you saw it: look again", "您看到之后已有变化，请刷新后再操作")
        if item.state == WorkItemState.PAUSED:
            raise Conflict("its clock stands still; it moves when it goes on", "该待办已停表，恢复后才能移动")
        why = Why(actor=actor.login, reason=reason)
        if wish.team and wish.team != team.code:
            item = assign(session, item.id, team=wish.team, login=None, why=why, deps=deps, now=now)
        elif wish.to == POOL:
            item = assign(session, item.id, team=team.code, login=None, why=why, deps=deps, now=now)
        else:
            _check(session, item, wish.to, team, now)
            if item.state == WorkItemState.OPEN:
                item = offer(session, item.id, login=wish.to, until=_until(item, now), why=why, deps=deps, now=now)
            else:
                item = assign(session, item.id, team=None, login=wish.to, why=why, deps=deps, now=now)
        tx.after_commit.append(deps.wake)
    return item


def plan_for(team: str, actor: Actor, deps: Deps, now: datetime) -> tuple[Plan, Sequence[WorkItem], list[Member]]:
    """What would balance a team now, and what it was made from. Nothing is moved.

    :raises NotFound: it is no team the actor leads.
    """
    may(actor, "item.assign")
    with read(deps.read_sessions) as session:
        team_led_by(session, actor, team)
        items = cards_of(session, team)
        members = members_on(session, team, now.astimezone(ZONE).date())
        movable = [item for item in items if item.state != WorkItemState.PAUSED]
        paths = area_paths(session)
        cards = [card_of(item, paths.get(item.area, "")) for item in movable]
        return balanced(cards, [worker_of(member) for member in members]), items, members


def card_of(item: WorkItem, place: str) -> Card:
    """A to-do as the rules of balance see it; ``place`` is the path of its area."""
    return Card(
        number=item.number,
        area_path=place,
        since=item.created_at,
        skill=item.skill or "",
        holder=item.claimed_by or item.offered_to,
        is_begun=item.state == WorkItemState.CLAIMED,
        due_at=item.due_at,
        priority=item.priority,
        version=item.version,
    )


def worker_of(member: Member) -> Worker:
    """Somebody of the team as those rules see him or her."""
    return Worker(
        login=member.login,
        area_path=member.area_path,
        skills=frozenset(member.skills),
        open_items=member.open_items,
        most=member.most,
        is_away=member.absence is not None,
        leads=member.leads,
    )


def _is_there(item: WorkItem, wish: Wish) -> bool:
    if wish.team and wish.team != item.team_code:
        return False
    return (item.claimed_by or item.offered_to or POOL) == wish.to


def _check(session: Session, item: WorkItem, login: str, team: Team, now: datetime) -> None:
    members = {one.login: one for one in members_on(session, team.code, now.astimezone(ZONE).date())}
    if login not in members:
        raise Conflict(f"{login} is not in the team {team.code}", f"{login} 不属于班组 {team.code}")
    bar = barred(card_of(item, area_path(session, item.area) or ""), worker_of(members[login]))
    if bar is not None:
        raise Conflict(f"{login} {BARS[bar].en}", f"{login} {BARS[bar].zh}")


def _until(item: WorkItem, now: datetime) -> datetime:
    """As long as it may take until it is due, within bounds."""
    return min(max(item.due_at or now, now + SHORTEST), now + LONGEST)
