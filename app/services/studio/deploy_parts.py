"""What files become, what they name and what undoes them: read where the engine has just stored them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN
from app.domain.words import Words
from app.persistence.people import Skill, TeamRole
from app.persistence.promises.rule_books import current_book
from app.persistence.promises.rule_versions import newest
from app.persistence.studio.forms import FormDefinition
from app.persistence.teamwork.work_items import WorkItem
from processes import definitions
from processes.definitions import elements_of
from processes.engine import Deployed
from processes.errors import UnknownDecision, UnknownProcess
from processes.spiff.definition import ElementInfo
from processes.spiff.pins import pin_of
from processes.store.definitions import DecisionDefinition, ProcessDefinition


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that gets a version. ``before``: the one in force until then; ``what`` as in a version report;
    ``running``: instances by version."""

    kind: str
    key: str
    name: Words
    version: int
    before: int | None = None
    what: str = "new"
    running: Mapping[int, int] = field(default_factory=dict)
    open_tasks: int = 0


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Something a drawing names: ``kind`` is operation, team, skill, form, decision, process, sla or calendar."""

    kind: str
    code: str
    name: Words
    version: int | None = None
    used: int = 1


@dataclass(frozen=True, kw_only=True)
class UndoLine:
    """A step that changes something outside: ``how`` it is undone (operation, people or none), by what, and whether it
    passes a point of no return (soft, hard or empty)."""

    process_key: str
    element_id: str
    name: Words
    how: str
    by: str = ""
    by_name: Words = field(default=Words("", ""))
    point: str = ""


def parts_of(session: Session, done: Deployed, forms: Mapping[str, int], before: Mapping[str, int]) -> list[Part]:
    """Everything a deployment has brought.

    ``forms``: key and version. ``before``: the versions that were in force, by ``kind:key``.
    """
    reports = {report.key: report for report in done.reports}
    found = [
        Part(
            kind="process",
            key=row.key,
            name=Words(row.name or row.key, row.name_en or row.name or row.key),
            version=row.version,
            before=reports[row.key].before,
            what=reports[row.key].what,
            running=reports[row.key].running,
        )
        for row in done.processes
    ]
    for decision in done.decisions:
        was = before.get(f"decision:{decision.key}")
        name = Words(decision.name or decision.key, decision.name_en or decision.name or decision.key)
        what = _what(was, decision.version)
        found.append(
            Part(kind="decision", key=decision.key, name=name, version=decision.version, before=was, what=what)
        )
    for key, version in sorted(forms.items()):
        was = before.get(f"form:{key}")
        waiting = select(func.count()).where(WorkItem.form_key == key, WorkItem.state.in_(WORK_ITEM_OPEN))
        part = Part(
            kind="form",
            key=key,
            name=_form_name(session, key),
            version=version,
            before=was,
            what=_what(was, version),
            open_tasks=session.scalar(waiting) or 0,
        )
        found.append(part)
    return found


def _what(before: int | None, version: int) -> str:
    if before is None:
        return "first"
    return "same" if before == version else ("new" if version > before else "again")


def in_force(session: Session) -> dict[str, int]:
    """The version in force of every process, decision and form, by ``kind:key``."""
    found: dict[str, int] = {}
    for kind, entity in (("process", ProcessDefinition), ("decision", DecisionDefinition)):
        rows = session.execute(
            select(entity.key, entity.version)
            .where(entity.withdrawn_at.is_(None))
            .order_by(entity.active_since, entity.version)
        )
        found |= {f"{kind}:{key}": version for key, version in rows}
    forms = select(FormDefinition.key, func.max(FormDefinition.version)).group_by(FormDefinition.key)
    return found | {f"form:{key}": version for key, version in session.execute(forms)}


def before_that(session: Session) -> dict[str, int]:
    """The version of every process and decision that was in force before the one in force now, by ``kind:key``."""
    found: dict[str, int] = {}
    for kind, entity in (("process", ProcessDefinition), ("decision", DecisionDefinition)):
        kept = select(entity.key, entity.version).where(entity.withdrawn_at.is_(None))
        last: dict[str, int] = {}
        for key, version in session.execute(kept.order_by(entity.active_since, entity.version)):
            if key in last:
                found[f"{kind}:{key}"] = last[key]
            last[key] = version
    return found


def references_of(session: Session, rows: Sequence[ProcessDefinition], registry: OperationRegistry) -> list[Reference]:
    """What the drawings name, each once, with the version that is in force."""
    used: Counter[tuple[str, str, int]] = Counter()
    for row in rows:
        for element in elements_of(row).values():
            used.update(_named(element))
        used.update(("process", key, 0) for key in row.called_keys)
    known = names_kept(session)
    found = []
    for (kind, code, pin), number in sorted(used.items()):
        name, version = Words(code, code), None
        if kind == "operation" and code in registry.codes():
            operation = registry.get(code)
            name = Words(operation.name_zh, operation.name_en)
        elif kind == "operation" and code in OWN_OPERATIONS:
            name = Words(OWN_OPERATIONS[code].name_zh, OWN_OPERATIONS[code].name_en)
        elif kind in known:
            name = known[kind].get(code, name)
        elif kind == "form":
            name, version = _form_name(session, code), _form_version(session, code)
        elif kind in ("decision", "process"):
            name, version = _defined(session, kind, code)
            version = pin or version
        found.append(Reference(kind=kind, code=code, name=name, version=version, used=number))
    return found


def names_kept(session: Session) -> dict[str, dict[str, Words]]:
    """What drawings may name that has no versions, by kind and code: teams, skills, levels of promises, calendars."""
    return {
        "team": {row.code: Words(row.name_zh, row.name_en) for row in session.scalars(select(TeamRole))},
        "skill": {row.code: Words(row.name_zh, row.name_en) for row in session.scalars(select(Skill))},
        "sla": _names_in(session, "sla", "step_levels"),
        "calendar": _names_in(session, "calendars", "calendars"),
    }


def _names_in(session: Session, book: str, section: str) -> dict[str, Words]:
    if not newest(session, book):
        return {}
    rows = current_book(session, book).get(section, ())
    return {row["code"]: Words(row.get("name_zh") or row["code"], row.get("name_en") or row["code"]) for row in rows}


def _named(element: ElementInfo) -> Iterable[tuple[str, str, int]]:
    """Kind and code of what an element names, and the version if it is pinned to one (else 0)."""
    given = element.attributes
    for attribute in ("operation", "team", "skill", "form", "decision", "sla", "calendar"):
        if given.get(attribute):
            yield attribute, given[attribute], (pin_of(given) or 0) if attribute == "decision" else 0
    if given.get("undo"):
        yield "operation", given["undo"], 0
    if given.get("undoneBy"):
        yield "process", given["undoneBy"], 0


def _defined(session: Session, kind: str, key: str) -> tuple[Words, int | None]:
    row: ProcessDefinition | DecisionDefinition
    try:
        if kind == "process":
            row = session.get_one(ProcessDefinition, definitions.latest_process(session, key).id)
        else:
            row = session.get_one(DecisionDefinition, definitions.latest_decision(session, key).id)
    except (UnknownProcess, UnknownDecision):
        return Words(key, key), None
    return Words(row.name or key, row.name_en or row.name or key), row.version


def _form_version(session: Session, key: str) -> int | None:
    return session.scalar(select(func.max(FormDefinition.version)).where(FormDefinition.key == key))


def _form_name(session: Session, key: str) -> Words:
    rows = select(FormDefinition.body).where(FormDefinition.key == key).order_by(FormDefinition.version.desc())
    body = session.scalars(rows.limit(1)).first() or {}
    return Words(str(body.get("name") or key), str(body.get("nameEn") or body.get("name") or key))


def undo_lines(session: Session, rows: Sequence[ProcessDefinition], registry: OperationRegistry) -> list[UndoLine]:
    """The steps that change something outside or pass a point of no return, in the order of the drawing."""
    found = []
    for row in rows:
        for element in elements_of(row).values():
            line = _undo_line(row.key, element, registry)
            if line is not None and line.how == "people":
                line = replace(line, by_name=_defined(session, "process", line.by)[0])
            if line is not None:
                found.append(line)
    return found


def _undo_line(key: str, element: ElementInfo, registry: OperationRegistry) -> UndoLine | None:
    given = element.attributes
    point = given.get("pointOfNoReturn", "")
    name = Words(element.name or element.id, element.name_en or element.name or element.id)
    how, by, by_name = "none", "", Words("", "")
    code = given.get("operation", "")
    writes = code in registry.codes() and registry.get(code).is_write
    if writes:
        by = given.get("undo") or registry.get(code).undo or ""
        how = "operation" if by else "none"
        if by in registry.codes():
            by_name = Words(registry.get(by).name_zh, registry.get(by).name_en)
    elif given.get("undoneBy"):
        how, by = "people", given["undoneBy"]
        by_name = Words(by, by)
    elif not point:
        return None
    return UndoLine(process_key=key, element_id=element.id, name=name, how=how, by=by, by_name=by_name, point=point)


def teams_of(rows: Sequence[ProcessDefinition]) -> list[str]:
    """The kinds of teams that have steps in these drawings."""
    found = {element.attributes.get("team", "") for row in rows for element in elements_of(row).values()}
    return sorted(found - {""})
