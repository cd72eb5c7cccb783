"""Drafts: files that are kept while they are worked on, whatever is wrong with them. They never run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.drafts import DraftChange, DraftIn, DraftList, DraftOut, SavedDraft
from app.api.schemas.processes import FindingOut
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio import process_drafts
from app.services.studio.file_sizes import within_size

door: Final = Door("process_drafts", "/api/v1", "processes")


@door.route(
    "GET", "/process-drafts", right="process.view", summary="Every draft, the newest first", answers={200: DraftList}
)
def list_drafts() -> Reply:
    rows = process_drafts.listed(current_actor(), current_deps())
    return {"drafts": DraftOut(many=True).dump(rows)}


@door.route(
    "POST",
    "/process-drafts",
    right="process.edit",
    summary="Keep a file as a draft, whatever is wrong with it",
    body=DraftIn,
    answers={201: SavedDraft},
    errors=(409, 413, 422),
    large=True,
)
def keep_draft(body: Mapping[str, Any]) -> Reply:
    content = _content(body["name"], body["text"])
    draft, found = process_drafts.keep(body["name"], content, current_actor(), current_deps(), note=body["note"])
    return _saved(draft, found), 201


@door.route(
    "PATCH",
    "/process-drafts/<draft_id>",
    right="process.edit",
    summary="Save a draft again; refused if somebody else has saved it since",
    body=DraftChange,
    answers={200: SavedDraft},
    errors=(404, 409, 413, 422),
    large=True,
)
def change_draft(draft_id: str, body: Mapping[str, Any]) -> Reply:
    content = _content(draft_id, body["text"])
    draft, found = process_drafts.change(
        draft_id, content, current_actor(), current_deps(), revision=body["revision"], note=body["note"]
    )
    return _saved(draft, found)


@door.route(
    "GET",
    "/process-drafts/<draft_id>/source",
    right="process.view",
    summary="The file of a draft as it was saved",
    answers={200: None},
    errors=(404,),
)
def draft_source(draft_id: str) -> Reply:
    _, content = process_drafts.source(draft_id, current_actor(), current_deps())
    headers = {"Content-Disposition": "attachment"}
    return Response(content, content_type="application/xml; charset=utf-8", headers=headers)


@door.route(
    "POST",
    "/process-drafts/<draft_id>/remove",
    right="process.edit",
    summary="Throw a draft away",
    answers={200: DraftOut},
    errors=(404,),
)
def remove_draft(draft_id: str) -> Reply:
    shown: dict[str, Any] = DraftOut().dump(process_drafts.remove(draft_id, current_actor(), current_deps()))
    return shown


def _content(name: str, text: str) -> bytes:
    content = text.encode()
    within_size({name: content}, current_deps())
    return content


def _saved(draft: ProcessDraft, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = DraftOut().dump(draft)
    return shown | {"findings": FindingOut(many=True).dump(found)}
