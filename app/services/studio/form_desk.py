"""Forms as designers see them: their versions, the steps that ask them, what is wrong with one that is being drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.studio.form_schema import SchemaProblem, read_schema
from app.errors import NotFound
from app.persistence.studio.forms import FormDefinition
from app.unit_of_work import read
from processes.spiff.pins import pin_of
from processes.store.definitions import ProcessDefinition


@dataclass(frozen=True)
class StepUse:
    """A step of a process in force that names a form or a decision, and the version of it, if it names one."""

    process: str
    process_zh: str
    process_en: str
    version: int
    element: str
    element_zh: str
    element_en: str
    inputs: tuple[str, ...] = ()
    pinned: int | None = None


def form_versions(session: Session, key: str | None = None) -> dict[str, list[FormDefinition]]:
    """Every version of every form (or of one) by key, the newest first."""
    rows = select(FormDefinition).order_by(FormDefinition.key, FormDefinition.version.desc())
    if key is not None:
        rows = rows.where(FormDefinition.key == key)
    found: dict[str, list[FormDefinition]] = {}
    for row in session.scalars(rows):
        found.setdefault(row.key, []).append(row)
    return found


def form_version(session: Session, key: str, version: int | None = None) -> FormDefinition:
    """One version, the one in force if none is named. :raises NotFound: there is none."""
    for row in form_versions(session, key).get(key, ()):
        if version is None or row.version == version:
            return row
    raise NotFound(f"there is no form {key}", f"没有表单 {key}")


def step_uses(session: Session, attribute: str) -> dict[str, list[StepUse]]:
    """Which steps name what under a ``yizhan:`` attribute (``form``, ``decision``), in the processes in force."""
    columns = (ProcessDefinition.key, ProcessDefinition.name, ProcessDefinition.name_en, ProcessDefinition.version)
    kept = select(*columns, ProcessDefinition.elements).where(ProcessDefinition.withdrawn_at.is_(None))
    latest = {row.key: row for row in session.execute(kept.order_by(ProcessDefinition.active_since, columns[-1]))}
    found: dict[str, list[StepUse]] = {}
    for key, row in sorted(latest.items()):
        for element in row.elements:
            said = element.get("attributes") or {}
            named, pinned = said.get(attribute), pin_of(said) if attribute == "decision" else None
            if named:
                place = (element["id"], element.get("name") or element["id"], element.get("name_en") or element["id"])
                inputs = tuple(str(name) for name, _ in element.get("inputs", ()))
                found.setdefault(named, []).append(
                    StepUse(key, row.name, row.name_en, row.version, *place, inputs, pinned)
                )
    return found


def step_inputs(session: Session, attribute: str, key: str) -> list[str]:
    """What the steps that name it hand over, sorted: what a question of a form can be prefilled with."""
    return sorted({name for use in step_uses(session, attribute).get(key, ()) for name in use.inputs})


def source(key: str, version: int, actor: Actor, deps: Deps) -> bytes:
    """A version as a file: readable JSON. :raises NotFound: there is none."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return written(form_version(session, key, version).body)


def written(body: Mapping[str, Any]) -> bytes:
    """A schema as the text of a ``.form`` file, always written the same way."""
    return (json.dumps(body, ensure_ascii=False, indent=2) + "\n").encode()


def check(text: str, actor: Actor) -> tuple[dict[str, Any], Sequence[SchemaProblem]]:
    """What is wrong with a form that is being drawn; the schema, empty where it cannot be read at all."""
    may(actor, "process.view")
    return read_schema(text.encode())
