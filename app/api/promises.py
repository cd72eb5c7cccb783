"""Promises: why something is due, stops that wait to be agreed to, alarms, and what is owed for broken ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.promises import (
    CompensationList,
    CompensationOut,
    CompensationQuery,
    Done,
    NoticeList,
    NoticeQuery,
    ReasonIn,
    RemarkIn,
    StopList,
    StopQuery,
    WhyList,
)
from app.api.schemas.work_item import NothingIn
from app.persistence.promises.compensations import Compensation
from app.services.promises import compensation_desk, jeopardy_inbox, promise_view, rule_desk, sla_stops

door: Final = Door("promises", "/api/v1", "promises")
MOST: Final = 200


@door.route(
    "GET",
    "/promises/<id_or_number>",
    right="order.view",
    summary="Why an order or ticket is due when it is: every start, stop, calendar day and rule, and a sentence",
    answers={200: WhyList},
    errors=(404,),
)
def get_promises(id_or_number: str) -> Reply:
    found = promise_view.promises_of(id_or_number, current_actor(), current_deps())
    shown: dict[str, Any] = WhyList().dump({"promises": [_why(one) for one in found]})
    return shown


@door.route(
    "POST",
    "/promises/<order>/recount",
    right="sla.rules",
    summary="Count the clocks of an open order by the rules that hold now",
    body=ReasonIn,
    answers={200: Done},
    errors=(404, 409),
)
def recount_promises(order: str, body: Mapping[str, Any]) -> Reply:
    rule_desk.apply_to_order(order, body["reason"], current_actor(), current_deps())
    return {"done": True}


@door.route(
    "GET",
    "/stops",
    right="order.view",
    summary="Stops of clocks in your area, newest first; those that wait to be agreed to are asked",
    query=StopQuery,
    answers={200: StopList},
)
def list_stops(query: Mapping[str, Any]) -> Reply:
    found = sla_stops.stops(current_actor(), current_deps(), state=query["state"], about=query["about"])
    rows = [{**_row(one.spell), "number": one.number, "clocks": one.clocks, "reason_name": one.reason} for one in found]
    shown: dict[str, Any] = StopList().dump({"stops": rows})
    return shown


@door.route(
    "POST",
    "/stops/<stop>/agree",
    right="sla.decide",
    summary="Agree to a stop: the clock has stood since it was asked for",
    body=RemarkIn,
    answers={200: Done},
    errors=(404, 409),
)
def agree_to_stop(stop: str, body: Mapping[str, Any]) -> Reply:
    sla_stops.decide(stop, body["note"], current_actor(), current_deps(), agree=True)
    return {"done": True}


@door.route(
    "POST",
    "/stops/<stop>/refuse",
    right="sla.decide",
    summary="Refuse a stop: it never counts",
    body=ReasonIn,
    answers={200: Done},
    errors=(404, 409),
)
def refuse_stop(stop: str, body: Mapping[str, Any]) -> Reply:
    sla_stops.decide(stop, body["reason"], current_actor(), current_deps(), agree=False)
    return {"done": True}


@door.route(
    "POST",
    "/stops/<stop>/revoke",
    right="sla.revoke",
    summary="Take back a stop that turned out to be false, also after the order has ended",
    body=ReasonIn,
    answers={200: Done},
    errors=(404, 409),
)
def revoke_stop(stop: str, body: Mapping[str, Any]) -> Reply:
    sla_stops.revoke(stop, body["reason"], current_actor(), current_deps())
    return {"done": True}


@door.route(
    "GET",
    "/jeopardy",
    right="order.view",
    summary="Alarms that you were told of and have not read; mine=false: everybody's in your area",
    query=NoticeQuery,
    answers={200: NoticeList},
)
def list_notices(query: Mapping[str, Any]) -> Reply:
    found = jeopardy_inbox.notices(current_actor(), current_deps(), mine=query["mine"], limit=MOST)
    rows = [
        {**_row(alert), **_row(notice), "clock": kind, "number": order_no or ticket_no or ""}
        for notice, alert, kind, order_no, ticket_no in found
    ]
    shown: dict[str, Any] = NoticeList().dump({"notices": rows})
    return shown


@door.route(
    "POST",
    "/jeopardy/<notice>/read",
    right="order.view",
    summary="You have read it",
    body=NothingIn,
    answers={200: Done},
    errors=(404,),
)
def read_notice(notice: str, body: Mapping[str, Any]) -> Reply:
    jeopardy_inbox.note_read(notice, current_actor(), current_deps())
    return {"done": True}


@door.route(
    "GET",
    "/compensations",
    right="order.view",
    summary="What is owed to customers in your area for broken promises, newest first",
    query=CompensationQuery,
    answers={200: CompensationList},
)
def list_compensations(query: Mapping[str, Any]) -> Reply:
    found = compensation_desk.compensations(current_actor(), current_deps(), **query)
    rows = [{**_row(row), "number": number} for row, number in found]
    shown: dict[str, Any] = CompensationList().dump({"compensations": rows})
    return shown


@door.route(
    "POST",
    "/compensations/<compensation>/approve",
    right="compensation.decide",
    summary="Approve an amount; a large one wants a second person",
    body=RemarkIn,
    answers={200: CompensationOut},
    errors=(404, 409),
)
def approve_compensation(compensation: str, body: Mapping[str, Any]) -> Reply:
    return _decided(compensation_desk.decide(compensation, body["note"], current_actor(), current_deps(), agree=True))


@door.route(
    "POST",
    "/compensations/<compensation>/refuse",
    right="compensation.decide",
    summary="Refuse an amount, with the reason",
    body=ReasonIn,
    answers={200: CompensationOut},
    errors=(404, 409),
)
def refuse_compensation(compensation: str, body: Mapping[str, Any]) -> Reply:
    return _decided(
        compensation_desk.decide(compensation, body["reason"], current_actor(), current_deps(), agree=False)
    )


def _decided(row: Compensation) -> dict[str, Any]:
    shown: dict[str, Any] = CompensationOut(exclude=("number",)).dump(row)
    return shown


def _why(why: promise_view.Why) -> dict[str, Any]:
    clock = why.clock
    return {
        **_row(clock),
        "clock_id": clock.id,
        "recounted_at": why.recounted.astimezone(UTC),
        "calendar": why.calendar,
        "rules": why.rules,
        "days": [
            {
                "day": day.day.isoformat(),
                "spans": day.spans,
                "worked_s": int(day.worked.total_seconds()),
                "note": day.note,
            }
            for day in why.days
        ],
        "stops": clock.pauses,
        "alarms": clock.alerts,
        "sentence": why.sentence,
    }


def _row(row: Any) -> dict[str, Any]:
    """The columns of a row by name."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
