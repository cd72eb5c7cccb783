"""What the drawing board offers to choose from: codes to store, with names in both languages to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adapters.operations import Operation, OperationRegistry, RetryPolicy
from app.domain.ordering.own_operations import OWN_OPERATIONS, OwnOperation
from app.domain.promises.calendar import Calendars
from app.persistence.people import Skill, TeamRole
from app.persistence.promises.control_figures import neighbours
from app.persistence.promises.rule_books import current_book, failures, work_order_types
from app.persistence.repairs.neighbour_figures import GateOf, gates
from app.persistence.studio.forms import form_names
from app.web.pages.operation_values import OPERATION_VALUES
from app.web.pages.studio.board_times import calendar_rows, level_rows, usual_of
from processes.definitions import kept_versions
from processes.holding import held
from processes.store.definitions import DecisionDefinition, ProcessDefinition
from processes.vocabulary_docs import FUNCTION_DOCS

#: How a neighbour does: word of the mark, Chinese, English.
HEALTH: Final[Mapping[str, tuple[str, str]]] = {
    "fine": ("正常", "fine"),
    "again": ("时有失败", "failing at times"),
    "slow": ("刚恢复，正在放量", "just back, calls go out slowly"),
    "down": ("没有应答", "not answering"),
    "held": ("已由我方暂停", "held by us"),
}

#: What else is told of an operation, as the registry has it.
TOLD: Final = (
    *("adapter", "mode", "effect", "undo", "irreversible", "only_as_undo", "timeout_s", "callback_deadline_min"),
    *("retry", "idempotency", "failures"),
)


def board_words(session: Session, registry: OperationRegistry, now: datetime) -> dict[str, Any]:
    """Operations with their templates and names of their values, teams, skills, forms, decisions with their versions,
    processes, work orders, times, tries."""
    health = _health(session, [row.code for row in registry.adapters], now)
    orders = work_order_types(session)
    calendars = Calendars.from_data(current_book(session, "calendars"))
    return {
        "operations": [
            *(_template(registry.get(code), health) for code in registry.codes()),
            *(_own_template(code, operation) for code, operation in OWN_OPERATIONS.items()),
        ],
        "teams": [_team(row) for row in session.scalars(select(TeamRole).order_by(TeamRole.code))],
        "skills": [_named(row) for row in session.scalars(select(Skill).order_by(Skill.code))],
        "forms": [_row(*row) for row in form_names(session)],
        "decisions": _decisions(session),
        "processes": _in_force(session, ProcessDefinition),
        "work_orders": [_work_order(code, row) for code, row in orders.items()],
        "levels": level_rows(session, calendars),
        "calendars": calendar_rows(calendars),
        "refusals": [_row(code, row["name_zh"], row["name_en"]) for code, row in failures(session).items()],
        "policies": [_policy_row(row) for row in registry.rows()[1]],
        "values": [_row(code, words.zh, words.en) for code, words in OPERATION_VALUES.items()],
        "functions": [
            {"code": code, "sign": sign, "name_zh": zh, "name_en": en} for code, (sign, zh, en) in FUNCTION_DOCS.items()
        ],
    }


def _template(operation: Operation, health: Mapping[str, str]) -> dict[str, Any]:
    """One operation as a template of a step."""
    state = health.get(operation.adapter, "")
    zh, en = HEALTH.get(state, ("", ""))
    inputs = [{"name": name, "required": True} for name in operation.inputs]
    inputs += [{"name": name, "required": False} for name in operation.optional_inputs]
    return {
        **_row(operation.code, operation.name_zh, operation.name_en),
        "inputs": inputs,
        "outputs": list(operation.outputs),
        "health": {"state": state, "name_zh": zh, "name_en": en},
        **{name: getattr(operation, name) for name in TOLD},
    }


def _own_template(code: str, operation: OwnOperation) -> dict[str, Any]:
    """What is done in our own books, as a template of a step."""
    return {
        **_row(code, operation.name_zh, operation.name_en),
        "inputs": [{"name": name, "required": True} for name in operation.inputs],
        "outputs": list(operation.outputs),
        "adapter": code.partition(".")[0],
        "mode": "sync",
        "effect": "write",
    }


def _health(session: Session, adapters: Sequence[str], now: datetime) -> Mapping[str, str]:
    figures = {row.adapter: row for row in neighbours(session)}
    standing, stopped = gates(session, now), {row.adapter for row in held(session)}
    found = {}
    for code in adapters:
        again = figures[code].again if code in figures else 0
        found[code] = "held" if code in stopped else _state(standing.get(code, ()), again)
    return found


def _state(standing: Iterable[GateOf], again: int) -> str:
    rows = list(standing)
    if any(one.breaker > 0 for one in rows):
        return "down"
    if any(one.draining for one in rows):
        return "slow"
    return "again" if again else "fine"


def _in_force(session: Session, table: type[ProcessDefinition] | type[DecisionDefinition]) -> list[dict[str, str]]:
    """The newest version of each that was not withdrawn; drawings are not read."""
    newest = select(table.key, func.max(table.version).label("version")).where(table.withdrawn_at.is_(None))
    latest = newest.group_by(table.key).subquery()
    rows = session.execute(
        select(table.key, table.name, table.name_en)
        .join(latest, (table.key == latest.c.key) & (table.version == latest.c.version))
        .order_by(table.key)
    )
    return [_row(key, name, name_en or name) for key, name, name_en in rows]


def _decisions(session: Session) -> list[dict[str, Any]]:
    """Each decision with the versions a step may be pinned to, the newest first."""
    kept = kept_versions(session)
    found: list[dict[str, Any]] = []
    for row in _in_force(session, DecisionDefinition):
        numbers = [str(one.version) for one in reversed(kept[row["code"]]) if not one.is_withdrawn]
        said = [_row(number, f"版本 {number}", f"version {number}") for number in numbers]
        said[0] = _row(numbers[0], f"版本 {numbers[0]}（最新）", f"version {numbers[0]} (the newest)")
        found.append({**row, "versions": said})
    return found


def _named(row: TeamRole | Skill) -> dict[str, str]:
    return _row(row.code, row.name_zh, row.name_en)


def _team(row: TeamRole) -> dict[str, str]:
    return {**_named(row), "calendar": row.default_calendar}


def _work_order(code: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A kind of work order; ``about``: how long it takes nine times in ten, and by which time."""
    minutes = row.get("p90_min")
    if not minutes:
        return _row(code, row["name_zh"], row["name_en"])
    zh, en = ("工作时间", "working time") if row.get("clock") == "working" else ("自然时间", "time that passes")
    return {
        **_row(code, row["name_zh"], row["name_en"]),
        **usual_of(row),
        "about_zh": f"九成在 {minutes} 分钟内完成（{zh}）",
        "about_en": f"nine in ten are done within {minutes} minutes of {en}",
    }


def _policy_row(policy: RetryPolicy) -> dict[str, str]:
    waits = f"{policy.first_wait_s:g}–{policy.cap_s:g}"
    return _row(
        policy.code, f"最多 {policy.attempts} 次，间隔 {waits} 秒", f"up to {policy.attempts} tries, {waits} s apart"
    )


def _row(code: str, zh: str, en: str) -> dict[str, str]:
    return {"code": code, "name_zh": zh, "name_en": en}
