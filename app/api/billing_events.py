"""Billing asks for suspensions, resumptions and terminations, and tells of payments (signed)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from marshmallow import fields, validate, validates_schema

from adapters.signing import SignatureRefused, verify
from app.access import current_actor, current_deps, current_language
from app.api.door import NOBODY, Door, Reply
from app.api.field_problems import TwoTongues
from app.api.json_input import content_hash, read_json
from app.api.schemas.fields import Code, In, Instant, Out, Whole
from app.errors import BadSignature
from app.persistence.ordering.billing_instructions import BillingInstruction
from app.services.ordering import billing_instructions
from app.services.ordering.billing_instructions import Instruction
from processes.wall_clock import wall_now

door: Final = Door("billing_events", "/api/v1/billing-events", "billing")
KINDS: Final = ("suspend", "resume", "disconnect", "payment")
MODES: Final = ("one_way", "two_way")
#: So that the external id of its order, which says where it comes from, stays within 64.
NUMBER_CHARS: Final = 56


class BillingEventIn(In):
    """An instruction of billing; its number is the key under which it is carried out once."""

    instruction_no = Code(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    account_no = Code(required=True)
    occurred_at = Instant(required=True)
    mode = fields.String(validate=validate.OneOf(MODES), load_default="two_way")
    products = fields.List(Code(), validate=validate.Length(max=100), load_default=list)
    notices = Whole(0, 100, load_default=0)

    @validates_schema(skip_on_field_errors=True)
    def a_number_that_fits(self, data: Mapping[str, Any], **_: object) -> None:
        if len(data["instruction_no"]) > NUMBER_CHARS:
            raise TwoTongues(
                "too-long",
                f"最多允许 {NUMBER_CHARS} 个字",
                f"At most {NUMBER_CHARS} characters.",
                path="instruction_no",
            )


class ReasonOut(Out):
    """Why an instruction was not carried out, or not to its end."""

    code = fields.String()
    message = fields.String()


class BillingEventOut(Out):
    """What came of an instruction. ``state``: ``ordered``, ``refused``, ``withdrawn`` (paid in time) or
    ``nothing_to_do``. ``withdrawn``: the orders that a payment has called off."""

    instruction_no = fields.String()
    kind = fields.String()
    account_no = fields.String()
    state = fields.String()
    reasons = fields.List(fields.Nested(ReasonOut))
    order_id = fields.String(allow_none=True)
    order_number = fields.String(allow_none=True)
    withdrawn = fields.List(fields.String())
    occurred_at = Instant()
    received_at = Instant()


class BillingEventList(Out):
    """What billing has asked for about an account, newest first."""

    items = fields.List(fields.Nested(BillingEventOut))


class AccountQuery(In):
    """Whose instructions."""

    account_no = Code(required=True)


def check_signature() -> None:
    """Runs before the body is read as JSON. :raises BadSignature: missing, wrong, or more than five minutes old."""
    keys, body = current_deps().settings.callback_keys, request.get_data(cache=True)
    try:
        verify(keys, dict(request.headers), body, wall_now())
    except SignatureRefused as error:
        raise BadSignature(f"The event is refused: {error.reason}", f"事件被拒绝：{error.reason}") from error


@door.route(
    "POST",
    "",
    right=NOBODY,
    summary="Billing asks for a stop, a restoration or a termination, or tells of a payment (signed)",
    body=BillingEventIn,
    before=check_signature,
    answers={200: BillingEventOut},
    errors=(401, 404, 409, 413, 415, 422),
)
def receive_billing_event(body: Mapping[str, Any]) -> Reply:
    body_hash = content_hash(read_json(request.get_data(cache=True)))
    instruction = Instruction(**{**body, "products": tuple(body["products"])})
    return shown(billing_instructions.take(instruction, current_deps(), body_hash=body_hash))


@door.route(
    "GET",
    "",
    right="order.view",
    summary="What billing has asked for about an account, and what came of it",
    query=AccountQuery,
    answers={200: BillingEventList},
)
def list_billing_events(query: Mapping[str, Any]) -> Reply:
    rows = billing_instructions.listed(current_actor(), current_deps(), account_no=query["account_no"])
    return {"items": [shown(row) for row in rows]}


def shown(row: BillingInstruction) -> dict[str, Any]:
    """An instruction as JSON, its reasons in the caller's language."""
    language = "en" if current_language() == "en" else "zh"
    named = ("instruction_no", "kind", "account_no", "state", "order_id", "order_number", "withdrawn")
    reasons = [{"code": one["code"], "message": one[language]} for one in row.reasons]
    facts = {name: getattr(row, name) for name in (*named, "occurred_at", "received_at")} | {"reasons": reasons}
    body: dict[str, Any] = BillingEventOut().dump(facts)
    return body
