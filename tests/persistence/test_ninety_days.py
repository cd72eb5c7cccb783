"""Ninety days of mixed orders: every alarm and every cent as a plain oracle computes them, none twice, none early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.order_lifecycle import OrderState
from app.domain.work_lifecycle import WorkOrderState
from app.persistence.compensations import Compensation
from app.persistence.orders import ProductOrder
from app.persistence.sla_clocks import JeopardyAlert, SlaClock, SlaPause
from app.persistence.work_orders import WorkOrder
from app.services import compensation_desk, sla_start, sla_steps, sla_stops, sla_sweep, sla_watch
from app.services.sla_start import Known
from tests.persistence.ninety_days import BEGIN, TICK, Story, at, stories
from tests.persistence.orders import PATHS, make_order
from tests.persistence.sla_oracle import Alarm, judged

WHOLE, REDUCED = 3_000, 25
SEED = 20_260_901
DECIDER = {"team_leader": "sh.lead", "operations_manager": "ops2"}


class Days:
    """Plays stories on the product: a sweep at every tick at which something is due, then what happens at that tick."""

    def __init__(self, session: Session, told: list[Story]) -> None:
        self.session = session
        self.told = told
        self.orders: dict[int, ProductOrder] = {}
        self.steps: dict[tuple[int, int], WorkOrder] = {}
        self.stops: dict[tuple[int, int], str] = {}

    def play(self) -> None:
        events = sorted((*event, story.number) for story in self.told for event in story.events())
        done = 0
        while done < len(events):
            tick = events[done][0]
            while (due := self._due()) is not None and due < tick:
                self._sweep(due)
            if self._due() == tick:
                self._sweep(tick)
            while done < len(events) and events[done][0] == tick:
                _, _, what, part, number = events[done]
                getattr(self, f"_{what}")(self.told[number], part, at(tick))
                done += 1
            self.session.flush()
            self._last = tick  # what happens at a tick is seen at the next one

    def _due(self) -> int | None:
        """The tick at which a sweep has something to do."""
        looks = select(func.min(SlaClock.next_check_at)).where(SlaClock.state != "stopped")
        found = [self.session.scalar(looks), self.session.scalar(select(func.min(WorkOrder.check_at)))]
        ticks = [-((BEGIN - look) // TICK) for look in found if look is not None]
        later = [max(tick, self._last + 1) for tick in ticks]
        return min(later, default=None)

    _last = -1

    def _sweep(self, tick: int) -> None:
        sla_steps.start_steps(self.session, at(tick), limit=10_000)
        sla_sweep.sweep(self.session, at(tick), limit=10_000)
        self.session.flush()
        self._last = tick

    def _accept(self, story: Story, _part: int, now: datetime) -> None:
        product, order_type, tier, area_class, monthly, install = story.kind
        prices = [{"kind": "recurring", "amount_cny": monthly}, {"kind": "one_off", "amount_cny": install}]
        item = {"product": product, "order_type": order_type, "prices": prices, "characteristics": {}}
        order = make_order(self.session, now, items=[item])
        known = Known(PATHS["SH-SH"], tier, {"A0013": area_class}, {})
        sla_start.start_clock(self.session, order, now, known=known)
        order.move_to(OrderState.IN_PROGRESS, "work", "system", now)
        begins = now
        for number, step in enumerate(story.steps):
            ends = begins + step.planned * TICK
            row = WorkOrder(
                order_id=order.id, item_id=order.items[0].id, element_id=f"s{number}", type=step.type, kind="human",
                name_zh="工序", name_en="Step", state=WorkOrderState.ACKNOWLEDGED, planned_from=begins,
                planned_to=ends, sequence=number, area="SH-SH",
            )  # fmt: skip
            self.session.add(row)
            self.steps[story.number, number] = row
            begins = ends
        self.orders[story.number] = order

    def _step_begins(self, story: Story, part: int, now: datetime) -> None:
        self.steps[story.number, part].moved_to(WorkOrderState.IN_PROGRESS, now)

    def _step_ends(self, story: Story, part: int, now: datetime) -> None:
        self.steps[story.number, part].moved_to(WorkOrderState.COMPLETED, now)

    def _stop(self, story: Story, part: int, now: datetime) -> None:
        code, role, _, _, _ = story.stops[part].reason
        order = self.orders[story.number]
        clocks = sla_watch.pause(self.session, order, code, "seen and noted", "front", now, role=role)
        self.session.flush()
        (self.stops[story.number, part],) = {str(clock.pauses[-1].stop_id) for clock in clocks}

    def _resume(self, story: Story, _part: int, now: datetime) -> None:
        sla_watch.resume(self.session, self.orders[story.number], "front", now)

    def _decide(self, story: Story, part: int, now: datetime) -> None:
        stop = story.stops[part]
        role = str(stop.reason[2])
        order, spells = self.orders[story.number], self._spells(story, part)
        sla_stops.decided(self.session, order, spells, "", DECIDER[role], now, agree=stop.agreed, role=role)

    def _revoke(self, story: Story, part: int, now: datetime) -> None:
        sla_stops.revoked(self.session, self.orders[story.number], self._spells(story, part), "not so", "ops2", now)

    def _spells(self, story: Story, part: int) -> list[SlaPause]:
        return list(self.session.scalars(select(SlaPause).where(SlaPause.stop_id == self.stops[story.number, part])))

    def _end(self, story: Story, _part: int, now: datetime) -> None:
        order = self.orders[story.number]
        if story.cancelled:
            order.move_to(OrderState.ASSESSING_CANCELLATION, "no", "front", now)
            order.move_to(OrderState.PENDING_CANCELLATION, "no", "front", now)
        order.move_to(OrderState.CANCELLED if story.cancelled else OrderState.COMPLETED, "over", "system", now)
        self.session.flush()
        sla_watch.stop(self.session, order, "system", now)

    def alarms(self) -> Iterator[Alarm]:
        """Every alarm that rang, in the terms of the oracle."""
        numbers = {order.id: number for number, order in self.orders.items()}
        for clock, alert in self.session.execute(
            select(SlaClock, JeopardyAlert).join(JeopardyAlert, JeopardyAlert.clock_id == SlaClock.id)
        ):
            if clock.order_id in numbers:
                tick = (alert.at - BEGIN) // TICK
                number = numbers[clock.order_id]
                yield number, clock.kind, alert.level, alert.cause, alert.nth, alert.sent, tick
                assert alert.reached_at is not None and alert.reached_at <= alert.at
                assert alert.cause != "time" or alert.at - alert.reached_at < TICK or alert.nth > 1

    def owed(self, story: Story) -> Decimal:
        rows = select(Compensation).where(Compensation.order_id == self.orders[story.number].id)
        return compensation_desk.owed_in_all(self.session.scalars(rows).all())


@pytest.mark.slow
def test_ninety_days_ring_and_cost_what_the_oracle_says(session: Session, request: pytest.FixtureRequest) -> None:
    count = WHOLE if request.config.getoption("--full") else REDUCED
    told = stories(count, seed=SEED)
    days = Days(session, told)
    days.play()
    cases = [judged(story) for story in told]
    wanted = sorted(alarm for case in cases for alarm in case.all_alarms())
    rang = sorted(days.alarms())
    assert rang == wanted, explained(wanted, rang)
    assert len({alarm[:2] + alarm[2:5:2] + alarm[6:] for alarm in rang}) <= len(rang)
    money = {story.number: (days.owed(story), case.owed()) for story, case in zip(told, cases, strict=True)}
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
    assert any(story.cancelled for story in told)
    assert any(stop.ends - stop.begins > timedelta(days=8) / TICK for stop in stops)
