"""Why an order is due when it is: clock by clock, with every rule, stop, day and alarm, and what was broken and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import ROLE_NAMES, Role
from app.domain.promises.calendar import ZONE
from app.domain.promises.sla_book import SlaBook
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_breaches import SlaBreach
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.services.promises.promise_view import Day, Why, explained
from app.services.promises.sla_clock_rows import ASKED, IN_FORCE
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import order_head
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.order_acts import ClockPanel, DayRow, PromisePage, StepClock, StopRow
from app.web.views.parts import Pair, Tag

MOST_DAYS: Final = 92
KINDS: Final[Mapping[str, Sentence]] = {
    "promise": Sentence("Promise to the customer"),
    "regulator": Sentence("Limit set by the regulator"),
    "internal": Sentence("Aim inside the house"),
}
_STOPS: Final[Mapping[str, tuple[Sentence, str]]] = {
    IN_FORCE: (Sentence("counts"), "done"),
    ASKED: (Sentence("waits to be agreed to"), "clock"),
    "refused": (Sentence("refused, never counted"), "slash"),
    "revoked": (Sentence("taken back, never counted"), "slash"),
}


def promise_page(session: Session, reader: Reader, number: str, addresses: Addresses) -> PromisePage:
    """The page. :raises NotFound: there is no such order in the reader's area."""
    order = get_order(session, reader.actor, number)
    names = Names(session, reader)
    rows = session.scalars(
        select(SlaClock)
        .where(SlaClock.order_id == order.id)
        .options(selectinload(SlaClock.pauses), selectinload(SlaClock.alerts))
        .order_by(SlaClock.kind.desc(), SlaClock.due_at, SlaClock.id)
    ).all()
    known = RulesByVersion(session, reader.now)
    broken = {
        row.clock_id: row for row in session.scalars(select(SlaBreach).where(SlaBreach.order_id == order.id)).all()
    }
    telling = _Telling(order, names, reader, known.now().book, broken)
    steps = [clock for clock in rows if clock.work_order_id is not None]
    kinds = list(KINDS)
    whole = sorted((clock for clock in rows if clock.work_order_id is None), key=lambda one: kinds.index(one.kind))
    return PromisePage(
        head=order_head(order, names, reader, addresses),
        clocks=tuple(telling.panel(explained(clock, known, reader.now)) for clock in whole),
        steps=tuple(telling.step(clock) for clock in steps),
    )


class _Telling:
    """Says the clocks of one order."""

    def __init__(
        self, order: ProductOrder, names: Names, reader: Reader, book: SlaBook, broken: Mapping[str, SlaBreach]
    ) -> None:
        self._order = order
        self._names = names
        self._reader = reader
        self._book = book
        self._broken = broken

    def panel(self, why: Why) -> ClockPanel:
        """One clock with everything that made it."""
        reader, t, f, clock = self._reader, self._reader.t, self._reader.f, why.clock
        stood = timedelta(seconds=clock.paused_s)
        return ClockPanel(
            title=t(KINDS[clock.kind]),
            about=self._about(clock),
            state=self._state(clock),
            started=f.full(clock.started_at),
            rules=tuple(reader.words(rule) for rule in why.rules),
            calendar=reader.words(why.calendar),
            first_due=f.promise(clock.first_due_at),
            stood=f.working(stood) if stood else "",
            due=f.promise(clock.due_at),
            ended=f.full(clock.stopped_at) if clock.stopped_at else "",
            agrees=abs(why.recounted - clock.due_at) < timedelta(minutes=1),
            recounted=f.promise(why.recounted),
            stops=tuple(self._stop(spell) for spell in clock.pauses),
            days=tuple(self._day(day) for day in why.days[:MOST_DAYS]),
            alarms=tuple(
                Pair(f.moment(alert.at), reader.said(alert, "message"))
                for alert in clock.alerts
                if alert.fallen_at is None
            ),
            breach=self._breach(clock),
        )

    def step(self, clock: SlaClock) -> StepClock:
        """The clock of a step: which, and when it is due."""
        row = next((row for row in self._order.work_orders if row.id == clock.work_order_id), None)
        name = self._reader.said(row) if row else "–"
        return StepClock(name, self._reader.f.moment(clock.due_at), self._state(clock))

    def _about(self, clock: SlaClock) -> str:
        item = next((item for item in self._order.items if item.id == clock.item_id), None)
        if item is None or len(self._order.items) == 1:
            return ""
        line = self._reader.t.about("item", "Line {n}", n=item.item_no)
        return f"{line} {self._names.offering(item.offering) or self._names.product(item.product)}"

    def _state(self, clock: SlaClock) -> Tag:
        t = self._reader.t
        if clock.stopped_at is not None:
            kept = clock.stopped_at <= clock.due_at
            return Tag(t("kept"), "done", "ok") if kept else Tag(t("broken"), "alert", "bad")
        if clock.state == "paused":
            return Tag(t("stands still"), "pause")
        if clock.due_at < self._reader.now:
            return Tag(t("Late"), "alert", "bad")
        return Tag(t("runs"), "play", "run")

    def _stop(self, spell: SlaPause) -> StopRow:
        reader, t, f = self._reader, self._reader.t, self._reader.f
        listed = self._book.stop_reasons.get(spell.reason)
        text, icon = _STOPS.get(spell.state, _STOPS[IN_FORCE])
        decided = ""
        if spell.decided_by:
            decided = self._names.person(spell.decided_by)
        elif spell.state == ASKED and spell.approver_role:
            decided = t("{who} has to agree", who=reader.words(ROLE_NAMES[Role(spell.approver_role)]))
        ended = f.moment(spell.to_at) if spell.to_at else t("till now")
        return StopRow(
            reason=reader.words(listed.name) if listed else spell.reason,
            spell=f"{f.moment(spell.from_at)} – {ended}",
            who=self._names.person(spell.who),
            evidence=spell.evidence,
            state=Tag(t(text), icon, "warn" if spell.state == ASKED else ""),
            decided=decided,
        )

    def _day(self, day: Day) -> DayRow:
        reader, t = self._reader, self._reader.t
        noon = datetime.combine(day.day, time(12), ZONE)
        hours = ", ".join(f"{opens}–{closes}" for opens, closes in day.spans)
        return DayRow(
            day=reader.f.dated(noon),
            hours=hours or t("no working time"),
            worked=reader.f.working(day.worked) if day.worked else "–",
            note=reader.words(day.note),
        )

    def _breach(self, clock: SlaClock) -> tuple[Pair, ...]:
        row = self._broken.get(clock.id)
        if row is None or row.state == "fallen":
            return ()
        reader, t, f = self._reader, self._reader.t, self._reader.f
        cause = self._book.breach_causes.get(row.cause or "")
        found = [
            Pair(t("Broken since"), f.full(row.due_at)),
            Pair(t("Cause"), reader.words(cause) if cause else t("not named yet")),
        ]
        if row.note:
            found.append(Pair(t("Note"), row.note))
        if row.closed_by:
            found.append(Pair(t("Named by"), self._names.person(row.closed_by)))
        return tuple(found)
