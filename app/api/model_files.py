"""Models as files for a version control: what is in force goes out in the one way of writing, drafts come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.model_files import ModelFiles, ModelFilesIn, TakenInList, TakenInOut
from app.services.studio import model_export
from app.services.studio.file_sizes import within_size

door: Final = Door("model_files", "/api/v1", "processes")
MOST_KEYS: Final = 200


@door.route(
    "GET",
    "/model-files",
    right="process.view",
    summary="Processes, decisions, forms and their tests as files; ?key= (several), used=true, drafts=true",
    answers={200: ModelFiles},
    errors=(404,),
)
def export_models() -> Reply:
    given = request.args
    files = model_export.exported(
        given.getlist("key")[:MOST_KEYS],
        current_actor(),
        current_deps(),
        used=given.get("used") == "true",
        drafts=given.get("drafts") == "true",
    )
    return {"files": {name: content.decode() for name, content in files.items()}}


@door.route(
    "POST",
    "/model-files",
    right="process.edit",
    summary="Make drafts of files; the caller's own drafts go on, what is in force already makes none",
    body=ModelFilesIn,
    answers={200: TakenInList},
    errors=(409, 413, 422),
    large=True,
)
def import_models(body: Mapping[str, Any]) -> Reply:
    files = {name: text.encode() for name, text in body["files"].items()}
    within_size(files, current_deps())
    done = model_export.taken_in(files, current_actor(), current_deps(), note=body["note"])
    return {"files": [TakenInOut().dump(one) for one in done]}
