"""Tokens of machines as administrators keep them: issued for a user, shown once, revoked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from app.access.tokens import issue_token
from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import FieldProblem, InvalidInput, NotFound
from app.persistence.administration.admin_changes import note_change
from app.persistence.areas import area_path
from app.persistence.people import ApiToken, User
from app.persistence.scope import scoped
from app.unit_of_work import transaction

LONGEST_LABEL: Final = 100
MOST_DAYS: Final = 730


def issue(login: str, label: str, days: int, actor: Actor, deps: Deps) -> str:
    """Make a token for a user of the actor's area; it can be read this once.

    :raises InvalidInput: no such active user, no label, or a number of days nobody wants.
    """
    may(actor, "admin.settings")
    problems = []
    if not label.strip() or len(label) > LONGEST_LABEL:
        problems.append(FieldProblem(path="label", code="required", zh="请说明用途", en="say what it is for"))
    if not 1 <= days <= MOST_DAYS:
        zh, en = f"须为 1 至 {MOST_DAYS} 的整数", f"a whole number from 1 to {MOST_DAYS}"
        problems.append(FieldProblem(path="days", code="range", zh=zh, en=en))
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        user = session.scalars(scoped(select(User), User, actor).where(User.login == login)).one_or_none()
        if user is None or not user.active:
            problems.append(
                FieldProblem(path="login", code="unknown", zh="没有这个在用用户", en="there is no such active user")
            )
        if problems or user is None:
            raise InvalidInput(problems[0].en, problems[0].zh, details=problems)
        may(actor, "admin.settings", area_path=area_path(session, user.area))
        until = now + timedelta(days=days)
        token = issue_token(session, login, label=label.strip(), expires_at=until, id_=deps.new_id())
        told = {"label": label.strip(), "expires_at": until.isoformat(timespec="minutes")}
        note_change(session, actor, "token", login, "issued", area=user.area, at=now, after=told)
        return token


def revoke(token_id: str, reason: str, actor: Actor, deps: Deps) -> None:
    """End a token with the next request. :raises NotFound: there is none in the actor's area."""
    may(actor, "admin.settings")
    why = " ".join(reason.split())
    if not why:
        problem = FieldProblem(path="reason", code="required", zh="请写明原因", en="say why")
        raise InvalidInput(problem.en, problem.zh, details=[problem])
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        query = scoped(select(ApiToken, User.area), User, actor).join(User, User.login == ApiToken.login)
        found = session.execute(query.where(ApiToken.id == token_id).with_for_update(of=ApiToken)).one_or_none()
        if found is None:
            raise NotFound
        token, area = found
        if token.revoked_at is None:
            token.revoked_at = now
            told = {"label": token.label}
            note_change(session, actor, "token", token.login, "revoked", area=area, at=now, before=told, reason=why)
