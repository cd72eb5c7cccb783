"""The visits of a field crew as its phone shows them: today in order, one visit with its form in steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy.orm import Session

from app.domain.actors import can
from app.domain.forms import form_fields
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import FieldProblem
from app.persistence.counter.contacts import contact_of
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.attachments import attachments_of
from app.persistence.teamwork.phone_reports import arrivals, done_since
from app.persistence.teamwork.work_item_search import get_item, list_items
from app.persistence.teamwork.work_items import WorkItem
from app.web.addresses import Addresses
from app.web.form_rendering import Control, FormPage, form_page
from app.web.pages.names import Names
from app.web.pages.promises.clocks import due_cell
from app.web.pages.teamwork.task_context import address_code, step_inputs
from app.web.pages.teamwork.work_list import customer_no_of, product_of, title_of
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.values import instant
from app.web.views.field import FieldDay, StepKind, Visit, VisitDay, VisitPage, VisitPart, VisitStep
from app.web.views.parts import Choice, Pair, Tag

MOST_VISITS: Final = 60
MOST_FREE: Final = 10
STEPS: Final[Mapping[StepKind, Sentence]] = {
    "arrive": Sentence("Arrived", "visit"),
    "work": Sentence("Work", "visit"),
    "photos": Sentence("Photos", "visit"),
    "sign": Sentence("Sign", "visit"),
}
LAST_STEP: Final = "sign"
#: A form without a signature ends with this.
FINISH: Final = Sentence("Finish", "visit")
#: What has no time comes last.
_LAST: Final = datetime.max.replace(tzinfo=UTC)
#: When a visit is due is said above the form already.
_TOLD: Final = frozenset({"appointment_from", "appointment_to"})


def field_day(session: Session, reader: Reader, addresses: Addresses) -> FieldDay:
    """What the reader has to do, in the order in which it is due."""
    mine, _ = list_items(session, reader.actor, "mine", limit=MOST_VISITS)
    build = _Visits(session, reader, addresses, mine)
    rows = sorted(mine, key=lambda item: (_when(item) or _LAST, item.id))
    tonight = _day_after(reader.now, reader)
    today = [item for item in rows if (_when(item) or reader.now) < tonight]
    begun = [item for item in rows if item.id in build.arrived]
    now = next(iter([*begun, *today, *rows]), None)
    later = [item for item in rows if item is not now]
    free = _free(session, reader)
    names = build.names
    return FieldDay(
        count=len(rows),
        today=len(today),
        team=names.team(rows[0].team_code if rows else min(reader.actor.teams, default=None)),
        person=names.person(reader.actor.login),
        date=f"{reader.f.dated(reader.now)} {reader.f.clock(reader.now)}",
        now=build.visit(now) if now is not None else None,
        days=tuple(
            VisitDay(title, tuple(build.visit(item) for item in items))
            for title, items in groupby(later, key=lambda item: _day_of(item, reader, tonight))
        ),
        free=tuple(build.visit(item) for item in free),
        done_today=done_since(session, reader.actor.login, tonight - timedelta(days=1)),
    )


def _free(session: Session, reader: Reader) -> list[WorkItem]:
    filters = {"state": WorkItemState.OPEN.value}
    found, _ = list_items(session, reader.actor, "team", filters, limit=MOST_FREE + MOST_VISITS)
    return [item for item in found if not item.offered_to and item.claimable_by(reader.actor)][:MOST_FREE]


def visit_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    number: str,
    *,
    new_key: Any,
    answers: Mapping[str, Any] | None = None,
    problems: Sequence[FieldProblem] = (),
    why_not: str = "",
) -> VisitPage:
    """One visit; ``answers`` are what was typed where the form comes back with problems."""
    item = get_item(session, reader.actor, number)
    build = _Visits(session, reader, addresses, [item])
    visit = build.visit(item)
    schema = form_schema(session, item.form_key) if item.form_key else None
    is_open = WorkItemState(item.state) in WORK_ITEM_OPEN
    form = (
        form_page(schema, language=reader.language, answers=answers, inputs=item.context or {}, problems=problems)
        if schema is not None and is_open
        else None
    )
    kinds = {field.key: field.kind for field in form_fields(schema or {})}
    parts = _parts(form, kinds, reader) if form else ()
    arrived = build.arrived.get(item.id)
    first = STEPS["arrive"]
    steps = (
        VisitStep("arrive", reader.t(first), reader.f.clock(arrived) if arrived else ""),
        *(part.step for part in parts),
    )
    root = f"/field/{quote(item.number, safe='')}"
    return VisitPage(
        visit=visit,
        steps=steps,
        parts=parts,
        form=form,
        kinds=kinds,
        photos=_photos(session, item),
        facts=_facts(item, visit, reader),
        inputs=step_inputs(item, Names(session, reader), reader, without=_TOLD),
        arrive_href=f"{root}/arrive",
        complete_href=f"{root}/complete",
        take_href=f"{root}/take" if item.claimable_by(reader.actor) else "",
        release_href=f"{root}/release" if visit.is_mine else "",
        move_href=_move_href(item, visit, reader, addresses),
        order_href=addresses.order(item.order.number) if item.order and reader.may("order.view") else "",
        can_arrive=is_open and arrived is None and (visit.is_mine or item.claimable_by(reader.actor)),
        can_complete=visit.is_mine and item.state == WorkItemState.CLAIMED and can(reader.actor, "item.complete"),
        why_not=why_not or _why_not(item, visit, build.names, reader),
        key=new_key(),
        arrive_key=new_key(),
    )


class _Visits:
    """Makes rows of work items; what they have in common is read once."""

    def __init__(self, session: Session, reader: Reader, addresses: Addresses, items: Sequence[WorkItem]) -> None:
        self.session, self.reader, self.addresses = session, reader, addresses
        self.names = Names(session, reader)
        self.customers = self.names.customers([customer_no_of(item) for item in items])
        self.arrived = arrivals(session, [item.id for item in items], reader.actor.login)

    def visit(self, item: WorkItem) -> Visit:
        """One row. Who has claimed a visit must find the door and reach the customer; everybody else sees masks."""
        reader, names = self.reader, self.names
        login = reader.actor.login
        is_mine = item.claimed_by == login and WorkItemState(item.state) in WORK_ITEM_OPEN
        contact = contact_of(self.session, item)
        shown = contact if is_mine else contact.masked()
        number = customer_no_of(item) or ""
        customer = self.customers.get(number) or names.customers([number]).get(number)
        address = names.address(address_code(item), whole=is_mine)
        owner = item.order or item.ticket
        promised = item.order.promised_at if item.order is not None else None
        return Visit(
            number=item.number,
            href=f"/field/{quote(item.number, safe='')}",
            at=_hours(item, reader),
            title=title_of(item, reader),
            product=product_of(item, names),
            order_number=owner.number if owner is not None else "",
            customer=names.customer(customer),
            address=address,
            # The map application of the phone is asked, and gets the address and nothing else.
            map_href=f"geo:0,0?q={quote(address)}" if is_mine and address else "",
            phone=_grouped(shown.phone),
            call_href=f"tel:{quote(contact.phone, safe='+')}" if is_mine and contact.phone else "",
            promise=reader.f.promise(promised) if promised else "",
            state=self._state(item, is_mine=is_mine),
            sla=due_cell(item.due_at, item.created_at, reader, is_paused=item.state == WorkItemState.PAUSED),
            is_mine=is_mine,
            is_here=item.id in self.arrived,
        )

    def _state(self, item: WorkItem, *, is_mine: bool) -> Tag:
        t = self.reader.t
        if item.state == WorkItemState.PAUSED:
            return Tag(t.about("item", "paused"), "pause", "")
        if is_mine:
            here = item.id in self.arrived
            return Tag(t("On site"), "play", "run") if here else Tag(t.about("visit", "Mine"), "user", "run")
        if item.offered_to == self.reader.actor.login:
            return Tag(t("Offered to me"), "clock", "warn")
        if item.claimed_by:
            return Tag(self.names.person(item.claimed_by), "user", "")
        if WorkItemState(item.state) not in WORK_ITEM_OPEN:
            return Tag(t.about("visit", "Over"), "done", "")
        return Tag(t("open to claim"), "clock", "")


def _grouped(phone: str) -> str:
    """A mobile number as people read it out: 3, 4 and 4 digits."""
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}" if len(phone) == 11 and phone.isdigit() else phone


def _when(item: WorkItem) -> datetime | None:
    """When somebody has to be there: by appointment, else until it is due."""
    return instant((item.context or {}).get("appointment_from")) or item.due_at


def _hours(item: WorkItem, reader: Reader) -> str:
    start = instant((item.context or {}).get("appointment_from"))
    end = instant((item.context or {}).get("appointment_to"))
    if start is not None:
        return f"{_clock(start, reader)}–{reader.f.clock(end)}" if end is not None else _clock(start, reader)
    return reader.t("until {time}", time=_clock(item.due_at, reader)) if item.due_at is not None else ""


def _clock(when: datetime, reader: Reader) -> str:
    """The time of day, and the day where it is not today's."""
    is_today = reader.f.local(when).date() == reader.f.local(reader.now).date()
    return reader.f.clock(when) if is_today else reader.f.moment(when)


def _day_of(item: WorkItem, reader: Reader, tonight: datetime) -> str:
    when = _when(item)
    if when is None or when < tonight:
        return reader.t("Next")
    if when < tonight + timedelta(days=1):
        return reader.t("Tomorrow, {day}", day=reader.f.dated(when))
    return reader.f.dated(when)


def _day_after(now: datetime, reader: Reader) -> datetime:
    """Midnight at the end of the reader's day, as an aware instant."""
    return reader.f.local(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _parts(form: FormPage, kinds: Mapping[str, str], reader: Reader) -> tuple[VisitPart, ...]:
    """The form in steps: what is done, what is photographed, and what closes it."""
    cut: dict[StepKind, list[tuple[str, tuple[Control, ...]]]] = {"work": [], "photos": [], "sign": []}
    for group in form.groups:
        for step, controls in groupby(group.controls, key=lambda control: _step(control, kinds)):
            cut[step].append((group.label, tuple(controls)))
    names: dict[StepKind, Sentence] = dict(STEPS)
    if "signature" not in kinds.values():
        names["sign"] = FINISH
    # There is always something to finish with, if only the button.
    shown = [(step, groups) for step, groups in cut.items() if groups or step == LAST_STEP]
    return tuple(VisitPart(VisitStep(step, reader.t(names[step])), tuple(groups)) for step, groups in shown)


def _step(control: Control, kinds: Mapping[str, str]) -> StepKind:
    kind = kinds.get(control.key, "")
    if kind in ("photo", "file"):
        return "photos"
    return "sign" if kind == "signature" or (kind == "textarea" and not control.required) else "work"


def _photos(session: Session, item: WorkItem) -> dict[str, tuple[Choice, ...]]:
    found: dict[str, tuple[Choice, ...]] = {}
    for row in attachments_of(session, item.id):
        found[row.field] = (*found.get(row.field, ()), Choice(row.number, row.name))
    return found


def _facts(item: WorkItem, visit: Visit, reader: Reader) -> tuple[Pair, ...]:
    def pairs() -> Iterator[Pair]:
        t = reader.t
        yield Pair(t("Address"), visit.address)
        yield Pair(t("Customer"), visit.customer)
        if visit.phone:
            yield Pair(t("Contact"), visit.phone)
        if visit.promise:
            yield Pair(t("Customer promise"), visit.promise)
        if item.ticket is not None:
            yield Pair(t("What is reported"), item.ticket.description)
        if item.order is not None and item.order.description:
            yield Pair(t("Note"), item.order.description)

    return tuple(pair for pair in pairs() if pair.value)


def _move_href(item: WorkItem, visit: Visit, reader: Reader, addresses: Addresses) -> str:
    """Where the visit of an order is moved to another time, for who has it."""
    booked = (item.context or {}).get("appointment_from")
    if item.order is None or not booked or not visit.is_mine or not reader.may("order.hold"):
        return ""
    return f"{addresses.order(item.order.number)}/visit"


def _why_not(item: WorkItem, visit: Visit, names: Names, reader: Reader) -> str:
    t = reader.t
    if WorkItemState(item.state) not in WORK_ITEM_OPEN:
        return t("This item is finished.")
    if visit.is_mine or item.claimable_by(reader.actor):
        return ""
    if item.claimed_by:
        return t("{who} has this item; it cannot be completed by somebody else.", who=names.person(item.claimed_by))
    return t("The item lies with another team.")
