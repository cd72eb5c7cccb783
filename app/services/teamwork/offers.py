"""To-dos that were offered to one person: taken back when that person does not take them in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.teamwork.dispatch import PUSH, Case, Rule, Way, suited
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.domain.words import Words
from app.persistence.teamwork.team_search import crew_named, crews_over
from app.persistence.teamwork.work_items import WorkItem
from app.services.ordering.subjects import with_area_of_owner
from app.services.teamwork import dispatching
from app.services.teamwork.dispatching import About

#: So many in a round; the others are there in the next one.
AT_ONCE: Final = 200


def take_back(session: Session, now: datetime) -> int:
    """Ask the next one, or give it to all of the team, wherever nobody answered; returns how many there were."""
    late = (
        select(WorkItem)
        .where(WorkItem.offered_to.is_not(None), WorkItem.offered_until <= now)
        .order_by(WorkItem.offered_until)
        .limit(AT_ONCE)
        .options(*with_area_of_owner())
        .with_for_update(skip_locked=True, of=WorkItem)
    )
    items = session.scalars(late).all()
    for item in items:
        _not_taken(session, item, now)
    return len(items)


def _not_taken(session: Session, item: WorkItem, now: datetime) -> None:
    kept: Mapping[str, Any] = item.dispatch or {}
    login = item.offered_to or ""
    declined = [*kept.get("declined", ()), login]
    item.offered_to = item.offered_until = None
    item.dispatch = {**kept, "mode": "pool", "login": None, "declined": declined}
    if item.state != WorkItemState.OPEN:
        return
    if not (kept.get("way") == Way.LEADER and _next_leader(session, item, kept, declined, now)):
        _otherwise(session, item, kept)
    words = Words(f"{login} 未在时限内领取，{_where(item).zh}", f"{login} did not take it in time: {_where(item).en}")
    owner = item.order or item.ticket
    if owner is not None:
        detail = {"work_item_id": item.id, "number": item.number, "team": item.team_code, "login": item.offered_to}
        owner.record("dispatch", words, ENGINE, now, detail=detail)


def _next_leader(session: Session, item: WorkItem, kept: Mapping[str, Any], declined: list[str], now: datetime) -> bool:
    """Ask the next one of those who lead; False where nobody is left."""
    team = crew_named(session, item.team_code)
    if team is None:
        return False
    rule = Rule(
        code=str(kept["rule"]),
        name=Words(str(kept["zh"]), str(kept["en"])),
        way=Way.LEADER,
        accept_min=int(kept["accept_min"]),
        otherwise=str(kept.get("otherwise", "")),
        mode=PUSH,
    )
    case = Case(step="", role=team.role, skill=item.skill or "", on=now.date())
    sent = dispatching.send(session, case, About(area=item.area), now, declined=declined, rule=rule)
    if sent.login is None or sent.crew is None:
        return False
    item.team_code, item.offered_to = sent.crew.code, sent.login
    item.offered_until = now + timedelta(minutes=rule.accept_min)
    item.dispatch = {**kept, "login": sent.login, "declined": declined}
    return True


def _otherwise(session: Session, item: WorkItem, kept: Mapping[str, Any]) -> None:
    """Where the rule names another role, its team gets it; else it is for everybody of the team."""
    role = str(kept.get("otherwise") or "")
    nearest = suited_team(session, role, item.area) if role else None
    if nearest is not None:
        item.team_code, item.team_role = nearest, role


def suited_team(session: Session, role: str, area: str) -> str | None:
    """The team of a role nearest to an area."""
    crews = suited(crews_over(session, role, area), Case(step="", role=role, on=date.min), ())
    return crews[0].code if crews else None


def _where(item: WorkItem) -> Words:
    if item.offered_to:
        return Words(f"改推送给 {item.offered_to}", f"now {item.offered_to} is asked")
    return Words(f"由 {item.team_code} 全体领取", f"anybody of {item.team_code} may take it")
