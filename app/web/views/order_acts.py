"""Pages on which something is done to one order: cancel it, hold it, amend it."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.form_rendering import FormPage
from app.web.views.parts import Choice, Fault, Pair, Tag


@dataclass(frozen=True, kw_only=True)
class OrderHead:
    """Which order a page is about."""

    number: str
    href: str
    kind: str
    state: Tag
    customer: str
    promised: str


@dataclass(frozen=True, kw_only=True)
class UndoneStep:
    """Something that is taken back; ``by_people``: somebody has to go and do it."""

    text: str
    by_people: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """Somebody asked for something that a second person may have to agree to.

    ``decide_href`` is where to agree or refuse; ``why_not`` says why the reader cannot.
    """

    at: str
    who: str
    reason: str
    state: Tag
    fee: str
    decided_by: str
    message: str
    decide_href: str = ""
    why_not: str = ""
    detail: tuple[Pair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CancelPage:
    """What cancelling would mean now. ``why_not``: it cannot be asked for; ``refused``: it is too late.

    ``terms`` names what was shown of fee and approval: only that is confirmed.
    """

    head: OrderHead
    action: str = ""
    why_not: str = ""
    refused: str = ""
    offer: Pair | None = None
    phase: str = ""
    fee: str = ""
    is_free: bool = True
    approver: str = ""
    notes: tuple[str, ...] = ()
    waits_for_answers: bool = False
    undo: tuple[UndoneStep, ...] = ()
    stays: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    terms: str = ""
    requests: tuple[RequestRow, ...] = ()

    @property
    def is_decidable(self) -> bool:
        """Whether the reader can agree to a request, or refuse it."""
        return any(row.decide_href for row in self.requests)


@dataclass(frozen=True, kw_only=True)
class HoldRow:
    """One time the order stood still."""

    kind: str
    reason: str
    note: str
    who: str
    at: str
    until: str
    ended: str
    is_open: bool
    stops_work: bool


@dataclass(frozen=True, kw_only=True)
class StopReason:
    """A reason that stops the promise clock; ``note`` says how long it may last and who has to agree."""

    code: str
    text: str
    note: str


@dataclass(frozen=True, kw_only=True)
class HoldPage:
    """Letting an order stand still, and go on. An empty address is something that cannot be done now."""

    head: OrderHead
    pause_href: str = ""
    hold_href: str = ""
    resume_href: str = ""
    why_not: str = ""
    resume_note: str = ""
    reasons: tuple[StopReason, ...] = ()
    our_reasons: tuple[Choice, ...] = ()
    holds: tuple[HoldRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AmendedPlace:
    """An address of the item: where it is, and what was found instead. ``can_drop``: the item may do without."""

    key: str
    label: str
    now: str
    query: str
    chosen: str
    hits: tuple[Choice, ...]
    problem: str = ""
    can_drop: bool = False
    is_dropped: bool = False
    is_new: bool = False


@dataclass(frozen=True)
class BeforeAfter:
    """One thing as it is and as it would be."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, kw_only=True)
class AmendedStep:
    """What becomes of one step of the plan."""

    text: str
    part_of: str
    state: Tag


@dataclass(frozen=True, kw_only=True)
class AmendPreview:
    """What an amendment would do; only this, named by ``digest``, is confirmed."""

    digest: str
    refused: str
    offer: Pair | None
    needs_approval: bool
    fee: str
    is_free: bool
    differences: tuple[BeforeAfter, ...]
    notes: tuple[str, ...]
    steps: tuple[AmendedStep, ...]
    kept: int


@dataclass(frozen=True, kw_only=True)
class AmendPage:
    """Amending one item of an order: the form, what it would mean, and the amendments there were."""

    head: OrderHead
    action: str = ""
    why_not: str = ""
    items: tuple[Choice, ...] = ()
    item_no: str = ""
    item_name: str = ""
    offerings: tuple[Choice, ...] = ()
    offering: str = ""
    form: FormPage | None = None
    places: tuple[AmendedPlace, ...] = ()
    reason: str = ""
    faults: tuple[Fault, ...] = ()
    preview: AmendPreview | None = None
    requests: tuple[RequestRow, ...] = ()

    @property
    def is_decidable(self) -> bool:
        """Whether the reader can agree to a request, or refuse it."""
        return any(row.decide_href for row in self.requests)


@dataclass(frozen=True, kw_only=True)
class SlotDay:
    """The times of one day that can be chosen."""

    day: str
    slots: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class VisitPanel:
    """One visit: when it is, or why no time stands; ``task_href`` is where it is booked first."""

    item_no: str
    line: str
    when: str
    can_move: bool
    why_not: str
    task_href: str = ""


@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """Moving a visit of an order."""

    head: OrderHead
    action: str
    why_not: str
    visits: tuple[VisitPanel, ...]
    days: tuple[SlotDay, ...]


@dataclass(frozen=True, kw_only=True)
class LinkRow:
    """A link that was made; ``address`` only while it leads somewhere."""

    made: str
    who: str
    until: str
    seen: str
    state: Tag
    address: str = ""
    revoke_href: str = ""
    qr_size: int = 0
    qr_path: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class SharePage:
    """The links of an order that customers have."""

    head: OrderHead
    make_href: str
    why_not: str
    links: tuple[LinkRow, ...]
    survey: str = ""


@dataclass(frozen=True, kw_only=True)
class StopRow:
    """A spell during which a clock stood still, or was asked to."""

    reason: str
    spell: str
    who: str
    evidence: str
    state: Tag
    decided: str


@dataclass(frozen=True)
class DayRow:
    """One calendar day of a promise: its hours, and how much of it counted."""

    day: str
    hours: str
    worked: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ClockPanel:
    """One promise explained. ``agrees``: counted anew it comes to the same."""

    title: str
    about: str
    state: Tag
    started: str
    rules: tuple[str, ...]
    calendar: str
    first_due: str
    stood: str
    due: str
    ended: str
    agrees: bool
    recounted: str
    stops: tuple[StopRow, ...]
    days: tuple[DayRow, ...]
    alarms: tuple[Pair, ...]
    breach: tuple[Pair, ...]


@dataclass(frozen=True)
class StepClock:
    """The clock of one step inside."""

    step: str
    due: str
    state: Tag


@dataclass(frozen=True, kw_only=True)
class PromisePage:
    """Why an order is due when it is."""

    head: OrderHead
    clocks: tuple[ClockPanel, ...]
    steps: tuple[StepClock, ...]
