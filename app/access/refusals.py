"""What a known caller was refused goes into the audit: a right that is not theirs, an id that is none of theirs."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from flask import Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from app.access.rules import rule_of
from app.access.state import current_deps
from app.persistence.administration.refused_calls import note_refused
from app.unit_of_work import transaction
from processes.complaint import first_line

log: Final = logging.getLogger(__name__)


def write_refusal(response: Response) -> Response:
    """Write who was refused what. Whatever that meets, the caller gets the answer."""
    caller = g.get("yizhan_caller")
    if caller is None or caller.actor.is_system or not _is_refusal(response):
        return response
    deps = current_deps()
    rule = rule_of(current_app.view_functions.get(request.endpoint or ""))
    try:
        with transaction(deps.sessions) as tx:
            note_refused(
                tx.session,
                caller.actor,
                id_=deps.new_id(),
                method=request.method,
                path=request.path,
                action=rule.action if rule else None,
                status=response.status_code,
                now=deps.clock(tx.session),
            )
    except SQLAlchemyError as error:
        log.warning("a refusal is not in the audit: %s", first_line(error))
    return response


def _is_refusal(response: Response) -> bool:
    """An address that does not exist at all is a typing mistake; one with an id in it may be a guess."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        return bool(request.view_args)
    return response.status_code == HTTPStatus.FORBIDDEN
