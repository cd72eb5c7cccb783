"""What a page does with a migration, so that a second click on the same button does nothing more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import NotFound
from app.services.bulk import bulk_desk
from app.services.studio import migration_desk
from app.unit_of_work import read
from processes.lifecycle import BulkState, MigrationState
from processes.store.migrations import Migration

#: What can be done with a run, and in which states of it; in another the click came twice.
STEERING: Final[Mapping[str, frozenset[str]]] = {
    "continue": frozenset({BulkState.PAUSED}),
    "pause": frozenset({BulkState.RUNNING}),
    "stop": frozenset({BulkState.RUNNING, BulkState.PAUSED}),
}


def plan(key: str, actor: Actor, deps: Deps, *, from_version: int, to_version: int, reason: str, seen: str) -> str:
    """Draft a migration by element id and judge what runs; returns its id.

    :param seen: id of the newest migration of the process the caller knew of; one made since with the same words is
        taken for this one.
    :raises NotFound: no such version.
    :raises InvalidInput: the two versions are the same.
    """
    may(actor, "process.migrate")
    same = (
        Migration.process_key == key,
        Migration.from_version == from_version,
        Migration.to_version == to_version,
        Migration.reason == reason,
        Migration.created_by == actor.login,
        Migration.back_of.is_(None),
    )
    with read(deps.read_sessions) as session:
        of_key = select(Migration.id).where(Migration.process_key == key)
        newest = session.scalar(of_key.order_by(Migration.created_at.desc(), Migration.id).limit(1))
        twin = session.scalar(select(Migration.id).where(*same, Migration.id == newest)) if newest != seen else None
    if twin is not None:
        return twin
    made = migration_desk.create(
        key, actor, deps, from_version=from_version, to_version=to_version, mapping={}, reason=reason
    )
    migration_desk.judge(made, actor, deps)
    return made


def map_and_try(migration_id: str, mapping: Mapping[str, str | None], actor: Actor, deps: Deps) -> None:
    """Change counterparts and judge anew. Raises as :func:`app.services.studio.migration_desk.remap`."""
    if mapping:
        migration_desk.remap(migration_id, mapping, actor, deps)
    migration_desk.judge(migration_id, actor, deps)


def run(
    migration_id: str,
    actor: Actor,
    deps: Deps,
    *,
    pilot: int | None,
    rate_per_s: float,
    only: Sequence[str] | None = None,
) -> None:
    """Move what is safe, a pilot first if asked; one that is being carried out already goes on as it was begun.

    :param only: ids of the instances meant; all that are safe, if not given.
    :raises Conflict: not every instance has its verdict, or nothing is safe.
    """
    if migration_desk.one(migration_id, actor, deps)["state"] != MigrationState.CARRIED_OUT:
        migration_desk.carry_out(migration_id, actor, deps, pilot=pilot, rate_per_s=rate_per_s, only=only)


def steer(migration_id: str, act: str, actor: Actor, deps: Deps) -> None:
    """``continue`` after the pilot, ``pause`` or ``stop`` the run; where it is so already, nothing happens.

    :raises NotFound: no such migration, or it has not begun.
    """
    shown = migration_desk.one(migration_id, actor, deps)
    if shown["run_id"] is None:
        raise NotFound("the migration has not begun", "迁移还没有开始")
    if shown["run_state"] not in STEERING[act]:
        return
    if act == "continue":
        migration_desk.go_on(migration_id, actor, deps)
    else:
        {"pause": bulk_desk.pause, "stop": bulk_desk.stop}[act](shown["run_id"], actor, deps)


def follow(migration_id: str, act: str, reason: str, actor: Actor, deps: Deps) -> str:
    """Plan what comes after one that is over, and judge it: the way ``back``, or the rest ``again``. Returns its id.

    :raises NotFound: no such migration.
    """
    shown = migration_desk.one(migration_id, actor, deps)
    if act == "back":
        with read(deps.read_sessions) as session:
            same = Migration.back_of == migration_id, Migration.state != MigrationState.CARRIED_OUT
            twin = session.scalar(select(Migration.id).where(*same, Migration.reason == reason))
        made = twin or migration_desk.back(migration_id, reason, actor, deps)
    else:
        mapping = {old: new for old, new in shown["mapping"].items() if old != new}
        versions = {"from_version": shown["from_version"], "to_version": shown["to_version"]}
        made = migration_desk.create(shown["process_key"], actor, deps, **versions, mapping=mapping, reason=reason)
    migration_desk.judge(made, actor, deps)
    return made
