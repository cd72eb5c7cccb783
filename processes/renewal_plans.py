"""What renewing an instance would mean, found by running the fresh one in memory with what was done before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.errors import CannotMove, InstanceNotRunning, NotThere
from processes.foreseen import Act, Forecast, Step
from processes.lifecycle import EffectState, InstanceState
from processes.looking import copy_of
from processes.move_plans import subtree
from processes.parts import EngineParts
from processes.recorded import Record, path_at, records_of, way_from
from processes.spiff import renewing as tokens
from processes.store.instances import ActivityLog, ProcessInstance
from processes.store.jobs import Effect

GONE: Final[frozenset[Act]] = frozenset({"redo", "drop"})


@dataclass(frozen=True, kw_only=True)
class RenewalPlan:
    """What a renewal does.

    ``steps``: those that were done or will be, in the order they are reached; ``dropped``: the records of those that
    are not reached any more. ``effects``: numbers of what is undone, newest first. ``final``: records that no longer
    hold and cannot be undone. ``points``: the points of no return passed by steps that would be done again or dropped;
    ``passed``: the furthest one passed at all. ``is_whole``: the forecast came to the end. ``digest`` names this plan.
    """

    instance_id: str
    process_key: str
    business_key: str | None
    inputs: Mapping[str, Any]
    records: Sequence[Record]
    steps: Sequence[Step]
    dropped: Sequence[int]
    effects: Sequence[int]
    final: Sequence[int]
    points: frozenset[str]
    passed: str | None
    is_whole: bool
    digest: str = ""


def plan_renewal(
    parts: EngineParts, session: Session, instance_id: str, data: Mapping[str, Any], *, now: datetime
) -> RenewalPlan:
    """What renewing an instance with other ``data`` (names of its caller, at the call) would do; nothing is changed.

    :raises NotThere: no such instance.
    :raises InstanceNotRunning: it, or what called it, has ended, or is being cancelled.
    :raises CannotMove: nobody has called it, so there is nothing to answer anew.
    """
    instance, caller = called(session, instance_id)
    copy = copy_of(parts, session, caller, now=now)
    key, business_key, inputs = tokens.call_again(copy, str(instance.parent_task_id), data)
    records = records_of(parts, session, instance.id)
    forecast = Forecast(parts, session, list(records), now=now, area=instance.area)
    forecast.run(key, inputs)
    gone = [place for place, act in forecast.acts().items() if act in GONE]
    # What a person does once more is not undone, but whoever has to come again has passed the point for that.
    again = [place for place, act in forecast.acts().items() if act == "change" and records[place].kind == "user"]
    seqs = sorted((seq for place in gone for seq in records[place].effects), reverse=True)
    fixed = set(_states(session, seqs, EffectState.IRREVERSIBLE))
    points = _points(parts, session, instance.id)
    plan = RenewalPlan(
        instance_id=instance.id,
        process_key=key,
        business_key=business_key,
        inputs=inputs,
        records=records,
        steps=forecast.steps,
        dropped=[
            place for place, act in forecast.acts().items() if act == "drop" and records[place].kind in ("job", "user")
        ],
        effects=[seq for seq in seqs if seq not in fixed],
        final=[place for place in gone if fixed & set(records[place].effects)],
        points=frozenset(points[path] for place in (*gone, *again) if (path := records[place].path) in points),
        passed=next((point for point in ("hard", "soft") if point in points.values()), None),
        is_whole=forecast.is_whole,
    )
    facts = [plan.instance_id, key, inputs, [one.as_data() for one in records], sorted(forecast.acts().items())]
    digest = hashlib.sha256(orjson.dumps(facts)).hexdigest()[:16]
    return RenewalPlan(**{**vars(plan), "digest": digest})


def called(session: Session, instance_id: str) -> tuple[ProcessInstance, ProcessInstance]:
    session.flush()
    instance = session.get(ProcessInstance, instance_id, populate_existing=True)
    if instance is None:
        raise NotThere("process instance", instance_id)
    if instance.parent_id is None:
        raise CannotMove("nobody has called this instance, so it cannot be begun anew")
    caller = session.get_one(ProcessInstance, instance.parent_id, populate_existing=True)
    for one in (instance, caller):
        if one.state != InstanceState.RUNNING or one.suspended_at is not None:
            raise InstanceNotRunning(one.id, one.state if one.suspended_at is None else "suspended")
    return instance, caller


def _states(session: Session, seqs: Sequence[int], state: EffectState) -> Sequence[int]:
    return session.scalars(select(Effect.seq).where(Effect.seq.in_(seqs), Effect.state == state)).all()


def _points(parts: EngineParts, session: Session, top_id: str) -> dict[str, str]:
    """The points of no return passed below an instance, by the path of the step; the harder one of each."""
    from_path: dict[str, str] = {}
    lines = ActivityLog
    rows = select(lines.instance_id, lines.element_id, lines.loop_index, lines.point_of_no_return).where(
        lines.instance_id.in_(subtree(session, [top_id])), lines.point_of_no_return.is_not(None)
    )
    for instance_id, element_id, index, point in session.execute(rows):
        instance = session.get_one(ProcessInstance, instance_id)
        path = way_from(session, instance, top_id) + path_at(element_id, index)
        if from_path.get(path) != "hard":
            from_path[path] = str(point)
    return from_path
