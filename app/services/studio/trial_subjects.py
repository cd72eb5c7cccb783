"""What can be tried: a draft or a deployed version, with what it calls, asks of neighbours and has people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.forms import form_schema
from app.persistence.studio.process_cases import ProcessCase, cases_of
from app.services.studio.model_files import look_into
from app.services.studio.process_surroundings import pinned_decisions, with_surroundings
from processes import queries
from processes.findings import Finding
from processes.spiff.compile import compile_files
from processes.spiff.definition import CompiledProcess


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is tried. ``version`` of a deployed one; ``draft_id`` and ``revision`` of a draft."""

    key: str
    name: str
    name_en: str
    file_name: str
    content: bytes
    version: int | None = None
    draft_id: str | None = None
    revision: int | None = None

    @property
    def name_zh(self) -> str:
        """As other bilingual rows call it."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The subject with everything around it. ``own``: the process tried, None if it cannot be compiled.

    ``pinned``: versions of decisions that its steps, and those of what it calls, are pinned to. ``operations``: codes
    that are called there and in what it calls, its own first, with the names of the steps (Chinese, English).
    ``forms``: those people fill in. ``findings``: errors of its own file.
    """

    subject: Subject
    files: Mapping[str, bytes]
    pinned: Mapping[tuple[str, int], bytes] = field(default_factory=dict)
    processes: Mapping[str, CompiledProcess] = field(default_factory=dict)
    own: CompiledProcess | None = None
    operations: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    forms: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


def draft_subject(session: Session, draft_id: str) -> Subject:
    """A draft of a drawing. :raises NotFound: there is none, or it is no drawing."""
    row = session.get(ProcessDraft, draft_id) if len(draft_id) == 36 else None
    if row is None or row.kind != "bpmn":
        raise NotFound()
    told = look_into(row.name, row.content)
    return Subject(
        key=row.key,
        name=told.name or row.name,
        name_en=told.name_en or told.name or row.name,
        file_name=row.name,
        content=row.content,
        draft_id=row.id,
        revision=row.revision,
    )


def version_subject(session: Session, key: str, version: int) -> Subject:
    """A deployed version. :raises NotFound: there is none."""
    row = queries.definition_version(session, key, version)
    if row is None:
        raise NotFound()
    return Subject(
        key=row.key,
        name=row.name,
        name_en=row.name_en or row.name,
        file_name=f"{row.key}.bpmn",
        content=row.xml,
        version=row.version,
    )


def stage_of(session: Session, subject: Subject, *, process: str = "") -> Stage:
    """The subject ready to be tried; ``process`` says which one, where a file has several."""
    files = with_surroundings(session, {subject.file_name: subject.content})
    compiled, _, findings = compile_files(files)
    by_key = {item.key: item for item in compiled}
    mine = [item for item in compiled if item.xml == subject.content or item.key == subject.key]
    own = by_key.get(process or subject.key) or next(iter(mine), None)
    operations: dict[str, list[tuple[str, str]]] = {}
    forms: set[str] = set()
    for item in _in_order(own, by_key):
        for element in item.elements.values():
            if code := element.attributes.get("operation"):
                operations.setdefault(code, []).append((element.name, element.name_en or element.name))
            if form := element.attributes.get("form"):
                forms.add(form)
    return Stage(
        subject=subject,
        files=files,
        pinned=pinned_decisions(session, files),
        processes=by_key,
        own=own,
        operations={code: tuple(dict.fromkeys(names)) for code, names in operations.items()},
        forms=frozenset(forms),
        findings=tuple(one for one in findings if one.file == subject.file_name and one.severity == "error"),
    )


def _in_order(own: CompiledProcess | None, by_key: Mapping[str, CompiledProcess]) -> list[CompiledProcess]:
    """The process and what it calls by name, each once, callers first."""
    found: list[CompiledProcess] = []
    ahead = [own] if own is not None else []
    while ahead:
        item = ahead.pop(0)
        if item not in found:
            found.append(item)
            undo = [element.attributes.get("undoneBy", "") for element in item.elements.values()]
            ahead += [by_key[key] for key in (*item.called_keys, *undo) if key in by_key]
    return found


def form_schemas(session: Session, keys: frozenset[str]) -> dict[str, Mapping[str, object]]:
    """The forms as they are deployed."""
    found = {key: form_schema(session, key) for key in sorted(keys)}
    return {key: schema for key, schema in found.items() if schema is not None}


def samples_of(session: Session, subject: Subject) -> list[ProcessCase]:
    """What a trial may begin with: samples and cases of the process; of its model where the draft has another key."""
    rows = cases_of(session, "process", subject.key, subject.draft_id)
    if not rows and subject.draft_id is not None:
        draft = session.get(ProcessDraft, subject.draft_id)
        made_from = (draft.origin if draft else "").split(":")
        if len(made_from) > 1 and made_from[1]:
            rows = cases_of(session, "process", made_from[1])
    return sorted(rows, key=lambda row: not row.is_sample)
