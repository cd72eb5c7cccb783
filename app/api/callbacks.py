"""Signed answers of the outside systems: checked, kept, acknowledged at once; a worker adopts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from marshmallow import fields, validate, validates_schema

from adapters.signing import SignatureRefused, verify
from app.access import current_deps
from app.api.door import NOBODY, Door, Reply
from app.api.field_problems import TwoTongues
from app.api.schemas.fields import Anything, In, Instant, Out, Text
from app.errors import BadSignature, NotFound
from app.observability import metrics_of_request
from app.unit_of_work import transaction
from processes.wall_clock import wall_now

door: Final = Door("callbacks", "/api/v1/callbacks", "callbacks")


class CallbackIn(In):
    """How an operation that was promised an answer has ended."""

    event_id = Text(120, least=1, required=True)
    operation_id = Text(64, least=1, required=True)
    occurred_at = Instant(required=True)
    status = fields.String(required=True, validate=validate.OneOf(("done", "rejected")))
    outputs = fields.Dict(keys=fields.String(), values=Anything(allow_none=True))
    code = Text(120, least=1)
    message = Text(2000)

    @validates_schema
    def a_refusal_says_why(self, data: Mapping[str, Any], **_: object) -> None:
        if data.get("status") == "rejected" and not data.get("code"):
            raise TwoTongues("required", "拒绝时必须给出 code", "A rejected answer needs its code.", path="code")


class ReceivedOut(Out):
    """The answer is kept."""

    received = fields.Boolean()


def check_signature() -> None:
    """Runs before the body is read as JSON: nobody but the holder of a secret gets that far.

    :raises BadSignature: header missing, wrong signature, or more than five minutes old.
    """
    adapter = (request.view_args or {}).get("adapter", "")
    counter = metrics_of_request().callbacks
    if adapter not in current_deps().ports:
        raise NotFound()
    keys, body = current_deps().settings.callback_keys, request.get_data(cache=True)
    try:
        # The far side signs with its own clock, which knows nothing of an offset of ours.
        verify(keys, dict(request.headers), body, wall_now())
    except SignatureRefused as error:
        counter.labels(adapter, error.reason).inc()
        raise BadSignature(f"The callback is refused: {error.reason}", f"回调被拒绝：{error.reason}") from error
    counter.labels(adapter, "accepted").inc()


@door.route(
    "POST",
    "/<adapter>",
    right=NOBODY,
    summary="An outside system answers an operation (Standard Webhooks signature)",
    body=CallbackIn,
    before=check_signature,
    answers={200: ReceivedOut},
    errors=(401, 404, 413, 415),
)
def receive_callback(adapter: str, body: Mapping[str, Any]) -> Reply:
    deps = current_deps()
    with transaction(deps.sessions) as tx:
        deps.engine.receive_answer(
            tx.session,
            adapter=adapter,
            event_id=body["event_id"],
            operation_id=body["operation_id"],
            status=body["status"],
            outputs=body.get("outputs") or {},
            code=body.get("code"),
            message=body.get("message"),
            now=deps.clock(tx.session),
        )
        tx.after_commit.append(deps.wake)
    return {"received": True}
