"""Drafts: drawings that cannot run yet are kept, with what the check says of them, until somebody removes them.

A draft is saved every few seconds while somebody draws. Saving the same twice does no harm; a text that comes too late,
because somebody else has taken over or saved, becomes a draft of its own, so that nothing anybody has drawn is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, DraftChanged, DraftLocked, NotFound
from app.persistence.studio.drafts import DraftText, ProcessDraft, count_drafts, drafts, remember, texts_of
from app.persistence.studio.process_cases import SUFFIX
from app.services.studio import draft_locks
from app.services.studio.case_files import take_in_file
from app.services.studio.model_files import look_into
from app.services.studio.process_catalog import findings_of
from app.unit_of_work import read, retried, transaction
from processes.findings import Finding

MOST: Final = 500


def keep(
    name: str,
    content: bytes,
    actor: Actor,
    deps: Deps,
    *,
    note: str = "",
    origin: str = "file",
    base_version: int | None = None,
    folder: str | None = None,
    tests: bytes | None = None,
) -> tuple[ProcessDraft, list[Mapping[str, Any]]]:
    """Keep a file as a new draft, whatever is wrong with it; returns it with the findings.

    :param tests: a file of tests (``KEY.test.json``) of any model: its cases and samples are kept with the draft.
    :raises Conflict: there are as many drafts as are kept.
    """
    may(actor, "process.edit")
    with read(deps.read_sessions) as session:
        found = _rows(findings_of(session, {name: content}, deps))
    with transaction(deps.sessions) as tx:
        if count_drafts(tx.session) >= MOST:
            raise Conflict(f"there are {MOST} drafts; remove some first", f"已有 {MOST} 个草稿，请先删除一些")
        draft = ProcessDraft(
            name=name,
            content=content,
            note=note,
            kind=look_into(name, content).kind,
            origin=origin,
            base_version=base_version,
            folder=folder,
            made_by=actor.login,
            errors=0,
            warnings=0,
            saved_at=deps.clock(tx.session),
            saved_by=actor.login,
        )
        _tell(draft, content, found)
        tx.session.add(draft)
        if tests is not None and draft.kind != "form":
            tx.session.flush()
            _keep_tests(tx.session, draft, tests)
        return draft, found


def change(
    draft_id: str,
    content: bytes,
    actor: Actor,
    deps: Deps,
    *,
    revision: int,
    note: str | None = None,
    keep_mine: bool = False,
) -> tuple[ProcessDraft, list[Mapping[str, Any]]]:
    """Save a draft again. ``revision`` is the one the caller has seen; a save that is sent twice counts once.

    :param keep_mine: if it is refused because of somebody else, keep the content as a draft of the caller's own; the
        error's ``facts`` say which (``draft_id``).
    :raises NotFound: no such draft.
    :raises DraftLocked: somebody else is writing in it.
    :raises DraftChanged: somebody else has saved it since.
    """
    may(actor, "process.edit")
    try:
        return _saved(draft_id, content, actor, deps, revision=revision, note=note)
    except (DraftLocked, DraftChanged) as refused:
        if keep_mine:
            refused.facts["draft_id"] = _kept_aside(draft_id, content, actor, deps)
        raise


@retried
def _saved(
    draft_id: str, content: bytes, actor: Actor, deps: Deps, *, revision: int, note: str | None
) -> tuple[ProcessDraft, list[Mapping[str, Any]]]:
    # A check may take a second: it is done before anything is locked, and not for what would be refused anyway.
    with read(deps.read_sessions) as session:
        seen = session.get(ProcessDraft, draft_id)
        if seen is None:
            raise NotFound()
        same = seen.content == content
        if not same:
            draft_locks.writable(seen, actor, deps.clock(session))
        found = seen.findings if same else _rows(findings_of(session, {seen.name: content}, deps))
    with transaction(deps.sessions) as tx:
        draft, now = draft_locks.locked_row(tx.session, draft_id), deps.clock(tx.session)
        again = draft.revision == revision + 1 and draft.saved_by == actor.login and draft.content == content
        if not again:
            draft_locks.writable(draft, actor, now)
            if draft.revision != revision:
                raise DraftChanged(
                    f"{draft.saved_by} has saved it since",
                    f"{draft.saved_by} 之后又保存过",
                    facts={"saved_by": draft.saved_by, "revision": draft.revision},
                )
        if draft_locks.holder(draft, now) in (None, actor.login):
            draft_locks.hold(draft, actor, now)
        draft.note = draft.note if note is None else note
        if draft.content != content:
            remember(tx.session, draft)
            draft.revision = revision + 1
            draft.saved_at, draft.saved_by = now, actor.login
            _tell(draft, content, found)
        return draft, found


def _kept_aside(draft_id: str, content: bytes, actor: Actor, deps: Deps) -> str:
    """Keep a text that came too late; the same text sent again is the same draft. Returns the id."""
    origin = f"draft:{draft_id}"
    with read(deps.read_sessions) as session:
        draft = session.get_one(ProcessDraft, draft_id)
        mine = select(ProcessDraft).where(ProcessDraft.origin == origin, ProcessDraft.made_by == actor.login)
        for kept in session.scalars(mine):
            if kept.content == content:
                return kept.id
    name, base, folder = draft.name, draft.base_version, draft.folder
    return keep(name, content, actor, deps, origin=origin, base_version=base, folder=folder)[0].id


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


def earlier(draft_id: str, actor: Actor, deps: Deps) -> tuple[ProcessDraft, Sequence[DraftText]]:
    """A draft and its earlier texts, the newest first. :raises NotFound: no such draft."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        draft = session.get(ProcessDraft, draft_id)
        if draft is None:
            raise NotFound()
        return draft, texts_of(session, draft_id)


def earlier_text(draft_id: str, revision: int, actor: Actor, deps: Deps) -> tuple[str, bytes]:
    """Name and content of an earlier text. :raises NotFound: it is not kept."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        draft, text = session.get(ProcessDraft, draft_id), session.get(DraftText, (draft_id, revision))
        if draft is None or text is None:
            raise NotFound()
        return draft.name, text.content


def go_back(draft_id: str, revision: int, actor: Actor, deps: Deps) -> ProcessDraft:
    """Save an earlier text again; what it replaces is kept among the earlier ones.

    :raises NotFound: it is not kept.
    :raises DraftLocked: somebody else is writing in the draft.
    """
    may(actor, "process.edit")
    _, content = earlier_text(draft_id, revision, actor, deps)
    with transaction(deps.sessions) as tx:
        draft = draft_locks.locked_row(tx.session, draft_id)
        draft_locks.writable(draft, actor, deps.clock(tx.session))
        remember(tx.session, draft, always=True)
        now_at = draft.revision
    return change(draft_id, content, actor, deps, revision=now_at)[0]


@retried
def describe(draft_id: str, actor: Actor, deps: Deps, *, name: str | None, note: str | None) -> ProcessDraft:
    """Give a draft another file name or remark; its text stays. :raises DraftLocked: somebody else is writing in it."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft = draft_locks.locked_row(tx.session, draft_id)
        draft_locks.writable(draft, actor, deps.clock(tx.session))
        if name is not None:
            draft.name = f"{name.removesuffix(f'.{draft.kind}')[:120]}.{draft.kind}"
        draft.note = draft.note if note is None else note
        return draft


@retried
def remove(draft_id: str, actor: Actor, deps: Deps) -> ProcessDraft:
    """Throw a draft away; returns what it was.

    :raises NotFound: no such draft.
    :raises DraftLocked: somebody else is writing in it.
    """
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft = draft_locks.locked_row(tx.session, draft_id)
        draft_locks.writable(draft, actor, deps.clock(tx.session))
        tx.session.execute(delete(DraftText).where(DraftText.draft_id == draft_id))
        tx.session.delete(draft)
        return draft


def _tell(draft: ProcessDraft, content: bytes, found: Sequence[Mapping[str, Any]]) -> None:
    """Write the content with what it says of itself and what the check says of it."""
    told = look_into(draft.name, content)
    draft.content, draft.findings = content, list(found)
    draft.key, draft.title, draft.title_en = told.key, told.name, told.name_en
    draft.errors, draft.warnings = (
        sum(row["severity"] == severity for row in found) for severity in ("error", "warning")
    )


def _keep_tests(session: Session, draft: ProcessDraft, tests: bytes) -> None:
    """Keep cases and samples with a draft, as those of its own key."""
    kind = "decision" if draft.kind == "dmn" else "process"
    body = {**json.loads(tests), kind: draft.key}
    name, content = f"{draft.key}{SUFFIX}", json.dumps(body, ensure_ascii=False).encode()
    take_in_file(session, name, content, now=draft.saved_at, who=draft.saved_by, draft_id=draft.id)


def _rows(found: Sequence[Finding]) -> list[Mapping[str, Any]]:
    return [asdict(row) for row in found]
