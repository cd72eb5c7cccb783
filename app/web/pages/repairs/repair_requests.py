"""Requests that wait for a second person, as lines: what for, why, and who may decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from app.domain.repair_requests import ACT_NAMES, AGREE, RepairAct, RequestState
from app.persistence.repairs.repair_requests import RepairRequest
from app.services.repairs.repair_requests import waiting
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.operation_values import input_label
from app.web.pages.ordering.diagrams import said_element
from app.web.pages.repairs.repair_books import as_text
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Tag, Tone
from app.web.views.repair import RequestLine
from processes.definitions import elements_of
from processes.spiff.definition import ElementInfo
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance

_STATES: Final[Mapping[RequestState, tuple[Sentence, str, Tone]]] = {
    RequestState.WAITING: (Sentence("waits for a second person", "repair"), "clock", "warn"),
    RequestState.AGREED: (Sentence("agreed and done", "repair"), "done", "ok"),
    RequestState.REFUSED: (Sentence("refused", "repair"), "slash", "bad"),
    RequestState.WITHDRAWN: (Sentence("taken back", "repair"), "slash", ""),
}


def request_line(
    row: RepairRequest, session: Session, names: Names, reader: Reader, addresses: Addresses, *, number: str
) -> RequestLine:
    """One request; its address to decide only for somebody else who may."""
    t = reader.t
    text, icon, tone = _STATES[RequestState(row.state)]
    base = f"{addresses.order(number)}/repair/{row.id}"
    mine = row.asked_by == reader.actor.login
    may_decide = reader.may(AGREE)
    why_not = ""
    if row.is_waiting and mine:
        why_not = t("You asked for it yourself; somebody else has to agree.")
    elif row.is_waiting and not may_decide:
        why_not = t("An operations manager has to agree.")
    elements = _elements(session, row)
    step = elements.get(row.element_id)
    name = reader.words(ACT_NAMES[RepairAct(row.act)])
    where = said_element(step, reader) if step else ""
    decided = ""
    if row.decided_by and row.decided_at:
        decided = f"{names.person(row.decided_by)} {reader.f.moment(row.decided_at)}"
        decided = f"{decided} {row.note}".strip()
    return RequestLine(
        id=row.id,
        what=t("{act}: {step}", act=name, step=where) if where else name,
        who=names.person(row.asked_by),
        at=reader.f.moment(row.asked_at),
        reason=row.reason,
        state=Tag(t(text), icon, tone),
        decided=decided,
        lines=_lines(row, elements, reader),
        decide_href=f"{base}/decision" if row.is_waiting and may_decide and not mine else "",
        withdraw_href=f"{base}/withdraw" if row.is_waiting and mine else "",
        why_not=why_not,
        order_number=number,
        order_href=f"{addresses.order(number)}/repair",
    )


def waiting_lines(session: Session, reader: Reader, addresses: Addresses) -> tuple[RequestLine, ...]:
    """What waits for a second person in the reader's area, oldest first."""
    names = Names(session, reader)
    return tuple(
        request_line(row, session, names, reader, addresses, number=number)
        for row, number in waiting(session, reader.actor)
    )


def _elements(session: Session, row: RepairRequest) -> Mapping[str, ElementInfo]:
    instance = session.get(ProcessInstance, row.instance_id)
    return elements_of(session.get_one(ProcessDefinition, instance.definition_id)) if instance else {}


def _lines(row: RepairRequest, elements: Mapping[str, ElementInfo], reader: Reader) -> tuple[str, ...]:
    """What exactly is agreed to."""
    t = reader.t
    if row.act == RepairAct.MOVE:
        to = elements.get(str(row.how.get("to")))
        return (t("Goes to “{step}”", step=said_element(to, reader)),) if to else ()
    if row.act == RepairAct.SKIP:
        result = row.how.get("result") or {}
        lines = [f"{input_label(name, reader)}: {as_text(value)}" for name, value in result.items()]
        if row.how.get("effect_happened"):
            lines.append(t("The far side has done it all the same"))
        return tuple(lines)
    return (t("Everything that was done is undone; the order is cancelled."),)
