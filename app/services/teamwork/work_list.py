"""Claim, release and complete: what people do with the work items of their teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.forms import validate_form, without_personal
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.persistence.areas import Area
from app.persistence.scope import scoped
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.next_work_item import first_free
from app.persistence.teamwork.work_items import WorkItem
from app.services.ordering.subjects import with_area_of_owner
from app.unit_of_work import Tx, retried, transaction
from processes.clock import TIME_COLUMNS
from processes.errors import InstanceNotRunning, NotThere, StaleTask

CLAIMED: Final = Words("领取", "claimed")
NEXT_TRIES: Final = 10
RELEASED: Final = Words("退回班组", "given back to the team")


@retried
def claim(item_id: str, actor: Actor, deps: Deps) -> WorkItem:
    """Take an open item of one of the caller's teams; taking one's own item again changes nothing.

    :raises Conflict: somebody else has it, or it is closed.
    :raises Forbidden: it lies with another team.
    """
    with transaction(deps.sessions) as tx:
        return claimed_in(tx.session, item_id, actor, deps)


def claim_next(actor: Actor, deps: Deps) -> WorkItem | None:
    """Take the most urgent open item of the caller's teams; None where nothing is open.

    However many ask at the same time, each gets another item: one that somebody is just taking is passed over.
    """
    may(actor, "item.claim")
    for _ in range(NEXT_TRIES):
        try:
            return _claim_first_free(actor, deps)
        except Conflict:
            continue  # it was taken between the look and the lock
    return None


@retried
def _claim_first_free(actor: Actor, deps: Deps) -> WorkItem | None:
    with transaction(deps.sessions) as tx:
        free = first_free(tx.session, actor)
        if free is None:
            return None
        now = deps.engine.parts.clock.told(*free.told)
        return _taken(tx.session, free.id, free.user_task_id, actor, now, deps)


def claimed_in(session: Session, item_id: str, actor: Actor, deps: Deps) -> WorkItem:
    """:func:`claim` inside the caller's transaction."""
    item, now = found_item(session, item_id, actor, "item.claim", deps)
    if item.state == WorkItemState.CLAIMED and item.claimed_by == actor.login:
        return item
    begins = item.state == WorkItemState.OPEN and item.claimable_by(actor)
    return _taken(session, item.id, item.user_task_id if begins else None, actor, now, deps)


def _taken(
    session: Session, item_id: str, user_task_id: str | None, actor: Actor, now: datetime, deps: Deps
) -> WorkItem:
    """Begin the step of an item, if there is one to begin, and give the item to the actor."""
    if user_task_id is not None:
        with over_by_now():
            deps.engine.begin_user_task(session, user_task_id, actor=actor.login, now=now)
    item = locked(session, item_id)
    if item.state != WorkItemState.OPEN:
        raise taken(item)
    if not item.claimable_by(actor):
        raise Forbidden("this work item lies with another team", "该待办属于其他班组", facts={"team": item.team_code})
    item.move_to(WorkItemState.CLAIMED, CLAIMED, actor.login, now)
    return item


@retried
def release(item_id: str, actor: Actor, deps: Deps) -> WorkItem:
    """Give a claimed item back to the team.

    :raises Conflict: the caller does not have it.
    """
    with transaction(deps.sessions) as tx:
        found, now = found_item(tx.session, item_id, actor, "item.claim", deps)
        item = locked(tx.session, found.id)
        own_item(item, actor)
        item.move_to(WorkItemState.OPEN, RELEASED, actor.login, now)
    return item


@retried
def complete(item_id: str, result: Mapping[str, Any], actor: Actor, deps: Deps) -> WorkItem:
    """Hand in the form of a claimed item; the flow goes on in the same transaction.

    :raises InvalidInput: answers that the form refuses, each with its field.
    :raises Conflict: the caller does not have the item, or it is closed by now.
    """
    with transaction(deps.sessions) as tx:
        return completed_in(tx, item_id, result, actor, deps)


def completed_in(tx: Tx, item_id: str, result: Mapping[str, Any], actor: Actor, deps: Deps) -> WorkItem:
    """:func:`complete` inside the caller's transaction."""
    item, now = found_item(tx.session, item_id, actor, "item.complete", deps)
    own_item(item, actor)
    schema = form_schema(tx.session, item.form_key) if item.form_key else None
    cleaned = checked_answers(schema, result)
    if item.user_task_id is None:
        finish_without_task(locked(tx.session, item.id), cleaned, actor, now)
        return item
    # A process keeps its data for good, so it learns nothing about people; the work item keeps the whole form.
    told = without_personal(schema, cleaned) if schema is not None else cleaned
    with over_by_now():
        deps.engine.complete_user_task(tx.session, item.user_task_id, told, actor=actor.login, now=now)
    item.result = cleaned
    tx.after_commit.append(deps.wake)
    return item


def finish_without_task(item: WorkItem, result: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Close an item that no step waits for; an incident closes only when what failed has been mended."""
    if item.kind == "incident":
        raise Conflict("an incident closes when it is retried or skipped", "异常需通过重试或跳过关闭")
    item.result = dict(result)
    item.move_to(WorkItemState.COMPLETED, Words("完成", "done"), actor.login, now)


@contextmanager
def over_by_now() -> Iterator[None]:
    """Say in our words that the step of a work item has ended meanwhile."""
    try:
        yield
    except (StaleTask, NotThere, InstanceNotRunning) as error:
        raise Conflict("this step is over already", "该步骤已经结束") from error


def locked(session: Session, item_id: str) -> WorkItem:
    """The item as it is now, locked until the end of the transaction.

    Taken after the lock of its process instance, as the engine does it, so that the two never wait for each other.
    """
    query = select(WorkItem).where(WorkItem.id == item_id).with_for_update(of=WorkItem).options(*with_area_of_owner())
    return session.scalars(query.execution_options(populate_existing=True)).one()


def found_item(session: Session, item_id: str, actor: Actor, action: str, deps: Deps) -> tuple[WorkItem, datetime]:
    """The item of that id, and what time it is.

    :raises NotFound: no such item in the caller's area.
    """
    query = (
        select(WorkItem, Area.path, *TIME_COLUMNS).join(Area, Area.code == WorkItem.area).where(WorkItem.id == item_id)
    )
    if not (actor.demo_any_team or actor.is_system):
        query = scoped(query, WorkItem, actor)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound()
    item, area_path, *time = found
    may(actor, action, area_path=area_path)
    return item, deps.engine.parts.clock.told(*time)


def own_item(item: WorkItem, actor: Actor) -> None:
    """Pass if the caller has claimed the item."""
    if WorkItemState(item.state) not in WORK_ITEM_OPEN or item.claimed_by not in {None, actor.login}:
        raise taken(item)
    if item.claimed_by is None:
        raise Conflict("claim the work item first", "请先领取该待办")


def taken(item: WorkItem) -> Conflict:
    """Why the item cannot be had: who has it, or that it is over."""
    if WorkItemState(item.state) in WORK_ITEM_OPEN:
        return Conflict(f"{item.claimed_by} has claimed this work item", f"该待办已由 {item.claimed_by} 领取")
    return Conflict("this work item is closed already", "该待办已经关闭")


def checked_answers(schema: Mapping[str, Any] | None, result: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in the types of the form; an item without a form takes any flat answers.

    :raises InvalidInput: with one problem per field.
    """
    if schema is None:
        return dict(result)
    cleaned, problems = validate_form(schema, result)
    if problems:
        raise InvalidInput("the form is not complete", "表单填写有误", details=problems)
    return cleaned
