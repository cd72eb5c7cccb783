"""The page on which one order is repaired, around the drawing of its plan."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.diagram import Diagram
from app.web.views.order_acts import OrderHead
from app.web.views.order_page import EventRow, SlaPanel
from app.web.views.parts import Choice, Pair, SlaCell, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class CallRow:
    """One try of a call of a neighbour."""

    number: str
    at: str
    said: str
    tag: Tag


@dataclass(frozen=True, kw_only=True)
class CallBook:
    """What was asked of a neighbour for the chosen step, and what came back."""

    system: str
    operation: str
    key: str
    state: Tag
    rows: tuple[CallRow, ...]
    sent: str
    answered: str


@dataclass(frozen=True, kw_only=True)
class EffectRow:
    """One line of the ledger: what was done at a neighbour, and how it would be undone."""

    step: str
    done: str
    undo: str
    at: str
    state: Tag
    current: bool


@dataclass(frozen=True, kw_only=True)
class DataPart:
    """One name of the data of a process, its value as text."""

    name: str
    value: str
    is_long: bool


@dataclass(frozen=True, kw_only=True)
class InputField:
    """One value that can be corrected, or given. ``error``: why it cannot be taken."""

    name: str
    label: str
    value: str
    hint: str = ""
    error: str = ""
    is_long: bool = False


@dataclass(frozen=True, kw_only=True)
class ActLink:
    """One way of repair; ``why_not`` says why it is not offered."""

    code: str
    name: str
    note: str
    href: str
    chosen: bool
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class ActForm:
    """The form of the chosen way: what will happen, what has to be filled in.

    ``looks``: the button shows first what would change. ``hidden``: what was looked at. ``asks``: it goes to a second
    person. ``refused``: why it cannot be done now; there is no button then.
    """

    code: str
    name: str
    happens: tuple[str, ...]
    bad: tuple[str, ...] = ()
    fields: tuple[InputField, ...] = ()
    differences: tuple[tuple[str, str, str], ...] = ()
    targets: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    target: str = ""
    checks: tuple[tuple[str, str, str, bool], ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    looks: bool = False
    asks: bool = False
    refused: str = ""
    needs_reason: bool = True
    danger: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """A repair that waits for a second person, or was decided on."""

    id: str
    what: str
    who: str
    at: str
    reason: str
    state: Tag
    decided: str
    lines: tuple[str, ...] = ()
    decide_href: str = ""
    withdraw_href: str = ""
    why_not: str = ""
    order_number: str = ""
    order_href: str = ""


@dataclass(frozen=True, kw_only=True)
class StepPanel:
    """The chosen step: why it stands there, its data, what can be done."""

    name: str
    kind: str
    state: Tag | None
    tabs: tuple[Tab, ...]
    tab: str
    why: tuple[Pair, ...] = ()
    message: str = ""
    advice: str = ""
    data: tuple[DataPart, ...] = ()
    inputs: tuple[Pair, ...] = ()
    acts: tuple[ActLink, ...] = ()
    form: ActForm | None = None
    links: tuple[Pair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RepairPage:
    """Everything on the page. ``cause``: what is wrong, with how many others have the same."""

    head: OrderHead
    left: SlaCell
    stuck: Tag | None
    cause: str
    cause_href: str
    cause_link: str
    action: str
    diagram: Diagram | None
    panel: StepPanel | None
    calls: tuple[CallBook, ...]
    effects: tuple[EffectRow, ...]
    audit: tuple[EventRow, ...]
    requests: tuple[RequestLine, ...]
    sla: SlaPanel | None
    hidden: tuple[tuple[str, str], ...]
