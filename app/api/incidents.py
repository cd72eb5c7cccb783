"""Incidents: what cannot go on by itself, and trying it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import PageQuery, count_headers
from app.api.schemas.fields import Text
from app.api.schemas.processes import IncidentOut, IncidentPage, RetryIn
from app.persistence import incident_search
from app.services import fallout_desk
from app.unit_of_work import read

door: Final = Door("incidents", "/api/v1/incidents", "incidents")


class IncidentQuery(PageQuery):
    """Which incidents."""

    state = fields.String(validate=validate.OneOf(("open", "resolved")), load_default="open")
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
    filters = {"state": query["state"], "q": query["q"]}
    with read(current_deps().read_sessions) as session:
        rows, total = incident_search.list_incidents(
            session, current_actor(), filters, offset=query["offset"], limit=query["limit"]
        )
        shown: list[Any] = IncidentOut(many=True).dump(rows)
    body = {"items": shown, "total": total, "offset": query["offset"], "limit": query["limit"]}
    return body, 200, count_headers(len(shown), total)


@door.route(
    "POST",
    "/<incident_id>/retry",
    right="incident.retry",
    summary="Try again, with corrected inputs where they are given",
    body=RetryIn,
    answers={200: IncidentOut},
    errors=(404, 409),
)
def retry_incident(incident_id: str, body: Mapping[str, Any]) -> Reply:
    incident = fallout_desk.retry(incident_id, current_actor(), current_deps(), inputs=body["inputs"])
    shown: dict[str, Any] = IncidentOut().dump(incident)
    return shown
