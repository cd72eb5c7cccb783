"""Models as files for a version control: written in the one way, with their tests; and taken in again as drafts."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.forms import FormDefinition
from app.persistence.studio.process_cases import SUFFIX, stored_file
from app.services.studio import draft_locks, process_drafts
from app.services.studio.case_files import read_case_file, take_in_file
from app.services.studio.model_files import look_into, written
from app.unit_of_work import read, transaction
from processes.definitions import elements_of
from processes.store.definitions import DecisionDefinition, ProcessDefinition
from processes.versions import all_in_force

#: What a file became: a draft of its own, a draft that goes on, or nothing, because it says what is in force. Tests
#: are kept with a draft, or left where none was made of their model.
NEW, CHANGED, SAME, KEPT, LEFT = "new", "changed", "same", "kept", "left"
Model = tuple[str, str]
#: Characters of a key that are left out of the name of a file.
STRANGE: Final = re.compile(r"[^\w.()+ -]")


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What became of one file: ``what`` is ``new``, ``changed``, ``same``, or of tests ``kept`` or ``left``."""

    name: str
    what: str
    draft: ProcessDraft | None = None
    findings: tuple[Mapping[str, Any], ...] = ()


def exported(
    keys: Collection[str], actor: Actor, deps: Deps, *, used: bool = False, drafts: bool = False
) -> dict[str, bytes]:
    """What is in force as files by name: ``KEY.bpmn``, ``KEY.dmn``, ``KEY.form`` and ``KEY.test.json``.

    :param keys: of processes, decisions and forms; all of them if empty.
    :param used: also what those processes call, decide with and ask.
    :param drafts: where there is a draft, its text in the place of what is in force.
    :raises NotFound: there is nothing of one of these keys.
    """
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        known = _in_force(session)
        if drafts:
            known |= _newest_drafts(session)
        wanted = {model for model in known if not keys or model[1] in keys}
        missing = sorted(set(keys) - {key for _, key in wanted})
        if missing:
            raise NotFound(f"there is no model {missing[0]}", f"没有模型 {missing[0]}")
        if used:
            wanted = _with_used(session, wanted, known)
        files: dict[str, bytes] = {}
        for kind, key in sorted(wanted, key=lambda model: (model[1], model[0])):
            row, name = known[kind, key], STRANGE.sub("_", key)
            files[f"{name}.{kind}"] = written(kind, _content(row))
            tests = None
            if kind != "form":
                tests = stored_file(session, kind_of_tests(kind), key, draft_id=_draft_id(row))
            if tests is not None:
                files[f"{name}{SUFFIX}"] = tests
        return files


def taken_in(files: Mapping[str, bytes], actor: Actor, deps: Deps, *, note: str = "") -> list[TakenIn]:
    """Make drafts of files: the caller's own draft of a model goes on, of others a new one is begun.

    A file that says what is in force makes none. Tests go with the draft of their model.

    :raises InvalidInput: a file of tests is not understood; nothing is taken in.
    """
    may(actor, "process.edit")
    tests = {name: content for name, content in files.items() if name.endswith(SUFFIX)}
    for name, content in tests.items():
        read_case_file(name, content)
    done: list[TakenIn] = []
    by_key: dict[str, str] = {}
    for name, content in sorted(files.items()):
        if name in tests:
            continue
        one = _taken(name, content, actor, deps, note)
        done.append(one)
        if one.draft is not None:
            by_key.setdefault(one.draft.key, one.draft.id)
    for name, content in sorted(tests.items()):
        about = {case.key for case in read_case_file(name, content)} & by_key.keys()
        done.append(TakenIn(name=name, what=KEPT if about else LEFT))
        for key in sorted(about):
            with transaction(deps.sessions) as tx:
                take_in_file(
                    tx.session, name, content, now=deps.clock(tx.session), who=actor.login, draft_id=by_key[key]
                )
    return done


def _taken(name: str, content: bytes, actor: Actor, deps: Deps, note: str) -> TakenIn:
    told = look_into(name, content)
    file_name = name.rpartition("/")[2][-120:]
    with read(deps.read_sessions) as session:
        mine = select(ProcessDraft).where(
            ProcessDraft.kind == told.kind, ProcessDraft.key == told.key, ProcessDraft.made_by == actor.login
        )
        own = session.scalars(mine.order_by(ProcessDraft.saved_at.desc()).limit(1)).first() if told.key else None
        if own is None:
            row = _in_force(session).get((told.kind, told.key))
            if row is not None and written(told.kind, _content(row)) == written(told.kind, content):
                return TakenIn(name=name, what=SAME)
            base = row.version if isinstance(row, ProcessDefinition | DecisionDefinition | FormDefinition) else None
        elif own.content == content:
            return TakenIn(name=name, what=SAME, draft=own, findings=tuple(own.findings))
        else:
            draft_locks.writable(own, actor, deps.clock(session))
    if own is not None:
        draft, found = process_drafts.change(own.id, content, actor, deps, revision=own.revision, note=note or None)
        return TakenIn(name=name, what=CHANGED, draft=draft, findings=tuple(found))
    draft, found = process_drafts.keep(file_name, content, actor, deps, note=note, base_version=base)
    return TakenIn(name=name, what=NEW, draft=draft, findings=tuple(found))


def kind_of_tests(kind: str) -> str:
    """The kind of cases a model has."""
    return "decision" if kind == "dmn" else "process"


Row = ProcessDefinition | DecisionDefinition | FormDefinition | ProcessDraft


def _in_force(session: Session) -> dict[Model, Row]:
    """Everything in force, by kind and key."""
    found: dict[Model, Row] = {("bpmn", key): row for key, row in all_in_force(session).items()}
    kept = select(DecisionDefinition).where(DecisionDefinition.withdrawn_at.is_(None))
    for decision in session.scalars(kept.order_by(DecisionDefinition.active_since, DecisionDefinition.version)):
        found["dmn", decision.key] = decision
    newest = select(FormDefinition.key, func.max(FormDefinition.version)).group_by(FormDefinition.key).subquery()
    rows = select(FormDefinition).join(
        newest, (FormDefinition.key == newest.c[0]) & (FormDefinition.version == newest.c[1])
    )
    return found | {("form", form.key): form for form in session.scalars(rows)}


def _newest_drafts(session: Session) -> dict[Model, Row]:
    rows = session.scalars(select(ProcessDraft).where(ProcessDraft.key != "").order_by(ProcessDraft.saved_at))
    return {(row.kind, row.key): row for row in rows}


def _with_used(session: Session, wanted: set[Model], known: Mapping[Model, Row]) -> set[Model]:
    """With what the processes call, the decisions they take and the forms they ask, and so on."""
    found, ahead = set(wanted), list(wanted)
    current = all_in_force(session)
    while ahead:
        kind, key = ahead.pop()
        row = current.get(key) if kind == "bpmn" else None
        if row is None:
            continue
        asked = {str(element.attributes.get("form", "")) for element in elements_of(row).values()}
        used = {("bpmn", called) for called in row.called_keys} | {("dmn", decided) for decided in row.decision_keys}
        for model in (used | {("form", form) for form in asked}) & known.keys() - found:
            found.add(model)
            ahead.append(model)
    return found


def _content(row: Row) -> bytes:
    if isinstance(row, FormDefinition):
        return json.dumps(row.body, ensure_ascii=False).encode()
    return row.content if isinstance(row, ProcessDraft) else row.xml


def _draft_id(row: Row) -> str | None:
    return row.id if isinstance(row, ProcessDraft) else None
