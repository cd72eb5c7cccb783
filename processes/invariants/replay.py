"""I6: the history, replayed, gives exactly what the saved state and the rows say is open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from processes.errors import ProcessError
from processes.invariants.look import Look, Violation, batches
from processes.lifecycle import (
    ENDED_JOBS,
    OPEN_TRIGGERS,
    IncidentState,
    InstanceState,
    MoveState,
    UserTaskState,
)
from processes.spiff.bridge import Execution, StepContext
from processes.store.instances import ActivityLog, Incident, MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Job
from processes.store.renewals import Renewal
from processes.store.starts import SignalSubscription

RULE: Final = "I6"
ENDS: Final = ("completed", "cancelled", "failed")
#: Loading saved states takes memory: fewer at once than plain rows.
STATES_AT_ONCE: Final = 50
#: What carries a linked call on when its child has ended, or could not be started.
CALL_JOBS: Final = ("call", "resume_parent", "child_error")
WORDS: Final = {
    "user": "a user task",
    "job": "a job",
    "call": "a running child",
    "timer": "a timer",
    "message": "a message subscription",
    "signal": "a signal subscription",
    "failure": "an incident",
}

Open = tuple[str, str]  # what kind of thing, for which task


@dataclass
class Rows:
    """What the rows of one instance say is open, with the element of each; and jobs that carry a call on."""

    open: Counter[Open] = field(default_factory=Counter)
    elements: dict[str, str] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    is_moving: bool = False


def ended_instances(look: Look) -> Iterator[Violation]:
    """The history of an instance that does not run any more leaves nothing begun and not ended."""
    ended = ProcessInstance.state != InstanceState.RUNNING
    look.counted(RULE, "instances that have ended", ProcessInstance, ended)
    last = _last_lines().where(ended).subquery()
    columns = (ProcessInstance.id, ProcessInstance.process_key, ProcessInstance.business_key, ProcessInstance.state)
    rows = (
        select(*columns, last.c.element_id)
        .join(last, last.c.instance_id == ProcessInstance.id)
        .where(last.c.entered > last.c.ended)
    )
    for row in look.stream(rows):
        text = f"step {row.element_id} of process {row.process_key} never ended, but the process is {row.state}"
        yield Violation(RULE, row.id, text, row.business_key)


def running_instances(look: Look) -> Iterator[Violation]:
    """History, saved state and rows of an instance that runs agree on every step that is open."""
    running = select(ProcessInstance.id).where(ProcessInstance.state == InstanceState.RUNNING)
    for piece in batches((row.id for row in look.stream(running)), STATES_AT_ONCE):
        look.saw(RULE, "running instances", len(piece))
        lines, rows = _replayed(look.session, piece), _open_rows(look.session, piece)
        columns = (
            ProcessInstance.id,
            ProcessInstance.definition_id,
            ProcessInstance.process_key,
            ProcessInstance.business_key,
            ProcessInstance.snapshot,
            ProcessInstance.inputs,
        )
        for row in look.session.execute(select(*columns).where(ProcessInstance.id.in_(piece))):
            for text in _differences(look, row, lines.get(row.id, {}), rows.get(row.id, Rows())):
                yield Violation(RULE, row.id, f"process {row.process_key}: {text}", row.business_key)


def _last_lines() -> Select[*tuple[Any, ...]]:
    """Per activation: the number of the line that began it last, and of the one that ended it last."""
    line = ActivityLog
    entered = func.max(case((line.event == "entered", line.seq), else_=0)).label("entered")
    ended = func.max(case((line.event.in_(ENDS), line.seq), else_=0)).label("ended")
    failed = func.max(case((line.event == "failed", line.seq), else_=0)).label("failed")
    element = func.min(line.element_id).label("element_id")
    return (
        select(line.instance_id, line.task_id, element, entered, ended, failed)
        .join(ProcessInstance, ProcessInstance.id == line.instance_id)
        .where(line.task_id.is_not(None))
        .group_by(line.instance_id, line.task_id)
    )


def _replayed(session: Session, piece: Sequence[str]) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """By instance and task: its element, and ``open``, ``failed`` or ``ended``."""
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in session.execute(_last_lines().where(ActivityLog.instance_id.in_(piece))):
        how = "open" if row.entered > row.ended else "failed" if row.failed and row.failed == row.ended else "ended"
        if row.entered or how != "ended":
            found[row.instance_id][row.task_id] = (row.element_id, how)
    return found


def _open_rows(session: Session, piece: Sequence[str]) -> Mapping[str, Rows]:
    found: dict[str, Rows] = defaultdict(Rows)
    tables: list[tuple[str, Any, Sequence[str], Any]] = [
        ("user", UserTask, (UserTaskState.OPEN,), None),
        ("timer", Timer, OPEN_TRIGGERS, Timer.due_at),
        ("message", MessageSubscription, OPEN_TRIGGERS, None),
        ("signal", SignalSubscription, OPEN_TRIGGERS, None),
    ]
    for kind, table, states, due_at in tables:
        columns = (table.instance_id, table.task_id, table.element_id, *((due_at,) if due_at is not None else ()))
        for instance_id, task_id, element_id, *due in session.execute(
            select(*columns).where(table.instance_id.in_(piece), table.state.in_(states))
        ):
            _note(found[instance_id], kind, task_id, element_id)
            if due:
                found[instance_id].due[task_id] = due[0]
    failures = select(Incident.instance_id, Incident.task_id, Incident.element_id).where(
        Incident.instance_id.in_(piece), Incident.state == IncidentState.OPEN, Incident.job_id.is_(None)
    )
    for instance_id, task_id, element_id in session.execute(failures):
        _note(found[instance_id], "failure", task_id, element_id)
    children = select(
        ProcessInstance.parent_id, ProcessInstance.parent_task_id, ProcessInstance.parent_element_id
    ).where(
        ProcessInstance.parent_id.in_(piece),
        ProcessInstance.parent_task_id.is_not(None),
        ProcessInstance.state == InstanceState.RUNNING,
    )
    for parent_id, task_id, element_id in session.execute(children):
        _note(found[str(parent_id)], "call", task_id, element_id)
    _note_jobs(session, piece, found)
    _note_renewals(session, piece, found)
    return found


def _note_renewals(session: Session, piece: Sequence[str], found: Mapping[str, Rows]) -> None:
    """A call whose instance is begun anew waits for it while the undos last."""
    mine = Renewal.instance_id.in_(piece), Renewal.state == MoveState.UNDOING
    for instance_id, task_id in session.execute(select(Renewal.instance_id, Renewal.task_id).where(*mine)):
        found[instance_id].under_way.add(task_id)


def _note(rows: Rows, kind: str, task_id: str | None, element_id: str | None) -> None:
    rows.open[kind, str(task_id)] += 1
    rows.elements[str(task_id)] = element_id or "?"


def _note_jobs(session: Session, piece: Sequence[str], found: Mapping[str, Rows]) -> None:
    wanted = Job.kind.in_(("operation", "start", "unhandled_error", *CALL_JOBS))
    jobs = select(Job.instance_id, Job.task_id, Job.element_id, Job.kind).where(
        Job.instance_id.in_(piece), Job.state.not_in(ENDED_JOBS), ~Job.detached, wanted
    )
    for instance_id, task_id, element_id, kind in session.execute(jobs):
        rows = found[instance_id]
        if kind == "operation":
            _note(rows, "job", task_id, element_id)
        elif kind in CALL_JOBS:
            rows.under_way.add(str(task_id))
        else:
            rows.is_moving = True


def _differences(look: Look, row: Any, lines: Mapping[str, tuple[str, str]], rows: Rows) -> Iterator[str]:
    if row.snapshot is None:
        if not rows.is_moving or lines or rows.open:
            yield "it has no saved state, and is not just about to start"
        return
    try:
        definition = look.definitions.process(look.session, row.definition_id)
        state = Execution.load(definition.spec, row.snapshot, context=_quiet(look.now), inputs=row.inputs)
    except ProcessError as problem:
        yield f"its saved state cannot be read: {problem}"
        return
    if state.is_completed:
        yield "it runs on, although its saved state has ended"
        return
    yield from _against_history(state, lines)
    yield from _against_rows(state, rows)


def _quiet(now: datetime) -> StepContext:
    """The state is only looked at: it needs no ids and takes no decisions."""
    return StepContext(now=now, ids=str, decide=lambda _key, _inputs, _version: None)


def _against_history(state: Execution, lines: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    begun = state.activities
    for task_id, element_id in begun.items():
        if lines.get(task_id, ("", ""))[1] not in ("open", "failed"):
            yield f"step {element_id} is open, but its history does not say so"
    for task_id, (element_id, how) in lines.items():
        if how == "open" and task_id not in begun:
            yield f"step {element_id} is open in the history, but not in the saved state"


def _against_rows(state: Execution, rows: Rows) -> Iterator[str]:
    wanted: dict[Open, str] = {(wait.kind, wait.task_id): wait.element_id for wait in state.waits}
    wanted |= {("failure", failure.task_id): failure.element_id for failure in state.failed_tasks}
    for (kind, task_id), element_id in wanted.items():
        if rows.open[kind, task_id]:
            continue
        # The child has ended and its news is on the way, or it cannot be called and somebody was told.
        if kind == "call" and (task_id in rows.under_way or rows.is_moving):
            continue
        yield f"step {element_id} waits for {WORDS[kind]} that does not exist"
    for (kind, task_id), count in rows.open.items():
        if (kind, task_id) not in wanted:
            yield f"{WORDS[kind]} for step {rows.elements[task_id]} is open, but nothing waits for it"
        elif count > 1:
            yield f"step {rows.elements[task_id]} waits for {WORDS[kind]}, and there are {count}"
    for wait in state.waits:
        due_at = rows.due.get(wait.task_id)
        if wait.due_at is not None and due_at is not None and abs((due_at - wait.due_at).total_seconds()) >= 1:
            yield f"the timer of step {wait.element_id} is set to {due_at:%F %T}, not to {wait.due_at:%F %T}"
