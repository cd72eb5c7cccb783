"""A dry run for a page: how it is set up, what came of it, and what one step was."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.form_rendering import FormPage
from app.web.views.diagram import Diagram
from app.web.views.parts import Choice, Fault, Pair, Tag


@dataclass(frozen=True, kw_only=True)
class ScenarioRow:
    """One operation of a neighbour, and what it does in this dry run."""

    code: str
    name: str
    adapter: str
    steps: str
    what: str
    refusal: str
    times: int
    refusals: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class SetupForm:
    """What a dry run begins with."""

    samples: tuple[Choice, ...]
    sample: str
    begins: str
    by_hand: bool
    calls: bool
    usual_pace: bool
    own: tuple[ScenarioRow, ...]
    others: tuple[ScenarioRow, ...]
    changed: int


@dataclass(frozen=True, kw_only=True)
class TrialStep:
    """One step of the table. ``depth``: calls and sub-processes around it."""

    number: int
    name: str
    kind: str
    href: str
    depth: int
    around: str
    given: str
    came: str
    at: str
    took: str
    target: str
    is_late: bool
    state: Tag
    note: str
    current: bool


@dataclass(frozen=True)
class Value:
    """A name of the data and its value as text; ``long``: it is folded away. ``label``: what people call it."""

    name: str
    text: str
    long: bool = False
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class UndoRow:
    """One effect of the undo plan. ``by`` how it is undone; ``tried``: what became of the attempt."""

    name: str
    does: str
    undo: str
    tried: Tag | None
    note: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One step looked at: its data, and what a cancel would do at that moment."""

    title: str
    facts: tuple[Pair, ...]
    inputs: tuple[Value, ...]
    result: tuple[Value, ...]
    wrote: tuple[Value, ...]
    tries: tuple[str, ...]
    undo: tuple[UndoRow, ...]
    stays: tuple[UndoRow, ...]
    points: tuple[str, ...]
    out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A task that waits for a person: its form, and where it goes. ``name`` of the step."""

    element: str
    name: str
    form: FormPage | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it."""

    id: str
    state: Tag
    summary: str
    facts: tuple[Pair, ...]
    problems: tuple[Fault, ...]
    diagram: Diagram | None
    steps: tuple[TrialStep, ...]
    moment: Moment | None
    data: tuple[Value, ...]
    hands: tuple[Hand, ...]
    messages: tuple[str, ...]
    waits: tuple[str, ...]
    next: str
    can_step: bool
    can_wait: bool
    case_name: str
    case_path: str
    case_never: str
    case_more: str
    is_old: bool


@dataclass(frozen=True, kw_only=True)
class TrialPage:
    """The whole page."""

    title: str
    tag: Tag
    href: str
    key: str
    back_href: str
    back: str
    process_href: str
    cases_href: str
    case_count: int
    setup: SetupForm | None
    faults: tuple[Fault, ...]
    findings: tuple[Fault, ...]
    outcome: Outcome | None
    may_run: bool
    is_draft: bool
