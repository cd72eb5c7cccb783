"""Shapes of news for processes: messages, signals, facts."""

from __future__ import annotations

from marshmallow import fields, validate

from app.api.paging import PageQuery
from app.api.schemas.fields import Anything, In, Instant, Out, Text, Whole
from processes.lifecycle import InboxState

KINDS = ("message", "signal", "facts", "answer", "catch", "begin")


class NewsQuery(PageQuery):
    """Which news."""

    state = fields.String(validate=validate.OneOf([str(state) for state in InboxState]), load_default=None)
    kind = fields.String(validate=validate.OneOf(KINDS), load_default=None)
    name = Text(120, load_default=None)
    key = Text(255, load_default=None)


class NewsOut(Out):
    """One piece of news and what became of it; its payload is not shown."""

    id = fields.String()
    kind = fields.String()
    name = fields.String(allow_none=True)
    key = fields.String(allow_none=True)
    source = fields.String()
    event_id = fields.String(data_key="eventId")
    state = fields.String()
    note = fields.String(allow_none=True)
    area = fields.String(allow_none=True)
    instance_id = fields.String(allow_none=True, data_key="instanceId")
    received_at = Instant(data_key="receivedAt")
    expires_at = Instant(data_key="expiresAt")
    handled_at = Instant(allow_none=True, data_key="handledAt")


class NewsPage(Out):
    """A part of the list of news."""

    items = fields.List(fields.Nested(NewsOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class FactsIn(In):
    """Facts: every process whose start condition holds for them begins."""

    id = Text(120, least=1, required=True)
    payload = fields.Dict(keys=fields.String(), values=Anything(allow_none=True), load_default=dict)
    area = Text(16, load_default=None)


class SignalIn(FactsIn):
    """A signal for all who wait for it now."""

    name = Text(120, least=1, required=True)


class MessageIn(SignalIn):
    """A message for the instance that waits for its name and key, or for the process that begins at it."""

    key = Text(255, load_default="")
    ttl_minutes = Whole(1, 60 * 24 * 365, load_default=None, allow_none=True, data_key="ttlMinutes")
