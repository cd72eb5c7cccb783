"""Moving one running instance to another version of its definition, whole or not at all.

A dry run and the real thing do the same work; only the real thing holds the lock of the instance and keeps the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select, update

from processes import migration_words, projection
from processes.definitions import LoadedDefinition
from processes.errors import ProcessError, SnapshotTooOld
from processes.handlers import known_operations, operation_of, policy_of, port_code
from processes.job_rows import ready_state
from processes.lifecycle import ENDED_JOBS, OPEN_TRIGGERS, IncidentState, InstanceState, JobState, UserTaskState
from processes.repairs import Why, note
from processes.running import NOWHERE, Running
from processes.spiff.bridge import Execution
from processes.spiff.carrying import Carried, Doubt, carry, set_down
from processes.spiff.counterparts import Change, Counterparts
from processes.spiff.mending import correct, find
from processes.store.instances import Incident, MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Job
from processes.store.starts import SignalSubscription

SAFE: Final = "safe"
NEEDS_MAPPING: Final = "needs_mapping"
BLOCKED: Final = "blocked"
OUT: Final = (JobState.LEASED, JobState.SENT, JobState.WAITING_ANSWER)


class CannotMigrate(ProcessError):
    """The instance cannot move to that version; ``reasons`` say why, as kept in a dry run."""

    def __init__(self, verdict: Verdict) -> None:
        first = verdict.reasons[0]
        self.code = str(first["code"])
        self.reasons = verdict.reasons
        super().__init__("; ".join(str(reason["en"]) for reason in verdict.reasons))


@dataclass(frozen=True)
class Route:
    """From which version to which, and what answers to what."""

    old: LoadedDefinition
    new: LoadedDefinition
    counterparts: Counterparts

    @property
    def change(self) -> Change:
        return Change(self.old.spec, self.new.spec, self.counterparts)


@dataclass(frozen=True)
class Verdict:
    """``word``: safe, needs_mapping or blocked; reasons and notes as :func:`~processes.migration_words.said`."""

    word: str
    reasons: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Ready:
    """An instance as it would be after the move. ``renewed``: calls that have not succeeded, with their new inputs."""

    verdict: Verdict
    execution: Execution | None = None
    carried: Carried | None = None
    renewed: list[tuple[Job, dict[str, Any]]] = field(default_factory=list)


def jobs_of(running: Running) -> Sequence[Job]:
    """The calls of an instance that have not ended, read afresh."""
    open_ones = select(Job).where(Job.instance_id == running.instance.id, Job.state.not_in(ENDED_JOBS))
    calls = open_ones.where(Job.kind == "operation", Job.detached.is_(False))
    return running.session.scalars(calls.execution_options(populate_existing=True)).all()


def judge(running: Running, route: Route, jobs: Sequence[Job], children: Mapping[str, str]) -> Ready:
    """Whether the instance can move, and what it would be then; nothing is written.

    :param children: the process keys of running children, by the call in this instance that waits for them.
    """
    if refused := _refused(running.instance, route):
        return Ready(refused)
    try:
        carried = carry(running.instance.snapshot or b"", route.change, running.instance.inputs)
        if carried.doubts:
            return Ready(_verdict(carried.doubts, carried.notes))
        execution = set_down(carried, route.change, running.context())
    except (ValueError, KeyError, SnapshotTooOld) as problem:
        return Ready(_verdict([Doubt("unreadable", detail=str(problem))], []))
    execution.advance(running.parts.step_budget)
    ready = Ready(Verdict(SAFE), execution, carried)
    doubts = [Doubt("cannot-arm", failure.element_id, failure.message) for failure in execution.changes.failures]
    notes = [*carried.notes, *_armed(execution, carried)]
    for job in jobs:
        _judge_call(running, route, ready, job, doubts, notes)
    notes += _kept(route, carried, execution, children)
    ready.verdict = _verdict(doubts, notes)
    return ready


def _refused(instance: ProcessInstance, route: Route) -> Verdict | None:
    if instance.definition_id != route.old.id:
        return _verdict([Doubt("other-version")], [])
    if instance.state != InstanceState.RUNNING:
        return _verdict([Doubt("not-running", detail=instance.state)], [])
    return _verdict([Doubt("not-started")], []) if instance.snapshot is None else None


def _verdict(doubts: Sequence[Doubt], notes: Sequence[Doubt]) -> Verdict:
    weights = {migration_words.SAYINGS[doubt.code].weight for doubt in doubts}
    word = BLOCKED if "blocked" in weights else NEEDS_MAPPING if weights else SAFE
    say = migration_words.said
    reasons = [say(doubt.code, doubt.element_id, doubt.detail) for doubt in doubts]
    return Verdict(word, reasons, [say(note.code, note.element_id, note.detail) for note in notes])


def _armed(execution: Execution, carried: Carried) -> list[Doubt]:
    fresh = {wait.element_id for wait in execution.waits if wait.task_id not in carried.elements}
    return [Doubt("event-armed", element_id) for element_id in sorted(fresh)]


def _kept(route: Route, carried: Carried, execution: Execution, children: Mapping[str, str]) -> list[Doubt]:
    """What stays as it was although the new version would begin it differently."""
    found = []
    for wait in execution.waits:
        before = route.old.elements.get(carried.was.get(wait.task_id, ""))
        after = route.new.elements.get(wait.element_id)
        if wait.kind == "user" and before is not None and after is not None:
            if any(before.attributes.get(name) != after.attributes.get(name) for name in ("form", "team")):
                found.append(Doubt("form-kept", wait.element_id))
        elif wait.kind == "call" and wait.task_id in children:
            called = find(execution, wait.task_id).task_spec.extensions.get("called")
            if called and called != children[wait.task_id]:
                found.append(Doubt("child-kept", wait.element_id, children[wait.task_id]))
    return found


def _judge_call(
    running: Running, route: Route, ready: Ready, job: Job, doubts: list[Doubt], notes: list[Doubt]
) -> None:
    """A call that is out goes on as it is; one that has not succeeded is made as the new version draws it."""
    task_id, carried, execution = job.task_id or "", ready.carried, ready.execution
    if carried is None or execution is None or task_id not in carried.elements:
        return
    before = route.old.elements.get(carried.was[task_id])
    after = route.new.elements.get(carried.elements[task_id])
    if before is None or after is None:
        return
    code = after.attributes.get("operation", "")
    drawn_alike = before.inputs == after.inputs and before.attributes.get("retry") == after.attributes.get("retry")
    same = before.attributes.get("operation", "") == code
    if same and drawn_alike:
        return
    if job.state in OUT or job.outcome_unknown or (job.state == JobState.SUSPENDED and job.sent_at is not None):
        if same:
            notes.append(Doubt("call-kept", after.id))
        else:
            doubts.append(Doubt("call-under-way", before.id, job.operation))
        return
    try:
        inputs = correct(execution, task_id, {})
        problems = running.parts.registry.check_inputs(code, inputs) if code in running.parts.registry else []
    except ProcessError as problem:
        problems = [str(problem)]
    if code not in known_operations(running.parts):
        problems = [f"operation {code!r} is not registered"]
    if problems:
        doubts.append(Doubt("inputs-refused", after.id, "; ".join(problems)))
    else:
        notes.append(Doubt("call-renewed", after.id))
        ready.renewed.append((job, inputs))


def move(running: Running, route: Route, why: Why, *, migration_id: str) -> Verdict:
    """Move a locked instance to the other version; everything of it is written with this transaction.

    :raises CannotMigrate: it cannot move; nothing is written.
    """
    ready = judge(running, route, jobs_of(running), children_of(running))
    carried, execution = ready.carried, ready.execution
    if ready.verdict.word != SAFE or carried is None or execution is None:
        raise CannotMigrate(ready.verdict)
    for task_id, kind in carried.dropped.items():
        projection.close_wait(running, task_id, kind, cancelled=True)
    running.instance.definition_id = route.new.id
    running.adopt(execution)
    _rename(running, carried)
    for job, inputs in ready.renewed:
        _renew(running, route, job, carried.elements[job.task_id or ""], inputs)
    projection.record_changes(running)
    renamed = {old: new for old, new in route.counterparts.items() if new is not None and old != new}
    versions = {"from_version": route.old.version, "to_version": route.new.version}
    detail = {**versions, "mapping": renamed, "migration_id": migration_id, "reason": why.reason}
    projection.append_log(running, NOWHERE, "migrated", detail)
    running.emit("instance_migrated", detail=detail)
    before, after = {"version": route.old.version}, {"version": route.new.version, "mapping": renamed}
    note(running, why, "migrate", subject=running.instance.id, before=before, after=after)
    running.save()
    return ready.verdict


def children_of(running: Running) -> dict[str, str]:
    """Process keys of the running children of an instance, by the task that waits for them."""
    mine = select(ProcessInstance.parent_task_id, ProcessInstance.process_key).where(
        ProcessInstance.parent_id == running.instance.id, ProcessInstance.state == InstanceState.RUNNING
    )
    return {task_id: key for task_id, key in running.session.execute(mine) if task_id}


def _rename(running: Running, carried: Carried) -> None:
    """Rows that say at which element something waits say the new name."""
    session, instance_id = running.session, running.instance.id
    for task_id, element_id in carried.elements.items():
        if carried.was[task_id] == element_id:
            continue
        open_rows: list[tuple[Any, Any]] = [
            (UserTask, UserTask.state == UserTaskState.OPEN),
            (Timer, Timer.state.in_(OPEN_TRIGGERS)),
            (MessageSubscription, MessageSubscription.state.in_(OPEN_TRIGGERS)),
            (SignalSubscription, SignalSubscription.state.in_(OPEN_TRIGGERS)),
            (Job, Job.state.not_in(ENDED_JOBS)),
            (Incident, Incident.state == IncidentState.OPEN),
        ]
        for entity, is_open in open_rows:
            mine = update(entity).where(entity.instance_id == instance_id, entity.task_id == task_id, is_open)
            session.execute(mine.values(element_id=element_id).execution_options(synchronize_session=False))
        child = update(ProcessInstance).where(
            ProcessInstance.parent_id == instance_id, ProcessInstance.parent_task_id == task_id
        )
        session.execute(child.values(parent_element_id=element_id).execution_options(synchronize_session=False))


def _renew(running: Running, route: Route, job: Job, element_id: str, inputs: Mapping[str, Any]) -> None:
    """The call as the new version draws it: another request, so another key at the far side."""
    parts, attributes = running.parts, route.new.elements[element_id].attributes
    operation = operation_of(parts, attributes.get("operation", ""))
    job.operation, job.adapter = operation.code, port_code(parts, operation)
    job.max_attempts = policy_of(parts, operation, attributes.get("retry")).attempts
    job.payload = {**job.payload, "inputs": dict(inputs)}
    job.operation_id, job.rejected_code, job.phase = parts.ids(), None, "perform"
    if job.state == JobState.READY:
        job.attempts, job.run_at, job.state = 0, running.now, ready_state(running)
    running.session.flush()


def turned(counterparts: Counterparts) -> dict[str, str | None]:
    """The way back: what was renamed is called as before; what two elements became can only go to one of them."""
    return {new: old for old, new in counterparts.items() if new is not None}
