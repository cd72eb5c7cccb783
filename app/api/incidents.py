"""Incidents: what cannot go on by itself, and trying it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate
from sqlalchemy import func, select

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import PageQuery, count_headers
from app.api.schemas.processes import IncidentOut, IncidentPage, RetryIn
from app.persistence.scope import scoped
from app.services import fallout_desk
from app.unit_of_work import read
from processes.store.instances import Incident

door: Final = Door("incidents", "/api/v1/incidents", "incidents")


class IncidentQuery(PageQuery):
    """Which incidents."""

    state = fields.String(validate=validate.OneOf(("open", "resolved")), load_default="open")


@door.route(
    "GET",
    "",
    right="ops.view",
    summary="List incidents of your area, oldest first",
    query=IncidentQuery,
    answers={200: IncidentPage},
)
def list_incidents(query: Mapping[str, Any]) -> Reply:
    mine = scoped(select(Incident), Incident, current_actor()).where(Incident.state == query["state"])
    with read(current_deps().read_sessions) as session:
        total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        page = mine.order_by(Incident.opened_at, Incident.id).offset(query["offset"]).limit(query["limit"])
        shown: list[Any] = IncidentOut(many=True).dump(session.scalars(page))
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
