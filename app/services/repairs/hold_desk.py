"""Stopping a part of the system: an adapter gets no calls, a process takes no steps; each with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import NotFound
from app.services.bulk import bulk_selection
from app.services.refused import refusals
from app.unit_of_work import read, transaction
from processes import bulk, holding, suspending
from processes.holding import Held
from processes.repairs import Why
from processes.store.bulk import Repair
from processes.store.definitions import ProcessDefinition


@dataclass(frozen=True, kw_only=True)
class HeldVersion:
    """A version of a process on which new instances begin suspended."""

    key: str
    version: int


def held(actor: Actor, deps: Deps) -> tuple[Sequence[Held], Sequence[HeldVersion]]:
    """Everything that is held now."""
    may(actor, "ops.view")
    with read(deps.read_sessions) as session:
        rows = select(ProcessDefinition.key, ProcessDefinition.version)
        rows = rows.where(ProcessDefinition.suspended_at.is_not(None))
        versions = session.execute(rows.order_by(ProcessDefinition.key, ProcessDefinition.version)).all()
        return holding.held(session), [HeldVersion(key=row.key, version=row.version) for row in versions]


def hold_adapter(adapter: str, reason: str, actor: Actor, deps: Deps, *, held: bool) -> bool:
    """Hold an adapter, or let it go on; false: it was so already. :raises NotFound: there is no such adapter."""
    may(actor, "system.hold")
    if adapter not in deps.ports:
        known = ", ".join(sorted(deps.ports))
        raise NotFound(f"there is no adapter {adapter}; there are: {known}", f"没有适配器 {adapter}，可选：{known}")
    why = Why(actor=actor.login, reason=reason)
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        changed = holding.hold(tx.session, adapter, why=why, now=now) if held else holding.release(tx.session, adapter)
        if changed:
            _note(tx.session, actor, deps, "hold" if held else "release", adapter, reason)
        tx.after_commit.append(deps.wake)
    return changed


def hold_definition(
    key: str,
    version: int | None,
    reason: str,
    actor: Actor,
    deps: Deps,
    *,
    held: bool,
    running: bool,
    rate_per_s: float,
) -> tuple[Sequence[int], str | None]:
    """Let new instances begin suspended, or at once again; and begin a bulk run over those that run.

    Returns the versions and the id of the run, if there is anything for it to do.

    :raises NotFound: no such process or version.
    """
    may(actor, "system.hold")
    with transaction(deps.sessions) as tx, refusals():
        now = deps.clock(tx.session)
        rows = suspending.hold_definition(tx.session, key, version, now=now, suspended=held)
        _note(tx.session, actor, deps, "hold" if held else "release", key, reason)
        kind = "suspend" if held else "resume"
        wanted = {"process_key": key, "version": version}
        subjects = bulk_selection.choose(tx.session, kind, wanted, actor) if running else []
        run_id = None
        if subjects:
            run_id = bulk.create(
                tx.session,
                kind=kind,
                subjects=subjects,
                params={},
                reason=reason,
                actor=actor.login,
                area=actor.area,
                ids=deps.new_id,
                now=now,
                selection={name: value for name, value in wanted.items() if value is not None},
                rate_per_s=rate_per_s,
            ).id
        versions = [row.version for row in rows]
        tx.after_commit.append(deps.wake)
    return versions, run_id


def _note(session: Session, actor: Actor, deps: Deps, action: str, subject: str, reason: str) -> None:
    session.add(
        Repair(
            id=deps.new_id(),
            at=deps.clock(session),
            actor=actor.login,
            action=action,
            reason=reason,
            subject=subject[:64],
            business_key="",
            area=actor.area,
        )
    )
