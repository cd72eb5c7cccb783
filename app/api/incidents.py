"""Incidents: what cannot go on by itself, by cause and one by one; trying again and skipping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import PageQuery, page
from app.api.schemas.fields import In, Text, WholeText
from app.api.schemas.processes import IncidentOut, IncidentPage
from app.api.schemas.repairs import GroupList, GroupOut, IncidentDetail, RetryIn, SkipIn
from app.api.schemas.versions import MAX_VERSION
from app.persistence.ordering.order_trees import roots_of
from app.persistence.repairs import incident_search
from app.services.repairs import fallout_desk, incident_groups
from app.services.repairs.incident_view import incident_view, listed
from app.unit_of_work import read
from processes.mending import Correction

door: Final = Door("incidents", "/api/v1/incidents", "incidents")


class IncidentQuery(PageQuery):
    """Which incidents."""

    state = fields.String(validate=validate.OneOf(("open", "resolved")), load_default="open")
    order = Text(64, load_default=None)
    q = Text(200, load_default=None)
    cause_key = Text(32, load_default=None)


class GroupQuery(In):
    """Which causes; ``q`` finds a part of what incidents say."""

    order = Text(64, load_default=None)
    version = WholeText(1, MAX_VERSION, load_default=None)
    cause_key = Text(32, load_default=None)
    code = Text(120, load_default=None)
    operation = Text(120, load_default=None)
    element_id = Text(255, load_default=None)
    process_key = Text(120, load_default=None)
    q = Text(200, load_default=None)


@door.route(
    "GET",
    "",
    right="ops.view",
    summary="List incidents of your area, oldest first; q finds a part of what they say",
    query=IncidentQuery,
    answers={200: IncidentPage},
)
def list_incidents(query: Mapping[str, Any]) -> Reply:
    filters: dict[str, Any] = {name: query[name] for name in ("state", "q", "cause_key")}
    with read(current_deps().read_sessions) as session:
        if query["order"] is not None:
            filters["root_id"] = session.scalars(roots_of(query["order"], current_actor())).all()
        rows, total = incident_search.list_incidents(
            session, current_actor(), filters, offset=query["offset"], limit=query["limit"]
        )
        shown: list[Any] = IncidentOut(many=True).dump(listed(session, rows))
    return page(shown, total, query)


@door.route(
    "GET",
    "/groups",
    right="ops.view",
    summary="Open incidents of your area by cause, the largest group first",
    query=GroupQuery,
    answers={200: GroupList},
)
def list_groups(query: Mapping[str, Any]) -> Reply:
    with read(current_deps().read_sessions) as session:
        found = incident_groups.groups(session, current_actor(), query)
    return {"groups": GroupOut(many=True).dump(found)}


@door.route(
    "GET",
    "/<incident_id>",
    right="ops.view",
    summary="One incident: cause, tries, what was sent and what came back",
    answers={200: IncidentDetail},
    errors=(404,),
)
def get_incident(incident_id: str) -> Reply:
    with read(current_deps().read_sessions) as session:
        found = incident_view(session, incident_id, current_actor(), current_deps().registry)
    shown: dict[str, Any] = IncidentDetail().dump(found)
    return shown


@door.route(
    "POST",
    "/<incident_id>/retry",
    right="incident.retry",
    summary="Try again, with corrected inputs or data where they are given",
    body=RetryIn,
    answers={200: IncidentOut},
    errors=(404, 409),
)
def retry_incident(incident_id: str, body: Mapping[str, Any]) -> Reply:
    given = {name: body[name] for name in ("inputs", "change", "data", "nothing_happened")}
    incident = fallout_desk.retry(
        incident_id, current_actor(), current_deps(), correction=Correction(**given), reason=body["reason"]
    )
    shown: dict[str, Any] = IncidentOut().dump(incident)
    return shown


@door.route(
    "POST",
    "/<incident_id>/skip",
    right="incident.skip",
    summary="Go on with a result of your own, with a reason",
    body=SkipIn,
    answers={200: IncidentOut},
    errors=(404, 409),
)
def skip_incident(incident_id: str, body: Mapping[str, Any]) -> Reply:
    incident = fallout_desk.skip(
        incident_id,
        body["result"],
        body["reason"],
        current_actor(),
        current_deps(),
        effect_happened=body["effect_happened"],
    )
    shown: dict[str, Any] = IncidentOut().dump(incident)
    return shown
