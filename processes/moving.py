"""Going back to an earlier element, or forward: a fresh activation, once what has to be undone is undone.

The token that is moved stays at its new element, not yet begun, while the effects of what it goes back over are
reversed one after another, newest first, and while answers of calls it left are outstanding. Everything else of the
instance goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from processes import projection, undo
from processes.errors import CannotMove, PlanChanged, StaleTask
from processes.lifecycle import ENDED_JOBS, MoveState
from processes.move_plans import MovePlan, children_of, plan_move
from processes.parts import EngineParts
from processes.repairs import Why, note
from processes.running import Place, Running
from processes.spiff import lineage
from processes.spiff import moving as tokens
from processes.store.bulk import Move
from processes.store.jobs import Effect, Job


@dataclass(frozen=True, kw_only=True)
class MoveOrder:
    """Which token goes where.

    ``task_id`` or ``element_id`` name the token where there are several. ``data``: names of the process, written
    before the element begins. ``undo``: numbers of the effects to be undone, none = as planned. ``digest``: the plan
    that was shown; another one is refused.
    """

    to: str
    task_id: str | None = None
    element_id: str | None = None
    data: Mapping[str, Any] | None = None
    undo: Sequence[int] | None = None
    digest: str | None = None


def move(
    parts: EngineParts, session: Session, instance_id: str, order: MoveOrder, *, why: Why, now: datetime
) -> tuple[Move, MovePlan]:
    """Take a token to another element; it begins there at once if there is nothing to undo first.

    :raises NotThere, InstanceNotRunning, CannotMove: see :func:`processes.move_plans.plan_move`.
    :raises PlanChanged: what would be done is not what was shown.
    """
    running = Running.locked(parts, session, instance_id, now=now, actor=why.actor)
    session.flush()
    plan = plan_move(
        parts,
        session,
        instance_id,
        to=order.to,
        now=now,
        task_id=order.task_id,
        element_id=order.element_id,
        data=order.data,
        undo=order.undo,
    )
    if order.digest is not None and order.digest != plan.digest:
        raise PlanChanged("the instance has moved on since the plan was made; look at it again")
    if plan.problem is not None:
        raise CannotMove(f"{order.to!r} could not begin: {plan.problem}")
    left = [one.task_id for one in plan.left]
    children = children_of(session, instance_id, left)
    row = _row(running, plan, order, why, left, children)
    detail = {"moved_to": plan.to_element, "reason": why.reason, "move_id": row.id}
    lineage.leave_along(running.execution, plan.task_id, plan.to_element, plan.along, detail)
    row.task_id = tokens.move(running.execution, plan.task_id, plan.to_element, row.id, detail)
    projection.record_changes(running)
    place = Place(plan.to_element, row.task_id)
    projection.append_log(running, place, "moved", {"from": row.from_elements, "reason": why.reason, "move_id": row.id})
    running.save()
    session.add(row)
    session.flush()
    after = {"to": plan.to_element, "move_id": row.id, "undo": row.plan["effects"]}
    before = {"at": row.from_elements, "closes": [list(pair) for pair in plan.closes]}
    note(running, why, "move", subject=instance_id, place=place, before=before, after=after)
    go_on(running, row)
    return row, plan


def _row(
    running: Running, plan: MovePlan, order: MoveOrder, why: Why, left: Sequence[str], children: Sequence[str]
) -> Move:
    return Move(
        id=running.parts.ids(),
        instance_id=plan.instance_id,
        root_id=plan.root_id,
        task_id="",
        from_elements=sorted({one.element_id for one in plan.left}),
        to_element=plan.to_element,
        plan={
            "effects": [line.seq for line in plan.effects if line.undo],
            # Where a step will be done again, a call that was out must have its effect reversed as well.
            "late": plan.goes_back,
            "tasks": list(left),
            "children": list(children),
        },
        data=dict(order.data or {}),
        state=MoveState.UNDOING,
        actor=why.actor,
        reason=why.reason,
        created_at=running.now,
    )


def continue_move(running: Running, job: Job) -> None:
    """Something a move has waited for is over: take its next step."""
    row = running.session.get(Move, job.payload["move_id"], populate_existing=True)
    if row is not None:
        go_on(running, row)


def go_on(running: Running, row: Move) -> None:
    """Take the next step of a move, if it is time: next undo, or the fresh activation. Needs the instance's lock."""
    session = running.session
    session.flush()
    if row.state != MoveState.UNDOING:
        return
    if not running.is_running:
        row.state, row.ended_at = MoveState.CANCELLED, running.now
        session.flush()
        undo.look_again(running)
        return
    if row.plan["late"] and session.scalars(_outstanding(row).limit(1)).first() is not None:
        return
    if not undo.all_undone(running, _mine(row), move_id=row.id):
        return
    row.state, row.ended_at = MoveState.DONE, running.now
    session.flush()
    try:
        tokens.begin(running.execution, row.task_id, row.data)
    except StaleTask:
        row.state = MoveState.CANCELLED  # interrupted by an event meanwhile
        return
    running.actor = running.actor or row.actor
    projection.settle(running)


def _outstanding(row: Move) -> Any:
    """Calls that were out when their step was left, and whose outcome is not known yet."""
    of_steps = and_(Job.instance_id == row.instance_id, Job.task_id.in_(row.plan["tasks"]))
    mine = or_(of_steps, Job.instance_id.in_(row.plan["children"]))
    return select(Job.id).where(mine, Job.kind == "operation", Job.detached, Job.state.not_in(ENDED_JOBS))


def _mine(row: Move) -> Any:
    """The effects a move reverses: those planned, and those that came in late from what it left."""
    planned = Effect.seq.in_(row.plan["effects"])
    if not row.plan["late"]:
        return planned
    of_steps = and_(Effect.instance_id == row.instance_id, Effect.task_id.in_(row.plan["tasks"]))
    return or_(planned, of_steps)
