"""What was measured against what was agreed, and promises that were broken, with their causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.promises import (
    BreachList,
    BreachOut,
    BreachQuery,
    CauseIn,
    MeasuredList,
    MeasuredOut,
    MeasuredQuery,
    SpeedTestIn,
    VisitIn,
)
from app.services.promises import breaches, measurements
from app.services.promises.breaches import Breach
from app.services.promises.measurements import SpeedTest, Visit

door: Final = Door("measurements", "/api/v1", "promises")


@door.route(
    "GET",
    "/measurements",
    right="order.view",
    summary="What was measured in your area against what was agreed, newest first",
    query=MeasuredQuery,
    answers={200: MeasuredList},
)
def list_measurements(query: Mapping[str, Any]) -> Reply:
    found = measurements.measurements(current_actor(), current_deps(), about=query["about"])
    shown: dict[str, Any] = MeasuredList().dump({"measurements": found})
    return shown


@door.route(
    "POST",
    "/orders/<order>/visits",
    right="sla.measure",
    summary="Write down a visit that was agreed: somebody came in time, late, or not at all",
    body=VisitIn,
    answers={201: MeasuredOut},
    errors=(404, 409),
)
def note_visit(order: str, body: Mapping[str, Any]) -> Reply:
    return _noted(order, body["item"], Visit(**_without_item(body)))


@door.route(
    "POST",
    "/orders/<order>/speed-tests",
    right="sla.measure",
    summary="Write down how fast a line was",
    body=SpeedTestIn,
    answers={201: MeasuredOut},
    errors=(404, 409),
)
def note_speed(order: str, body: Mapping[str, Any]) -> Reply:
    return _noted(order, body["item"], SpeedTest(**_without_item(body)))


@door.route(
    "GET",
    "/breaches",
    right="order.view",
    summary="Promises in your area that were broken, newest first; open until somebody has named the cause",
    query=BreachQuery,
    answers={200: BreachList},
)
def list_breaches(query: Mapping[str, Any]) -> Reply:
    found = breaches.breaches(current_actor(), current_deps(), state=query["state"])
    shown: dict[str, Any] = BreachList().dump({"breaches": [_breach(one) for one in found]})
    return shown


@door.route(
    "POST",
    "/breaches/<breach>/close",
    right="sla.cause",
    summary="Close a breach: name the cause",
    body=CauseIn,
    answers={200: BreachOut},
    errors=(404, 409),
)
def close_breach(breach: str, body: Mapping[str, Any]) -> Reply:
    done = breaches.close(breach, body["cause"], body["note"], current_actor(), current_deps())
    shown: dict[str, Any] = BreachOut().dump(_breach(done))
    return shown


def _breach(breach: Breach) -> dict[str, Any]:
    columns = {column.key: getattr(breach.row, column.key) for column in breach.row.__table__.columns}
    return {**columns, "number": breach.number, "cause_name": breach.cause}


def _without_item(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "item"}


def _noted(order: str, item: str, found: Visit | SpeedTest) -> Reply:
    row = measurements.note(order, item, found, current_actor(), current_deps())
    shown: dict[str, Any] = MeasuredOut().dump(row)
    return shown, 201
