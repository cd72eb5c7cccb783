"""What people have done is in the ledger too, where the drawing says which process undoes it (``yizhan:undoneBy``).

To undo it is a process again: it runs as an instance of the same tree, below the one that asks, and nobody's step
waits for it (its ``parent_task_id`` is empty). So people get a to-do, and the next older effect waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from processes import links
from processes.definitions import latest_process
from processes.faults import fault
from processes.job_rows import write_job
from processes.lifecycle import EffectState
from processes.running import Place, Running
from processes.spiff.bridge import Thrown
from processes.spiff.definition import ElementInfo
from processes.store.instances import ProcessInstance, UserTask
from processes.store.jobs import Effect, Job
from processes.store.rows import new

#: Who has done such an effect, where others name an adapter.
PEOPLE: Final = "people"
#: Who has started an instance that undoes something; those it calls have been started by the same.
UNDOING: Final = "(undo)"


def begun(running: Running, task: UserTask) -> None:
    """Somebody begins a user task: behind its point of no return it has to be undone from now on."""
    element = running.element(task.element_id)
    if element is None or not element.attributes.get("undoneBy") or not element.attributes.get("pointOfNoReturn"):
        return
    if _standing(running, task) is None:
        _enter(running, task, element, {})


def done(running: Running, task: UserTask, result: Mapping[str, Any]) -> None:
    """A user task is handed in: what was done is in force, and its undo knows what the form says."""
    element = running.element(task.element_id)
    if element is None or not element.attributes.get("undoneBy"):
        return
    known = _standing(running, task)
    if known is None:
        _enter(running, task, element, result)
        return
    known.outputs, known.undo_inputs = dict(result), {**task.inputs, **result}


def _standing(running: Running, task: UserTask) -> Effect | None:
    running.session.flush()
    mine = Effect.instance_id == task.instance_id, Effect.task_id == task.task_id
    of_tree = Effect.root_instance_id == task.root_id, Effect.state == EffectState.CONFIRMED
    return running.session.scalars(select(Effect).where(*of_tree, *mine)).first()


def _enter(running: Running, task: UserTask, element: ElementInfo, result: Mapping[str, Any]) -> None:
    if running.instance.started_by == UNDOING:
        return  # it is the undo of something else, and is not undone itself
    effect = new(
        Effect,
        root_instance_id=running.instance.root_id,
        instance_id=running.instance.id,
        task_id=task.task_id,
        element_id=task.element_id,
        operation=element.attributes.get("form") or task.element_id,
        operation_id=running.parts.ids(),
        adapter=PEOPLE,
        inputs=dict(task.inputs),
        outputs=dict(result),
        undo_operation=element.attributes["undoneBy"],
        undo_inputs={**task.inputs, **result},
        state=EffectState.CONFIRMED,
        business_key=running.instance.business_key,
        area=running.instance.area,
        confirmed_at=running.now,
        in_place=False,
    )
    running.add(effect)
    detail = {"operation": effect.operation, "operation_id": effect.operation_id}
    running.emit("effect_confirmed", Place.of(task), {**detail, "inputs": effect.inputs, "outputs": effect.outputs})


def ask(running: Running, effect: Effect, *, may_go_on: bool = True) -> Job:
    """Write the job that begins the process.

    :param may_go_on: false for one that has to wait at an incident first.
    """
    payload = {"inputs": effect.undo_inputs, "effect_seq": effect.seq}
    return write_job(
        running,
        "undo_by_people",
        place=Place(effect.element_id),
        operation=effect.undo_operation or "",
        payload=payload,
        business_key=effect.business_key,
        area=effect.area,
        may_go_on=may_go_on,
    )


def start(running: Running, job: Job) -> None:
    """Begin the process that undoes an effect. :raises UnknownProcess: none of that name is deployed."""
    effect = running.session.get_one(Effect, job.payload["effect_seq"])
    definition = latest_process(running.session, job.operation)
    above = running.instance
    child = new(
        ProcessInstance,
        id=running.parts.ids(),
        definition_id=definition.id,
        root_id=above.root_id,
        parent_id=above.id,
        parent_task_id=None,
        parent_element_id=None,
        parent_loop_index=None,
        depth=above.depth + 1,
        process_key=definition.key,
        business_key=effect.business_key,
        area=effect.area,
        inputs=dict(job.payload["inputs"]),
        started_by=UNDOING,
        renewal_id=None,
    )
    effect.undo_operation_id = child.id
    fault("undo.people_asked")
    links.begin_child(running, child, is_suspended=definition.suspended_at is not None)


def is_undoing(instance: ProcessInstance) -> bool:
    """Whether an instance undoes something, and no step waits for it."""
    return instance.parent_id is not None and instance.parent_task_id is None


def report_end(running: Running, error: Thrown | None) -> None:
    """The process is through, or has ended in an error: whose ledger it is hears of it by a job."""
    instance = running.instance
    payload: dict[str, Any] = {"child_id": instance.id}
    if error is not None:
        payload["error"] = [error.code, error.message]
    write_job(running, "undone_by_people", instance_id=instance.parent_id, payload=payload)
