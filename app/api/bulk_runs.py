"""Bulk runs: one action over many incidents, instances or work items, at a rate, with a result for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from adapters.redaction import redacted
from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import PageQuery, page
from app.api.schemas.fields import Text
from app.api.schemas.repairs import (
    BulkIn,
    BulkItemList,
    BulkItemOut,
    BulkRunOut,
    BulkRunPage,
    GroupOut,
    PreviewIn,
    PreviewOut,
    RerunIn,
    ResumeIn,
)
from app.api.schemas.work_item import NothingIn
from app.services.bulk import bulk_desk
from app.services.bulk.bulk_desk import RunView

door: Final = Door("bulk_runs", "/api/v1/bulk-runs", "repairs")


class ItemQuery(PageQuery):
    """Which subjects of a run."""

    state = fields.String(validate=validate.OneOf(("waiting", "applied", "refused")), load_default=None)
    outcome = Text(20, load_default=None)


@door.route(
    "POST",
    "/preview",
    right="bulk.run",
    summary="How many subjects fit now, incidents by cause; nothing is done",
    body=PreviewIn,
    answers={200: PreviewOut},
)
def preview_run(body: Mapping[str, Any]) -> Reply:
    found = bulk_desk.preview(body["kind"], body["select"], current_actor(), current_deps())
    return {"count": found.count, "groups": GroupOut(many=True).dump(found.groups)}


@door.route(
    "POST",
    "",
    right="bulk.run",
    summary="Begin a bulk run over what fits now",
    body=BulkIn,
    answers={201: BulkRunOut},
    errors=(409,),
    idempotent=True,
)
def start_run(body: Mapping[str, Any]) -> Reply:
    view = bulk_desk.start(
        body["kind"],
        body["select"],
        body["params"],
        body["reason"],
        current_actor(),
        current_deps(),
        rate_per_s=body["rate_per_s"],
        pause_after=body["pause_after"],
        paused=body["paused"],
    )
    return shown(view), 201


@door.route(
    "GET",
    "",
    right="bulk.run",
    summary="The bulk runs of your area, newest first",
    query=PageQuery,
    answers={200: BulkRunPage},
)
def list_runs(query: Mapping[str, Any]) -> Reply:
    views, total = bulk_desk.runs(current_actor(), current_deps(), offset=query["offset"], limit=query["limit"])
    rows = [shown(view) for view in views]
    return page(rows, total, query)


@door.route(
    "GET",
    "/<run_id>",
    right="bulk.run",
    summary="One bulk run and how far it is",
    answers={200: BulkRunOut},
    errors=(404,),
)
def get_run(run_id: str) -> Reply:
    return shown(bulk_desk.get(run_id, current_actor(), current_deps()))


@door.route(
    "GET",
    "/<run_id>/items",
    right="bulk.run",
    summary="The result for each subject of a run",
    query=ItemQuery,
    answers={200: BulkItemList},
    errors=(404,),
)
def list_items(run_id: str, query: Mapping[str, Any]) -> Reply:
    rows = bulk_desk.items(
        run_id,
        current_actor(),
        current_deps(),
        state=query["state"],
        outcome=query["outcome"],
        offset=query["offset"],
        limit=query["limit"],
    )
    return {"items": [{**row, "message": redacted(row["message"])} for row in BulkItemOut(many=True).dump(rows)]}


@door.route(
    "POST",
    "/<run_id>/pause",
    right="bulk.run",
    summary="Touch no further subject until it is resumed",
    body=NothingIn,
    answers={200: BulkRunOut},
    errors=(404, 409),
)
def pause_run(run_id: str, body: Mapping[str, Any]) -> Reply:
    return shown(bulk_desk.pause(run_id, current_actor(), current_deps()))


@door.route(
    "POST",
    "/<run_id>/resume",
    right="bulk.run",
    summary="Go on with a paused run, at another rate if one is given",
    body=ResumeIn,
    answers={200: BulkRunOut},
    errors=(404, 409),
)
def resume_run(run_id: str, body: Mapping[str, Any]) -> Reply:
    return shown(bulk_desk.resume(run_id, current_actor(), current_deps(), rate_per_s=body["rate_per_s"]))


@door.route(
    "POST",
    "/<run_id>/stop",
    right="bulk.run",
    summary="End a run for good; what was not touched stays as it is",
    body=NothingIn,
    answers={200: BulkRunOut},
    errors=(404, 409),
)
def stop_run(run_id: str, body: Mapping[str, Any]) -> Reply:
    return shown(bulk_desk.stop(run_id, current_actor(), current_deps()))


@door.route(
    "POST",
    "/<run_id>/rerun",
    right="bulk.run",
    summary="A new run over those that were refused or have failed again",
    body=RerunIn,
    answers={201: BulkRunOut},
    errors=(404, 409),
)
def rerun_failed(run_id: str, body: Mapping[str, Any]) -> Reply:
    view = bulk_desk.rerun(run_id, body["reason"], current_actor(), current_deps(), rate_per_s=body["rate_per_s"])
    return shown(view), 201


def shown(view: RunView) -> dict[str, Any]:
    """A run as JSON."""
    row: dict[str, Any] = BulkRunOut().dump(view)
    return {**row, "params": redacted(row["params"])}
