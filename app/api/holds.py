"""Holding adapters and processes, and the audit of everything operators repaired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.redaction import redacted
from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import PageQuery, page
from app.api.schemas.fields import Text
from app.api.schemas.repairs import (
    HeldDefinitionOut,
    HeldList,
    HeldOut,
    HoldDefinitionIn,
    RepairOut,
    RepairPage,
    RepairReasonIn,
)
from app.services.repairs import hold_desk, repair_audit
from app.unit_of_work import read

door: Final = Door("holds", "/api/v1", "repairs")


class RepairQuery(PageQuery):
    """Which lines; ``order`` by id or number, ``instance`` an instance or the root of a tree, ``subject`` what was
    repaired."""

    actor = Text(120, load_default=None)
    action = Text(40, load_default=None)
    subject = Text(64, load_default=None)
    instance = Text(36, load_default=None)
    order = Text(64, load_default=None)
    business_key = Text(255, load_default=None)
    run_id = Text(36, load_default=None)


@door.route(
    "GET",
    "/holds",
    right="ops.view",
    summary="Adapters that get no calls, and processes whose new instances wait",
    answers={200: HeldList},
)
def list_holds() -> Reply:
    adapters, versions = hold_desk.held(current_actor(), current_deps())
    return {"adapters": HeldOut(many=True).dump(adapters), "definitions": [vars(row) for row in versions]}


@door.route(
    "POST",
    "/adapters/<adapter>/suspend",
    right="system.hold",
    summary="Let no calls go out to an adapter; jobs wait and burn no attempt",
    body=RepairReasonIn,
    answers={200: HeldList},
    errors=(404,),
)
def suspend_adapter(adapter: str, body: Mapping[str, Any]) -> Reply:
    hold_desk.hold_adapter(adapter, body["reason"], current_actor(), current_deps(), held=True)
    return list_holds()


@door.route(
    "POST",
    "/adapters/<adapter>/resume",
    right="system.hold",
    summary="Let calls go out again, steadily",
    body=RepairReasonIn,
    answers={200: HeldList},
    errors=(404,),
)
def resume_adapter(adapter: str, body: Mapping[str, Any]) -> Reply:
    hold_desk.hold_adapter(adapter, body["reason"], current_actor(), current_deps(), held=False)
    return list_holds()


@door.route(
    "POST",
    "/held-definitions/suspend",
    right="system.hold",
    summary="Suspend a process or one version: new instances wait, running ones are suspended by a bulk run",
    body=HoldDefinitionIn,
    answers={200: HeldDefinitionOut},
    errors=(404,),
)
def suspend_definition(body: Mapping[str, Any]) -> Reply:
    return _definition(body, held=True)


@door.route(
    "POST",
    "/held-definitions/resume",
    right="system.hold",
    summary="Let a process go on: new instances begin at once, suspended ones are resumed by a bulk run",
    body=HoldDefinitionIn,
    answers={200: HeldDefinitionOut},
    errors=(404,),
)
def resume_definition(body: Mapping[str, Any]) -> Reply:
    return _definition(body, held=False)


@door.route(
    "GET",
    "/repairs",
    right="audit.view",
    summary="What operators repaired in your area, who, why, before and after; newest first",
    query=RepairQuery,
    answers={200: RepairPage},
    errors=(404,),
)
def list_repairs(query: Mapping[str, Any]) -> Reply:
    wanted = {name: value for name, value in query.items() if name not in ("offset", "limit")}
    with read(current_deps().read_sessions) as session:
        rows, total = repair_audit.repairs(
            session, current_actor(), wanted, offset=query["offset"], limit=query["limit"]
        )
        lines: list[Any] = RepairOut(many=True).dump(rows)
    shown = [{**line, "before": redacted(line["before"]), "after": redacted(line["after"])} for line in lines]
    return page(shown, total, query)


def _definition(body: Mapping[str, Any], *, held: bool) -> dict[str, Any]:
    versions, run_id = hold_desk.hold_definition(
        body["key"],
        body["version"],
        body["reason"],
        current_actor(),
        current_deps(),
        held=held,
        running=body["running"],
        rate_per_s=body["rate_per_s"],
    )
    return {"versions": list(versions), "run_id": run_id}
