"""What cancelling a tree would do, before anybody does it: what is undone, in which order, and what stays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes import queries
from processes.errors import InstanceNotRunning, NotThere
from processes.lifecycle import EffectState, InstanceState, JobState
from processes.queries import Waiting, of_tree
from processes.store.instances import ProcessInstance
from processes.store.jobs import Effect, Job


@dataclass(frozen=True, kw_only=True)
class UndoLine:
    """One effect. ``undo_operation`` none = it cannot be reversed and stays in force; of what people did (``adapter``
    ``people``) the key of the process that undoes it."""

    seq: int
    process_key: str
    element_id: str
    operation: str
    undo_operation: str | None
    inputs: Mapping[str, Any]
    state: str
    adapter: str = ""


@dataclass(frozen=True, kw_only=True)
class CancelPlan:
    """``undo``: newest first, the order in which effects are reversed, one after another. ``outstanding``: calls whose
    outcome is waited for before that. ``ends``: what is waited for now and will not be any more."""

    root_id: str
    state: str
    instances: int
    undo: Sequence[UndoLine]
    stays: Sequence[UndoLine]
    outstanding: Sequence[str]
    ends: Sequence[Waiting]
    point_of_no_return: str | None
    digest: str


def cancel_plan(session: Session, root_id: str) -> CancelPlan:
    """What a cancel would do to a tree now; nothing is changed.

    :raises NotThere: no such tree.
    :raises InstanceNotRunning: it has ended.
    """
    root = session.get(ProcessInstance, root_id, populate_existing=True)
    if root is None or root.id != root.root_id:
        raise NotThere("root process instance", root_id)
    if root.state in (InstanceState.COMPLETED, InstanceState.CANCELLED):
        raise InstanceNotRunning(root.id, root.state)
    lines = _lines(session, root_id)
    undo = [line for line in lines if line.undo_operation is not None and line.state != EffectState.IRREVERSIBLE]
    stays = [line for line in lines if line not in undo]
    out = select(Job).where(of_tree(Job, root_id), Job.kind == "operation", Job.adapter.is_not(None))
    may_be_done = (Job.state.in_((JobState.SENT, JobState.WAITING_ANSWER))) | Job.outcome_unknown
    jobs = session.scalars(out.where(may_be_done, Job.ended_at.is_(None)).order_by(Job.id)).all()
    outstanding = [f"{job.operation} ({job.element_id})" for job in jobs]
    facts = [root_id, [line.seq for line in undo], outstanding, root.state]
    return CancelPlan(
        root_id=root_id,
        state=root.state,
        instances=session.scalar(
            select(func.count()).where(
                ProcessInstance.root_id == root_id, ProcessInstance.state == InstanceState.RUNNING
            )
        )
        or 0,
        undo=undo,
        stays=stays,
        outstanding=outstanding,
        ends=queries.waiting_summary(session, root_id),
        point_of_no_return=queries.point_of_no_return(session, root_id),
        digest=hashlib.sha256(orjson.dumps(facts)).hexdigest()[:16],
    )


def _lines(session: Session, root_id: str) -> list[UndoLine]:
    in_force = (EffectState.CONFIRMED, EffectState.UNDOING, EffectState.UNDO_FAILED, EffectState.IRREVERSIBLE)
    rows = (
        select(Effect, ProcessInstance.process_key)
        .join(ProcessInstance, ProcessInstance.id == Effect.instance_id)
        .where(Effect.root_instance_id == root_id, Effect.state.in_(in_force))
        .order_by(Effect.seq.desc())
    )
    return [
        UndoLine(
            seq=effect.seq,
            process_key=process_key,
            element_id=effect.element_id,
            operation=effect.operation,
            undo_operation=effect.undo_operation,
            inputs=effect.undo_inputs,
            state=effect.state,
            adapter=effect.adapter,
        )
        for effect, process_key in session.execute(rows)
    ]
