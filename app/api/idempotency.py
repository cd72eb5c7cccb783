"""``Idempotency-Key``: the same request of the same client gets the first answer again, and acts once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from flask import Response, jsonify, make_response, request
from sqlalchemy.exc import IntegrityError, OperationalError

from app.access import current_actor, current_deps, current_now
from app.api.json_input import content_hash, read_json
from app.errors import BadRequest, Conflict, KeyReused
from app.persistence.idempotency import IdempotentRequest
from app.unit_of_work import read, transaction

HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
KEPT_HEADERS: Final = ("Location", "ETag")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")
UNANSWERED: Final = 0
MADE_UP_ID: Final = "idempotency-key:"
MADE_UP_CHARS: Final = 40
# After this long a request without an answer was cut off; what it did is found by its own key in the books.
ABANDONED_AFTER: Final = timedelta(seconds=60)
FORGET_TRIES: Final = 3


class InProgress(Conflict):
    """The first request with this key is still being worked on."""

    code, retryable = "request-in-progress", True
    title_zh, title_en = "相同的请求正在处理", "The same request is being worked on"


def current_key() -> str | None:
    """The key of this request, None when it has none.

    :raises BadRequest: it is longer than 128 characters or not plain ASCII.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key: 1 to 128 visible ASCII characters", "Idempotency-Key 须为 1 至 128 个可见 ASCII 字符"
        )
    return key


def made_up_external_id() -> str | None:
    """An external id made from the key, for requests that bring a key but no number of their own.

    With it the unique index of the books keeps a request that was cut off and sent again from acting twice.
    """
    key = current_key()
    return MADE_UP_ID + hashlib.sha256(key.encode()).hexdigest()[:MADE_UP_CHARS] if key else None


def shown_external_id(external_id: str | None) -> str | None:
    """The external id as its client knows it: a made-up one is nobody's business."""
    return None if external_id is None or external_id.startswith(MADE_UP_ID) else external_id


def answer_once(act: Callable[[], Response]) -> Response:
    """Run ``act`` unless this key was answered before; only successes are kept.

    :raises KeyReused: the key came with another body before.
    """
    key = current_key()
    if key is None:
        return act()
    row_key = {"client": current_actor().login, "key": key, "route": f"{request.method} {request.path}"[:120]}
    body_hash = content_hash(read_json(request.get_data(cache=True)))
    now = current_now()
    known = _known(row_key, body_hash, now)
    if known is not None:
        return known
    _reserve(row_key, body_hash, now)
    try:
        response = act()
    except BaseException:
        _forget(row_key, now)
        raise
    if response.status_code >= 400:
        _forget(row_key, now)
    else:
        # What was done is done; a database that is busy now must not turn it into an error.
        with suppress(OperationalError):
            _keep(row_key, response)
    return response


def _known(row_key: dict[str, str], body_hash: str, now: datetime) -> Response | None:
    with read(current_deps().read_sessions) as session:
        row = session.get(IdempotentRequest, row_key)
        if row is None:
            return None
        if row.body_hash != body_hash:
            raise KeyReused()
        if row.status == UNANSWERED:
            if now - row.at < ABANDONED_AFTER:
                raise InProgress()
            return None
        response = make_response(jsonify(row.response["body"]), row.status, row.response["headers"])
    response.headers[REPLAYED_HEADER] = "true"
    return response


def _reserve(row_key: dict[str, str], body_hash: str, now: datetime) -> None:
    try:
        with transaction(current_deps().sessions) as tx:
            row = tx.session.get(IdempotentRequest, row_key)
            if row is not None and now - row.at < ABANDONED_AFTER:
                raise InProgress()
            if row is None:
                row = IdempotentRequest(**row_key)
                tx.session.add(row)
            row.body_hash, row.status, row.response, row.at = body_hash, UNANSWERED, None, now
    except IntegrityError as error:
        raise InProgress() from error
    except OperationalError:
        # Nobody knows whether the key is reserved now; if it is, the same request would have to wait for nothing.
        _forget(row_key, now)
        raise


def _keep(row_key: dict[str, str], response: Response) -> None:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    with transaction(current_deps().sessions) as tx:
        row = tx.session.get_one(IdempotentRequest, row_key)
        row.status, row.response = response.status_code, {"body": response.get_json(), "headers": headers}


def _forget(row_key: dict[str, str], reserved_at: datetime) -> None:
    """Let the same request be made again at once; where the database is away, after ``ABANDONED_AFTER``."""
    for _attempt in range(FORGET_TRIES):
        with suppress(OperationalError), transaction(current_deps().sessions) as tx:
            row = tx.session.get(IdempotentRequest, row_key)
            if row is not None and row.status == UNANSWERED and row.at == reserved_at:
                tx.session.delete(row)
            return
