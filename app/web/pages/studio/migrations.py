"""Migrations: the list of them, and planning one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.persistence.scope import area_codes
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.studio.processes import live_version, said
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.migrations import MigrationList, MigrationRow, PlanPage
from app.web.views.parts import Choice, Fault, Pages, Tag, Tone
from processes.lifecycle import BulkState
from processes.store.definitions import ProcessDefinition
from processes.versions import running_by_version

PAGE_SIZE: Final = 40
MOST_BEFORE: Final = 10
STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "draft": (Sentence("to be tried", "migration"), "draft", ""),
    "judging": (Sentence("being tried", "migration"), "loop", "run"),
    "judged": (Sentence("tried, nothing has moved", "migration"), "eye", ""),
    "running": (Sentence("under way", "migration"), "play", "run"),
    "paused": (Sentence("waits for you", "migration"), "pause", "warn"),
    "stopped": (Sentence("stopped", "migration"), "slash", "warn"),
    "done": (Sentence("carried out", "migration"), "done", "ok"),
}


def state_word(shown: Mapping[str, Any]) -> str:
    """One of ``STATES``: that of the plan until it is carried out, then that of its run."""
    run = shown["run_state"]
    return str(BulkState(run)) if run is not None else str(shown["state"])


def state_tag(shown: Mapping[str, Any], reader: Reader) -> Tag:
    """How far a migration is, in a word."""
    text, icon, tone = STATES[state_word(shown)]
    return Tag(reader.t(text), icon, tone)


def migration_list(
    session: Session, reader: Reader, rows: Sequence[Mapping[str, Any]], total: int, offset: int
) -> MigrationList:
    """Every migration, the newest first."""
    return MigrationList(
        rows=migration_rows(session, reader, rows),
        pages=Pages.of(
            lambda at: f"/processes/migrations?offset={at}",
            offset=offset,
            shown=len(rows),
            total=total,
            size=PAGE_SIZE,
        ),
    )


def migration_rows(session: Session, reader: Reader, rows: Sequence[Mapping[str, Any]]) -> tuple[MigrationRow, ...]:
    """Migrations as rows of a list."""
    names = Names(session, reader)
    names.know_people(row["created_by"] for row in rows)
    keys = {row["process_key"] for row in rows}
    newest = select(ProcessDefinition).where(ProcessDefinition.key.in_(keys)).order_by(ProcessDefinition.version)
    called = {row.key: said(row, reader) for row in session.scalars(newest)}
    return tuple(
        MigrationRow(
            href=f"/processes/migrations/{row['id']}",
            name=called.get(row["process_key"], row["process_key"]),
            way=f"v{row['from_version']} → v{row['to_version']}",
            state=state_tag(row, reader),
            reason=row["reason"],
            who=names.person(row["created_by"]),
            at=reader.f.moment(row["created_at"]),
            total=sum(row["counts"][word] for word in ("safe", "needs_mapping", "blocked")),
            moved=row["counts"]["moved"],
        )
        for row in rows
    )


def plan_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    key: str,
    before: Sequence[Mapping[str, Any]],
    *,
    given: Mapping[str, str],
    faults: Sequence[Fault] = (),
    error: str = "",
) -> PlanPage:
    """The form in which a migration is planned. :raises NotFound: there is no such process."""
    rows = select(ProcessDefinition).where(ProcessDefinition.key == key).order_by(ProcessDefinition.version.desc())
    versions = session.scalars(rows).all()
    if not versions:
        raise NotFound(f"there is no process {key}", f"没有流程 {key}")
    running = running_by_version(session, key, area_codes(reader.actor))
    live = live_version(versions).version
    others = [row.version for row in versions if row.version != live]
    busiest = max(others, key=lambda version: (running.get(version, 0), version), default=live)
    return PlanPage(
        key=key,
        name=said(versions[0], reader),
        action=f"{addresses.process(key)}/migrate",
        process_href=addresses.process(key),
        old_versions=tuple(_version(row.version, running.get(row.version, 0), live, reader) for row in versions),
        new_versions=tuple(_version(row.version, running.get(row.version, 0), live, reader) for row in versions),
        old=given.get("from") or str(busiest),
        new=given.get("to") or str(live),
        reason=given.get("reason", ""),
        seen=str(before[0]["id"]) if before else "",
        faults=tuple(faults),
        error=error,
        before=migration_rows(session, reader, before),
    )


def _version(version: int, running: int, live: int, reader: Reader) -> Choice:
    t = reader.t
    text = t("v{n}, live, {running} running", n=version, running=running)
    if version != live:
        text = t("v{n}, {running} running", n=version, running=running)
    return Choice(str(version), text)
