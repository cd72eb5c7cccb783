"""The catalogue as a file: check it, bring it in, take it out, and who changed what when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml
from flask import Response
from marshmallow import ValidationError

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.field_problems import field_problems
from app.api.schemas.catalogue_in import CatalogueFileIn, CatalogueImportIn
from app.api.schemas.catalogue_out import (
    CatalogueChangesOut,
    CatalogueExportQuery,
    CatalogueHistoryOut,
    CatalogueHistoryQuery,
)
from app.api.yaml_input import read_yaml
from app.errors import FieldProblem
from app.services import catalogue_desk

door: Final = Door("catalogue", "/api/v1/catalogue", "catalogue")
DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@door.route(
    "POST",
    "/check",
    right="catalogue.view",
    summary="What a catalogue file would change, or everything that is wrong with it; nothing is stored",
    body=CatalogueImportIn,
    answers={200: CatalogueChangesOut},
    large=True,
)
def check_catalogue(body: Mapping[str, Any]) -> Reply:
    return _changes(_bring_in(body, only_check=True))


@door.route(
    "POST",
    "/import",
    right="catalogue.edit",
    summary="Bring in a catalogue file (YAML): whole or not at all; what it does not mention stays",
    body=CatalogueImportIn,
    answers={200: CatalogueChangesOut},
    large=True,
)
def import_catalogue(body: Mapping[str, Any]) -> Reply:
    return _changes(_bring_in(body, only_check=False))


@door.route(
    "GET",
    "/export",
    right="catalogue.view",
    summary="The whole catalogue as a file (YAML), as it counts now or at an instant",
    query=CatalogueExportQuery,
    answers={200: None},
)
def export_catalogue(query: Mapping[str, Any]) -> Reply:
    content = catalogue_desk.take_out(current_actor(), current_deps(), at=query["at"])
    text = yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=200)
    headers = {"Content-Disposition": 'attachment; filename="catalogue.yaml"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


@door.route(
    "GET",
    "/history",
    right="catalogue.view",
    summary="Who changed what, and from when it counts; the newest first",
    query=CatalogueHistoryQuery,
    answers={200: CatalogueHistoryOut},
)
def catalogue_history(query: Mapping[str, Any]) -> Reply:
    found = catalogue_desk.versions(current_actor(), current_deps(), kind=query["kind"], code=query["code"])
    names = ("kind", "code", "version", "valid_from", "release", "fields", "body")
    rows = [
        {name: getattr(entry, name) for name in names}
        | {"recorded_at": release.recorded_at, "recorded_by": release.recorded_by, "note": release.note}
        | {"in_force_since": release.applied_at}
        for entry, release in found
    ]
    shown: dict[str, Any] = CatalogueHistoryOut().dump({"versions": rows})
    return shown


def _bring_in(body: Mapping[str, Any], *, only_check: bool) -> catalogue_desk.Imported:
    """Read the file of this request and judge it.

    :raises BadRequest: no YAML. :raises InvalidInput: an entry of the wrong shape, or one that does not fit.
    """
    content = read_yaml(body["content"])
    try:
        CatalogueFileIn().load(content)
    except ValidationError as error:
        raise door.refusal(tuple(_by_code(problem, content) for problem in field_problems(error))) from error
    return catalogue_desk.bring_in(
        content,
        current_actor(),
        current_deps(),
        note=body["note"],
        valid_from=body["valid_from"],
        only_check=only_check,
    )


def _by_code(problem: FieldProblem, content: Mapping[str, Any]) -> FieldProblem:
    """People know an entry by its code, not by its place in the file."""
    section, _, rest = problem.path.partition(".")
    place, _, field = rest.partition(".")
    rows = content.get(section)
    if not place.isdigit() or not isinstance(rows, list) or int(place) >= len(rows):
        return problem
    row = rows[int(place)]
    code = row.get("code") if isinstance(row, dict) else None
    if not isinstance(code, str):
        return problem
    path = ".".join(part for part in (section, code, field) if part)
    return FieldProblem(path=path, code=problem.code, zh=problem.zh, en=problem.en)


def _changes(imported: catalogue_desk.Imported) -> Reply:
    shown: dict[str, Any] = CatalogueChangesOut().dump(imported)
    return shown
