"""Decisions: their versions, their tables, taking one back. They are deployed with the processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.process_versions import withdrawn
from app.api.schemas.decisions import DecisionDetail, DecisionList, DecisionVersionOut
from app.api.schemas.processes import DeploymentAskedOut
from app.api.schemas.versions import WithdrawnOut, WithdrawQuery
from app.errors import NotFound
from app.services.studio import decision_catalog
from app.services.studio.taking_back import take_back

door: Final = Door("decision_definitions", "/api/v1/decision-definitions", "processes")
MAX_DIGITS: Final = 7


@door.route(
    "GET",
    "",
    right="process.view",
    summary="The version of every decision that is in force",
    answers={200: DecisionList},
)
def list_decisions() -> Reply:
    rows = _versions(None)
    heads: dict[str, dict[str, Any]] = {}
    for row in rows:
        heads.setdefault(row["key"], row)
    return {"decisions": list(heads.values())}


@door.route(
    "GET",
    "/<key>",
    right="process.view",
    summary="One decision with its versions",
    answers={200: DecisionDetail},
    errors=(404,),
)
def get_decision(key: str) -> Reply:
    rows = _versions(key)
    if not rows:
        raise NotFound(f"there is no decision {key}", f"没有决策 {key}")
    return {"key": key, "versions": rows}


@door.route(
    "GET",
    "/<key>/<version>/source",
    right="process.view",
    summary="The file of one version, as it was deployed (DMN XML)",
    answers={200: None},
    errors=(404,),
)
def get_decision_source(key: str, version: str) -> Reply:
    xml = decision_catalog.source(key, _number(version), current_actor(), current_deps())
    name = f"{key}-{version}.dmn"
    headers = {"Content-Disposition": f'attachment; filename="{name}"' if name.isascii() else "attachment"}
    return Response(xml, content_type="application/xml; charset=utf-8", headers=headers)


@door.route(
    "POST",
    "/<key>/<version>/withdraw",
    right="process.deploy",
    summary="Take a version back, so that the one before it is in force; refused for the last one that is needed",
    query=WithdrawQuery,
    answers={200: WithdrawnOut, 202: DeploymentAskedOut},
    errors=(404, 409, 422),
)
def withdraw_decision(key: str, version: str, query: Mapping[str, Any]) -> Reply:
    number, actor = _number(version), current_actor()
    return withdrawn(take_back("decision", key, number, query["reason"], actor, current_deps()))


def _number(version: str) -> int:
    if not (version.isascii() and version.isdigit() and len(version) < MAX_DIGITS):
        raise NotFound()
    return int(version)


def _versions(key: str | None) -> list[dict[str, Any]]:
    rows, current = decision_catalog.versions(current_actor(), current_deps(), key)
    shape = DecisionVersionOut(exclude=("in_force",))
    return [{**shape.dump(row), "in_force": current.get(row.key) == row.version} for row in rows]
