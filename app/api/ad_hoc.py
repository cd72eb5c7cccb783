"""Ad-hoc sub-processes: what can be begun by hand, and beginning it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.ad_hoc import BeginIn, BeginInstanceIn, LooseList, LooseOut
from app.services.teamwork import ad_hoc_desk
from app.services.teamwork.ad_hoc_desk import OpenAdHoc

door: Final = Door("ad_hoc", "/api/v1", "ad-hoc activities")


@door.route(
    "GET",
    "/process-instances/<instance_id>/choices",
    right="ops.view",
    summary="The ad-hoc sub-processes of an instance that run, and what can be begun in each by hand",
    answers={200: LooseList},
    errors=(404,),
)
def choices_of_instance(instance_id: str) -> Reply:
    return _shown(ad_hoc_desk.of_instance(instance_id, current_actor(), current_deps()))


@door.route(
    "POST",
    "/process-instances/<instance_id>/begin",
    right="instance.repair",
    summary="Begin an activity of an ad-hoc sub-process; answers what can be begun then",
    body=BeginInstanceIn,
    answers={200: LooseList},
    errors=(404, 409),
)
def begin_in_instance(instance_id: str, body: Mapping[str, Any]) -> Reply:
    actor, deps = current_actor(), current_deps()
    return _shown(
        ad_hoc_desk.begin(
            instance_id, body["element_id"], task_id=body["task_id"], reason=body["reason"], actor=actor, deps=deps
        )
    )


@door.route(
    "GET",
    "/work-items/<item_id>/choices",
    right="item.view",
    summary="What can be begun by hand in the ad-hoc sub-process a work item is about; empty for any other item",
    answers={200: LooseList},
    errors=(404,),
)
def choices_of_item(item_id: str) -> Reply:
    return _shown(ad_hoc_desk.of_item(item_id, current_actor(), current_deps()))


@door.route(
    "POST",
    "/work-items/<item_id>/begin",
    right="item.complete",
    summary="Begin an activity of the ad-hoc sub-process a claimed work item is about; answers what can be begun then",
    body=BeginIn,
    answers={200: LooseList},
    errors=(404, 409),
)
def begin_from_item(item_id: str, body: Mapping[str, Any]) -> Reply:
    return _shown(ad_hoc_desk.begin_from_item(item_id, body["element_id"], current_actor(), current_deps()))


def _shown(rows: Sequence[OpenAdHoc]) -> Reply:
    named = [
        {
            **vars(row),
            "choices": [
                {"element_id": one.id, "name": one.name, "name_en": one.name_en or one.name} for one in row.choices
            ],
        }
        for row in rows
    ]
    return {"items": LooseOut(many=True).dump(named)}
