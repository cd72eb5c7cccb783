"""Migrations of running instances: drafted, judged instance by instance, carried out by a bulk run, turned back.

Nothing moves before every instance has its verdict; each moves alone, in a transaction of its own, and is judged once
more under its lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from processes import bulk, migrating
from processes.bulk import Applied, NothingToDo, Subject
from processes.errors import NotThere, ProcessError
from processes.lifecycle import ENDED_INSTANCES, ENDED_JOBS, InstanceState, MigrationState, next_migration_state
from processes.migrating import SAFE, Route
from processes.parts import EngineParts
from processes.repairs import Why
from processes.running import Running
from processes.spiff.counterparts import elements, flows
from processes.store.bulk import BulkItem, BulkRun
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance
from processes.store.jobs import Job
from processes.store.migrations import Migration, MigrationItem

KIND: Final = "migrate"
AT_ONCE: Final = 200


class WrongMapping(ProcessError):
    """A mapping names an element that is not there, or the two versions are not of one process."""

    code = "wrong-mapping"


@dataclass(frozen=True)
class Draft:
    """A mapping to begin with. ``suggested``: elements of the same kind and name, for those without a counterpart."""

    counterparts: dict[str, str | None]
    suggested: dict[str, str]


def drafted(route: Route) -> Draft:
    """By element id; what the new version does not have is null."""
    old, new = elements(route.old.spec), elements(route.new.spec)
    counterparts = {element_id: element_id if element_id in new else None for element_id in sorted(old)}
    suggested = {}
    for element_id in [one for one, target in counterparts.items() if target is None]:
        alike = [other for other in sorted(new) if other not in old and _alike(route, element_id, other)]
        if len(alike) == 1:
            suggested[element_id] = alike[0]
    return Draft(counterparts, suggested)


def _alike(route: Route, old_id: str, new_id: str) -> bool:
    before, after = route.old.elements.get(old_id), route.new.elements.get(new_id)
    return before is not None and after is not None and (before.type, before.name) == (after.type, after.name)


def route_of(parts: EngineParts, session: Session, migration: Migration) -> Route:
    """The two versions, loaded."""
    old, new = (parts.definitions.process(session, row_id) for row_id in (migration.from_id, migration.to_id))
    return Route(old, new, migration.counterparts)


def create(
    parts: EngineParts,
    session: Session,
    key: str,
    *,
    from_version: int,
    to_version: int,
    reason: str,
    actor: str,
    now: datetime,
    counterparts: Mapping[str, str | None] | None = None,
    back_of: str | None = None,
) -> Migration:
    """Write a plan; without counterparts they are drafted by element id.

    :raises NotThere: no such version.
    :raises WrongMapping: it names elements that are not there, or goes from a version to itself.
    """
    old, new = (_version(session, key, version) for version in (from_version, to_version))
    if old.id == new.id:
        raise WrongMapping("the two versions are the same")
    migration = Migration(
        id=parts.ids(),
        process_key=key,
        from_id=old.id,
        to_id=new.id,
        from_version=from_version,
        to_version=to_version,
        counterparts={},
        state=MigrationState.DRAFT,
        reason=reason,
        created_by=actor,
        created_at=now,
        back_of=back_of,
    )
    route = route_of(parts, session, migration)
    migration.counterparts = _checked(route, counterparts or {})
    session.add(migration)
    session.flush()
    return migration


def remap(parts: EngineParts, session: Session, migration_id: str, counterparts: Mapping[str, str | None]) -> Migration:
    """Change counterparts; every verdict has to be found anew.

    :raises NotThere, WrongMapping: see :func:`create`.
    :raises IllegalMove: it is being carried out.
    """
    migration = locked(session, migration_id)
    migration.state = next_migration_state(migration.state, MigrationState.DRAFT)
    route = route_of(parts, session, migration)
    migration.counterparts = _checked(route, {**migration.counterparts, **counterparts})
    _forget_verdicts(session, migration)
    return migration


def _checked(route: Route, counterparts: Mapping[str, str | None]) -> dict[str, str | None]:
    draft = drafted(route).counterparts
    known_old = draft.keys() | flows(route.old.spec)
    known_new = elements(route.new.spec).keys() | flows(route.new.spec)
    if wrong := sorted(set(counterparts) - known_old):
        raise WrongMapping(f"version {route.old.version} has no element or flow {wrong[0]!r}")
    if wrong := sorted({target for target in counterparts.values() if target is not None} - known_new):
        raise WrongMapping(f"version {route.new.version} has no element or flow {wrong[0]!r}")
    return {**draft, **counterparts}


def judge(
    parts: EngineParts,
    session: Session,
    migration_id: str,
    *,
    now: datetime,
    areas: Select[Any] | None = None,
    limit: int = 2000,
) -> bool:
    """Give every running instance its verdict, at most ``limit`` of them; false: some are still without.

    No instance is locked and nothing of it is written: orders go on meanwhile.

    :param areas: a query for the codes of the areas that count; all, if not given.
    :raises NotThere: no such migration.
    :raises IllegalMove: it is being carried out.
    """
    migration = locked(session, migration_id)
    if migration.state != MigrationState.JUDGING:
        migration.state = next_migration_state(migration.state, MigrationState.JUDGING)
        _forget_verdicts(session, migration)
    route = route_of(parts, session, migration)
    judged = 0
    while judged < limit:
        rows = session.scalars(_unjudged(migration, areas).limit(min(AT_ONCE, limit - judged))).all()
        if not rows:
            migration.state, migration.judged_at = next_migration_state(migration.state, MigrationState.JUDGED), now
            return True
        session.execute(insert(MigrationItem), _verdicts(parts, session, route, migration, rows, now))
        migration.judged_to = rows[-1].id
        judged += len(rows)
        for row in rows:
            session.expunge(row)
    return False


def _unjudged(migration: Migration, areas: Select[Any] | None) -> Select[ProcessInstance]:
    live = ProcessInstance.definition_id == migration.from_id, ProcessInstance.ended_at.is_(None)
    found = select(ProcessInstance).where(*live, ProcessInstance.state.not_in(ENDED_INSTANCES))
    if migration.judged_to is not None:
        found = found.where(ProcessInstance.id > migration.judged_to)
    if areas is not None:
        found = found.where(ProcessInstance.area.in_(areas))
    if migration.back_of is not None:
        moved = select(MigrationItem.instance_id).where(
            MigrationItem.migration_id == migration.back_of, MigrationItem.moved_at.is_not(None)
        )
        found = found.where(ProcessInstance.id.in_(moved))
    return found.order_by(ProcessInstance.id).execution_options(populate_existing=True)


def _verdicts(
    parts: EngineParts,
    session: Session,
    route: Route,
    migration: Migration,
    rows: Sequence[ProcessInstance],
    now: datetime,
) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    jobs: dict[str, list[Job]] = {}
    open_calls = select(Job).where(Job.instance_id.in_(ids), Job.state.not_in(ENDED_JOBS), Job.kind == "operation")
    for job in session.scalars(open_calls.where(Job.detached.is_(False))):
        jobs.setdefault(job.instance_id, []).append(job)
    children: dict[str, dict[str, str]] = {}
    running_ones = ProcessInstance.parent_id.in_(ids), ProcessInstance.state == InstanceState.RUNNING
    of = select(ProcessInstance.parent_id, ProcessInstance.parent_task_id, ProcessInstance.process_key)
    for parent_id, task_id, key in session.execute(of.where(*running_ones)):
        children.setdefault(str(parent_id), {})[str(task_id)] = key
    found = []
    for row in rows:
        running = Running(parts, session, row, now=now)
        verdict = migrating.judge(running, route, jobs.get(row.id, []), children.get(row.id, {})).verdict
        found.append(
            {
                "migration_id": migration.id,
                "instance_id": row.id,
                "business_key": row.business_key,
                "area": row.area,
                "verdict": verdict.word,
                "reasons": verdict.reasons,
                "notes": verdict.notes,
            }
        )
    return found


def _forget_verdicts(session: Session, migration: Migration) -> None:
    session.execute(delete(MigrationItem).where(MigrationItem.migration_id == migration.id))
    migration.judged_to = migration.judged_at = None


def carry_out(
    parts: EngineParts,
    session: Session,
    migration_id: str,
    *,
    actor: str,
    area: str,
    now: datetime,
    pilot: int | None = None,
    rate_per_s: float = 0.0,
    areas: Select[Any] | None = None,
    only: Collection[str] | None = None,
) -> BulkRun:
    """Move every instance that is safe, one after the other; workers do it.

    :param pilot: stop by itself after so many; resuming the bulk run does the rest.
    :param areas: a query for the codes of the areas that count; all, if not given.
    :param only: ids of the instances meant; all that are safe, if not given.
    :raises NotThere: no such migration.
    :raises IllegalMove: not every instance has its verdict, or it is being carried out already.
    :raises NothingToDo: no instance is safe.
    """
    migration = locked(session, migration_id)
    migration.state = next_migration_state(migration.state, MigrationState.CARRIED_OUT)
    safe = select(MigrationItem.instance_id, MigrationItem.business_key).where(
        MigrationItem.migration_id == migration.id, MigrationItem.verdict == SAFE
    )
    if areas is not None:
        safe = safe.where(MigrationItem.area.in_(areas))
    found = [Subject(id=row.instance_id, business_key=row.business_key) for row in session.execute(safe)]
    subjects = sorted((one for one in found if only is None or one.id in only), key=lambda one: one.id)
    if not subjects:
        raise NothingToDo("no running instance is safe to move")
    run = bulk.create(
        session,
        kind=KIND,
        subjects=subjects,
        params={"migration_id": migration.id},
        reason=migration.reason,
        actor=actor,
        area=area,
        ids=parts.ids,
        now=now,
        selection={"migration_id": migration.id},
        rate_per_s=rate_per_s,
        pause_after=pilot,
    )
    migration.run_id = run.id
    return run


def act(parts: EngineParts, session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
    """Move one instance of a bulk run. :raises CannotMigrate: it is not safe any more."""
    migration = session.get_one(Migration, run.params["migration_id"])
    route = route_of(parts, session, migration)
    running = Running.locked(parts, session, item.subject_id, now=now, actor=run.actor)
    why = Why(actor=run.actor, reason=run.reason, run_id=run.id)
    migrating.move(running, route, why, migration_id=migration.id)
    judged = session.get(MigrationItem, (migration.id, item.subject_id))
    if judged is not None:
        judged.moved_at = now
    return Applied()


def back(
    parts: EngineParts, session: Session, migration_id: str, *, reason: str, actor: str, now: datetime
) -> Migration:
    """A plan the other way round for what a migration has moved; each instance gets its own verdict again.

    :raises NotThere: no such migration.
    """
    forth = locked(session, migration_id)
    wanted = migrating.turned(forth.counterparts)
    return create(
        parts,
        session,
        forth.process_key,
        from_version=forth.to_version,
        to_version=forth.from_version,
        counterparts=wanted,
        reason=reason,
        actor=actor,
        now=now,
        back_of=forth.id,
    )


def locked(session: Session, migration_id: str) -> Migration:
    """The migration, locked until the end of the transaction. :raises NotThere: no such migration."""
    rows = select(Migration).where(Migration.id == migration_id).with_for_update()
    found = session.scalars(rows.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotThere("migration", migration_id)
    return found


def counts(
    session: Session, migration_ids: Sequence[str], *, areas: Select[Any] | None = None
) -> dict[str, dict[str, int]]:
    """Instances (of these areas) by verdict, and how many have ``moved``, of each of the migrations."""
    found = {migration_id: Counter[str]() for migration_id in migration_ids}
    moved = func.count(MigrationItem.moved_at)
    rows = select(MigrationItem.migration_id, MigrationItem.verdict, func.count(), moved)
    rows = rows.where(MigrationItem.migration_id.in_(migration_ids))
    if areas is not None:
        rows = rows.where(MigrationItem.area.in_(areas))
    for migration_id, verdict, number, gone in session.execute(
        rows.group_by(MigrationItem.migration_id, MigrationItem.verdict)
    ):
        found[migration_id][verdict] = number
        found[migration_id]["moved"] += gone
    return {migration_id: dict(counter) for migration_id, counter in found.items()}


def _version(session: Session, key: str, version: int) -> ProcessDefinition:
    rows = select(ProcessDefinition).where(ProcessDefinition.key == key, ProcessDefinition.version == version)
    found = session.scalars(rows).one_or_none()
    if found is None:
        raise NotThere("process version", f"{key} {version}")
    return found
