"""The page of one work item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.web.form_rendering import FormPage
from app.web.views.diagram import Diagram
from app.web.views.order_acts import StopReason
from app.web.views.order_page import DifferenceRow, EventRow, IncidentRow
from app.web.views.parts import Choice, Pair, SlaCell, StopKind, Tab, Tag
from app.web.views.work import WorkListRow


@dataclass(frozen=True)
class PlanStop:
    """A step of the plan, as the small line beside the form shows it."""

    text: str
    kind: StopKind


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A file of a work item. No ``show_href``: it is no image; no ``remove_href``: the reader may not remove it."""

    number: str
    name: str
    size: str
    who: str
    at: str
    href: str
    show_href: str = ""
    remove_href: str = ""
    step: str = ""


@dataclass(frozen=True, kw_only=True)
class QuestionRow:
    """A question and its answer. ``answer_href`` is empty where the reader was not asked, or it is answered."""

    id: str
    text: str
    who: str
    to: str
    at: str
    answer: str = ""
    answered: str = ""
    answer_href: str = ""


@dataclass(frozen=True, kw_only=True)
class AskPage:
    """Questions that wait for the reader, and those the reader has asked, each with its work item."""

    waiting: tuple[tuple[WorkListRow, QuestionRow], ...]
    asked: tuple[tuple[WorkListRow, QuestionRow], ...]


@dataclass(frozen=True, kw_only=True)
class OtherOrder:
    """Another order of the same customer."""

    number: str
    href: str
    product: str
    state: Tag
    sla: SlaCell


@dataclass(frozen=True, kw_only=True)
class TaskContext:
    """What stands beside the form: tabs, and what the current one shows."""

    tabs: tuple[Tab, ...]
    tab: str
    pairs: tuple[Pair, ...] = ()
    inputs: tuple[Pair, ...] = ()
    plan: tuple[PlanStop, ...] = ()
    events: tuple[EventRow, ...] = ()
    diagram: Diagram | None = None
    files: tuple[FileRow, ...] = ()
    attach_href: str = ""
    orders: tuple[OtherOrder, ...] = ()
    customer_href: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskActs:
    """What else can be done with the item; an act without address is not the reader's."""

    hand_over_href: str = ""
    colleagues: tuple[Choice, ...] = ()
    send_back_href: str = ""
    send_back_to: str = ""
    return_reasons: tuple[Choice, ...] = ()
    send_again_href: str = ""
    send_again_to: str = ""
    ask_href: str = ""
    ask_people: tuple[Choice, ...] = ()
    ask_teams: tuple[Choice, ...] = ()
    hold_href: str = ""
    stop_reasons: tuple[StopReason, ...] = ()
    our_reasons: tuple[Choice, ...] = ()
    resume_href: str = ""
    resume_note: str = ""
    follow_up_href: str = ""
    follow_up_on: str = ""


@dataclass(frozen=True)
class Refused:
    """An act that was tried and refused: which one, why, and what was typed."""

    act: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TaskPage:
    """A work item with its form and what one has to know to do it."""

    row: WorkListRow
    state: Tag
    due: str
    form: FormPage | None
    files: Mapping[str, Sequence[FileRow]]
    incident: IncidentRow | None
    difference: DifferenceRow | None
    context: TaskContext
    questions: tuple[QuestionRow, ...]
    returned: str
    acts: TaskActs
    refused: Refused
    result: tuple[Pair, ...]
    complete_href: str
    can_complete: bool
    why_not: str
    order_href: str
    before_href: str = ""
    after_href: str = ""
    retry_href: str = ""
