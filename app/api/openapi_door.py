"""Serves the description of the interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.access import public_machine
from app.api.door import Route
from app.api.openapi import build_openapi


def openapi_blueprint(routes: Callable[[], Iterable[Route]]) -> Blueprint:
    """A door with one address, ``/openapi.json``; the document is made once, when it is first asked for."""
    blueprint = Blueprint("openapi", __name__)

    @cache
    def document() -> dict[str, Any]:
        return build_openapi(routes())

    def openapi() -> ResponseReturnValue:
        return jsonify(document())

    blueprint.add_url_rule("/openapi.json", "openapi", public_machine(openapi))
    return blueprint
