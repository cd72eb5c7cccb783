"""A renewed instance takes over what was done before: no call is made for it, no person is asked again.

It happens where the instance has come to its next waits and none of them has a row yet, so a step that was done with
the same inputs is over before anybody hears of it. Its effects belong to the new activation from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update

from adapters.operations import UnknownOperation
from processes import incidents, projection, renewal_rules, undo
from processes.errors import StaleTask
from processes.faults import fault
from processes.handlers import operation_of, policy_of, port_code
from processes.job_rows import write_job
from processes.lifecycle import EffectState, UserTaskState, next_user_task_state
from processes.recorded import Record, path_at, way_from
from processes.running import Place, Running
from processes.spiff import renewing as tokens
from processes.spiff.bridge import Wait
from processes.spiff.expressions import ExpressionError
from processes.spiff.lint_changes import change_of
from processes.store.instances import UserTask
from processes.store.jobs import Effect, Job
from processes.store.renewals import Renewal

#: A job that waits for an undo is due when nobody lives any more, or as soon as the undo is in force.
NOT_BEFORE_THE_UNDO: Final = timedelta(days=365_000 // 4)
REPEATED: Final = frozenset({"user", "job", "call"})


@dataclass(frozen=True)
class Renewed:
    """What is known of a step that is not simply kept: its record, and how it is to be done."""

    record: Record
    act: renewal_rules.Act


def take_over(running: Running) -> None:
    """Let everything that was done before be over, until what is waited for is new or has to be done again."""
    session = running.session
    row = session.get(Renewal, running.instance.renewal_id)
    if row is None or row.records is None or row.child_id is None or len(row.used) == len(row.records):
        return
    way = way_from(session, running.instance, row.child_id)
    shelf = renewal_rules.Shelf([Record(**one) for one in row.records], row.used)
    looked_at: set[str] = set()
    while True:
        fresh = [wait for wait in running.execution.changes.opened if wait.task_id not in looked_at]
        if not fresh:
            break
        looked_at.update(wait.task_id for wait in fresh)
        taken = [wait for wait in fresh if _take(running, shelf, way, wait)]
        if taken:
            running.execution.advance(running.parts.step_budget)
    row.used = sorted(shelf.used)
    fault("renew.taken_over")


def _take(running: Running, shelf: renewal_rules.Shelf, way: str, wait: Wait) -> bool:
    """Take over one step; false: it waits, and how it differs is remembered for the rows."""
    if wait.kind in ("call", "undo", "signal"):
        return False
    path = way + path_at(wait.element_id, wait.loop_index if wait.kind in REPEATED else None)
    place = shelf.take(path, wait.kind, wait.inputs)
    if place is None:
        running.renewed[wait.task_id] = None
        return False
    record = shelf.records[place]
    verdict = renewal_rules.judge(record, running.element(wait.element_id), wait.inputs)
    act = verdict.act if _stands(running, record) else "redo"
    if act != "keep" or record.how == "open":
        running.renewed[wait.task_id] = Renewed(record, act)
        return False
    execution = running.execution
    try:
        if record.how == "failed":
            return execution.throw_error(wait.task_id, record.code, record.message)
        tokens.answer(execution, wait, record.result, record.names)
    except StaleTask:
        return False
    _rehome(running, wait, record.effects)
    return True


def _stands(running: Running, record: Record) -> bool:
    """Whether everything the record has brought about is still in force."""
    if not record.effects:
        return True
    undone = select(Effect.seq).where(
        Effect.seq.in_(record.effects), Effect.state.not_in((EffectState.CONFIRMED, EffectState.IRREVERSIBLE))
    )
    return running.session.scalars(undone.limit(1)).first() is None


def _rehome(running: Running, wait: Wait, seqs: Sequence[int]) -> None:
    """The effects belong to the activation that has taken them over."""
    if seqs:
        moved = update(Effect).where(Effect.seq.in_(seqs))
        moved = moved.values(instance_id=running.instance.id, task_id=wait.task_id, element_id=wait.element_id)
        running.session.execute(moved.execution_options(synchronize_session="fetch"))


# -- rows of steps that are not simply kept ---------------------------------------------------------------------------


def open_instead(running: Running, wait: Wait) -> bool:
    """Write the row of a step of a renewed instance; false: it is written like any other."""
    known = running.renewed.get(wait.task_id)
    if wait.kind in ("user", "job") and (known is None or known.record.how != "open" or known.act == "redo"):
        act = "new" if known is None else known.act
        running.emit("step_renewed", Place.of(wait), {"act": act})
    if known is None:
        return False
    record = known.record
    if wait.kind == "user":
        return _keep_task(running, wait, known)
    if wait.kind == "timer":
        return _keep_timer(running, wait, record)
    if wait.kind != "job":
        return False
    if known.act == "change":
        return _change(running, wait, record)
    if record.effects and not record.lost:
        return _undo_first(running, wait, record)
    return False


def _keep_task(running: Running, wait: Wait, known: Renewed) -> bool:
    """An open user task goes on as it is, claimed and half filled in as it may be; one with other inputs is closed."""
    row = running.session.get(UserTask, known.record.row_id, populate_existing=True) if known.record.row_id else None
    if known.act == "change":  # it is done once more, upon what was done before
        _rehome(running, wait, known.record.effects)
    if row is None or row.state != UserTaskState.KEPT:
        return False
    if known.act != "keep":
        drop_task(running, row)
        return False
    row.state = next_user_task_state(row.state, UserTaskState.OPEN)
    row.instance_id, row.task_id, row.loop_index = running.instance.id, wait.task_id, wait.loop_index
    row.inputs = dict(wait.inputs)
    _rehome(running, wait, known.record.effects)
    running.session.flush()
    if known.record.begun:
        projection.append_log(running, Place.of(wait), "begun", {})
    running.emit("user_task_kept", Place.of(wait), {"user_task_id": row.id, "inputs": row.inputs})
    return True


def drop_task(running: Running, row: UserTask) -> None:
    """A user task that was kept in case its step comes again is not wanted any more."""
    row.state = next_user_task_state(row.state, UserTaskState.CANCELLED)
    row.ended_at, row.ended_by = running.now, running.actor
    running.session.flush()
    detail = {"user_task_id": row.id, "state": row.state, "result": None, "actor": running.actor}
    running.emit("user_task_closed", Place(row.element_id, row.task_id, row.loop_index), detail)


def _keep_timer(running: Running, wait: Wait, record: Record) -> bool:
    """A timer that was running goes on; its row is written with the instant it had."""
    if record.how == "open" and record.due_at:
        tokens.set_due(running.execution, wait.task_id, datetime.fromisoformat(record.due_at))
        projection.open_timer(running, wait, due_at=datetime.fromisoformat(record.due_at))
        return True
    return False


def _change(running: Running, wait: Wait, record: Record) -> bool:
    """Write the job that changes in place what the step did."""
    element = running.element(wait.element_id)
    if element is None:
        return False
    parts, (code, _) = running.parts, change_of(element.attributes.get("change", ""))
    place = Place.of(wait)
    kept = {"kept": record.result or {}, "changes": True}
    try:
        operation = operation_of(parts, code)
        names = (*operation.inputs, *operation.optional_inputs)
        inputs = renewal_rules.change_inputs(element, names, record, wait.inputs, running.now.isoformat())
    except (UnknownOperation, ExpressionError) as problem:
        job = write_job(
            running, "operation", place=place, operation=code, payload={"inputs": {}, **kept}, may_go_on=False
        )
        incidents.open_for_job(running, job, "cannot-change", str(problem))
        return True
    problems = parts.registry.check_inputs(code, inputs) if code in parts.registry else []
    job = write_job(
        running,
        "operation",
        place=place,
        operation=code,
        adapter=port_code(parts, operation),
        max_attempts=policy_of(parts, operation, element.attributes.get("retry")).attempts,
        payload={"inputs": inputs, **kept},
        may_go_on=not problems,
    )
    _rehome(running, wait, record.effects)
    if problems:
        incidents.open_for_job(running, job, "invalid-inputs", "; ".join(problems))
    return True


def _undo_first(running: Running, wait: Wait, record: Record) -> bool:
    """What was not foreseen: the step has to be done again, and its effect is still there. Undo it, then do it.

    The job is written at once and comes due when the last undo is in force.
    """
    standing = _standing(running, record.effects)
    if not standing:
        return False
    projection.open_operation(running, wait, run_at=running.now + NOT_BEFORE_THE_UNDO)
    undo.begin_undo(running, standing[0], for_step=[wait.task_id, record.effects])
    return True


def _standing(running: Running, seqs: Sequence[int]) -> list[Effect]:
    rows = select(Effect).where(Effect.seq.in_(seqs), Effect.state == EffectState.CONFIRMED)
    return list(running.session.scalars(rows.order_by(Effect.seq.desc())))


def undone(running: Running, payload: Mapping[str, Any]) -> None:
    """One of the undos a step waits for has come to an end: begin the next, or let the step be done."""
    task_id, seqs = payload["for_step"]
    running.session.flush()
    if not running.is_running:
        undo.look_again(running)
        return
    if standing := _standing(running, seqs):
        undo.begin_undo(running, standing[0], for_step=[task_id, seqs])
        return
    stuck = Effect.seq.in_(seqs), Effect.state.in_((EffectState.UNDOING, EffectState.UNDO_FAILED))
    if running.session.scalars(select(Effect.seq).where(*stuck).limit(1)).first() is not None:
        return  # an incident is open; its end leads here again
    mine = Job.instance_id == running.instance.id, Job.task_id == task_id, Job.kind == "operation"
    job = running.session.scalars(select(Job).where(*mine).execution_options(populate_existing=True)).first()
    if job is not None and job.run_at > running.now:
        job.run_at = running.now
