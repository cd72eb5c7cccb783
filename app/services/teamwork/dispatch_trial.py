"""Who would get a to-do, and why: dispatch asked about one that nobody has opened. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.teamwork.dispatch import Case, Sent
from app.errors import FieldProblem, InvalidInput
from app.persistence.areas import area_path
from app.persistence.people import TeamRole
from app.persistence.scope import scoped
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork import dispatching
from app.services.teamwork.dispatching import About
from app.unit_of_work import read


@dataclass(frozen=True)
class Tried:
    """Where it would go; ``fits``: the codes of the rules that fit, in the order in which they are tried."""

    sent: Sent
    fits: tuple[str, ...]
    priority: int


def try_dispatch(case: Case, area: str, actor: Actor, deps: Deps) -> Tried:
    """Ask dispatch as it is now: rules, teams, who is there, how much they have.

    :raises InvalidInput: there is no such kind of team, or no such area.
    """
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        problems = []
        if session.get(TeamRole, case.role) is None:
            zh, en = "没有这类班组", "there is no such kind of team"
            problems.append(FieldProblem(path="role", code="unknown", zh=zh, en=en))
        if area_path(session, area) is None:
            problems.append(FieldProblem(path="area", code="unknown", zh="没有这个区域", en="there is no such area"))
        if problems:
            raise InvalidInput(problems[0].en, problems[0].zh, details=problems)
        rules = dispatching.rules_for(session, case)
        sent = dispatching.send(session, case, About(area=area), deps.clock(session))
        return Tried(sent, tuple(rule.code for rule in rules), dispatching.priority_of(session, case, 0, "customer"))


def kept_of(session: Session, number: str, actor: Actor) -> tuple[WorkItem, dict[str, Any]] | None:
    """A work item of the actor's area by its number, and what is kept of why it went where it is."""
    query = scoped(select(WorkItem), WorkItem, actor).where(WorkItem.number == number)
    item = session.scalars(query.limit(1)).one_or_none()
    return None if item is None else (item, dict(item.dispatch or {}))
