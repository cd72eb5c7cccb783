"""Migrations of running instances as people make them: drafted, judged, mapped, carried out, turned back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.scope import area_codes, scoped
from app.services.ordering.subject_names import names_of
from app.unit_of_work import read, transaction
from processes import bulk, migrations
from processes.bulk import NothingToDo
from processes.errors import IllegalMove, NotThere
from processes.lifecycle import BulkState
from processes.migrations import WrongMapping
from processes.store.bulk import BulkItem, BulkRun
from processes.store.migrations import Migration, MigrationItem

#: So many instances are judged in one transaction, and so many in one request.
IN_ONE_GO: Final = 500
IN_ONE_REQUEST: Final = 5_000


def create(
    key: str,
    actor: Actor,
    deps: Deps,
    *,
    from_version: int,
    to_version: int,
    mapping: Mapping[str, str | None],
    reason: str,
) -> str:
    """Draft a migration by element id, with these counterparts instead where they are given; returns its id.

    :raises NotFound: no such version.
    :raises InvalidInput: the mapping names what is not there.
    """

    def made(session: Session) -> Migration:
        return migrations.create(
            deps.engine.parts,
            session,
            key,
            from_version=from_version,
            to_version=to_version,
            counterparts=mapping,
            reason=reason,
            actor=actor.login,
            now=deps.clock(session),
        )

    return _changed(actor, deps, made)


def remap(migration_id: str, mapping: Mapping[str, str | None], actor: Actor, deps: Deps) -> str:
    """Change counterparts; the verdicts have to be found anew. Raises as :func:`create`."""
    return _changed(actor, deps, lambda tx: migrations.remap(deps.engine.parts, tx, migration_id, mapping))


def back(migration_id: str, reason: str, actor: Actor, deps: Deps) -> str:
    """Draft the way back for what a migration has moved; returns the id of the new one."""

    def made(session: Session) -> Migration:
        now = deps.clock(session)
        return migrations.back(deps.engine.parts, session, migration_id, reason=reason, actor=actor.login, now=now)

    return _changed(actor, deps, made)


def judge(migration_id: str, actor: Actor, deps: Deps) -> bool:
    """Give running instances their verdicts, a few hundred in one transaction; false: ask again, there are more."""
    may(actor, "process.migrate")
    for _part in range(IN_ONE_REQUEST // IN_ONE_GO):
        with transaction(deps.sessions) as tx, in_our_words():
            done = migrations.judge(
                deps.engine.parts,
                tx.session,
                migration_id,
                now=deps.clock(tx.session),
                areas=area_codes(actor),
                limit=IN_ONE_GO,
            )
        if done:
            return True
    return False


def carry_out(
    migration_id: str,
    actor: Actor,
    deps: Deps,
    *,
    pilot: int | None,
    rate_per_s: float,
    only: Sequence[str] | None,
) -> str:
    """Move what is safe; with a pilot it stops by itself after so many. Returns the id of the bulk run.

    :raises Conflict: not every instance has its verdict, it has begun already, or nothing is safe.
    """
    may(actor, "process.migrate")
    with transaction(deps.sessions) as tx, in_our_words():
        run = migrations.carry_out(
            deps.engine.parts,
            tx.session,
            migration_id,
            actor=actor.login,
            area=actor.area,
            now=deps.clock(tx.session),
            pilot=pilot,
            rate_per_s=rate_per_s,
            areas=area_codes(actor),
            only=None if only is None else set(only),
        )
        tx.after_commit.append(deps.wake)
        return run.id


def go_on(migration_id: str, actor: Actor, deps: Deps) -> None:
    """Move the rest after the pilot.

    :raises Conflict: it does not wait for that.
    """
    may(actor, "process.migrate")
    with transaction(deps.sessions) as tx, in_our_words():
        migration = migrations.locked(tx.session, migration_id)
        if migration.run_id is None:
            raise Conflict("the migration has not begun", "迁移还没有开始")
        bulk.resume(tx.session, migration.run_id, now=deps.clock(tx.session))
        tx.after_commit.append(deps.wake)


def one(migration_id: str, actor: Actor, deps: Deps) -> dict[str, Any]:
    """A migration as it is shown: its plan, verdicts by number, and how far its run is.

    :raises NotFound: no such migration.
    """
    may(actor, "process.migrate")
    with read(deps.read_sessions) as session:
        found = session.get(Migration, migration_id)
        if found is None:
            raise NotFound(f"there is no migration {migration_id}", f"没有迁移 {migration_id}")
        return _shown(session, [found], actor)[0]


def listed(actor: Actor, deps: Deps, *, key: str | None, offset: int, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Migrations, newest first, and how many there are."""
    may(actor, "process.migrate")
    rows = select(Migration)
    if key is not None:
        rows = rows.where(Migration.process_key == key)
    with read(deps.read_sessions) as session:
        total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
        page = rows.order_by(Migration.created_at.desc(), Migration.id).offset(offset).limit(limit)
        return _shown(session, session.scalars(page).all(), actor), total


def instances(
    migration_id: str, actor: Actor, deps: Deps, *, verdict: str | None, moved: bool | None, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """The instances of a migration in the caller's areas, each with verdict, reasons and result; and how many."""
    may(actor, "process.migrate")
    mine = scoped(select(MigrationItem), MigrationItem, actor).where(MigrationItem.migration_id == migration_id)
    if verdict is not None:
        mine = mine.where(MigrationItem.verdict == verdict)
    if moved is not None:
        mine = mine.where(MigrationItem.moved_at.is_not(None) if moved else MigrationItem.moved_at.is_(None))
    with read(deps.read_sessions) as session:
        migration = session.get(Migration, migration_id)
        if migration is None:
            raise NotFound(f"there is no migration {migration_id}", f"没有迁移 {migration_id}")
        total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        page = mine.order_by(MigrationItem.instance_id).offset(offset).limit(limit)
        rows = session.scalars(page).all()
        touched = select(BulkItem).where(
            BulkItem.run_id == migration.run_id, BulkItem.subject_id.in_([row.instance_id for row in rows])
        )
        results = {result.subject_id: result for result in session.scalars(touched)}
        about = names_of(session, {row.business_key for row in rows})
        shown = [_shown_item(row, results.get(row.instance_id)) for row in rows]
        return [{**told, "about": about[told["business_key"]]} for told in shown], total


def _shown(session: Session, rows: Sequence[Migration], actor: Actor) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    numbers = migrations.counts(session, ids, areas=area_codes(actor))
    runs = {row.id: row for row in session.scalars(select(BulkRun).where(BulkRun.id.in_([row.run_id for row in rows])))}
    return [_shown_one(row, numbers[row.id], runs.get(row.run_id or "")) for row in rows]


def _shown_one(row: Migration, numbers: Mapping[str, int], run: BulkRun | None) -> dict[str, Any]:
    names = ("id", "process_key", "from_version", "to_version", "state", "reason", "created_by", "created_at")
    return {
        **{name: getattr(row, name) for name in (*names, "judged_at", "back_of", "run_id")},
        "mapping": row.counterparts,
        "unmapped": sorted(one for one, target in row.counterparts.items() if target is None),
        "counts": {word: numbers.get(word, 0) for word in ("safe", "needs_mapping", "blocked", "moved")},
        "run_state": run.state if run is not None else None,
        "waits_for_rest": run is not None and run.state == BulkState.PAUSED,
    }


def _shown_item(item: MigrationItem, result: BulkItem | None) -> dict[str, Any]:
    names = ("instance_id", "business_key", "area", "verdict", "reasons", "notes", "moved_at")
    told = {name: getattr(item, name) for name in names}
    refused = result if result is not None and result.state == "refused" else None
    return {
        **told,
        "result": None if result is None else result.state,
        "code": refused.code if refused else None,
        "message": refused.message if refused else None,
    }


def _changed(actor: Actor, deps: Deps, change: Callable[[Session], Migration]) -> str:
    may(actor, "process.migrate")
    with transaction(deps.sessions) as tx, in_our_words():
        return change(tx.session).id


@contextmanager
def in_our_words() -> Iterator[None]:
    """Say what the engine refuses in both languages."""
    try:
        yield
    except NotThere as error:
        raise NotFound(str(error), f"没有找到：{error}") from error
    except WrongMapping as error:
        zh = "映射中的元素不存在，或两个版本相同"
        problem = FieldProblem(path="mapping", code=error.code, zh=zh, en=str(error))
        raise InvalidInput(str(error), f"映射有误：{error}", details=[problem]) from error
    except NothingToDo as error:
        raise Conflict("no running instance is safe to move", "没有可以安全迁移的运行实例") from error
    except IllegalMove as error:
        en, zh = f"a migration that is {error.current} cannot do this", f"迁移处于 {error.current}，不能这样做"
        raise Conflict(en, zh) from error
