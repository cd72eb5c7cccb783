"""Versions of processes side by side: compare two, list what runs on each, take one back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import page
from app.api.schemas.processes import DeploymentAskedOut
from app.api.schemas.versions import (
    CompareOut,
    CompareQuery,
    InstanceQuery,
    InstanceRow,
    InstanceRows,
    VersionDifference,
    WithdrawnOut,
    WithdrawQuery,
)
from app.errors import NotFound
from app.services.studio import process_versions
from app.services.studio.taking_back import TakenBack, take_back

door: Final = Door("process_versions", "/api/v1/process-definitions", "processes")
MAX_DIGITS: Final = 7


@door.route(
    "GET",
    "/<key>/compare",
    right="process.view",
    summary="What differs between two versions, element by element, with what the picture does not show",
    query=CompareQuery,
    answers={200: CompareOut},
    errors=(404,),
)
def compare_versions(key: str, query: Mapping[str, Any]) -> Reply:
    found = process_versions.compare(key, query["old"], query["new"], current_actor(), current_deps())
    return {"differences": VersionDifference(many=True).dump(found)}


@door.route(
    "GET",
    "/<key>/instances",
    right="ops.view",
    summary="Instances of a process with the version each runs on, newest first; of your area",
    query=InstanceQuery,
    answers={200: InstanceRows},
)
def list_instances(key: str, query: Mapping[str, Any]) -> Reply:
    found, total = process_versions.instances(key, current_actor(), current_deps(), **query)
    shown: list[Any] = InstanceRow(many=True).dump(found)
    return page(shown, total, query)


@door.route(
    "POST",
    "/<key>/<version>/withdraw",
    right="process.deploy",
    summary="Take a version back, so that nothing starts on it; refused while instances run on it",
    query=WithdrawQuery,
    answers={200: WithdrawnOut, 202: DeploymentAskedOut},
    errors=(404, 409, 422),
)
def withdraw_version(key: str, version: str, query: Mapping[str, Any]) -> Reply:
    if not (version.isascii() and version.isdigit() and len(version) < MAX_DIGITS):
        raise NotFound()
    return withdrawn(take_back("process", key, int(version), query["reason"], current_actor(), current_deps()))


def withdrawn(done: TakenBack) -> Reply:
    """The version that was taken back, or what waits for a second person."""
    if done.asked is not None:
        return DeploymentAskedOut().dump(done.asked), 202
    shown: dict[str, Any] = WithdrawnOut().dump(done.row)
    return shown
