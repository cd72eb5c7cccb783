"""Where drafts come from: a version that is deployed, a sample, another draft, or nothing at all."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import FieldProblem, InvalidInput, NotFound
from app.persistence.studio.drafts import ProcessDraft, ProcessFolder, ProcessPlace
from app.persistence.studio.forms import FormDefinition
from app.persistence.studio.process_cases import stored_file
from app.services.studio import process_drafts
from app.services.studio.model_blanks import blank_model
from app.services.studio.model_files import KINDS, renamed
from app.services.studio.process_samples import sample
from app.unit_of_work import read
from processes.store.definitions import DecisionDefinition, ProcessDefinition

#: What a key may look like: it becomes part of addresses, file names and expressions.
KEY: Final = re.compile(r"[a-z][a-z0-9_]{1,79}")
Definition = ProcessDefinition | DecisionDefinition | FormDefinition
TABLES: Final[dict[str, type[ProcessDefinition] | type[DecisionDefinition] | type[FormDefinition]]] = {
    "bpmn": ProcessDefinition,
    "dmn": DecisionDefinition,
    "form": FormDefinition,
}


def from_version(
    kind: str,
    key: str,
    version: int | None,
    actor: Actor,
    deps: Deps,
    *,
    new_key: str = "",
    name: str = "",
    name_en: str = "",
) -> ProcessDraft:
    """A draft that begins as a version; the newest if none is named. With ``new_key`` it is another model's beginning.

    :raises NotFound: no such version.
    :raises InvalidInput: the new key cannot be used.
    """
    may(actor, "process.edit")
    with read(deps.read_sessions) as session:
        row = _version(session, kind, key, version)
        content = _content(row)
        place = session.get(ProcessPlace, key)
        if new_key:
            _free(session, kind, new_key)
        tests = _tests(session, kind, key) if new_key else None
    origin, folder = f"version:{key}:{row.version}", place.folder if place else None
    if not new_key:
        name_of_file = f"{key}.{kind}"
        return process_drafts.keep(
            name_of_file, content, actor, deps, origin=origin, base_version=row.version, folder=folder
        )[0]
    content = renamed(kind, content, key=new_key, name=name, name_en=name_en)
    return process_drafts.keep(f"{new_key}.{kind}", content, actor, deps, origin=origin, folder=folder, tests=tests)[0]


def from_sample(
    code: str, new_key: str, actor: Actor, deps: Deps, *, name: str, name_en: str, folder: str | None = None
) -> ProcessDraft:
    """A draft that begins as a sample, under a key and names of its own.

    :raises NotFound: no such sample.
    :raises InvalidInput: the key cannot be used, or a name is missing.
    """
    may(actor, "process.edit")
    chosen = sample(code)
    if chosen is None:
        raise NotFound()
    _named(name, name_en)
    with read(deps.read_sessions) as session:
        _free(session, "bpmn", new_key)
        _folder(session, folder)
    content = renamed("bpmn", chosen.content, key=new_key, name=name, name_en=name_en)
    into = folder or chosen.folder
    return process_drafts.keep(
        f"{new_key}.bpmn", content, actor, deps, origin=f"sample:{code}", folder=into, tests=chosen.tests
    )[0]


def blank(
    kind: str, new_key: str, actor: Actor, deps: Deps, *, name: str, name_en: str, folder: str | None = None
) -> ProcessDraft:
    """A draft with next to nothing in it. :raises InvalidInput: kind, key or a name cannot be used."""
    may(actor, "process.edit")
    if kind not in KINDS:
        raise InvalidInput(f"kind is one of {', '.join(KINDS)}", f"类型只能是 {'、'.join(KINDS)}")
    _named(name, name_en)
    with read(deps.read_sessions) as session:
        _free(session, kind, new_key)
        _folder(session, folder)
    content = renamed(kind, blank_model(kind), key=new_key, name=name, name_en=name_en)
    return process_drafts.keep(f"{new_key}.{kind}", content, actor, deps, origin="blank", folder=folder)[0]


def copy_of(draft_id: str, actor: Actor, deps: Deps) -> ProcessDraft:
    """A second draft with the same text. :raises NotFound: no such draft."""
    may(actor, "process.edit")
    with read(deps.read_sessions) as session:
        draft = session.get(ProcessDraft, draft_id)
        if draft is None:
            raise NotFound()
        content, tests = draft.content, _tests(session, draft.kind, draft.key, draft_id)
    origin, base = f"draft:{draft_id}", draft.base_version
    return process_drafts.keep(
        draft.name, content, actor, deps, origin=origin, base_version=base, folder=draft.folder, tests=tests
    )[0]


def _version(session: Session, kind: str, key: str, version: int | None) -> Definition:
    table = TABLES.get(kind)
    if table is None:
        raise NotFound()
    rows: Any = select(table).where(table.key == key)
    rows = rows.where(table.version == version) if version is not None else rows.order_by(table.version.desc())
    found: Definition | None = session.scalars(rows.limit(1)).first()
    if found is None:
        raise NotFound()
    return found


def _content(row: Definition) -> bytes:
    if isinstance(row, FormDefinition):
        return json.dumps(row.body, ensure_ascii=False, indent=2).encode() + b"\n"
    return row.xml


def _tests(session: Session, kind: str, key: str, draft_id: str | None = None) -> bytes | None:
    """The cases of a model as a file; those of a draft, with those in force that it has not changed."""
    if kind == "form" or not key:
        return None
    return stored_file(session, "decision" if kind == "dmn" else "process", key, draft_id=draft_id)


def _free(session: Session, kind: str, key: str) -> None:
    """:raises InvalidInput: it is no key, or something of this kind has it already."""
    if not KEY.fullmatch(key):
        raise _wrong(
            "new_key", "small letters, digits and _; a letter first", "只能用小写字母、数字和下划线，以字母开头"
        )
    table = TABLES[kind]
    if session.scalar(select(table.key).where(table.key == key).limit(1)) is not None:
        raise _wrong(
            "new_key", f"{key} is deployed already; make a draft of that one", f"{key} 已发布，请从该版本新建草稿"
        )
    drafted = select(ProcessDraft.id).where(ProcessDraft.key == key, ProcessDraft.kind == kind)
    if session.scalar(drafted.limit(1)) is not None:
        raise _wrong("new_key", f"there is a draft of {key} already", f"已有 {key} 的草稿")


def _named(name: str, name_en: str) -> None:
    """:raises InvalidInput: one of the names is missing."""
    missing = [field for field, given in (("name_zh", name), ("name_en", name_en)) if not given.strip()]
    if missing:
        problems = [FieldProblem(path=field, code="required", zh="请填写", en="fill this in") for field in missing]
        raise InvalidInput("a name is missing", "缺少名称", details=problems)


def _folder(session: Session, folder: str | None) -> None:
    if folder and session.get(ProcessFolder, folder) is None:
        raise _wrong("folder", "there is no such folder", "没有这个文件夹")


def _wrong(field: str, en: str, zh: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=field, code="invalid", zh=zh, en=en)])
