"""The ledger of effects: every confirmed write at a far side, with the complete input of its undo."""

from __future__ import annotations

from typing import Any

from processes import by_people, compensating
from processes.handlers import operation_of
from processes.lifecycle import EffectState
from processes.running import Place, Running
from processes.store.jobs import Effect, Job
from processes.store.rows import new


def confirm(running: Running, job: Job, outputs: dict[str, Any]) -> Effect | None:
    """Enter the effect of an operation; one that only reads leaves none.

    What a compensation handler does crosses out the effect it makes good for; more than that is never undone itself,
    nor is what a process does that undoes people's work.

    :raises UnknownOperation: nobody here can say what it would take to undo it.
    """
    operation = operation_of(running.parts, job.operation)
    if not operation.is_write:
        return None
    inputs = dict(job.payload.get("inputs", {}))
    makes_good = "compensates" in job.payload
    if makes_good and compensating.enter(running, job, inputs):
        return None
    element = running.element(job.element_id)
    drawn = element.attributes.get("undo") if element and "changes" not in job.payload else None
    is_undo = makes_good or running.instance.started_by == by_people.UNDOING
    undo_code = None if is_undo else drawn or operation.undo
    effect = new(
        Effect,
        root_instance_id=running.instance.root_id,
        instance_id=running.instance.id,
        task_id=job.task_id,
        element_id=job.element_id or "",
        operation=operation.code,
        operation_id=job.operation_id,
        adapter=operation.adapter,
        inputs=inputs,
        outputs=outputs,
        undo_operation=None if operation.irreversible else undo_code,
        undo_inputs=_undo_inputs(running, job, undo_code, inputs, outputs),
        state=EffectState.IRREVERSIBLE if operation.irreversible or not undo_code else EffectState.CONFIRMED,
        business_key=running.instance.business_key,
        area=running.instance.area,
        confirmed_at=running.now,
        in_place="changes" in job.payload,
    )
    running.add(effect)
    detail = {"operation": effect.operation, "operation_id": effect.operation_id, "inputs": inputs, "outputs": outputs}
    running.emit("effect_confirmed", Place.of(job), detail)
    return effect


def _undo_inputs(
    running: Running, job: Job, undo_code: str | None, inputs: dict[str, Any], outputs: dict[str, Any]
) -> dict[str, Any]:
    """Return the complete inputs of the undo; what cannot be told now is found missing when it is undone."""
    registry = running.parts.registry
    if undo_code is None or job.operation not in registry:
        return {}
    operation = registry.get(job.operation)
    if undo_code != operation.undo:
        known = {**inputs, **outputs}
        undo = registry.get(undo_code) if undo_code in registry else None
        names = known if undo is None else (*undo.inputs, *undo.optional_inputs)
        return {name: known[name] for name in names if name in known}
    try:
        return registry.undo_inputs(operation, inputs, outputs)
    except LookupError:
        return {}
