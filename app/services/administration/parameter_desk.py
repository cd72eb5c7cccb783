"""Parameters as administrators change them: one at a time, with a reason, checked before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from app.config import SettingsError, range_of
from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.administration.parameters import CHANGEABLE
from app.errors import FieldProblem, InvalidInput, NotFound
from app.persistence.administration.admin_changes import note_change
from app.persistence.administration.parameters import Parameter
from app.persistence.areas import area_path, top_area
from app.unit_of_work import read, retried, transaction


def changed_parameters(actor: Actor, deps: Deps) -> Sequence[Parameter]:
    """What differs from the installed settings."""
    may(actor, "admin.view")
    with read(deps.read_sessions) as session:
        return session.scalars(select(Parameter).order_by(Parameter.name)).all()


@retried
def change_parameter(name: str, text: str, reason: str, actor: Actor, deps: Deps) -> None:
    """Let another value count, in every process within a second.

    :raises NotFound: there is no such parameter. :raises InvalidInput: the value will not do, or no reason is given.
    """
    why = _checked(name, reason)
    value = _value(name, text, deps)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        top = top_area(session)
        may(actor, "admin.settings", area_path=area_path(session, top))
        row = session.get(Parameter, name, with_for_update=True)
        before = row.value if row else str(getattr(deps.live.installed, name))
        if row is None:
            row = Parameter(name=name)
            session.add(row)
        row.value, row.changed_by, row.changed_at, row.reason = value, actor.login, now, why
        told = {"before": {"value": before}, "after": {"value": value}}
        note_change(session, actor, "parameter", name, "changed", area=top, at=now, reason=why, **told)
        tx.after_commit.append(deps.watch.look_again)


@retried
def reset_parameter(name: str, reason: str, actor: Actor, deps: Deps) -> None:
    """Let the installed value count again. :raises NotFound: it counts already, or there is no such parameter."""
    why = _checked(name, reason)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        top = top_area(session)
        may(actor, "admin.settings", area_path=area_path(session, top))
        row = session.get(Parameter, name, with_for_update=True)
        if row is None:
            raise NotFound
        told = {"before": {"value": row.value}, "after": {"value": str(getattr(deps.live.installed, name))}}
        note_change(session, actor, "parameter", name, "reset", area=top, at=now, reason=why, **told)
        session.delete(row)
        tx.after_commit.append(deps.watch.look_again)


def _checked(name: str, reason: str) -> str:
    if name not in CHANGEABLE:
        raise NotFound
    why = " ".join(reason.split())[:500]
    if not why:
        raise _wrong("reason", "请写明原因", "say why")
    return why


def _value(name: str, text: str, deps: Deps) -> str:
    one = CHANGEABLE[name]
    try:
        value = one.read(text)
        replace(deps.live.installed, **{name: value})
    except (ValueError, SettingsError) as error:
        if one.choices:
            some = ", ".join(one.choices)
            raise _wrong("value", f"可选：{some}", f"one of: {some}") from error
        least, most = range_of(name)
        zh, en = f"须为 {least:g} 至 {most:g} 的数", f"a number from {least:g} to {most:g}"
        raise _wrong("value", zh, en) from error
    return str(value)


def _wrong(path: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=path, code="wrong", zh=zh, en=en)])
