"""The own account: another password, and the end of one's other sessions."""

from __future__ import annotations

from flask import request
from sqlalchemy import delete

from app.access.limiter import check_attempts, record_attempt
from app.access.passwords import hash_password, is_password_of
from app.access.state import current_actor, current_caller, current_deps, current_now
from app.domain.administration.staff import password_problem
from app.errors import FieldProblem, InvalidInput
from app.persistence.administration.admin_changes import note_change
from app.persistence.people import User, WebSession
from app.unit_of_work import read, transaction


def change_own_password(old: str, new: str, again: str) -> None:
    """Change the caller's password; every other session of the caller ends.

    :raises InvalidInput: the old one is wrong, or the new one will not do; by field.
    :raises TooMany: too many wrong tries lately.
    """
    deps, actor, now, address = current_deps(), current_actor(), current_now(), request.remote_addr or ""
    with read(deps.read_sessions) as session:
        check_attempts(session, actor.login, address, settings=deps.live.now, now=now)
        user = session.get(User, actor.login)
        stored = user.password_hash if user is not None else None
    fits = is_password_of(stored, old)
    problem = password_problem(new, login=actor.login) if fits else None
    if problem is None and fits and new != again:
        problem = FieldProblem(path="again", code="differs", zh="两次输入的新密码不一致", en="the two differ")
    if problem is None and fits and new == old:
        problem = FieldProblem(path="new", code="same", zh="新密码不能与原密码相同", en="this is the old one")
    if not fits:
        problem = FieldProblem(path="old", code="wrong", zh="原密码不正确", en="this is not your password")
    made = hash_password(new) if problem is None else ""
    caller = current_caller()
    with transaction(deps.sessions) as tx:
        record_attempt(tx.session, actor.login, address, succeeded=fits, now=now, id_=deps.new_id())
        if problem is None:
            row = tx.session.get_one(User, actor.login)
            row.password_hash, row.password_until = made, None
            others = delete(WebSession).where(WebSession.login == actor.login)
            if caller is not None and caller.session_id:
                others = others.where(WebSession.id != caller.session_id)
            tx.session.execute(others)
            note_change(tx.session, actor, "user", actor.login, "own-password", area=row.area, at=now)
    if problem is not None:
        raise InvalidInput(problem.en, problem.zh, details=[problem])


def end_other_sessions() -> int:
    """Log the caller out everywhere else; how many sessions that were."""
    caller, deps = current_caller(), current_deps()
    if caller is None:
        return 0
    with transaction(deps.sessions) as tx:
        others = delete(WebSession).where(WebSession.login == caller.actor.login, WebSession.id != caller.session_id)
        return len(tx.session.execute(others.returning(WebSession.id)).all())
