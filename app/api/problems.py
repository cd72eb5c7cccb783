"""Every error becomes one answer: TM Forum's shape on its paths, problem+json on ours, a page elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from flask import Flask, Response, current_app, json, request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app import errors
from app.access import current_language
from app.errors import AppError
from app.observability import current_request_id
from processes import errors as engine_errors

PAGE_EXTENSION: Final = "yizhan_error_page"
TMF_PATHS: Final = "/tmf-api/"
JSON_PATHS: Final = (TMF_PATHS, "/api/", "/openapi.json", "/healthz", "/readyz", "/metrics")

# What Flask and Werkzeug raise by themselves.
_BY_STATUS: Final[dict[int, type[AppError]]] = {
    cls.http_status: cls
    for cls in (
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.MethodNotAllowed,
        errors.NotAcceptable,
        errors.Conflict,
        errors.StaleVersion,
        errors.TooLarge,
        errors.UnsupportedMedia,
        errors.Unavailable,
    )
}
_ENGINE: Final[tuple[tuple[type[Exception], type[AppError]], ...]] = (
    (engine_errors.NotThere, errors.NotFound),
    (engine_errors.UnknownProcess, errors.NotFound),
    (engine_errors.UnknownDecision, errors.NotFound),
    (engine_errors.OutcomeUnknown, errors.Unavailable),
    (engine_errors.SnapshotTooOld, errors.NotThisVersion),
    (engine_errors.UnknownHere, errors.NotThisVersion),
    (engine_errors.StaleTask, errors.AlreadyDone),
    (engine_errors.IncidentClosed, errors.AlreadyDone),
    (engine_errors.ProcessError, errors.Conflict),
)


def register_problems(app: Flask) -> None:
    """Catch everything; nothing but these answers leaves the application."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """The answer for any error; the cause of an unexpected one goes to the log only."""
    if isinstance(error, HTTPException) and (error.code is None or error.code < 400):
        return Response(error.get_response().data, error.code, error.get_headers())  # a redirect, not an error
    known = as_app_error(error)
    response = _shaped(known)
    if isinstance(error, HTTPException) and known.http_status == errors.MethodNotAllowed.http_status:
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    if known.http_status == errors.Unauthenticated.http_status:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(known, errors.TooMany | errors.Unavailable):
        response.headers["Retry-After"] = str(known.retry_after_s)
    return response


def as_app_error(error: Exception) -> AppError:
    """The error of our tree that tells the caller about ``error``."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, HTTPException):
        cls = _BY_STATUS.get(error.code or 500, errors.BadRequest if (error.code or 500) < 500 else AppError)
        return cls()
    if isinstance(error, engine_errors.DefinitionRefused):
        return errors.DefinitionRefusedError([dict(vars(finding)) for finding in error.findings])
    for kind, cls in _ENGINE:
        if isinstance(error, kind):
            return cls(str(error))
    log = structlog.get_logger("yizhan.errors")
    if isinstance(error, StaleDataError):
        return errors.StaleVersion()
    if isinstance(error, IntegrityError):
        log.warning("integrity", problem=one_line(error))
        return errors.Conflict()
    if isinstance(error, OperationalError | PoolTimeout) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        log.warning("database", problem=one_line(error))
        return errors.Unavailable()
    log.error("unexpected", exc_info=error)
    return AppError()


def one_line(error: Exception) -> str:
    """What a database said, without the values it was about: they may be somebody's name."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return f"{type(error).__name__}: {said.splitlines()[0] if said else 'no reason given'}"


def _shaped(error: AppError) -> Response:
    page: Callable[[AppError], Response] | None = current_app.extensions.get(PAGE_EXTENSION)
    if not request.path.startswith(JSON_PATHS) and page is not None:
        return page(error)
    language = current_language()
    if request.path.startswith(TMF_PATHS):
        body, media_type = tmf_body(error, language), "application/json"
    else:
        body, media_type = problem_body(error, language), "application/problem+json"
    return Response(
        json.dumps(body), error.http_status, content_type=media_type, headers={"Content-Language": language}
    )


def tmf_body(error: AppError, language: str) -> dict[str, Any]:
    """TM Forum's Error, with our ``details`` and ``facts`` beside it."""
    body: dict[str, Any] = {
        "code": error.code,
        "reason": error.title(language),
        "message": error.message(language),
        "status": str(error.http_status),
        "@type": "Error",
    }
    return body | _more(error, language)


def problem_body(error: AppError, language: str) -> dict[str, Any]:
    """RFC 9457, with the code and the fields."""
    body: dict[str, Any] = {
        "type": f"urn:yizhan:problem:{error.code}",
        "title": error.title(language),
        "status": error.http_status,
        "detail": error.message(language),
        "code": error.code,
        "retryable": error.retryable,
        "instance": f"urn:yizhan:request:{current_request_id()}",
    }
    return body | _more(error, language)


def _more(error: AppError, language: str) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if error.details:
        more["details"] = [
            {"path": row.path, "code": row.code, "message": row.en if language == "en" else row.zh}
            for row in error.details
        ]
    if isinstance(error, errors.DefinitionRefusedError):
        more["findings"] = list(error.findings)
    return more
