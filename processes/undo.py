"""Cancelling a tree: freeze it, wait for outstanding answers, reverse the ledger one effect after another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from adapters.operations import UnknownOperation
from processes import adopting, by_people, incidents, links, strangers
from processes.errors import InstanceNotRunning, NotThere, UnknownProcess
from processes.faults import fault
from processes.handlers import operation_of, policy_of, port_code
from processes.job_rows import write_job
from processes.lifecycle import (
    ENDED_JOBS,
    EffectState,
    InstanceState,
    MoveState,
    next_effect_state,
    next_instance_state,
)
from processes.locking import lock_instance
from processes.parts import EngineParts
from processes.queries import of_tree, point_of_no_return
from processes.repairs import Why, note
from processes.running import Place, Running
from processes.store.bulk import Move
from processes.store.instances import ProcessInstance
from processes.store.jobs import Effect, Job
from processes.store.renewals import Renewal


@dataclass(frozen=True, kw_only=True)
class CancelOutcome:
    """Where a cancellation stands.

    ``state``: ``cancelling`` or ``cancelled``. ``effects``: how many writes were in force. ``outstanding``:
    calls whose outcome is not known yet. ``point_of_no_return``: the furthest point passed, or none.
    """

    state: str
    effects: int
    outstanding: int
    point_of_no_return: str | None


def cancel(
    parts: EngineParts,
    session: Session,
    root_instance_id: str,
    *,
    reason: str,
    actor: str,
    now: datetime,
    repair: Why | None = None,
) -> CancelOutcome:
    """Freeze the tree and begin to undo it; asking again reports how far it is.

    :param repair: an operator does it, for the audit of repairs.
    """
    running = Running.locked(parts, session, root_instance_id, now=now, actor=actor)
    root = running.instance
    if root.id != root.root_id:
        raise NotThere("root process instance", root_instance_id)
    if root.state == InstanceState.COMPLETED:
        raise InstanceNotRunning(root.id, root.state)
    in_force = and_(Effect.root_instance_id == root.id, Effect.state == EffectState.CONFIRMED)
    effects = _count(session, select(Effect).where(in_force))
    if root.state == InstanceState.RUNNING:
        root.cancel_reason = reason
        if repair is not None:
            note(running, repair, "cancel", subject=root.id, before={"effects": effects})
        links.freeze(running, whole_tree=True)
        outstanding = _outstanding(session, root.id)
        running.emit("undo_started", detail={"reason": reason, "effects": effects, "outstanding": outstanding})
        go_on(running)
    session.flush()
    return CancelOutcome(
        state=root.state,
        effects=effects,
        outstanding=_outstanding(session, root.id),
        point_of_no_return=point_of_no_return(session, root.id),
    )


def go_on(running: Running) -> None:
    """Take the next step of a cancellation, if it is time: next undo, or the end. Needs the root's lock."""
    session, root = running.session, running.instance
    session.flush()
    if root.state != InstanceState.CANCELLING or _outstanding(session, root.id):
        return
    mine = Effect.root_instance_id == root.id
    if session.scalars(select(Effect.seq).where(mine, Effect.state == EffectState.UNDOING).limit(1)).first():
        return
    newest = select(Effect).where(mine, Effect.state == EffectState.CONFIRMED).order_by(Effect.seq.desc()).limit(1)
    effect = session.scalars(newest).first()
    if effect is not None:
        begin_undo(running, effect)
    elif not _count(session, select(Effect).where(mine, Effect.state == EffectState.UNDO_FAILED)):
        _finish(running)


def look_again(running: Running) -> None:
    """An outstanding answer of a tree is in: let go on what may have waited for it: cancel, move, compensation."""
    session, root_id = running.session, running.instance.root_id
    session.flush()
    moves = select(Move.id, Move.instance_id).where(Move.root_id == root_id, Move.state == MoveState.UNDOING)
    for move_id, instance_id in session.execute(moves.order_by(Move.id)).all():
        write_job(running, "continue_move", instance_id=instance_id, payload={"move_id": move_id})
    renewals = select(Renewal.id, Renewal.instance_id).where(Renewal.root_id == root_id)
    for renewal_id, instance_id in session.execute(renewals.where(Renewal.state == MoveState.UNDOING)).all():
        write_job(running, "continue_renewal", instance_id=instance_id, payload={"renewal_id": renewal_id})
    # Not locked: whoever froze the tree needed the lock on this instance, which we hold.
    state = session.scalar(select(ProcessInstance.state).where(ProcessInstance.id == root_id))
    if state == InstanceState.CANCELLING:
        write_job(running, "continue_cancel", instance_id=root_id)
    elif not running.is_running or running.definition.spec.compensates:
        write_job(running, "continue_undo")


def all_undone(running: Running, mine: ColumnElement[bool], **asked_by: Any) -> bool:
    """Whether none of these effects has to be undone any more; if one has, the newest is begun with, one at a time.

    False also while one is being undone or is stuck at an incident, whose end leads here again.
    """
    session = running.session
    if _one_is(running, mine, EffectState.UNDOING):
        return False
    newest = select(Effect).where(mine, Effect.state == EffectState.CONFIRMED).order_by(Effect.seq.desc())
    effect = session.scalars(newest.limit(1)).first()
    if effect is not None:
        begin_undo(running, effect, **asked_by)
        session.flush()
        return False
    return not _one_is(running, mine, EffectState.UNDO_FAILED)


def _one_is(running: Running, mine: ColumnElement[bool], state: EffectState) -> bool:
    rows = select(Effect.seq).where(mine, Effect.state == state)
    return running.session.scalars(rows.limit(1)).first() is not None


def begin_undo(running: Running, effect: Effect, **asked_by: Any) -> None:
    """Write the job that reverses an effect.

    :param asked_by: kept with the job, so that :func:`_told` knows who waits for it; nothing: the cancel of the tree.
    """
    parts, code = running.parts, effect.undo_operation or ""
    effect.state = next_effect_state(effect.state, EffectState.UNDOING)
    if effect.adapter == by_people.PEOPLE:
        by_people.ask(running, effect)
        return
    payload = {"inputs": effect.undo_inputs, "effect_seq": effect.seq, **asked_by}
    try:
        operation = operation_of(parts, code)
    except UnknownOperation:
        strangers.leave_operation(running.session, parts, code, running.now)
        job = write_job(running, "undo", operation=code, payload=payload, may_go_on=False)
        effect_stuck(running, job, "unknown-operation", f"undo operation {code!r} is not registered")
        return
    problems = parts.registry.check_inputs(code, effect.undo_inputs) if code in parts.registry else []
    job = write_job(
        running,
        "undo",
        place=Place(effect.element_id),
        operation=code,
        adapter=port_code(parts, operation),
        max_attempts=policy_of(parts, operation).attempts,
        payload=payload,
        business_key=effect.business_key,
        area=effect.area,
        may_go_on=not problems,
    )
    effect.undo_operation_id = job.operation_id
    if problems:
        effect_stuck(running, job, "invalid-inputs", "; ".join(problems))


def begin_by_people(running: Running, job: Job) -> None:
    """Begin the process that undoes what people did; where there is none, the undo is stuck."""
    try:
        by_people.start(running, job)
    except UnknownProcess as refusal:
        again = by_people.ask(running, running.session.get_one(Effect, job.payload["effect_seq"]), may_go_on=False)
        effect_stuck(running, again, refusal.code, str(refusal))


def ended_by_people(running: Running, job: Job) -> None:
    """The process that undoes what people did has ended; an error of it leaves the undo stuck."""
    mine = select(Effect).where(Effect.undo_operation_id == job.payload["child_id"])
    effect = running.session.scalars(mine).one()
    fault("undo.people_answered")
    if "error" in job.payload:
        code, message = job.payload["error"]
        effect_stuck(running, by_people.ask(running, effect, may_go_on=False), code, message)
        return
    _cross_out(running, effect, effect.undo_operation_id)
    look_again(running)


def effect_undone(running: Running, job: Job) -> None:
    """The undo is in force: cross the effect out and go on with the next."""
    _cross_out(running, running.session.get_one(Effect, job.payload["effect_seq"]), job.operation_id)
    _told(running, job)


def _cross_out(running: Running, effect: Effect, undo_operation_id: str | None) -> None:
    effect.state = next_effect_state(effect.state, EffectState.UNDONE)
    effect.ended_at = running.now
    detail = {
        "operation": effect.operation,
        "operation_id": effect.operation_id,
        "undo_operation": effect.undo_operation,
        "undo_operation_id": undo_operation_id,
        "inputs": effect.undo_inputs,
        "instance_id": effect.instance_id,
    }
    running.emit("effect_undone", Place(effect.element_id, effect.task_id), detail)


def effect_stuck(running: Running, job: Job, code: str, message: str) -> None:
    """An undo cannot be done: open an incident, let the other effects be undone meanwhile."""
    effect = running.session.get_one(Effect, job.payload["effect_seq"])
    effect.state = next_effect_state(effect.state, EffectState.UNDO_FAILED)
    effect.undo_operation_id = job.operation_id
    incidents.open_for_job(running, job, code, message)
    _told(running, job)


def _told(running: Running, job: Job) -> None:
    """One undo has come to an end, or stands still: whoever asked for it takes the next step."""
    if "move_id" in job.payload:
        write_job(running, "continue_move", payload={"move_id": job.payload["move_id"]})
    elif "renewal_id" in job.payload:
        write_job(running, "continue_renewal", payload={"renewal_id": job.payload["renewal_id"]})
    elif "for_step" in job.payload:
        adopting.undone(running, job.payload)
    elif "for_task" in job.payload or job.kind == "undo_by_people":
        look_again(running)
    else:
        go_on(running)


def _finish(running: Running) -> None:
    session, root = running.session, running.instance
    below = select(ProcessInstance.id).where(
        ProcessInstance.root_id == root.id,
        ProcessInstance.id != root.id,
        ProcessInstance.state == InstanceState.CANCELLING,
    )
    detail = {"reason": root.cancel_reason}
    for child_id in session.scalars(below.order_by(ProcessInstance.depth, ProcessInstance.id)).all():
        child = Running(running.parts, session, lock_instance(session, child_id), now=running.now, actor=running.actor)
        _end(child)
        child.emit("instance_cancelled", detail=detail)
    _end(running)
    running.emit("instance_cancelled", detail=detail)
    running.emit("undo_completed", detail=detail)


def _end(running: Running) -> None:
    instance = running.instance
    instance.state = next_instance_state(instance.state, InstanceState.CANCELLED)
    instance.ended_at = running.now


def _outstanding(session: Session, root_id: str) -> int:
    open_ones = select(Job).where(
        of_tree(Job, root_id), Job.kind == "operation", Job.detached, Job.state.not_in(ENDED_JOBS)
    )
    return _count(session, open_ones)


def _count(session: Session, rows: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0
