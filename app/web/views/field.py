"""The view for the phone of a field crew: the visits of the day, and one visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.web.form_rendering import Control, FormPage
from app.web.views.parts import Choice, Pair, SlaCell, Tag


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One visit. ``address`` and ``phone`` are whole only where the reader has claimed it; the links are empty else."""

    number: str
    href: str
    at: str
    title: str
    product: str
    order_number: str
    customer: str
    address: str
    map_href: str
    phone: str
    call_href: str
    promise: str
    state: Tag
    sla: SlaCell
    is_mine: bool
    is_here: bool


@dataclass(frozen=True)
class VisitDay:
    """The visits of one day in the order in which they are due."""

    title: str
    visits: tuple[Visit, ...]


@dataclass(frozen=True, kw_only=True)
class FieldDay:
    """The start page of the phone: the visit that is next, the others by day, and what nobody has yet."""

    count: int
    today: int
    team: str
    person: str
    date: str
    now: Visit | None
    days: tuple[VisitDay, ...]
    free: tuple[Visit, ...]
    done_today: int


StepKind = Literal["arrive", "work", "photos", "sign"]


@dataclass(frozen=True)
class VisitStep:
    """One of the at most four stops of a visit."""

    kind: StepKind
    text: str
    when: str = ""


@dataclass(frozen=True)
class VisitPart:
    """What of the form belongs to one step. A group without a label is a single row of controls."""

    step: VisitStep
    groups: tuple[tuple[str, tuple[Control, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """One visit with its form, cut into steps. ``photos`` are what is there already, by question."""

    visit: Visit
    steps: tuple[VisitStep, ...]
    parts: tuple[VisitPart, ...]
    form: FormPage | None
    kinds: dict[str, str]
    photos: dict[str, tuple[Choice, ...]]
    facts: tuple[Pair, ...]
    inputs: tuple[Pair, ...]
    arrive_href: str
    complete_href: str
    take_href: str
    release_href: str
    move_href: str
    order_href: str
    can_arrive: bool
    can_complete: bool
    why_not: str
    key: str
    arrive_key: str
