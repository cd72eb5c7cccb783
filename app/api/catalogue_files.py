"""Files of the catalogue over HTTP: read, judged and answered in the same way, whatever part of it they are of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml
from flask import Response
from marshmallow import Schema, ValidationError

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.field_problems import field_problems
from app.api.schemas.catalogue_out import CatalogueChangesOut, CatalogueHistoryOut
from app.api.yaml_input import read_yaml
from app.errors import FieldProblem
from app.services.products import catalogue_desk
from app.services.products.catalogue_desk import Book

DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def brought_in(door: Door, shape: Schema, body: Mapping[str, Any], *, only_check: bool, book: Book) -> Reply:
    """Read the file of this request, judge it, and bring it in unless it is only checked.

    :raises BadRequest: no YAML. :raises InvalidInput: an entry of the wrong shape, or one that does not fit.
    """
    content = shaped(door, shape, body["content"])
    imported = catalogue_desk.bring_in(
        content,
        current_actor(),
        current_deps(),
        note=body["note"],
        valid_from=body["valid_from"],
        only_check=only_check,
        book=book,
    )
    shown: dict[str, Any] = CatalogueChangesOut().dump(imported)
    return shown


def shaped(door: Door, shape: Schema, text: str) -> dict[str, Any]:
    """The content of a file, if every entry has the right shape.

    :raises BadRequest: no YAML. :raises InvalidInput: an entry of the wrong shape.
    """
    content = read_yaml(text)
    try:
        shape.load(content)
    except ValidationError as error:
        raise door.refusal(tuple(by_code(problem, content) for problem in field_problems(error))) from error
    return content


def taken_out(query: Mapping[str, Any], name: str, book: Book) -> Reply:
    """A part of the catalogue as a file of that name."""
    content = catalogue_desk.take_out(current_actor(), current_deps(), at=query["at"], book=book)
    text = yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=200)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


def versions_shown(query: Mapping[str, Any], book: Book) -> Reply:
    """Who changed what of a part of the catalogue."""
    found = catalogue_desk.versions(current_actor(), current_deps(), kind=query["kind"], code=query["code"], book=book)
    names = ("kind", "code", "version", "valid_from", "release", "fields", "body")
    rows = [
        {name: getattr(entry, name) for name in names}
        | {"recorded_at": release.recorded_at, "recorded_by": release.recorded_by, "note": release.note}
        | {"in_force_since": release.applied_at}
        for entry, release in found
    ]
    shown: dict[str, Any] = CatalogueHistoryOut().dump({"versions": rows})
    return shown


def by_code(problem: FieldProblem, content: Mapping[str, Any]) -> FieldProblem:
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
