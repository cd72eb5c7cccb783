"""Personal data in full, one value at a time, and the audit of who looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import PageQuery, page
from app.api.schemas.fields import In, Instant, Out, Text
from app.persistence.counter.reveals import list_reveals
from app.services.counter import reveals
from app.unit_of_work import read

door: Final = Door("reveals", "/api/v1/reveals", "audit")


class RevealIn(In):
    """Which value of which customer, and why."""

    customer_no = Text(32, required=True)
    field = Text(40, required=True)
    reason = Text(1000, required=True)


class RevealedOut(Out):
    """The value; pages show it no longer than ``until``."""

    value = fields.String()
    until = Instant()


class RevealQuery(PageQuery):
    """Whose lines, or the lines about whom."""

    login = fields.String(load_default=None)
    customer_no = fields.String(load_default=None)


class RevealLine(Out):
    """Who looked at what, when, and why."""

    login = fields.String()
    at = Instant()
    area = fields.String()
    customer_no = fields.String()
    field = fields.String()
    reason = fields.String()


class RevealPage(Out):
    """A part of the audit of reveals."""

    items = fields.List(fields.Nested(RevealLine))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


@door.route(
    "POST",
    "",
    right="personal.reveal",
    summary="One masked value in full, for a reason; it is written down who asked",
    body=RevealIn,
    answers={200: RevealedOut},
    errors=(404, 422),
)
def reveal(body: Mapping[str, Any]) -> Reply:
    shown: dict[str, Any] = RevealedOut().dump(reveals.reveal(**body, actor=current_actor(), deps=current_deps()))
    return shown


@door.route(
    "GET",
    "",
    right="audit.view",
    summary="Who looked at personal data of customers in your area, the latest first",
    query=RevealQuery,
    answers={200: RevealPage},
)
def get_reveals(query: Mapping[str, Any]) -> Reply:
    with read(current_deps().read_sessions) as session:
        rows, total = list_reveals(session, current_actor(), **query)
        shown: list[Any] = RevealLine(many=True).dump(rows)
    return page(shown, total, query)
