"""Work orders of one order: the chart against the promise and its twin, the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.teamwork.work_items import WorkItem
from app.services.ordering.orchestration import ItemPlan
from app.web.addresses import Addresses
from app.web.ordering.gantt import Gantt, Step, Tone, build_gantt
from app.web.pages.names import Names
from app.web.pages.ordering.order_list import product_text
from app.web.pages.promises.clocks import Clockwork, deciding_clock, working_spells
from app.web.pages.states import work_order_tag
from app.web.reader import Reader
from app.web.views.order_page import WorkOrderRow

#: More rows than this are drawn one per order item; the table still lists them all.
MOST_ROWS: Final = 40
#: A step that is late by less has not slipped.
SLIPPED: Final = timedelta(minutes=10)
_TONES: Final[dict[str, Tone]] = {
    "acknowledged": "planned",
    "inProgress": "running",
    "pending": "waiting",
    "held": "failed",
    "failed": "failed",
    "completed": "done",
    "cancelled": "cancelled",
}


class OrderChart:
    """Draws one order for one reader."""

    def __init__(
        self,
        order: ProductOrder,
        names: Names,
        reader: Reader,
        clockwork: Clockwork,
        area_path: str,
        plans: Sequence[ItemPlan] = (),
    ) -> None:
        """:param plans: the plans of its items as they are expected now; without them as they were laid out."""
        self._order = order
        self._names = names
        self._reader = reader
        self._clockwork = clockwork
        self._area_path = area_path
        self._expected = {row.id: expected for plan in plans for row, _, _, expected in plan.steps}
        self._items = {item.work_order_id: item for item in order.work_items if item.work_order_id}

    def gantt(self) -> Gantt:
        """The chart; orders with very many steps are drawn one row per item."""
        order, t = self._order, self._reader.t
        clock = deciding_clock(order.clocks)
        steps = [self._step(row) for row in order.work_orders]
        if len(steps) > MOST_ROWS and len(order.items) > 1:
            steps = self._by_item()
        last = max(
            [at for step in steps for at in (step.ended, step.plan_to) if at]
            + [order.promised_at or order.ordered_at, self._reader.now],
        )
        return build_gantt(
            steps,
            start=order.ordered_at,
            now=self._reader.now,
            promise=order.promised_at,
            expected=self.expected(),
            is_final=order.is_final,
            working=working_spells(
                clock, self._clockwork.calendars, self._area_path, order.ordered_at, last + timedelta(days=1)
            ),
            pauses=[(spell.from_at, spell.to_at) for spell in clock.pauses] if clock else (),
            words=self._reader.f,
            says={"now": t("now"), "promise": t("Promise"), "spare": t("spare"), "late": t("over")},
        )

    def expected(self) -> datetime | None:
        """When the order should be finished: a fact for a finished one, else the plan, never in the past."""
        order = self._order
        if order.is_final:
            return order.completed_at
        open_steps = [row for row in order.work_orders if row.state not in ("completed", "cancelled")]
        planned = [until for row in open_steps if (until := self._plan(row)[1])]
        if not planned:
            return order.expected_at
        return max(max(planned), self._reader.now)

    def _plan(self, row: WorkOrder) -> tuple[datetime | None, datetime | None]:
        """From when to when a step is expected now."""
        expected = self._expected.get(row.id)
        return (expected.begins, expected.until) if expected else (row.planned_from, row.planned_to)

    def _laid(self, row: WorkOrder) -> tuple[datetime | None, datetime | None]:
        """How a step was laid out that should have begun by now, and has not."""
        first = row.planned_from
        is_open = row.started_at is None and row.state not in ("completed", "cancelled") and not self._is_uncertain(row)
        slipped = is_open and row.id in self._expected and first and self._reader.now - first > SLIPPED
        return (first, row.planned_to) if slipped else (None, None)

    def _is_uncertain(self, row: WorkOrder) -> bool:
        """Whether a step is perhaps not done at all: plans give it no time."""
        begins, until = self._plan(row)
        return row.started_at is None and begins is not None and begins == until

    def text(self) -> str:
        """The chart in one sentence, for those who cannot see it."""
        t = self._reader.t
        rows = self._order.work_orders
        if not rows:
            return t("no work orders")
        done = sum(row.state == "completed" for row in rows)
        running = [self._reader.said(row) for row in rows if row.state in ("inProgress", "pending", "held")]
        parts = [t("{done} of {all} work orders done", done=done, all=len(rows))]
        if running:
            parts.append(t("in progress: {names}", names=", ".join(running[:6])))
        if self._order.promised_at:
            parts.append(t("promised for {time}", time=self._reader.f.full(self._order.promised_at)))
        return "; ".join(parts)

    def table(self, addresses: Addresses) -> tuple[WorkOrderRow, ...]:
        """All work orders as rows."""
        return tuple(self._table_row(row, addresses) for row in self._order.work_orders)

    def _step(self, row: WorkOrder) -> Step:
        return Step(
            name=self._reader.said(row),
            who=self._who(row),
            tone=_TONES.get(row.state, "planned"),
            started=row.started_at,
            ended=row.ended_at,
            plan_from=self._plan(row)[0],
            plan_to=self._plan(row)[1],
            laid_from=self._laid(row)[0],
            laid_to=self._laid(row)[1],
            label=self._label(row),
        )

    def _who(self, row: WorkOrder) -> str:
        t = self._reader.t
        if row.kind == "automatic" and self._names.is_for_people(row.type):
            return self._names.team_role(row.team_role) or t("a team")
        if row.kind == "automatic":
            return " · ".join((self._names.step_system(row.type), t("automatic")))
        item: WorkItem | None = self._items.get(row.id)
        team = (self._names.team(item.team_code) if item else "") or self._names.team_role(row.team_role)
        person = self._names.person(item.claimed_by or item.completed_by) if item else ""
        return " · ".join(part for part in (team, person) if part) or t("automatic")

    def _label(self, row: WorkOrder) -> str:
        t, f = self._reader.t, self._reader.f
        waits = self._reader.said(row, "waits_for")
        if row.state == "completed" and row.ended_at and row.started_at:
            length = row.ended_at - row.started_at
            if length < timedelta(minutes=10):
                return t("took {span}", span=f.long_span(length))
            return t("{time} done", time=f.clock(row.ended_at))
        if row.state in ("held", "failed", "pending"):
            return waits
        if row.state == "inProgress":
            return t("waits for {who}", who=waits.split("：")[0].split(": ")[0]) if waits else self._hoped(row)
        if row.state == "cancelled":
            return t.about("work order", "cancelled")
        begins, until = self._plan(row)
        if self._is_uncertain(row):
            return t("only if needed")
        if self._laid(row)[0] is not None and begins:
            return t("now {time}", time=f.moment(begins))
        return t("about {span}", span=f.long_span(until - begins)) if begins and until else ""

    def _hoped(self, row: WorkOrder) -> str:
        until = self._plan(row)[1]
        if until is None or until <= self._reader.now:
            return ""
        same_day = self._reader.f.day(until) == self._reader.f.day(self._reader.now)
        time = self._reader.f.clock(until) if same_day else self._reader.f.moment(until)
        return self._reader.t("expected {time}", time=time)

    def _by_item(self) -> list[Step]:
        groups: dict[str | None, list[WorkOrder]] = defaultdict(list)
        for row in self._order.work_orders:
            groups[row.item_id].append(row)
        steps = []
        for item in self._order.items:
            rows = groups.get(item.id, [])
            done = sum(row.state == "completed" for row in rows)
            line = self._reader.t.about("item", "Line {n}", n=item.item_no)
            steps.append(
                Step(
                    name=f"{line} {product_text([item], self._names)}",
                    who=self._names.address(item.address_code),
                    tone=_tone_of(rows),
                    started=min((row.started_at for row in rows if row.started_at), default=None),
                    ended=max((row.ended_at for row in rows if row.ended_at), default=None)
                    if rows and done == len(rows)
                    else None,
                    plan_from=min((begins for row in rows if (begins := self._plan(row)[0])), default=None),
                    plan_to=max((until for row in rows if (until := self._plan(row)[1])), default=None),
                    label=f"{done}/{len(rows)}",
                )
            )
        return steps

    def _table_row(self, row: WorkOrder, addresses: Addresses) -> WorkOrderRow:
        t, f = self._reader.t, self._reader.f
        item = self._items.get(row.id)
        end = row.ended_at or self._reader.now
        begins, until = self._plan(row)
        return WorkOrderRow(
            name=self._reader.said(row),
            who=self._who(row),
            state=work_order_tag(row.state, self._reader),
            started=f.moment(row.started_at) if row.started_at else t("plan {time}", time=self._reader.time(begins)),
            ended=f.moment(row.ended_at) if row.ended_at else t("exp. {time}", time=self._reader.time(until)),
            length=f.span(end - row.started_at) if row.started_at else "–",
            href=addresses.task(item.number) if item and self._reader.may("item.view") else "",
        )


def _tone_of(rows: Sequence[WorkOrder]) -> Tone:
    tones = {_TONES.get(row.state, "planned") for row in rows}
    for tone in ("failed", "waiting", "running"):
        if tone in tones:
            return _TONE_WORDS[tone]
    if tones <= {"done", "cancelled"} and tones:
        return "done"
    return "running" if "done" in tones else "planned"


_TONE_WORDS: Final[dict[str, Tone]] = {"failed": "failed", "waiting": "waiting", "running": "running"}
