"""The page of one work item: what is to be done, for whom, and the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.actors import can
from app.domain.forms import masked_personal
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.errors import FieldProblem
from app.persistence.ordering.reconciliation import Difference
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.work_item_search import get_item, list_items
from app.persistence.teamwork.work_items import WorkItem
from app.persistence.teamwork.work_questions import questions_about
from app.web.addresses import Addresses
from app.web.form_rendering import FormPage, form_page
from app.web.pages.counter.trouble import difference_row, incident_row
from app.web.pages.names import Names
from app.web.pages.teamwork.task_acts import question_rows, returned_text, task_acts
from app.web.pages.teamwork.task_context import task_context
from app.web.pages.teamwork.task_files import files_by_question
from app.web.pages.teamwork.work_list import customer_no_of, work_row
from app.web.reader import Reader
from app.web.values import plain
from app.web.views.order_page import DifferenceRow
from app.web.views.parts import Pair, Tag
from app.web.views.task import Refused, TaskPage
from app.web.views.work import WorkListRow

#: So many items are looked at to find the one before and the one after.
NEAR: Final = 60


def task_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    number: str,
    *,
    tab: str = "",
    answers: Mapping[str, Any] | None = None,
    problems: Sequence[FieldProblem] = (),
    why_not: str = "",
    refused: Refused | None = None,
) -> TaskPage:
    """The page of one work item.

    :param answers: what was typed, when the form came back with ``problems`` or from a draft.
    :param refused: an act that was tried in vain.
    """
    item = get_item(session, reader.actor, number)
    names = Names(session, reader)
    customer = names.customers([customer_no_of(item)]).get(customer_no_of(item) or "")
    row = work_row(item, customer, names, reader, addresses)
    is_incident = item.kind == "incident"
    before, after = _neighbours(session, item, reader, addresses, mine=row.is_mine)
    return TaskPage(
        row=row,
        state=_state(item, names, reader),
        due=reader.t("due {time}", time=reader.f.moment(item.due_at)) if item.due_at and row.is_open else "",
        form=_form(session, item, reader, answers, problems) if row.is_open and not is_incident else None,
        files=files_by_question(session, item, names, reader, addresses),
        incident=incident_row(item, reader, addresses, order_number=item.order.number if item.order else "")
        if is_incident
        else None,
        difference=_difference(session, item, names, reader),
        context=task_context(session, item, customer, names, reader, addresses, tab),
        questions=question_rows(questions_about(session, item.id), names, reader, addresses),
        returned=returned_text(item, names, reader),
        acts=task_acts(session, item, row, names, reader, addresses),
        refused=refused or Refused(),
        result=_result(session, item, reader) if not row.is_open else (),
        complete_href=addresses.act("work", item.number, "complete"),
        can_complete=row.is_mine and item.state == WorkItemState.CLAIMED and can(reader.actor, "item.complete"),
        why_not=why_not or _why_not(item, row, reader),
        order_href=addresses.order(item.order.number) if item.order and reader.may("order.view") else "",
        before_href=before,
        after_href=after,
        retry_href=addresses.act("incidents", item.incident_id, "retry")
        if is_incident and item.incident_id and row.is_open and reader.may("incident.retry")
        else "",
    )


def _neighbours(
    session: Session, item: WorkItem, reader: Reader, addresses: Addresses, *, mine: bool
) -> tuple[str, str]:
    """The items before and after this one, among the reader's own or those of the reader's teams."""
    rows, _ = list_items(session, reader.actor, "mine" if mine else "team", limit=NEAR, in_brief=True)
    numbers = [row.number for row in rows]
    if item.number not in numbers:
        return "", ""
    at = numbers.index(item.number)
    before = addresses.task(numbers[at - 1]) if at else ""
    return before, addresses.task(numbers[at + 1]) if at + 1 < len(numbers) else ""


def _state(item: WorkItem, names: Names, reader: Reader) -> Tag:
    t = reader.t
    if item.state == WorkItemState.CLAIMED:
        time = reader.time(item.claimed_at)
        if item.claimed_by == reader.actor.login:
            return Tag(t("I have it, since {time}", time=time), "user", "run")
        return Tag(t("{who} has it, since {time}", who=names.person(item.claimed_by), time=time), "user", "")
    if item.state == WorkItemState.COMPLETED:
        return Tag(t("done at {time}", time=reader.time(item.completed_at)), "done", "ok")
    if item.state == WorkItemState.CANCELLED:
        return Tag(t.about("item", "cancelled"), "slash", "")
    if item.state == WorkItemState.PAUSED:
        return Tag(t.about("item", "paused"), "pause", "")
    return Tag(t("open to claim"), "clock", "")


def _why_not(item: WorkItem, row: WorkListRow, reader: Reader) -> str:
    t = reader.t
    if not row.is_open:
        return t("This item is finished.")
    if item.state == WorkItemState.PAUSED:
        return t("The work stands still; it goes on when the order does.")
    if row.is_mine or row.claim_href:
        return ""
    if item.claimed_by:
        return t("{who} has this item; it cannot be completed by somebody else.", who=row.owner)
    if not can(reader.actor, "item.claim"):
        return t("Your role may not take work items.")
    return t("The item lies with another team.")


def _form(
    session: Session,
    item: WorkItem,
    reader: Reader,
    answers: Mapping[str, Any] | None,
    problems: Sequence[FieldProblem],
) -> FormPage | None:
    schema = form_schema(session, item.form_key) if item.form_key else None
    if schema is None:
        return None
    return form_page(schema, language=reader.language, answers=answers, inputs=item.context or {}, problems=problems)


def _difference(session: Session, item: WorkItem, names: Names, reader: Reader) -> DifferenceRow | None:
    if item.kind != "difference":
        return None
    wanted = (item.context or {}).get("difference_id")
    row = session.get(Difference, str(wanted)) if wanted else None
    return difference_row(row, names, reader) if row else None


def _result(session: Session, item: WorkItem, reader: Reader) -> tuple[Pair, ...]:
    answers = item.result if isinstance(item.result, dict) else {}
    schema = (form_schema(session, item.form_key) if item.form_key else None) or {}
    labels, answers = _labels(schema, reader), masked_personal(schema, answers)
    return tuple(
        Pair(labels.get(name, name.replace("_", " ")), plain(value, reader.language))
        for name, value in answers.items()
        if value not in (None, "", [])
    )


def _labels(schema: Mapping[str, Any], reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in schema.get("components", ()):
        if part.get("key"):
            found[part["key"]] = str((part.get("labelEn") if reader.language == "en" else None) or part.get("label"))
        found |= _labels(part, reader)
    return found
