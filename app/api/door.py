"""Declares JSON routes: right, input, answers and documentation in one place, so that they cannot drift apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, jsonify, make_response, request
from marshmallow import Schema, ValidationError

from app.access import large_body, public_machine, requires, requires_login
from app.api.field_problems import field_problems
from app.api.idempotency import answer_once
from app.api.json_input import read_json
from app.errors import BadRequest, FieldProblem, InvalidInput, NotFound, UnsupportedMedia

Body = dict[str, Any] | list[Any]
Reply = Body | tuple[Body, int] | tuple[Body, int, dict[str, str]] | Response
View = Callable[..., Reply]


@dataclass(frozen=True)
class Many:
    """A list of such objects."""

    schema: type[Schema]


Shape = type[Schema] | Many | None

JSON: Final = ("application/json",)
MERGE_PATCH: Final = ("application/merge-patch+json", "application/json")
LOGIN: Final = "(login)"
NOBODY: Final = "(public)"
LANGUAGE_PARAMETER: Final = "lang"


class InvalidShape(BadRequest):
    """TM Forum declares 400 for a body of the wrong shape, so its paths answer that instead of 422."""

    code = "invalid-input"
    title_zh, title_en = InvalidInput.title_zh, InvalidInput.title_en


@dataclass(frozen=True, kw_only=True)
class Route:
    """One documented route. ``right`` is an action, ``(login)`` or ``(public)``."""

    method: str
    path: str
    endpoint: str
    right: str
    summary: str
    tag: str
    body: type[Schema] | None
    media: tuple[str, ...]
    query: type[Schema] | None
    answers: Mapping[int, Shape]
    errors: tuple[int, ...]
    parameters: tuple[Mapping[str, Any], ...]
    tmf: bool
    idempotent: bool


@dataclass
class Door:
    """A blueprint whose every route declares what it needs. ``tmf`` doors answer in TM Forum's words."""

    name: str
    prefix: str
    tag: str
    tmf: bool = False
    routes: list[Route] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.blueprint = Blueprint(self.name, __name__, url_prefix=self.prefix)

    def route(
        self,
        method: str,
        path: str,
        *,
        right: str,
        summary: str,
        answers: Mapping[int, Shape],
        body: type[Schema] | None = None,
        media: tuple[str, ...] = JSON,
        query: type[Schema] | None = None,
        errors: tuple[int, ...] = (),
        parameters: tuple[Mapping[str, Any], ...] = (),
        idempotent: bool = False,
        large: bool = False,
        before: Callable[[], None] | None = None,
        loads: bool = True,
    ) -> Callable[[View], View]:
        """Register a view. It is called with the parts of the path, ``body`` and ``query`` already loaded.

        ``before`` runs ahead of the loading and may refuse the request. A view that takes more than one kind of
        body says ``loads=False`` and reads it by itself.
        """

        def register(view: View) -> View:
            route = Route(
                method=method,
                path=f"{self.prefix}{path}",
                endpoint=f"{self.name}.{view.__name__}",
                right=right,
                summary=summary,
                tag=self.tag,
                body=body,
                media=media,
                query=query,
                answers=answers,
                errors=errors,
                parameters=parameters,
                tmf=self.tmf,
                idempotent=idempotent,
            )
            self.routes.append(route)
            guarded = _guarded(self._loading(view, route, before, loads=loads), right)
            self.blueprint.add_url_rule(
                path, view.__name__, large_body(guarded) if large else guarded, methods=[method], strict_slashes=False
            )
            return view

        return register

    def _loading(
        self, view: View, route: Route, before: Callable[[], None] | None, *, loads: bool
    ) -> Callable[..., Response]:
        # Made once: a schema copies all its fields when it is made, and keeps nothing of what it reads.
        query = route.query() if route.query is not None else None
        body = route.body() if route.body is not None else None

        @wraps(view)
        def call(**path_parts: Any) -> Response:
            if any("\x00" in part for part in path_parts.values()):
                raise NotFound()
            if before is not None:
                before()
            if query is not None:
                path_parts["query"] = load_query(query)
            if body is not None and loads:
                path_parts["body"] = self.load_body(body, route.media)
            if route.idempotent:
                return answer_once(lambda: _response(view(**path_parts)))
            return _response(view(**path_parts))

        return call

    def load_body(self, schema: Schema, media: tuple[str, ...] = JSON) -> Any:
        """Read and check the body.

        :raises UnsupportedMedia, BadRequest, InvalidInput: by what is wrong with it.
        """
        if not schema.fields and not request.get_data(cache=True):
            return {}  # nothing is asked for, so nothing may be sent
        if request.mimetype not in media:
            raise UnsupportedMedia(f"Send {' or '.join(media)}", f"请使用 {' 或 '.join(media)}")
        value = read_json(request.get_data(cache=True))
        try:
            return schema.load(value)
        except ValidationError as error:
            raise self.refusal(field_problems(error)) from error

    def refusal(self, problems: tuple[FieldProblem, ...]) -> InvalidShape | InvalidInput:
        """What a body of the wrong shape is answered with at this door."""
        kind: type[InvalidShape] | type[InvalidInput] = InvalidShape if self.tmf else InvalidInput
        first = problems[0] if problems else None
        more_en = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        more_zh = f"（另有 {len(problems) - 1} 处）" if len(problems) > 1 else ""
        return kind(
            f"{first.path or 'body'}: {first.en}{more_en}" if first else None,
            f"{first.path or '内容'}：{first.zh}{more_zh}" if first else None,
            details=problems,
        )


def load_query(schema: Schema) -> Any:
    """Read and check the query parameters; each may come once.

    :raises BadRequest: an unknown parameter, or a value that cannot be read.
    """
    given = {name: values[-1] for name, values in request.args.lists() if name != LANGUAGE_PARAMETER}
    if any("\x00" in value for value in given.values()):
        raise BadRequest("A parameter holds the character NUL", "参数中含有 NUL 字符")
    try:
        return schema.load(given)
    except ValidationError as error:
        problems = field_problems(error)
        raise BadRequest(
            "; ".join(f"{row.path}: {row.en}" for row in problems[:3]),
            "；".join(f"{row.path}：{row.zh}" for row in problems[:3]),
            details=problems,
        ) from error


def _guarded(view: Callable[..., Response], right: str) -> Callable[..., Response]:
    if right == NOBODY:
        return public_machine(view)
    if right == LOGIN:
        return requires_login(view)
    return requires(right)(view)


def _response(reply: Reply) -> Response:
    if isinstance(reply, Response):
        return reply
    if isinstance(reply, tuple):
        return make_response(jsonify(reply[0]), *reply[1:])
    return jsonify(reply)
