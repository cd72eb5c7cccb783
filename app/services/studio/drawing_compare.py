"""What differs between two versions of a process, decision or form, or between a draft and what it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.words import Words
from app.errors import NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.forms import FormDefinition
from app.unit_of_work import read
from processes.drawing_changes import ThingChange, changes
from processes.drawing_facts import Thing, things_of
from processes.store.definitions import DecisionDefinition, ProcessDefinition

KINDS: Final = ("process", "decision", "form")
KIND_OF_DRAFT: Final = {"bpmn": "process", "dmn": "decision", "form": "form"}


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two: its version, or none for a draft; where its drawing can be fetched, if it has one."""

    version: int | None
    content: bytes
    at: datetime
    draft_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Surrounding:
    """A form, decision or process that both name, and the versions that were in force when each was deployed."""

    kind: str
    key: str
    name: Words
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two sides and everything that differs."""

    kind: str
    key: str
    name: Words
    old: Side
    new: Side
    changes: Sequence[ThingChange]
    around: Sequence[Surrounding] = ()
    things: Mapping[str, Thing]


def versions_compared(
    key: str, actor: Actor, deps: Deps, *, kind: str = "process", old: int | None = None, new: int | None = None
) -> Comparison:
    """Two versions; without numbers the newest with the one before it.

    :raises NotFound: no such version, or there is only one.
    """
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        numbers = numbers_of(session, kind, key)
        if not numbers:
            raise NotFound(f"there is no {kind} {key}", f"没有 {key}")
        newest = new if new is not None else numbers[0]
        older = old if old is not None else next((number for number in numbers if number < newest), newest)
        sides = _side(session, kind, key, older), _side(session, kind, key, newest)
        return _compared(session, kind, key, *sides)


def draft_compared(draft_id: str, actor: Actor, deps: Deps, *, with_version: int | None = None) -> Comparison:
    """A draft with the version it was made from, or with another one.

    :raises NotFound: no such draft, or nothing of its key is deployed.
    """
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        draft = session.get(ProcessDraft, draft_id)
        if draft is None:
            raise NotFound()
        kind = KIND_OF_DRAFT.get(draft.kind, "process")
        numbers = numbers_of(session, kind, draft.key)
        if not numbers:
            raise NotFound("nothing of it is deployed yet", "线上还没有版本可对比")
        base = with_version or draft.base_version
        number = base if base in numbers else numbers[0]
        mine = Side(version=None, content=draft.content, at=draft.saved_at, draft_id=draft.id)
        return _compared(session, kind, draft.key, _side(session, kind, draft.key, number or numbers[0]), mine)


def numbers_of(session: Session, kind: str, key: str) -> Sequence[int]:
    """The versions there are, the newest first."""
    entity = _entity(kind)
    return session.scalars(select(entity.version).where(entity.key == key).order_by(entity.version.desc())).all()


def _entity(kind: str) -> type[ProcessDefinition | DecisionDefinition | FormDefinition]:
    found: dict[str, type[ProcessDefinition | DecisionDefinition | FormDefinition]] = {
        "process": ProcessDefinition,
        "decision": DecisionDefinition,
        "form": FormDefinition,
    }
    if kind not in found:
        raise NotFound()
    return found[kind]


def _side(session: Session, kind: str, key: str, version: int) -> Side:
    entity = _entity(kind)
    rows = select(entity).where(entity.key == key, entity.version == version)
    row: Any = session.scalars(rows).one_or_none()
    if row is None:
        raise NotFound(f"there is no version {version}", f"没有版本 {version}")
    content = json.dumps(row.body).encode() if isinstance(row, FormDefinition) else row.xml
    return Side(version=version, content=content, at=row.deployed_at)


def _compared(session: Session, kind: str, key: str, old: Side, new: Side) -> Comparison:
    before, after = (_things(kind, side.content) for side in (old, new))
    found = _found_around(session, before, after, old.at, new.at if new.version else None) if kind == "process" else []
    top = after.get(key) or before.get(key)
    return Comparison(
        kind=kind,
        key=key,
        name=Words(top.name or key, top.name_en or top.name or key) if top else Words(key, key),
        old=old,
        new=new,
        changes=changes(before, after),
        around=found,
        things={**before, **after},
    )


def _things(kind: str, content: bytes) -> dict[str, Thing]:
    return _questions(content) if kind == "form" else things_of(content)


def _questions(content: bytes) -> dict[str, Thing]:
    """The questions of a form, by key; the form itself is one of them."""
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    key = str(body.get("id", ""))
    said = {name: _text(value) for name, value in body.items() if name not in ("components", "id", "schemaVersion")}
    found = {key: Thing(key, "form", str(body.get("name", "")), str(body.get("nameEn", "")), "", said)}
    waiting = [(key, row) for row in body.get("components", ()) if isinstance(row, dict)]
    while waiting:
        parent, row = waiting.pop(0)
        own = str(row.get("key") or row.get("id") or f"{parent}/{len(found)}")
        facts = {name: _text(value) for name, value in row.items() if name not in ("components", "id", "layout")}
        label, english = str(row.get("label", "")), str(row.get("labelEn", ""))
        found[own] = Thing(own, "question", label, english, parent, facts)
        waiting += [(own, inner) for inner in row.get("components", ()) if isinstance(inner, dict)]
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


#: A step that says this does not follow the versions in force.
PIN: Final = "@yizhan:decisionVersion"


def _found_around(
    session: Session, before: Mapping[str, Thing], after: Mapping[str, Thing], old_at: datetime, new_at: datetime | None
) -> list[Surrounding]:
    """What both name and what has had other versions in force meanwhile; ``new_at`` none: now."""
    paths = {"form": "@yizhan:form", "decision": "@yizhan:decision", "process": "@calledElement"}
    found = []
    for kind, path in paths.items():
        named = {thing.facts[path] for thing in before.values() if path in thing.facts}
        now_named = {thing.facts[path] for thing in after.values() if path in thing.facts and PIN not in thing.facts}
        for key in sorted(named & now_named):
            was, now = (_version_at(session, kind, key, at) for at in (old_at, new_at))
            if was and now and was != now:
                found.append(Surrounding(kind=kind, key=key, name=_name(session, kind, key), before=was, after=now))
    return found


def _version_at(session: Session, kind: str, key: str, at: datetime | None) -> int | None:
    entity = _entity(kind)
    rows = select(func.max(entity.version)).where(entity.key == key)
    return session.scalar(rows if at is None else rows.where(entity.deployed_at <= at))


def _name(session: Session, kind: str, key: str) -> Words:
    entity = _entity(kind)
    rows = select(entity).where(entity.key == key).order_by(entity.version.desc()).limit(1)
    row: Any = session.scalars(rows).first()
    if isinstance(row, FormDefinition):
        return Words(str(row.body.get("name", key)), str(row.body.get("nameEn", key)))
    return Words(row.name or key, row.name_en or row.name or key) if row else Words(key, key)
