"""Drafts: drawings that cannot run yet are kept, with what the check says of them, until somebody removes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, NotFound
from app.persistence.drafts import ProcessDraft, count_drafts, drafts
from app.services.model_files import look_into
from app.services.process_catalog import findings_of
from app.unit_of_work import read, transaction
from processes.findings import Finding

MOST: Final = 500


def keep(name: str, content: bytes, actor: Actor, deps: Deps, *, note: str = "") -> tuple[ProcessDraft, list[Finding]]:
    """Keep a file as a new draft, whatever is wrong with it; returns it with the findings.

    :raises Conflict: there are as many drafts as are kept.
    """
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        if count_drafts(tx.session) >= MOST:
            raise Conflict(f"there are {MOST} drafts; remove some first", f"已有 {MOST} 个草稿，请先删除一些")
        found = findings_of(tx.session, {name: content}, deps)
        told = look_into(name, content)
        draft = ProcessDraft(
            name=name,
            kind=told.kind,
            key=told.key,
            made_by=actor.login,
            origin="file",
            content=content,
            note=note,
            findings=[vars(row) for row in found],
            errors=_count(found, "error"),
            warnings=_count(found, "warning"),
            saved_at=deps.clock(tx.session),
            saved_by=actor.login,
        )
        tx.session.add(draft)
        return draft, found


def change(
    draft_id: str, content: bytes, actor: Actor, deps: Deps, *, revision: int, note: str | None = None
) -> tuple[ProcessDraft, list[Finding]]:
    """Save a draft again. ``revision`` is the one the caller has seen.

    :raises NotFound: no such draft.
    :raises Conflict: somebody else has saved it since.
    """
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft = tx.session.get(ProcessDraft, draft_id, with_for_update=True)
        if draft is None:
            raise NotFound()
        if draft.revision != revision:
            raise Conflict(f"{draft.saved_by} has saved it since", f"{draft.saved_by} 之后又保存过")
        found = findings_of(tx.session, {draft.name: content}, deps)
        draft.content, draft.revision = content, revision + 1
        draft.key = look_into(draft.name, content).key
        draft.note = draft.note if note is None else note
        draft.findings = [vars(row) for row in found]
        draft.errors, draft.warnings = _count(found, "error"), _count(found, "warning")
        draft.saved_at, draft.saved_by = deps.clock(tx.session), actor.login
        return draft, found


def listed(actor: Actor, deps: Deps) -> Sequence[ProcessDraft]:
    """Every draft, the newest first."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return drafts(session)


def source(draft_id: str, actor: Actor, deps: Deps) -> tuple[str, bytes]:
    """Name and content of a draft. :raises NotFound: no such draft."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        draft = session.get(ProcessDraft, draft_id)
        if draft is None:
            raise NotFound()
        return draft.name, draft.content


def remove(draft_id: str, actor: Actor, deps: Deps) -> ProcessDraft:
    """Throw a draft away; returns what it was. :raises NotFound: no such draft."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft = tx.session.get(ProcessDraft, draft_id)
        if draft is None:
            raise NotFound()
        tx.session.delete(draft)
        return draft


def _count(found: Sequence[Finding], severity: str) -> int:
    return sum(row.severity == severity for row in found)
