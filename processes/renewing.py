"""Renewing: a called instance is begun anew with other data, and what still holds of its work is kept.

The instance and all below it are stopped. Once every answer that is outstanding has come, the effects that no longer
hold are undone one after another, newest first; then a fresh instance answers the same call and takes over the rest
(:mod:`processes.adopting`). The caller, and everything else it has called, goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from processes import adopting, links, undo
from processes.errors import CannotMove, PlanChanged
from processes.faults import fault
from processes.foreseen import Forecast
from processes.lifecycle import ENDED_JOBS, EffectState, MoveState, UserTaskState
from processes.move_plans import subtree
from processes.parts import EngineParts
from processes.recorded import Record, records_of
from processes.renewal_plans import GONE, RenewalPlan, called, plan_renewal
from processes.repairs import Why, note
from processes.running import Place, Running
from processes.spiff import renewing as tokens
from processes.store.instances import ProcessInstance, UserTask
from processes.store.jobs import Effect, Job
from processes.store.renewals import Renewal


def renew(
    parts: EngineParts,
    session: Session,
    instance_id: str,
    data: Mapping[str, Any],
    *,
    why: Why,
    now: datetime,
    digest: str | None = None,
) -> tuple[Renewal, RenewalPlan]:
    """Stop an instance and begin it anew with other data, at once or when what no longer holds is undone.

    :param digest: the plan that was shown; another one is refused.
    :raises NotThere, InstanceNotRunning, CannotMove: see :func:`plan_renewal`.
    :raises CannotMove: something that cannot be undone would have to be done again.
    :raises PlanChanged: what would be done is not what was shown.
    """
    caller_id = session.scalar(select(ProcessInstance.parent_id).where(ProcessInstance.id == instance_id))
    if caller_id is None:
        called(session, instance_id)
    running = Running.locked(parts, session, str(caller_id), now=now, actor=why.actor)
    running.require_running()
    plan = plan_renewal(parts, session, instance_id, data, now=now)
    if digest is not None and digest != plan.digest:
        raise PlanChanged("the instance has moved on since the plan was made; look at it again")
    if plan.final:
        paths = ", ".join(plan.records[place].path for place in plan.final)
        raise CannotMove(f"this cannot be undone, so it cannot be done again: {paths}")
    old = Running.locked(parts, session, instance_id, now=now, actor=why.actor)
    row = _row(running, old.instance, plan, why)
    session.add(row)
    _put_aside(session, old.instance.id)
    before = {"inputs": old.instance.inputs}
    tokens.call_again(running.execution, row.task_id, data)
    running.save()
    links.freeze(old, whole_tree=False)
    session.flush()
    after = {"inputs": plan.inputs, "renewal_id": row.id, "undo": list(plan.effects)}
    place = Place(row.element_id, row.task_id, row.loop_index)
    note(running, why, "renew", subject=instance_id, place=place, before=before, after=after)
    fault("renew.frozen")
    go_on(running, row)
    _tell_put_aside(running, row)
    return row, plan


def _tell_put_aside(running: Running, row: Renewal) -> None:
    """Nobody can hand in the tasks that the fresh instance has not come to yet."""
    running.session.flush()
    for task in _kept_tasks(running, row):
        running.emit(
            "user_task_put_aside", Place(task.element_id, task.task_id, task.loop_index), {"user_task_id": task.id}
        )


def _row(running: Running, old: ProcessInstance, plan: RenewalPlan, why: Why) -> Renewal:
    return Renewal(
        id=running.parts.ids(),
        instance_id=running.instance.id,
        root_id=running.instance.root_id,
        task_id=old.parent_task_id,
        element_id=old.parent_element_id,
        loop_index=old.parent_loop_index,
        old_id=old.id,
        request={"key": plan.process_key, "business_key": plan.business_key, "inputs": dict(plan.inputs)},
        effects=list(plan.effects),
        stays=[],
        records=None,
        used=[],
        state=MoveState.UNDOING,
        actor=why.actor,
        reason=why.reason,
        created_at=running.now,
    )


def _put_aside(session: Session, top_id: str) -> None:
    """Open user tasks are not closed with their instance: they may go on in the fresh one."""
    session.flush()
    mine = UserTask.instance_id.in_(subtree(session, [top_id])), UserTask.state == UserTaskState.OPEN
    kept = update(UserTask).where(*mine).values(state=UserTaskState.KEPT)
    session.execute(kept.execution_options(synchronize_session="fetch"))


def continue_renewal(running: Running, job: Job) -> None:
    """Something a renewal has waited for is over: take its next step."""
    row = running.session.get(Renewal, job.payload["renewal_id"], populate_existing=True)
    if row is not None:
        go_on(running, row)


def go_on(running: Running, row: Renewal) -> None:
    """Take the next step of a renewal, if it is time: next undo, or the fresh instance. Needs the caller's lock."""
    session = running.session
    session.flush()
    if row.state != MoveState.UNDOING:
        return
    if not running.is_running:
        row.state, row.ended_at = MoveState.CANCELLED, running.now
        _drop_tasks(running, row)
        undo.look_again(running)
        return
    below = subtree(session, [row.old_id])
    out = select(Job.id).where(Job.instance_id.in_(below), Job.kind == "operation", Job.detached)
    if session.scalars(out.where(Job.state.not_in(ENDED_JOBS)).limit(1)).first() is not None:
        return
    if row.records is None:
        _judge_again(running, row)
    if undo.all_undone(running, Effect.seq.in_(row.effects), renewal_id=row.id):
        _begin(running, row)


def _judge_again(running: Running, row: Renewal) -> None:
    """Every answer is in, so what was done is known for good; answers that came late may have to be undone as well."""
    frozen_at = row.created_at
    records = records_of(running.parts, running.session, row.old_id, frozen_at=frozen_at)
    forecast = Forecast(running.parts, running.session, records, now=running.now, area=running.instance.area)
    forecast.run(row.request["key"], row.request["inputs"])
    acts = forecast.acts()
    row.records = [record.as_data() for record in records]
    row.stays = sorted(place for place, act in acts.items() if act not in GONE)
    gone = [seq for place, act in acts.items() if act in GONE for seq in records[place].effects]
    row.effects = sorted({*row.effects, *gone}, reverse=True)
    for place, record in enumerate(records):
        if record.row_id and record.how == "open" and place not in row.stays:
            task = running.session.get_one(UserTask, record.row_id, populate_existing=True)
            if task.state == UserTaskState.KEPT:
                adopting.drop_task(running, task)
    running.session.flush()


def _begin(running: Running, row: Renewal) -> None:
    """Nothing that no longer holds is left: the fresh instance answers the call."""
    row.child_id = running.parts.ids()
    row.state, row.ended_at = MoveState.DONE, running.now
    records = [Record(**one) for one in row.records or ()]
    # What has been undone, and what is not wanted, is not there to be taken over.
    row.used = [place for place, record in enumerate(records) if not _can_stay(place, record, row)]
    running.session.flush()
    running.actor = running.actor or row.actor
    request = links.CallRequest(
        task_id=row.task_id,
        element_id=row.element_id,
        called_key=row.request["key"],
        business_key=row.request["business_key"],
        inputs=row.request["inputs"],
        loop_index=row.loop_index,
        renewal_id=row.id,
    )
    fault("renew.begun")
    links.start_child(running, request, child_id=row.child_id)
    running.save()
    place = Place(row.element_id, row.task_id, row.loop_index)
    running.emit("instance_renewed", place, {"renewal_id": row.id, "instance_id": row.child_id})


def _can_stay(place: int, record: Record, row: Renewal) -> bool:
    if place in row.stays or record.kind in ("timer", "message"):
        return True
    return record.kind == "job" and not record.effects


def finish(running: Running) -> None:
    """An instance of a renewal has completed: what nobody has taken over by the end of the topmost one is let go."""
    row = running.session.get(Renewal, running.instance.renewal_id)
    if row is None or row.child_id != running.instance.id:
        return
    _drop_tasks(running, row)
    places = [place for place in range(len(row.records or ())) if place not in row.used]
    seqs = [seq for place in places for seq in (row.records or [])[place]["effects"]]
    left = select(Effect).where(Effect.seq.in_(seqs), Effect.state == EffectState.CONFIRMED)
    for effect in running.session.scalars(left.order_by(Effect.seq.desc())):
        undo.begin_undo(running, effect, for_step=["", []])


def _drop_tasks(running: Running, row: Renewal) -> None:
    for task in _kept_tasks(running, row):
        adopting.drop_task(running, task)


def _kept_tasks(running: Running, row: Renewal) -> Sequence[UserTask]:
    """The tasks that were put aside and that nobody has come to yet, also those of an earlier renewal."""
    shelved = [str(one["row_id"]) for one in row.records or () if one["row_id"]]
    mine = or_(UserTask.instance_id.in_(subtree(running.session, [row.old_id])), UserTask.id.in_(shelved))
    kept = select(UserTask).where(mine, UserTask.state == UserTaskState.KEPT).order_by(UserTask.id)
    return running.session.scalars(kept.execution_options(populate_existing=True)).all()
