"""Files and photos of work items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request
from marshmallow import ValidationError

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.field_problems import field_problems
from app.api.idempotency import current_key
from app.api.schemas.attachment import AttachIn, AttachmentList, AttachmentOut
from app.api.schemas.work_item import NothingIn
from app.domain.files.headers import download_headers
from app.errors import BadRequest, UnsupportedMedia
from app.persistence.teamwork.attachments import attachments_of
from app.persistence.teamwork.work_item_search import get_item
from app.services.teamwork import attachments
from app.unit_of_work import read

door: Final = Door("attachments", "/api/v1", "work items")
FORM: Final = "multipart/form-data"
NAMED_FILE: Final = "file"
ONE: Final = AttachmentOut()


@door.route(
    "GET",
    "/work-items/<item_id>/attachments",
    right="item.view",
    summary="The files of a work item",
    answers={200: AttachmentList},
    errors=(404,),
)
def list_attachments(item_id: str) -> Reply:
    with read(current_deps().read_sessions) as session:
        item = get_item(session, current_actor(), item_id, in_brief=True)
        return {"items": AttachmentOut(many=True).dump(attachments_of(session, item.id))}


@door.route(
    "POST",
    "/work-items/<item_id>/attachments",
    right="item.complete",
    summary="Attach a file to a work item you have claimed; with an Idempotency-Key it is kept once however often sent",
    body=AttachIn,
    media=(FORM,),
    answers={201: AttachmentOut},
    errors=(404, 409, 413, 415, 422),
    large=True,
    loads=False,
)
def attach_file(item_id: str) -> Reply:
    if request.mimetype != FORM:
        raise UnsupportedMedia(f"Send {FORM}", f"请使用 {FORM}")
    if set(request.files) != {NAMED_FILE}:
        raise BadRequest(f"Send one file, named {NAMED_FILE}", f"请上传一个名为 {NAMED_FILE} 的文件")
    try:
        given = AttachIn().load(dict(request.form.items()))
    except ValidationError as error:
        raise door.refusal(field_problems(error)) from error
    upload = request.files[NAMED_FILE]
    sent = attachments.Sent(
        name=upload.filename or "", content=upload.read(), field=given["field"], key=current_key() or ""
    )
    actor, deps = current_actor(), current_deps()
    with read(deps.read_sessions) as session:
        item = get_item(session, actor, item_id, in_brief=True)
    shown: dict[str, Any] = ONE.dump(attachments.attach(item.id, sent, actor, deps))
    return shown, 201


@door.route(
    "GET",
    "/attachments/<number>",
    right="item.view",
    summary="The bytes of a file",
    answers={200: None},
    errors=(404,),
)
def get_attachment(number: str) -> Reply:
    file = attachments.handed_out(number, current_actor(), current_deps())
    return Response(file.content, headers=download_headers(file.attachment.name, file.attachment.media_type))


@door.route(
    "POST",
    "/attachments/<number>/remove",
    right="item.complete",
    summary="Remove a file you have attached, while you have the work item",
    body=NothingIn,
    answers={200: AttachmentOut},
    errors=(404, 409),
)
def remove_attachment(number: str, body: Mapping[str, Any]) -> Reply:
    shown: dict[str, Any] = ONE.dump(attachments.remove(number, current_actor(), current_deps()))
    return shown
