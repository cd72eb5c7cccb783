"""Process instances: list, look into one; move a token, suspend, resume, cancel, each with what it would do first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.redaction import redacted
from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import page
from app.api.schemas.instances import InstanceOut, InstancesQuery, ListedInstance, ListedInstances
from app.api.schemas.repairs import (
    CancelledOut,
    CancelPlanOut,
    CancelTreeIn,
    DoMoveIn,
    MovedOut,
    MoveIn,
    MovePlanOut,
    RepairReasonIn,
    SuspendedOut,
)
from app.services.repairs import instance_list, repair_desk
from app.services.repairs.instance_view import instance_view
from processes.move_plans import MovePlan
from processes.moving import MoveOrder

door: Final = Door("instances", "/api/v1/process-instances", "repairs")


@door.route(
    "GET",
    "",
    right="ops.view",
    summary="Instances of your area and where each waits: of an order, of a process, or the newest",
    query=InstancesQuery,
    answers={200: ListedInstances},
    errors=(404,),
)
def find_instances(query: Mapping[str, Any]) -> Reply:
    wanted = {**query, "suspended": query["suspended"] == "true" or None}
    found, total = instance_list.instances(
        wanted, current_actor(), current_deps(), offset=query["offset"], limit=query["limit"]
    )
    shown: list[Any] = ListedInstance(many=True).dump(found)
    return page(shown, total, query)


@door.route(
    "GET",
    "/<instance_id>",
    right="ops.view",
    summary="One instance: where its tokens are, what it waits for, what it called, its effects and its data",
    answers={200: InstanceOut},
    errors=(404,),
)
def show_instance(instance_id: str) -> Reply:
    shown: dict[str, Any] = InstanceOut().dump(instance_view(instance_id, current_actor(), current_deps()))
    return shown


@door.route(
    "POST",
    "/<instance_id>/move-plan",
    right="instance.repair",
    summary="What moving a token back or forward would leave, close and undo; nothing is done",
    body=MoveIn,
    answers={200: MovePlanOut},
    errors=(404, 409),
)
def plan_move(instance_id: str, body: Mapping[str, Any]) -> Reply:
    return shown_plan(repair_desk.plan_move(instance_id, MoveOrder(**body), current_actor(), current_deps()))


@door.route(
    "POST",
    "/<instance_id>/move",
    right="instance.repair",
    summary="Move a token back or forward; what it goes back over is undone first",
    body=DoMoveIn,
    answers={200: MovedOut},
    errors=(404, 409),
)
def move(instance_id: str, body: Mapping[str, Any]) -> Reply:
    given = {name: value for name, value in body.items() if name != "reason"}
    moved, plan = repair_desk.move(instance_id, MoveOrder(**given), body["reason"], current_actor(), current_deps())
    return {"id": moved.id, "state": moved.state, "to_element": moved.to_element, "plan": shown_plan(plan)}


@door.route(
    "POST",
    "/<instance_id>/suspend",
    right="instance.repair",
    summary="Let nothing new begin in an instance and all it has called",
    body=RepairReasonIn,
    answers={200: SuspendedOut},
    errors=(404, 409),
)
def suspend(instance_id: str, body: Mapping[str, Any]) -> Reply:
    return _suspended(instance_id, body["reason"], suspended=True)


@door.route(
    "POST",
    "/<instance_id>/resume",
    right="instance.repair",
    summary="Let a suspended instance and all it has called go on",
    body=RepairReasonIn,
    answers={200: SuspendedOut},
    errors=(404, 409),
)
def resume(instance_id: str, body: Mapping[str, Any]) -> Reply:
    return _suspended(instance_id, body["reason"], suspended=False)


@door.route(
    "GET",
    "/<instance_id>/cancel-plan",
    right="instance.cancel",
    summary="What cancelling the tree of an instance would undo, in which order, and what stays; nothing is done",
    answers={200: CancelPlanOut},
    errors=(404, 409),
)
def plan_cancel(instance_id: str) -> Reply:
    plan = repair_desk.plan_cancel(instance_id, current_actor(), current_deps())
    ends = [{"kind": one.kind, "element_id": one.element_id, "what": one.what} for one in plan.ends]
    shown: dict[str, Any] = CancelPlanOut().dump({**vars(plan), "ends": ends})
    return shown


@door.route(
    "POST",
    "/<instance_id>/cancel",
    right="instance.cancel",
    summary="Cancel the tree of an instance and the order it fulfils: everything is undone, newest first",
    body=CancelTreeIn,
    answers={200: CancelledOut},
    errors=(404, 409),
)
def cancel(instance_id: str, body: Mapping[str, Any]) -> Reply:
    state = repair_desk.cancel(instance_id, body["reason"], body["digest"], current_actor(), current_deps())
    return {"state": state}


def _suspended(instance_id: str, reason: str, *, suspended: bool) -> dict[str, Any]:
    count = repair_desk.suspend(instance_id, reason, current_actor(), current_deps(), suspended=suspended)
    return {"instances": count}


def shown_plan(plan: MovePlan) -> dict[str, Any]:
    """A plan as JSON."""
    closes = [{"kind": kind, "element_id": element_id} for kind, element_id in plan.closes]
    shown: dict[str, Any] = MovePlanOut().dump({**vars(plan), "closes": closes, "problem": redacted(plan.problem)})
    return shown
