"""``/openapi.json``: made from the declared routes and their schemas, so it cannot say anything else than the code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from app.api.door import LOGIN, NOBODY, Many, Route, Shape
from app.api.schemas.tmf_common import Problem, TmfError

OPENAPI_VERSION: Final = "3.0.3"
VERSION: Final = "1.0.0"
_PATH_PART: Final = re.compile(r"<(?:\w+:)?(\w+)>")
PROBLEM_MEDIA: Final = "application/problem+json"
JSON_MEDIA: Final = "application/json"
# A cookie comes with its CSRF token for everything but GET.
SECURITY: Final[tuple[Mapping[str, list[str]], ...]] = ({"bearer": []}, {"session": [], "csrf": []})
ACCEPT_LANGUAGE: Final = {
    "name": "Accept-Language",
    "in": "header",
    "schema": {"type": "string", "enum": ["zh", "en"]},
    "description": "language of the texts for people",
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    "description": "the same key gets the first answer again",
}


def build_openapi(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document."""
    spec = APISpec(
        title="Yizhan 一站",
        version=VERSION,
        openapi_version=OPENAPI_VERSION,
        info={"description": "Orders of a telecom operator: TMF622 v4, work items, tickets, processes."},
        plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "yizhan_session"})
    spec.components.security_scheme("csrf", {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"})
    spec.components.schema("Error", schema=TmfError)
    spec.components.schema("Problem", schema=Problem)
    for route in routes:
        spec.path(path=_PATH_PART.sub(r"{\1}", route.path) or "/", operations={route.method.lower(): _operation(route)})
    document: dict[str, Any] = spec.to_dict()
    return document


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.endpoint.rpartition(".")[2],
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in _PATH_PART.findall(route.path)
            ),
            *({"in": "query", "schema": query} for query in [route.query] if query is not None),
            *route.parameters,
            ACCEPT_LANGUAGE,
            *([IDEMPOTENCY_KEY] if route.idempotent else []),
        ],
        "responses": {str(status): _answer(status, shape) for status, shape in route.answers.items()}
        | {str(status): _refusal(status, tmf=route.tmf) for status in error_statuses(route)},
        "security": [] if route.right == NOBODY else [dict(way) for way in SECURITY],
    }
    if route.right not in {NOBODY, LOGIN}:
        operation["x-yizhan-right"] = route.right
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {media: {"schema": route.body} for media in route.media},
        }
    return operation


def error_statuses(route: Route) -> list[int]:
    """Every refusal a caller of this route has to reckon with."""
    found = {*route.errors, 503}
    if route.right != NOBODY:
        found.add(401)
    if route.right not in {NOBODY, LOGIN}:
        found.add(403)
    if route.body is not None:
        found |= {400, 413, 415} | (set() if route.tmf else {422})
    if route.query is not None or route.parameters:
        found.add(400)
    if route.idempotent:
        found |= {409, 422}
    return sorted(found)


def _answer(status: int, shape: Shape) -> Mapping[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if isinstance(shape, Many):
        described["content"] = {JSON_MEDIA: {"schema": {"type": "array", "items": shape.schema}}}
    elif shape is not None:
        described["content"] = {JSON_MEDIA: {"schema": shape}}
    return described


def _refusal(status: int, *, tmf: bool) -> Mapping[str, Any]:
    name, media = ("Error", JSON_MEDIA) if tmf else ("Problem", PROBLEM_MEDIA)
    return {
        "description": HTTPStatus(status).phrase,
        "content": {media: {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }


def _schema_name(schema: type[Schema] | Schema | str) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    if isinstance(schema, str):
        return schema
    narrowed = isinstance(schema, Schema) and bool(schema.only or schema.exclude)
    return f"{cls.__name__}Part" if narrowed else cls.__name__
