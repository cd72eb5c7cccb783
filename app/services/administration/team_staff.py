"""A team as administrators keep it: what it is like, by a release of the book of teams, and who works in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, contains, may
from app.errors import FieldProblem, InvalidInput, NotFound
from app.persistence.administration.admin_changes import note_change
from app.persistence.areas import area_path
from app.persistence.people import Team, TeamMember, User
from app.persistence.products.catalogue_versions import entries_at
from app.persistence.scope import scoped
from app.services.products.catalogue_desk import TEAMS, bring_in
from app.unit_of_work import read, retried, transaction

KIND: Final = "team"
CODE: Final = re.compile(r"[a-z][a-z0-9._-]{1,63}")
LONGEST_NAME: Final = 200
MOST_PER_DAY: Final = 1000


def change_team(code: str, fields: Mapping[str, Any], actor: Actor, deps: Deps, *, note: str, new: bool) -> bool:
    """Make what is said of a team its next version, which counts at once; whether anything differs.

    ``fields`` are those of the file of teams; an empty value takes a field away.

    :raises NotFound: no such team in the actor's area. :raises InvalidInput: what does not fit, by field.
    """
    may(actor, "admin.users")
    _check(code, fields)
    with read(deps.read_sessions) as session:
        known = entries_at(session, None)[KIND].get(code)
        if new and known is not None:
            raise _wrong("code", "taken", "该班组代码已存在", "there is a team of this code")
        if not new and known is None:
            raise NotFound
        body = {**(known or {"code": code}), **fields}
        place = area_path(session, str((known or body)["area"]))
    if place is None or not contains(actor.area_path, place):
        if new:
            raise _wrong(
                "area", "unknown", "没有这个区域，或不在您的管辖范围", "there is no such area, or it is not yours"
            )
        raise NotFound
    kept = {name: value for name, value in body.items() if value not in ("", [], None)}
    made = bring_in({"teams": [kept]}, actor, deps, note=note, book=TEAMS)
    return made.release is not None


@retried
def set_members(code: str, logins: Collection[str], actor: Actor, deps: Deps, *, reason: str = "") -> None:
    """Let exactly these people work in a team.

    :raises NotFound: no such team in the actor's area. :raises InvalidInput: there is no such user in the area.
    """
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        team = found_team(session, code, actor, lock=True)
        may(actor, "admin.users", area_path=area_path(session, team.area))
        known = set(session.scalars(scoped(select(User.login), User, actor).where(User.login.in_(logins))))
        before = set(session.scalars(select(TeamMember.login).where(TeamMember.team_code == code)))
        unknown = sorted(set(logins) - known - before)
        if unknown:
            some = ", ".join(unknown)
            raise _wrong("members", "unknown", f"没有用户 {some}", f"there is no user {some}")
        for login in sorted(before - set(logins)):
            session.delete(session.get_one(TeamMember, (code, login)))
        session.add_all(TeamMember(team_code=code, login=login) for login in sorted(set(logins) - before))
        if before != set(logins):
            note_change(
                session,
                actor,
                KIND,
                code,
                "changed",
                area=team.area,
                at=now,
                before={"members": sorted(before)},
                after={"members": sorted(logins)},
                reason=reason,
            )


def found_team(session: Session, code: str, actor: Actor, *, lock: bool = False) -> Team:
    """A team of the actor's area. :raises NotFound: there is none."""
    query = scoped(select(Team), Team, actor).where(Team.code == code)
    team = session.scalars(query.with_for_update(of=Team) if lock else query).one_or_none()
    if team is None:
        raise NotFound
    return team


def _check(code: str, fields: Mapping[str, Any]) -> None:
    problems = []
    if not CODE.fullmatch(code):
        zh, en = "须为小写字母、数字、点、横线", "small letters, digits, dots and dashes"
        problems.append(FieldProblem(path="code", code="form", zh=zh, en=en))
    for name in ("name_zh", "name_en"):
        if not str(fields.get(name, "")).strip() or len(str(fields[name])) > LONGEST_NAME:
            problems.append(FieldProblem(path=name, code="required", zh="须填写", en="wanted"))
    if not 1 <= int(fields.get("capacity_per_day", 0)) <= MOST_PER_DAY:
        zh, en = f"须为 1 至 {MOST_PER_DAY} 的整数", f"a whole number from 1 to {MOST_PER_DAY}"
        problems.append(FieldProblem(path="capacity_per_day", code="range", zh=zh, en=en))
    if problems:
        raise InvalidInput(problems[0].en, problems[0].zh, details=problems)


def _wrong(path: str, code: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=path, code=code, zh=zh, en=en)])
