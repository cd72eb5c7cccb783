"""Compensation through the ledger: the effects of completed steps are reversed one after another, newest first.

A step with a drawn handler has the handler instead of the ledger's undo; what it makes good for is then crossed out.
So every effect is undone once, by whichever of them, and a later cancel finds nothing left of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from processes import projection, undo
from processes.errors import StaleTask
from processes.job_rows import write_job
from processes.lifecycle import ENDED_JOBS, EffectState, next_effect_state
from processes.running import Place, Running
from processes.store.instances import ProcessInstance
from processes.store.jobs import Effect, Job


def go_on(running: Running, _job: Job) -> None:
    """Take the next step of every compensation of this instance that asks the ledger.

    An interrupted child has nothing to compensate itself: its caller may have.
    """
    if not running.is_running:
        if running.instance.parent_id is not None:
            write_job(running, "continue_undo", instance_id=running.instance.parent_id)
        return
    through = [task_id for task_id, steps in running.execution.undoing.items() if _next(running, task_id, steps)]
    for task_id in through:
        try:
            running.execution.complete(task_id, {})
        except StaleTask:  # the end of another one has taken it away
            continue
    if through:
        projection.settle(running)


def _next(running: Running, task_id: str, steps: Sequence[str]) -> bool:
    """Reverse the newest effect of these steps, if it is time; true: none is left."""
    session = running.session
    session.flush()
    children = _children(running, steps)
    out = or_(and_(Job.instance_id == running.instance.id, Job.task_id.in_(steps)), Job.instance_id.in_(children))
    outstanding = select(Job.id).where(out, Job.kind == "operation", Job.detached, Job.state.not_in(ENDED_JOBS))
    if session.scalars(outstanding.limit(1)).first() is not None:
        return False
    mine = _effects_of(running, steps, children)
    busy = Effect.state.in_((EffectState.UNDOING, EffectState.UNDO_FAILED))  # the end of its incident leads here again
    if session.scalars(select(Effect.seq).where(mine, busy).limit(1)).first() is not None:
        return False
    newest = select(Effect).where(mine, Effect.state == EffectState.CONFIRMED).order_by(Effect.seq.desc()).limit(1)
    effect = session.scalars(newest).first()
    if effect is None:
        return True
    undo.begin_undo(running, effect, for_task=task_id)
    session.flush()
    return False


def _children(running: Running, steps: Sequence[str]) -> list[str]:
    """The instances that answered calls among these steps, and all below them."""
    mine = ProcessInstance.parent_id == running.instance.id, ProcessInstance.parent_task_id.in_(steps)
    level = list(running.session.scalars(select(ProcessInstance.id).where(*mine)))
    found = list(level)
    while level:
        level = list(running.session.scalars(select(ProcessInstance.id).where(ProcessInstance.parent_id.in_(level))))
        found += level
    return found


def _effects_of(running: Running, steps: Sequence[str], children: Sequence[str]) -> ColumnElement[bool]:
    own = and_(Effect.instance_id == running.instance.id, Effect.task_id.in_(steps))
    return or_(own, Effect.instance_id.in_(children))


def _standing(running: Running, steps: Sequence[str]) -> list[Effect]:
    """The effects of these steps that are in force, newest first."""
    running.session.flush()
    mine = _effects_of(running, steps, _children(running, steps))
    rows = select(Effect).where(mine, Effect.state == EffectState.CONFIRMED).order_by(Effect.seq.desc())
    return list(running.session.scalars(rows))


def made_good(running: Running, steps: Sequence[str]) -> None:
    """The handler of these steps is through: none of their effects is in force any more."""
    for effect in _standing(running, steps):
        _cross_out(running, effect, {})


def enter(running: Running, job: Job, inputs: dict[str, Any]) -> bool:
    """A handler's operation is in force: it undid the newest effect of what it makes good for.

    False: there was no effect to undo, or the handler does more than that; the operation is entered by itself.
    """
    effect = next(iter(_standing(running, job.payload["compensates"])), None)
    if effect is None:
        return False
    effect.undo_operation, effect.undo_operation_id = job.operation, job.operation_id
    effect.undo_inputs = inputs
    _cross_out(running, effect, {"undo_operation_id": job.operation_id, "undo_operation": job.operation})
    return True


def _cross_out(running: Running, effect: Effect, how: dict[str, Any]) -> None:
    effect.state = next_effect_state(next_effect_state(effect.state, EffectState.UNDOING), EffectState.UNDONE)
    effect.ended_at = running.now
    detail = {"operation": effect.operation, "operation_id": effect.operation_id, "instance_id": effect.instance_id}
    running.emit("effect_undone", Place(effect.element_id, effect.task_id), {**detail, "inputs": {}, **how})
