"""Ninety days of mixed orders: every alarm and every cent as a plain oracle computes them, none twice, none early."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.sla_clocks import JeopardyAlert, SlaClock, SlaPause
from app.services.promises import compensation_desk, sla_start, sla_steps, sla_stops, sla_sweep, sla_watch
from app.services.promises.sla_start import Known
from processes.store.sessions import Sessions
from tests.persistence.ninety_days import BEGIN, TICK, Story, at, stories
from tests.persistence.orders import PATHS, make_order
from tests.persistence.sla_oracle import Alarm, judged

WHOLE, REDUCED = 3_000, 25
SEED = 20_260_901
DECIDER = {"team_leader": "sh.lead", "operations_manager": "ops2"}


class Days:
    """Plays stories on the product: a sweep at every tick at which something is due, then what happens at that tick.

    Each sweep and each tick is a transaction of its own with a session of its own, as it is in the product: one session
    that knows every order there ever was would look at all of them with every statement.
    """

    session: Session

    def __init__(self, sessions: Sessions, told: list[Story]) -> None:
        self._sessions = sessions
        self.told = told
        self.orders: dict[int, str] = {}
        self.steps: dict[tuple[int, int], str] = {}
        self.stops: dict[tuple[int, int], str] = {}

    def play(self) -> None:
        events = sorted((*event, story.number) for story in self.told for event in story.events())
        for tick, of_tick in groupby(events, key=lambda event: event[0]):
            while (due := self._due()) is not None and due <= tick:
                self._sweep(due)
            with self._transaction():
                for _, _, what, part, number in of_tick:
                    getattr(self, f"_{what}")(self.told[number], part, at(tick))
            self._last = tick  # what happens at a tick is seen at the next one

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._sessions.begin() as self.session:
            yield

    def _due(self) -> int | None:
        """The tick at which a sweep has something to do."""
        looks = select(func.min(SlaClock.next_check_at)).where(SlaClock.state != "stopped")
        with self._transaction():
            found = [self.session.scalar(looks), self.session.scalar(select(func.min(WorkOrder.check_at)))]
        ticks = [-((BEGIN - look) // TICK) for look in found if look is not None]
        later = [max(tick, self._last + 1) for tick in ticks]
        return min(later, default=None)

    _last = -1

    def _sweep(self, tick: int) -> None:
        with self._transaction():
            sla_steps.start_steps(self.session, at(tick), limit=10_000)
            sla_sweep.sweep(self.session, at(tick), limit=10_000)
        self._last = tick

    def _accept(self, story: Story, _part: int, now: datetime) -> None:
        product, order_type, tier, area_class, monthly, install = story.kind
        prices = [{"kind": "recurring", "amount_cny": monthly}, {"kind": "one_off", "amount_cny": install}]
        item = {"product": product, "order_type": order_type, "prices": prices, "characteristics": {}}
        order = make_order(self.session, now, items=[item])
        known = Known(PATHS["SH-SH"], tier, {"A0013": area_class}, {})
        sla_start.start_clock(self.session, order, now, known=known)
        order.move_to(OrderState.IN_PROGRESS, "work", "system", now)
        begins, rows = now, []
        for number, step in enumerate(story.steps):
            ends = begins + step.planned * TICK
            row = WorkOrder(
                order_id=order.id, item_id=order.items[0].id, element_id=f"s{number}", type=step.type, kind="human",
                name_zh="工序", name_en="Step", state=WorkOrderState.ACKNOWLEDGED, planned_from=begins,
                planned_to=ends, sequence=number, area="SH-SH",
            )  # fmt: skip
            self.session.add(row)
            rows.append(row)
            begins = ends
        self.session.flush()
        self.steps |= {(story.number, number): row.id for number, row in enumerate(rows)}
        self.orders[story.number] = order.id

    def _step_begins(self, story: Story, part: int, now: datetime) -> None:
        self.session.get_one(WorkOrder, self.steps[story.number, part]).moved_to(WorkOrderState.IN_PROGRESS, now)

    def _step_ends(self, story: Story, part: int, now: datetime) -> None:
        self.session.get_one(WorkOrder, self.steps[story.number, part]).moved_to(WorkOrderState.COMPLETED, now)

    def _stop(self, story: Story, part: int, now: datetime) -> None:
        code, role, _, _, _ = story.stops[part].reason
        order = self._order(story)
        clocks = sla_watch.pause(self.session, order, code, "seen and noted", "front", now, role=role)
        self.session.flush()
        (self.stops[story.number, part],) = {str(clock.pauses[-1].stop_id) for clock in clocks}

    def _resume(self, story: Story, _part: int, now: datetime) -> None:
        sla_watch.resume(self.session, self._order(story), "front", now)

    def _decide(self, story: Story, part: int, now: datetime) -> None:
        stop = story.stops[part]
        role = str(stop.reason[2])
        order, spells = self._order(story), self._spells(story, part)
        sla_stops.decided(self.session, order, spells, "", DECIDER[role], now, agree=stop.agreed, role=role)

    def _revoke(self, story: Story, part: int, now: datetime) -> None:
        sla_stops.revoked(self.session, self._order(story), self._spells(story, part), "not so", "ops2", now)

    def _order(self, story: Story) -> ProductOrder:
        return self.session.get_one(ProductOrder, self.orders[story.number])

    def _spells(self, story: Story, part: int) -> list[SlaPause]:
        return list(self.session.scalars(select(SlaPause).where(SlaPause.stop_id == self.stops[story.number, part])))

    def _end(self, story: Story, _part: int, now: datetime) -> None:
        order = self._order(story)
        if story.cancelled:
            order.move_to(OrderState.ASSESSING_CANCELLATION, "no", "front", now)
            order.move_to(OrderState.PENDING_CANCELLATION, "no", "front", now)
        order.move_to(OrderState.CANCELLED if story.cancelled else OrderState.COMPLETED, "over", "system", now)
        self.session.flush()
        sla_watch.stop(self.session, order, "system", now)

    def alarms(self) -> Iterator[Alarm]:
        """Every alarm that rang, in the terms of the oracle."""
        numbers = {order_id: number for number, order_id in self.orders.items()}
        alert = JeopardyAlert
        columns = (alert.level, alert.cause, alert.nth, alert.sent, alert.at, alert.reached_at)
        query = select(SlaClock.order_id, SlaClock.kind, *columns).join(alert, alert.clock_id == SlaClock.id)
        with self._transaction():
            for order_id, kind, level, cause, nth, sent, noticed, reached in self.session.execute(query):
                yield numbers[order_id], kind, level, cause, nth, sent, (noticed - BEGIN) // TICK
                assert reached is not None and reached <= noticed
                # Only a stop that was judged later can make it known afterwards that a level had been reached.
                is_plain = cause == "time" and not self.told[numbers[order_id]].stops
                assert not is_plain or noticed - reached < TICK

    def owed(self) -> dict[int, Decimal]:
        """What is owed in all, by number of the story."""
        rows: dict[str, list[Compensation]] = {order_id: [] for order_id in self.orders.values()}
        with self._transaction():
            for row in self.session.scalars(select(Compensation)):
                rows[str(row.order_id)].append(row)
            return {number: compensation_desk.owed_in_all(rows[found]) for number, found in self.orders.items()}


@pytest.mark.slow
def test_ninety_days_ring_and_cost_what_the_oracle_says(sessions: Sessions, request: pytest.FixtureRequest) -> None:
    count = WHOLE if request.config.getoption("--full") else REDUCED
    told = stories(count, seed=SEED)
    days = Days(sessions, told)
    days.play()
    cases = [judged(story) for story in told]
    wanted = sorted(alarm for case in cases for alarm in case.all_alarms())
    rang = sorted(days.alarms())
    assert rang == wanted, explained(wanted, rang)
    owed = days.owed()
    money = {story.number: (owed[story.number], case.owed()) for story, case in zip(told, cases, strict=True)}
    assert {number: pair for number, pair in money.items() if pair[0] != pair[1]} == {}
    causes = {alarm[3] for alarm in rang}
    assert {"time", "forecast"} <= causes and sum(pair[0] for pair in money.values()) > 0
    print(f"{count} orders, {len(rang)} alarms, {sum(pair[0] for pair in money.values())} CNY owed")


def explained(wanted: list[Alarm], rang: list[Alarm]) -> str:
    missing, extra = sorted(set(wanted) - set(rang)), sorted(set(rang) - set(wanted))
    return f"did not ring: {missing[:8]}; rang beyond: {extra[:8]}; in all {len(missing)} and {len(extra)}"


def test_the_oracle_can_fail() -> None:
    """The stories have what they are for: stops of every kind, slips, cancels, more than one calendar."""
    told = stories(400, seed=SEED)
    stops = [stop for story in told for stop in story.stops]
    assert {stop.reason[0] for stop in stops} == {"customer-defer", "customer-absent", "property-access-denied"}
    assert any(stop.revoked for stop in stops) and any(not stop.agreed for stop in stops)
    assert any(stop.revoked and stop.revoked > story.ends for story in told for stop in story.stops)
    assert any(stop.decided and stop.agreed and stop.decided > story.ends for story in told for stop in story.stops)
    assert any(story.cancelled for story in told)
    assert any(stop.ends - stop.begins > timedelta(days=8) / TICK for stop in stops)
