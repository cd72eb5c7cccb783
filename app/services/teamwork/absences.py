"""Who is not there: noted by administrators, and by leaders for the people of their teams. Dispatch offers nothing to
somebody who is absent."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, can, may
from app.domain.promises.calendar import ZONE
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.administration.admin_changes import note_change
from app.persistence.areas import area_path
from app.persistence.people import TeamMember, User
from app.persistence.scope import scoped
from app.persistence.teamwork.absences import KINDS, Absence
from app.unit_of_work import retried, transaction

#: Nobody is away for longer than this in one entry: a slip of the pen in the year.
LONGEST_DAYS: Final = 400


@retried
def note_absence(
    login: str, from_day: date, until_day: date, kind: str, actor: Actor, deps: Deps, *, note: str = ""
) -> Absence:
    """Note that somebody is not there from a day to a day, both included.

    :raises NotFound: no such user in the actor's area.
    :raises Forbidden: the actor is no administrator and leads no team of that person.
    :raises InvalidInput: the days are the wrong way round, over already, too many, or the kind is unknown.
    :raises Conflict: an absence is noted for one of these days already.
    """
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        user = _user(session, login, actor)
        _check(from_day, until_day, kind, now.astimezone(ZONE).date())
        meets = select(Absence.id).where(
            Absence.login == login, Absence.from_day <= until_day, Absence.until_day >= from_day
        )
        if session.scalar(meets.limit(1)) is not None:
            raise Conflict("an absence is noted for some of these days already", "这段时间内已登记缺勤")
        row = Absence(
            login=login,
            from_day=from_day,
            until_day=until_day,
            kind=kind,
            note=" ".join(note.split())[:200],
            made_by=actor.login,
            made_at=now,
            area=user.area,
        )
        session.add(row)
        note_change(session, actor, "user", login, "absent", area=user.area, at=now, after=_said(row), reason=row.note)
        return row


@retried
def end_absence(absence_id: str, actor: Actor, deps: Deps) -> str:
    """Take an absence back, or end it today where it has begun; the login. :raises NotFound: there is none."""
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        query = scoped(select(Absence), Absence, actor).where(Absence.id == absence_id)
        row = session.scalars(query.with_for_update(of=Absence)).one_or_none()
        if row is None:
            raise NotFound
        user = _user(session, row.login, actor)
        note_change(session, actor, "user", row.login, "present", area=user.area, at=now, before=_said(row))
        session.delete(row)
        return row.login


def may_note(session: Session, login: str, actor: Actor) -> bool:
    """Whether the actor keeps the absences of somebody: an administrator, or who leads a team of that person."""
    if can(actor, "admin.users"):
        return True
    if not can(actor, "item.assign"):
        return False
    of_person = select(TeamMember.team_code).where(TeamMember.login == login)
    return bool(actor.teams & set(session.scalars(of_person)))


def _user(session: Session, login: str, actor: Actor) -> User:
    user = session.scalars(scoped(select(User), User, actor).where(User.login == login)).one_or_none()
    if user is None:
        raise NotFound
    if not may_note(session, login, actor):
        may(actor, "admin.users", area_path=area_path(session, user.area))
    return user


def _check(from_day: date, until_day: date, kind: str, today: date) -> None:
    problems = []
    if kind not in KINDS:
        problems.append(FieldProblem(path="kind", code="unknown", zh="请选择类别", en="choose a kind"))
    if until_day < from_day:
        zh, en = "不能早于开始日期", "it cannot end before it begins"
        problems.append(FieldProblem(path="until_day", code="order", zh=zh, en=en))
    elif until_day < today:
        problems.append(FieldProblem(path="until_day", code="past", zh="日期已过", en="this is over already"))
    elif (until_day - from_day).days > LONGEST_DAYS:
        zh, en = f"不能超过 {LONGEST_DAYS} 天", f"at most {LONGEST_DAYS} days"
        problems.append(FieldProblem(path="until_day", code="long", zh=zh, en=en))
    if problems:
        raise InvalidInput(problems[0].en, problems[0].zh, details=problems)


def _said(row: Absence) -> dict[str, str]:
    return {"from_day": row.from_day.isoformat(), "until_day": row.until_day.isoformat(), "kind": row.kind}
