"""Work items: list, look, claim, release, complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import page
from app.api.schemas.repairs import ReassignIn
from app.api.schemas.work_item import (
    CompleteIn,
    DispatchOut,
    NothingIn,
    WorkItemDetail,
    WorkItemOut,
    WorkItemPage,
    WorkItemQuery,
)
from app.domain.actors import Actor
from app.domain.forms import masked_personal
from app.domain.teamwork.dispatch import said
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import NotFound
from app.persistence.counter.contacts import contact_of
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.team_search import crew_named
from app.persistence.teamwork.work_item_search import get_item, list_items
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork import reassign, work_list
from app.unit_of_work import read

door: Final = Door("work_items", "/api/v1/work-items", "work items")
ROWS: Final = WorkItemOut(many=True)
#: Form, contact and the names of the team are looked up, not read from the row.
WHY_THERE: Final = DispatchOut()
DETAIL: Final = WorkItemDetail(exclude=("form", "contact", "dispatch"))


@door.route(
    "GET",
    "",
    right="item.view",
    summary="List work items of a tab: mine, team, all, done",
    query=WorkItemQuery,
    answers={200: WorkItemPage},
)
def list_work_items(query: dict[str, Any]) -> Reply:
    filters = dict(query)
    tab, offset, limit = filters.pop("tab"), filters.pop("offset"), filters.pop("limit")
    with read(current_deps().read_sessions) as session:
        rows, total = list_items(session, current_actor(), tab, filters, offset=offset, limit=limit, in_brief=True)
        shown: list[Any] = ROWS.dump(rows)
    return page(shown, total, query)


@door.route(
    "GET",
    "/<item_id>",
    right="item.view",
    summary="Show a work item with its form",
    answers={200: WorkItemDetail},
    errors=(404,),
)
def get_work_item(item_id: str) -> Reply:
    return shown_item(item_id)


@door.route(
    "POST",
    "/claim-next",
    right="item.claim",
    summary="Take the most urgent open work item of your teams; 404 where nothing is open",
    body=NothingIn,
    answers={200: WorkItemDetail},
    errors=(404,),
)
def claim_next_work_item(body: Mapping[str, Any]) -> Reply:
    item = work_list.claim_next(current_actor(), current_deps())
    if item is None:
        raise NotFound("nothing is open in your teams", "您的班组没有待领取的待办")
    return shown_item(item.id)


@door.route(
    "POST",
    "/<item_id>/claim",
    right="item.claim",
    summary="Take an open work item of one of your teams",
    body=NothingIn,
    answers={200: WorkItemDetail},
    errors=(404, 409),
)
def claim_work_item(item_id: str, body: Mapping[str, Any]) -> Reply:
    work_list.claim(item_id, current_actor(), current_deps())
    return shown_item(item_id)


@door.route(
    "POST",
    "/<item_id>/release",
    right="item.claim",
    summary="Give a claimed work item back to its team",
    body=NothingIn,
    answers={200: WorkItemDetail},
    errors=(404, 409),
)
def release_work_item(item_id: str, body: Mapping[str, Any]) -> Reply:
    work_list.release(item_id, current_actor(), current_deps())
    return shown_item(item_id)


@door.route(
    "POST",
    "/<item_id>/assign",
    right="item.assign",
    summary="Give an open work item to another team or a person of its team, or ask the rules of dispatch again",
    body=ReassignIn,
    answers={200: WorkItemDetail},
    errors=(404, 409),
)
def assign_work_item(item_id: str, body: Mapping[str, Any]) -> Reply:
    reassign.reassign(
        item_id,
        team=body["team"],
        login=body["login"],
        reason=body["reason"],
        actor=current_actor(),
        deps=current_deps(),
    )
    return shown_item(item_id)


@door.route(
    "POST",
    "/<item_id>/complete",
    right="item.complete",
    summary="Hand in the form of a claimed work item",
    body=CompleteIn,
    answers={200: WorkItemDetail},
    errors=(404, 409),
    idempotent=True,
)
def complete_work_item(item_id: str, body: Mapping[str, Any]) -> Reply:
    work_list.complete(item_id, body["result"], current_actor(), current_deps())
    return shown_item(item_id)


def shown_item(item_id: str) -> dict[str, Any]:
    """The work item as it is now; a person's data in clear only for who is working on it."""
    actor = current_actor()
    with read(current_deps().read_sessions) as session:
        item = get_item(session, actor, item_id, in_brief=True)
        schema = form_schema(session, item.form_key) if item.form_key else None
        shown: dict[str, Any] = DETAIL.dump(item)
        contact = contact_of(session, item)
        shown["contact"] = vars(contact if is_working_on(actor, item) else contact.masked())
        shown["dispatch"] = why_there(session, item)
        if schema is not None and isinstance(item.result, dict):
            shown["result"] = masked_personal(schema, item.result)
        shown["form"] = schema
    return shown


def why_there(session: Session, item: WorkItem) -> dict[str, Any] | None:
    """Why the work item lies with its team; None where nobody asked."""
    if not item.dispatch:
        return None
    team = crew_named(session, item.team_code)
    words = said(item.dispatch, team.name if team else None)
    shown: dict[str, Any] = WHY_THERE.dump({**item.dispatch, "reason_zh": words.zh, "reason_en": words.en})
    return shown


def is_working_on(actor: Actor, item: WorkItem) -> bool:
    """Whether the actor has to reach the customer: he or she has claimed the item, and it is open."""
    return item.claimed_by == actor.login and WorkItemState(item.state) in WORK_ITEM_OPEN
