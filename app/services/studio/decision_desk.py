"""Decisions that are being drawn: what is wrong in which cell, what no rule fits, what the test rows decide."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.promises.calendar import ZONE
from app.errors import FieldProblem, InvalidInput, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import ProcessCase, cases_of, in_force, write
from app.unit_of_work import read, retried, transaction
from processes.dmn.examining import ExaminedDecision, examine, tried
from processes.dmn.graph import MAX_WORK as ROW_WORK
from processes.spiff.xmlsource import SourceRefused
from processes.spiff.xmlsource import read as read_xml

MAX_ROWS: Final = 300
#: Steps of all rows together: some seconds at worst. A row by itself may take as many as any decision.
MAX_WORK: Final = 4_000_000
MAX_KEY: Final = 120
MAX_NAME: Final = 200
MAX_ROW_CHARS: Final = 20_000
#: A table that is wrong is wrong in every row, and may take long to say so.
MAX_FAILED: Final = 10
NOT_TRIED: Final = ("前面的行已多次出错，未再试", "not tried: too many rows before it went wrong")


@dataclass(frozen=True)
class RowResult:
    """What became of one test row. ``rules``: numbers of those that fitted; ``passed`` is None where nothing was
    expected; ``error`` in both languages."""

    result: Any
    rules: tuple[int, ...]
    passed: bool | None
    error: tuple[str, str] | None = None


def looked_at(text: str, actor: Actor) -> list[ExaminedDecision]:
    """Every decision of a file that is being drawn.

    :raises InvalidInput: it is no DMN file, or one that is refused as a whole.
    """
    may(actor, "process.view")
    return _examined(text.encode())


def tried_rows(
    text: str, key: str, rows: Sequence[Mapping[str, Any]], actor: Actor, deps: Deps, *, zone: ZoneInfo = ZONE
) -> list[RowResult]:
    """Take the decision ``key`` of a file once for every row: ``{"inputs": {...}, "now"?: ISO, "expect"?: any}``.

    Nothing is stored. What a decision may cost is limited by the language itself, so rows are tried one after another.

    :raises InvalidInput: the file cannot be read, or a row is not as said.
    :raises NotFound: the file has no such decision.
    """
    may(actor, "process.view")
    if len(rows) > MAX_ROWS:
        raise InvalidInput(f"at most {MAX_ROWS} rows", f"最多 {MAX_ROWS} 行")
    decision = next((one.decision for one in _examined(text.encode()) if one.key == key), None)
    if decision is None:
        raise NotFound(f"there is no decision {key}", f"没有决策 {key}")
    with read(deps.read_sessions) as session:
        today = deps.clock(session).astimezone(zone)
    found: list[RowResult] = []
    work = min(ROW_WORK, MAX_WORK // (2 * max(len(rows), 1)))
    for number, row in enumerate(rows):
        inputs, now = row.get("inputs"), _instant(row.get("now"), number) or today
        if not isinstance(inputs, Mapping):
            raise _refused(number, "inputs", "inputs is a JSON object", "inputs 应为 JSON 对象")
        if sum(one.error is not None for one in found) >= MAX_FAILED:
            found.append(RowResult(None, (), None, NOT_TRIED))
            continue
        answer = tried(decision, inputs, _fixed(now), work)
        passed = None
        if "expect" in row:
            passed = answer.error is None and bool(answer.result == row["expect"])
        found.append(RowResult(answer.result, answer.hits, passed, answer.error))
    return found


@retried
def keep_rows(draft_id: str, key: str, rows: Sequence[Mapping[str, Any]], actor: Actor, deps: Deps) -> int:
    """Make these rows the cases of the decision ``key``, with its draft only until that is deployed; returns how many.

    A row without ``expect`` is a sample. What a draft has and is not among the rows goes.

    :raises NotFound: no such draft of a decision.
    :raises InvalidInput: a row has no name, one of another, or is too large.
    """
    may(actor, "process.edit")
    wanted = _named(rows)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        draft = session.get(ProcessDraft, draft_id, with_for_update=True)
        if draft is None or draft.kind != "dmn" or not key or len(key) > MAX_KEY:
            raise NotFound()
        for row in cases_of(session, "decision", key, draft_id):
            if row.name not in wanted:
                _take_out(session, row, draft_id, now, actor.login)
        for place, (name, body) in enumerate(wanted.items(), 1):
            write(session, "decision", key, name, body, draft_id=draft_id, now=now, who=actor.login, place=place)
    return len(wanted)


def _take_out(session: Session, row: ProcessCase, draft_id: str, now: datetime, who: str) -> None:
    if row.draft_id == draft_id:
        row.ended_at = now
        session.flush()
    known = in_force(session, row.kind, row.key, row.name)
    if known is not None:
        gone = ProcessCase(kind=row.kind, key=row.key, name=row.name, draft_id=draft_id, removed=True)
        gone.saved_at, gone.saved_by = now, who
        gone.says(known.body)
        session.add(gone)


def _named(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is stored of each row, by its name."""
    if len(rows) > MAX_ROWS:
        raise InvalidInput(f"at most {MAX_ROWS} rows", f"最多 {MAX_ROWS} 行")
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        name = str(row.get("name", "")).strip()
        if not name or len(name) > MAX_NAME:
            raise _refused(number, "name", f"row {number + 1} needs a name", f"第 {number + 1} 行要有名称")
        if name in found:
            raise _refused(number, "name", f"two rows are called {name}", f"两行都叫“{name}”")
        if not isinstance(row.get("inputs"), Mapping):
            raise _refused(number, "inputs", "inputs is a JSON object", "inputs 应为 JSON 对象")
        _instant(row.get("now"), number)
        found[name] = {part: row[part] for part in ("now", "inputs", "expect") if row.get(part) or part in row}
        if len(json.dumps(found[name], ensure_ascii=False, default=str)) > MAX_ROW_CHARS:
            raise _refused(number, "inputs", f"row {number + 1} is too large", f"第 {number + 1} 行太大")
    return found


def examined_file(content: bytes) -> list[ExaminedDecision]:
    """Every decision of a file; nothing where it is none."""
    try:
        return examine(read_xml(content))
    except SourceRefused:
        return []


def _examined(content: bytes) -> list[ExaminedDecision]:
    try:
        return examine(read_xml(content))
    except SourceRefused as problem:
        words = f"{problem.rule} {problem.detail}".strip()
        raise InvalidInput(f"this is no DMN file: {words}", f"不是 DMN 文件：{words}") from None


def _fixed(now: datetime) -> Callable[[], datetime]:
    return lambda: now


def _instant(text: object, number: int) -> datetime | None:
    if text in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise _refused(
            number,
            "now",
            "write the instant like 2026-11-22T09:00:00+08:00",
            "时间写成 2026-11-22T09:00:00+08:00 的样子",
        )
    return found


def _refused(number: int, field: str, en: str, zh: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=f"rows[{number}].{field}", code="invalid", zh=zh, en=en)])
