"""Members of staff as administrators keep them: made, changed, locked, let in again; every act is written down."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, contains, may
from app.domain.administration.staff import StaffData, login_problems, staff_problems
from app.errors import Conflict, FieldProblem, Forbidden, InvalidInput, NotFound
from app.persistence.administration.admin_changes import note_change
from app.persistence.areas import Area, area_path
from app.persistence.people import Skill, Team, TeamMember, User, WebSession
from app.persistence.scope import scoped
from app.unit_of_work import retried, transaction

#: So long a temporary password is good.
TEMPORARY: Final = timedelta(days=7)
USER: Final = "user"
TAKEN: Final = FieldProblem(path="login", code="taken", zh="该用户名已存在", en="this login is taken")


@retried
def create(login: str, data: StaffData, password_hash: str, actor: Actor, deps: Deps) -> User:
    """Make a user with a temporary password, which has to be changed at the first login.

    :param password_hash: the stored form of the temporary password.
    :raises InvalidInput: everything that is wrong, by field; a login that is taken too.
    """
    may(actor, "admin.users")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        problems = [*login_problems(login), *_problems(session, data, actor)]
        if session.get(User, login) is not None:
            problems.append(TAKEN)
        _refuse(problems)
        user = User(login=login, active=True, password_hash=password_hash, password_until=now + TEMPORARY, skills=[])
        session.add(user)
        _put(user, data)
        try:
            session.flush()
        except IntegrityError as error:  # somebody else took it between the look and now
            raise InvalidInput(TAKEN.en, TAKEN.zh, details=[TAKEN]) from error
        note_change(session, actor, USER, login, "created", area=user.area, at=now, after=state_of(user))
        return user


@retried
def change(login: str, data: StaffData, actor: Actor, deps: Deps, *, seen: str = "", reason: str = "") -> User:
    """Change what is said of a user.

    :param seen: :func:`seen_of` when the form was drawn; empty: overwrite whatever is there.
    :raises NotFound: no such user in the actor's area. :raises Conflict: somebody changed it meanwhile.
    :raises InvalidInput: everything that is wrong, by field.
    """
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        user = _locked(session, login, actor)
        before = state_of(user)
        if seen and seen != seen_of(user):
            raise Conflict("somebody else has changed this user meanwhile", "其他人刚刚修改了该用户")
        problems = _problems(session, data, actor)
        if login == actor.login and (data.role, data.area) != (user.role, user.area):
            zh, en = "不能修改自己的角色或区域", "nobody changes his or her own role or area"
            problems.append(FieldProblem(path="role", code="own", zh=zh, en=en))
        _refuse(problems)
        _put(user, data)
        session.flush()
        after = state_of(user)
        if after != before:
            note_change(
                session,
                actor,
                USER,
                login,
                "changed",
                area=user.area,
                at=now,
                before=before,
                after=after,
                reason=reason,
            )
        return user


@retried
def set_active(login: str, reason: str, actor: Actor, deps: Deps, *, active: bool) -> User:
    """Lock a user, which ends every session at once, or let him or her in again.

    :raises NotFound: no such user in the actor's area. :raises Forbidden: nobody locks himself or herself.
    """
    why = _reason(reason)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        user = _locked(session, login, actor)
        if login == actor.login:
            raise Forbidden("nobody locks himself or herself", "不能停用自己")
        if user.active != active:
            user.active = active
            if not active:
                _end(session, login)
            what = "unlocked" if active else "locked"
            note_change(session, actor, USER, login, what, area=user.area, at=now, reason=why)
        return user


@retried
def give_password(login: str, password_hash: str, reason: str, actor: Actor, deps: Deps) -> User:
    """Give a temporary password; every session of the user ends.

    :raises NotFound: no such user in the actor's area. :raises Forbidden: one changes the own one by knowing it.
    """
    why = _reason(reason)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        user = _locked(session, login, actor)
        if login == actor.login:
            raise Forbidden("change your own password on the page of your account", "请在本人账号页修改密码")
        user.password_hash, user.password_until = password_hash, now + TEMPORARY
        _end(session, login)
        note_change(session, actor, USER, login, "password", area=user.area, at=now, reason=why)
        return user


@retried
def end_sessions(login: str, reason: str, actor: Actor, deps: Deps) -> int:
    """Log a user out everywhere; how many sessions there were. :raises NotFound: no such user in the actor's area."""
    why = _reason(reason)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        user = _locked(session, login, actor)
        ended = _end(session, login)
        note_change(
            session, actor, USER, login, "sessions", area=user.area, at=now, after={"sessions": ended}, reason=why
        )
        return ended


def state_of(user: User) -> dict[str, Any]:
    """What is said of a user, for the audit and for seeing that it has changed."""
    names = ("name_zh", "name_en", "role", "area", "language", "max_open_items")
    found: dict[str, Any] = {name: getattr(user, name) for name in names}
    found["skills"] = sorted(user.skills or ())
    return found | {"teams": sorted(one.team_code for one in user.memberships)}


def seen_of(user: User) -> str:
    """A short sign for what is said of a user now."""
    return hashlib.sha256(orjson.dumps(state_of(user))).hexdigest()[:16]


def _locked(session: Session, login: str, actor: Actor) -> User:
    query = scoped(select(User), User, actor).where(User.login == login)
    user = session.scalars(query.with_for_update(of=User)).one_or_none()
    if user is None:
        raise NotFound()
    may(actor, "admin.users", area_path=area_path(session, user.area))
    return user


def _problems(session: Session, data: StaffData, actor: Actor) -> list[FieldProblem]:
    found = list(staff_problems(data))
    place = area_path(session, data.area)
    if place is None or not contains(actor.area_path, place):
        zh, en = "没有这个区域，或不在您的管辖范围", "there is no such area, or it is not yours"
        found.append(FieldProblem(path="area", code="unknown", zh=zh, en=en))
    teams = select(Team.code, Area.path).join(Area, Area.code == Team.area).where(Team.code.in_(data.teams))
    paths = {row.code: row.path for row in session.execute(teams)}
    wrong = [code for code in data.teams if not contains(actor.area_path, paths.get(code, ""))]
    if wrong:
        zh, en = f"没有班组 {'、'.join(wrong)}", f"there is no team {', '.join(wrong)}"
        found.append(FieldProblem(path="teams", code="unknown", zh=zh, en=en))
    known = set(session.scalars(select(Skill.code).where(Skill.code.in_(data.skills))))
    lacking = sorted(set(data.skills) - known)
    if lacking:
        zh, en = f"没有技能 {'、'.join(lacking)}", f"there is no skill {', '.join(lacking)}"
        found.append(FieldProblem(path="skills", code="unknown", zh=zh, en=en))
    return found


def _put(user: User, data: StaffData) -> None:
    user.name_zh, user.name_en = data.name_zh.strip(), data.name_en.strip()
    user.role, user.area, user.language = data.role, data.area, data.language
    user.max_open_items, user.skills = data.max_open_items, sorted(set(data.skills))
    wanted = set(data.teams)
    kept = [one for one in user.memberships if one.team_code in wanted]
    new = wanted - {one.team_code for one in kept}
    user.memberships = [*kept, *(TeamMember(team_code=code, login=user.login) for code in sorted(new))]


def _end(session: Session, login: str) -> int:
    ended = session.execute(delete(WebSession).where(WebSession.login == login).returning(WebSession.id))
    return len(ended.all())


def _reason(text: str) -> str:
    why = " ".join(text.split())
    if not why:
        zh, en = "请写明原因", "say why"
        raise InvalidInput(en, zh, details=[FieldProblem(path="reason", code="required", zh=zh, en=en)])
    return why


def _refuse(problems: list[FieldProblem]) -> None:
    """:raises InvalidInput: there are problems."""
    if problems:
        first = problems[0]
        raise InvalidInput(first.en, first.zh, details=problems)
