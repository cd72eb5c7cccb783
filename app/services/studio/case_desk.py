"""The cases of one process, as it is in force or as a draft has them: listed, run, brought as a file, taken out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import SUFFIX, ProcessCase, cases_of
from app.services.studio.case_files import take_in_file
from app.services.studio.case_running import run_cases_of
from app.services.studio.case_runs import CaseReport
from app.services.studio.file_sizes import within_size
from app.services.studio.process_cases import note_runs, remove_case
from app.services.studio.process_surroundings import deployed_file
from app.unit_of_work import read, transaction
from processes import versions
from processes.store.definitions import ProcessDefinition


def draft_of(session: Session, key: str, draft_id: str) -> ProcessDraft | None:
    """The draft that is asked for, none for an empty id. :raises NotFound: it is none of this process."""
    if not draft_id:
        return None
    row = session.get(ProcessDraft, draft_id)
    if row is None or row.key != key:
        raise NotFound()
    return row


def listed(key: str, draft_id: str, actor: Actor, deps: Deps) -> Sequence[ProcessCase]:
    """Cases and samples. :raises NotFound: there is no such process, or no such draft of it."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        draft = draft_of(session, key, draft_id)
        _known(session, key, draft)
        return cases_of(session, "process", key, draft.id if draft is not None else None)


def run(key: str, draft_id: str, only: Collection[str], actor: Actor, deps: Deps) -> CaseReport:
    """Run all cases, or these, and note how they went. :raises NotFound: no such process, or draft of it."""
    may(actor, "process.edit")
    with read(deps.read_sessions) as session:
        draft = draft_of(session, key, draft_id)
        live = _known(session, key, draft)
        files = {draft.name: draft.content} if draft is not None else deployed_file(live) if live is not None else {}
    report = run_cases_of(files, deps, draft_ids=[draft_id] if draft_id else [], only=only)
    note_runs(report.runs, deps)
    return report


def bring(key: str, draft_id: str, name: str, content: bytes, actor: Actor, deps: Deps) -> int:
    """Take in a file of cases of this process; cases it does not name stay. Returns how many it has.

    :raises TooLarge: it is. :raises InvalidInput: it is not understood, or of another process.
    """
    may(actor, "process.edit")
    within_size({name: content}, deps)
    with transaction(deps.sessions) as tx:
        draft = draft_of(tx.session, key, draft_id)
        _known(tx.session, key, draft)
        kept_with = draft.id if draft is not None else None
        now = deps.clock(tx.session)
        return take_in_file(tx.session, f"{key}{SUFFIX}", content, now=now, who=actor.login, draft_id=kept_with,
                            only=("process", key))  # fmt: skip


def take_out(key: str, draft_id: str, case_id: str, actor: Actor, deps: Deps) -> ProcessCase:
    """Remove a case; of a draft only there, until that is deployed. :raises NotFound: it is none of this process."""
    may(actor, "process.edit")
    if case_id not in {row.id for row in listed(key, draft_id, actor, deps)}:
        raise NotFound()
    return remove_case(case_id, actor, deps, draft_id=draft_id or None)


def _known(session: Session, key: str, draft: ProcessDraft | None) -> ProcessDefinition | None:
    """What is in force. :raises NotFound: nothing, and no draft is meant."""
    live = versions.all_in_force(session).get(key)
    if live is None and draft is None:
        raise NotFound(f"there is no process {key}", f"没有流程 {key}")
    return live
