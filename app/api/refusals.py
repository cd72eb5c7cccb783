"""The audit of what people were refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import PageQuery, page
from app.api.schemas.fields import Instant, Out, WholeText
from app.persistence.administration.refused_calls import refused_calls
from app.unit_of_work import read

door: Final = Door("refusals", "/api/v1/refused-calls", "audit")


class RefusedCallQuery(PageQuery):
    """Which lines. ``status``: 403 = no right, 404 = no such thing for them."""

    login = fields.String(load_default=None)
    status = WholeText(400, 499, load_default=None)


class RefusedCallOut(Out):
    """Who was refused what, and how often on that day."""

    login = fields.String()
    role = fields.String()
    area = fields.String()
    method = fields.String()
    path = fields.String()
    action = fields.String(allow_none=True, metadata={"description": "the right that is needed"})
    status = fields.Integer()
    times = fields.Integer()
    first_at = Instant()
    last_at = Instant()


class RefusedCallPage(Out):
    """A part of the audit of refusals."""

    items = fields.List(fields.Nested(RefusedCallOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


@door.route(
    "GET",
    "",
    right="audit.view",
    summary="What people of your area were refused: rights they do not hold, ids that are not theirs; latest first",
    query=RefusedCallQuery,
    answers={200: RefusedCallPage},
)
def list_refused_calls(query: Mapping[str, Any]) -> Reply:
    wanted = {name: query[name] for name in ("login", "status")}
    with read(current_deps().read_sessions) as session:
        rows, total = refused_calls(session, current_actor(), wanted, offset=query["offset"], limit=query["limit"])
        shown: list[Any] = RefusedCallOut(many=True).dump(rows)
    return page(shown, total, query)
