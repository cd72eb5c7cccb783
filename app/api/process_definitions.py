"""Processes: list, fetch, check and deploy; and the operations their steps may call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request
from marshmallow import ValidationError

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.field_problems import field_problems
from app.api.schemas.processes import (
    CheckOut,
    DefinitionDetail,
    DefinitionList,
    DefinitionOut,
    DeployedOut,
    DeployIn,
    DeploymentAskedOut,
    FilesIn,
    FindingOut,
    OperationList,
    OperationOut,
    VersionOut,
)
from app.api.schemas.versions import VersionReportOut
from app.errors import NotFound
from app.services.studio import process_catalog, process_deployments, process_versions
from app.services.studio.file_sizes import within_size
from processes.store.definitions import ProcessDefinition

door: Final = Door("process_definitions", "/api/v1", "processes")
FORM: Final = "multipart/form-data"
FILE_MEDIA: Final = ("application/json", FORM)
MAX_VERSION: Final = 1_000_000


@door.route(
    "GET",
    "/process-definitions",
    right="process.view",
    summary="The newest version of every process",
    answers={200: DefinitionList},
)
def list_definitions() -> Reply:
    newest: dict[str, ProcessDefinition] = {}
    for row in _versions():
        newest[row.key] = max(newest.get(row.key, row), row, key=_recency)
    beside = process_versions.side_by_side(current_actor(), current_deps())
    shown = []
    for key in sorted(newest):
        running = sorted((version, number) for (name, version), number in beside.running.items() if name == key)
        head: dict[str, Any] = DefinitionOut().dump(newest[key])
        shown.append({**head, "running": [{"version": version, "running": number} for version, number in running]})
    return {"definitions": shown}


@door.route(
    "GET",
    "/process-definitions/<key>",
    right="process.view",
    summary="One process with its versions",
    answers={200: DefinitionDetail},
    errors=(404,),
)
def get_definition(key: str) -> Reply:
    rows = sorted((row for row in _versions() if row.key == key), key=_recency, reverse=True)
    if not rows:
        raise NotFound(f"there is no process {key}", f"没有流程 {key}")
    shown: dict[str, Any] = DefinitionOut().dump(rows[0])
    beside = process_versions.side_by_side(current_actor(), current_deps(), key)
    versions = [
        {
            **VersionOut(exclude=("in_force", "running")).dump(row),
            "in_force": beside.in_force.get(key) == row.version,
            "running": beside.running.get((key, row.version), 0),
        }
        for row in rows
    ]
    return shown | {"versions": versions}


@door.route(
    "GET",
    "/process-definitions/<key>/<version>/source",
    right="process.view",
    summary="The drawing of one version, as it was deployed (BPMN XML)",
    answers={200: None},
    errors=(404,),
)
def get_source(key: str, version: str) -> Reply:
    if not (version.isascii() and version.isdigit() and int(version[:9]) <= MAX_VERSION):
        raise NotFound()
    xml = process_catalog.source(key, int(version[:9]), current_actor(), current_deps())
    name = f"{key}-{version}.bpmn"
    headers = {"Content-Disposition": f'attachment; filename="{name}"' if name.isascii() else "attachment"}
    return Response(xml, content_type="application/xml; charset=utf-8", headers=headers)


@door.route(
    "POST",
    "/process-definitions/check",
    right="process.view",
    summary="What is wrong with the files, element by element; nothing is stored",
    body=FilesIn,
    media=FILE_MEDIA,
    answers={200: CheckOut},
    large=True,
    loads=False,
)
def check_files() -> Reply:
    files, _ = read_files(FilesIn)
    findings = process_catalog.check(files, current_actor(), current_deps())
    return {
        "deployable": all(finding.severity != "error" for finding in findings),
        "findings": FindingOut(many=True).dump(findings),
    }


@door.route(
    "POST",
    "/process-definitions/deploy",
    right="process.deploy",
    summary="Check the files once more and make them the next version",
    body=DeployIn,
    media=FILE_MEDIA,
    answers={201: DeployedOut, 202: DeploymentAskedOut},
    errors=(409, 422),
    large=True,
    loads=False,
)
def deploy_files() -> Reply:
    files, given = read_files(DeployIn)
    sent = process_deployments.deploy(
        files,
        current_actor(),
        current_deps(),
        note=given.get("note", ""),
        notes=given.get("notes", {}),
        at=given.get("activate_at"),
    )
    deployed = sent.deployed
    if deployed is None:
        return DeploymentAskedOut().dump(sent.request), 202
    short = DefinitionOut(many=True, only=("key", "version", "name", "name_en"))
    return {
        "deployment_id": deployed.deployment.id,
        "definitions": short.dump(deployed.processes),
        "decisions": short.dump(deployed.decisions),
        "findings": FindingOut(many=True).dump(deployed.findings),
        "reports": VersionReportOut(many=True).dump(deployed.reports),
    }, 201


@door.route(
    "GET",
    "/operations",
    right="process.view",
    summary="The registered operations a service task may call",
    answers={200: OperationList},
)
def list_operations() -> Reply:
    registry = current_deps().registry
    rows = [registry.get(code) for code in sorted(registry.codes())]
    return {"operations": OperationOut(many=True).dump(rows)}


def read_files(schema: type[FilesIn]) -> tuple[dict[str, bytes], Mapping[str, Any]]:
    """The files of this request by name, from JSON or from a form, and what is said of them.

    :raises TooLarge: a file is larger than the settings allow.
    """
    if request.mimetype == FORM:
        given: Mapping[str, Any] = {
            "files": {upload.filename or "": "" for upload in request.files.values()},
            **({"note": request.form["note"]} if "note" in request.form else {}),
        }
        loaded = _load(schema, given)
        files = {upload.filename or "": upload.read() for upload in request.files.values()}
    else:
        loaded = door.load_body(schema())
        files = {name: text.encode() for name, text in loaded["files"].items()}
    within_size(files, current_deps())
    return files, loaded


def _load(schema: type[FilesIn], given: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        loaded: Mapping[str, Any] = schema().load(given)
    except ValidationError as error:
        raise door.refusal(field_problems(error)) from error
    return loaded


def _versions() -> list[ProcessDefinition]:
    return list(process_catalog.definitions(current_actor(), current_deps()))


def _recency(row: ProcessDefinition) -> tuple[bool, Any, int]:
    # The version made active last is where new instances start, whatever its number; not one that was taken back.
    return row.withdrawn_at is None, row.active_since, row.version
