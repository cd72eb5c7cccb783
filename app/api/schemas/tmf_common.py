"""Pieces that many TM Forum bodies share."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields, post_dump

from app.api.schemas.fields import Anything, Code, In, Out, Text

URL_CHARS: Final = 500


class TmfIn(In):
    """Any TM Forum object may say what it is."""

    at_type = Text(100, data_key="@type")
    at_base_type = Text(100, data_key="@baseType")
    at_schema_location = Text(URL_CHARS, data_key="@schemaLocation")


class RefIn(TmfIn):
    """A reference to something that exists."""

    id = Code(required=True)
    href = Text(URL_CHARS)
    name = Text(200)
    at_referred_type = Text(100, data_key="@referredType")


class NoteIn(TmfIn):
    """A remark."""

    id = Text(64)
    text = Text(2000, least=1, required=True)
    author = Text(100)
    date = Text(40)


class TmfOut(Out):
    """TM Forum leaves out what has no value."""

    @post_dump
    def without_empty(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {key: value for key, value in data.items() if value is not None}


class RefOut(TmfOut):
    """A reference to something that exists."""

    id = fields.String()
    href = fields.String()
    name = fields.String()
    role = fields.String()
    referred_type = fields.String(data_key="@referredType")


class TmfErrorDetail(Out):
    """One wrong field."""

    path = fields.String()
    code = fields.String()
    message = fields.String()


class TmfError(Out):
    """TM Forum's error body."""

    code = fields.String(required=True)
    reason = fields.String(required=True)
    message = fields.String()
    status = fields.String()
    reference_error = fields.String(data_key="referenceError")
    at_type = fields.String(data_key="@type")
    details = fields.List(fields.Nested(TmfErrorDetail))


class Problem(Out):
    """RFC 9457 problem."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String(required=True)
    retryable = fields.Boolean()
    instance = fields.String()
    details = fields.List(fields.Nested(TmfErrorDetail))
    findings = fields.List(fields.Dict(keys=fields.String(), values=Anything()))
