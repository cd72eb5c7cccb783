"""Giving a work item to another team or another person: with a reason, and never silently."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.errors import Conflict, NotFound
from app.persistence.people import Team, TeamMember, User
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.dispatch_cases import again
from app.services.teamwork.work_list import found_item, locked, over_by_now, taken
from app.unit_of_work import retried, transaction
from processes.repairs import Why
from processes.store.bulk import Repair
from processes.store.instances import UserTask


@retried
def reassign(item_id: str, *, team: str | None, login: str | None, reason: str, actor: Actor, deps: Deps) -> WorkItem:
    """Give an open or claimed work item to a team, or to a person of its team; where neither is named, dispatch is
    asked again.

    :raises NotFound: no such work item in the caller's area.
    :raises Conflict: it is closed, or nobody of that name is in the team.
    """
    with transaction(deps.sessions) as tx:
        found_item(tx.session, item_id, actor, "item.assign", deps)
        why = Why(actor=actor.login, reason=reason)
        item = assign(tx.session, item_id, team=team, login=login, why=why, deps=deps, now=deps.clock(tx.session))
        tx.after_commit.append(deps.wake)
    return item


def assign(
    session: Session, item_id: str, *, team: str | None, login: str | None, why: Why, deps: Deps, now: datetime
) -> WorkItem:
    """Do it inside the caller's transaction. To a person means claimed by that person: the step has begun."""
    found = session.get(WorkItem, item_id)
    if found is None:
        raise NotFound(f"there is no work item {item_id}", f"没有待办 {item_id}")
    is_open = found.state == WorkItemState.OPEN
    if login is not None and is_open and found.user_task_id is not None:
        with over_by_now():
            deps.engine.begin_user_task(session, found.user_task_id, actor=login, now=now)
    item = locked(session, found.id)
    if WorkItemState(item.state) not in WORK_ITEM_OPEN:
        raise taken(item)
    before = {"team": item.team_code, "login": item.claimed_by}
    _check(session, item, team, login)
    words = Words(f"{why.actor} 改派：{why.reason}", f"reassigned by {why.actor}: {why.reason}")
    if item.state != WorkItemState.OPEN:
        item.move_to(WorkItemState.OPEN, words, why.actor, now)
    if team is None and login is None:
        _ask_again(session, item, now)
    else:
        item.offered_to = item.offered_until = None
        asked = (item.dispatch or {}).get("role")
        item.dispatch = {"by": why.actor, "why": why.reason} | ({"role": asked} if asked else {})
    if team is not None:
        chosen = session.scalars(select(Team).where(Team.code == team)).one()
        item.team_code, item.team_role = chosen.code, chosen.role
    if login is not None:
        item.move_to(WorkItemState.CLAIMED, words, login, now)
    _note(session, item, why, before, deps, now)
    session.flush()
    return item


def offer(
    session: Session, item_id: str, *, login: str, until: datetime, why: Why, deps: Deps, now: datetime
) -> WorkItem:
    """Lay an open item before one person of its team, inside the caller's transaction; others leave it alone till then.

    Nothing is begun by that; whoever is asked begins it.

    :raises Conflict: it is not open any more, or nobody of that name is in the team.
    """
    item = locked(session, item_id)
    if item.state != WorkItemState.OPEN:
        raise taken(item)
    _check(session, item, None, login)
    before = {"team": item.team_code, "login": item.offered_to}
    asked = (item.dispatch or {}).get("role")
    item.dispatch = {"by": why.actor, "why": why.reason} | ({"role": asked} if asked else {})
    item.offered_to, item.offered_until = login, until
    _note(session, item, why, before, deps, now)
    session.flush()
    return item


def _ask_again(session: Session, item: WorkItem, now: datetime) -> None:
    """By the rules, teams and loads of this instant; what no step asked for stays with its desk."""
    if not (item.dispatch or {}).get("role"):
        raise Conflict("no rule sends this: say which team or which person", "该待办不由规则派发，请指定班组或人员")
    again(session, item, now)


def _check(session: Session, item: WorkItem, team: str | None, login: str | None) -> None:
    if team is not None and session.scalar(select(Team.code).where(Team.code == team)) is None:
        raise Conflict(f"there is no team {team}", f"班组 {team} 不存在")
    if login is None:
        return
    of_team = team or item.team_code
    member = (
        select(User.login)
        .join(TeamMember, TeamMember.login == User.login)
        .where(User.login == login, User.active, TeamMember.team_code == of_team)
    )
    if session.scalars(member.limit(1)).first() is None:
        raise Conflict(f"{login} is not in the team {of_team}", f"{login} 不属于班组 {of_team}")


def _note(session: Session, item: WorkItem, why: Why, before: dict[str, str | None], deps: Deps, now: datetime) -> None:
    task = session.get(UserTask, item.user_task_id) if item.user_task_id else None
    session.add(
        Repair(
            id=deps.new_id(),
            at=now,
            actor=why.actor,
            action="reassign",
            reason=why.reason,
            subject=item.id,
            instance_id=task.instance_id if task is not None else None,
            root_id=task.root_id if task is not None else None,
            element_id=task.element_id if task is not None else None,
            business_key="",
            area=item.area,
            before=before,
            after={"team": item.team_code, "login": item.claimed_by or item.offered_to},
            run_id=why.run_id,
        )
    )
