"""The orchestration plan of an order: its service and work orders, what follows what, when each step is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.ordering.orchestration import ASSUMED, DRAWN, Expected, Step, StepTime, expected_times
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.service_orders import ServiceOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.services.ordering.step_times import Clockwork, StepTimes
from app.services.promises.sla_clock_rows import path_of
from app.unit_of_work import read
from processes.definitions import latest_process
from processes.engine import Engine
from processes.errors import UnknownProcess
from processes.network import Drawing, PlannedStep, steps_of, without
from processes.spiff.definition import ElementInfo
from processes.store.instances import ProcessInstance

NOTHING = timedelta()


@dataclass(frozen=True)
class DrawnPlan:
    """A plan as it is drawn: its steps that may be done for an item, each with what is known of it."""

    steps: tuple[PlannedStep, ...] = ()
    elements: Mapping[str, ElementInfo] | None = None
    teams: Mapping[str, str] | None = None

    def element(self, step: PlannedStep) -> ElementInfo:
        """The element of a step."""
        return (self.elements or {})[step.element_id]

    def team(self, element_id: str) -> str:
        """Whose step it is; of a called process, who does its first step that people do."""
        return (self.teams or {}).get(element_id, "")


@dataclass(frozen=True)
class ItemPlan:
    """The plan of one item as it stands. ``steps``: each work order with what it follows and when it is expected."""

    item: ProductOrderItem
    service_orders: tuple[ServiceOrder, ...]
    steps: tuple[tuple[WorkOrder, PlannedStep | None, StepTime, Expected], ...]

    @property
    def critical_path(self) -> list[str]:
        """Elements that decide the end, in the order of time."""
        found = [(expected.begins, row.element_id) for row, _, _, expected in self.steps if expected.is_critical]
        return [element_id for _, element_id in sorted(found)]

    @property
    def expected_end(self) -> datetime | None:
        """When the last step is expected to be done."""
        return max((expected.until for _, _, _, expected in self.steps), default=None)

    def due(self, row: WorkOrder, expected: Expected) -> datetime | None:
        """When a work order has to be done, as things stand, for the item to end as promised.

        None where nothing is promised, or it is over.
        """
        end, promised = self.expected_end, self.item.promised_at
        if promised is None or end is None or row.ended_at is not None:
            return None
        return expected.until + expected.slack + (promised - end)

    @property
    def expected_end_p90(self) -> datetime | None:
        """The same if every step takes as long as nine of ten do."""
        return max((expected.until_p90 for _, _, _, expected in self.steps), default=None)


@dataclass(frozen=True)
class Network:
    """The steps of an item, each after those it follows; by element, its row and how it is drawn."""

    steps: tuple[Step, ...]
    rows: Mapping[str, WorkOrder]
    drawn: Mapping[str, PlannedStep]


def drawn_plan(
    session: Session, engine: Engine, plan: str, data: Mapping[str, Any] | None, definition_id: str | None = None
) -> DrawnPlan:
    """A plan as it is drawn; empty where it is not deployed.

    :param data: what the plan starts with, which decides branches; None decides none.
    :param definition_id: the version; the one in force if not given.
    """
    try:
        found = definition_id or latest_process(session, plan).id
    except UnknownProcess:
        return DrawnPlan()
    definition = engine.definition(session, found)
    drawing = engine.parts.definitions.drawing(session, found)
    steps = tuple(steps_of(drawing, data))
    return DrawnPlan(
        steps, definition.elements, {one.element_id: team_of(session, engine, drawing, one.element_id) for one in steps}
    )


def team_of(session: Session, engine: Engine, drawing: Drawing, element_id: str) -> str:
    """Whose step it is: the team of the element, or of the first step that people do in the process it calls."""
    node = drawing.nodes[element_id]
    if node.attributes.get("team") or not node.called:
        return node.attributes.get("team", "")
    try:
        called = engine.parts.definitions.drawing(session, latest_process(session, node.called).id)
    except UnknownProcess:
        return ""
    return next((inner.attributes["team"] for inner in called.nodes.values() if inner.attributes.get("team")), "")


def laid_out(plan: DrawnPlan, times: StepTimes, now: datetime) -> dict[str, Expected]:
    """When each step of a plan that begins now is expected, by element; steps that may be left out take no time.

    What is laid out is time on the wall, as a measure of the work; whoever asks for the plan gets working time.
    """
    steps = [Step(id=one.element_id, after=one.after, time=time_of(plan, one, times)) for one in plan.steps]
    return expected_times(in_order(steps), origin=now, now=now)


def time_of(plan: DrawnPlan, step: PlannedStep, times: StepTimes) -> StepTime:
    """How long a step takes; nothing for one that is perhaps not done at all."""
    if not step.certain:
        return StepTime(median=NOTHING, p90=NOTHING)
    named = plan.element(step).attributes
    return times.of_step(named["workOrder"], named.get("team"), named, within=plan.team(step.element_id))


def time_of_row(plan: DrawnPlan, row: WorkOrder, drawn: PlannedStep | None, times: StepTimes) -> StepTime:
    """How long a work order takes; one that has begun takes its time, however uncertain it was."""
    if drawn is not None and row.started_at is None:
        return time_of(plan, drawn, times)
    named = plan.element(drawn).attributes if drawn is not None else {}
    found = times.of_step(row.type, row.team_role, named, within=plan.team(row.element_id))
    if found.source == ASSUMED and row.planned_from is not None and row.planned_to is not None:
        span = row.planned_to - row.planned_from  # as it was laid out
        return StepTime(median=span, p90=span, source=DRAWN)
    return found


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Each step after those it follows, otherwise as they come."""
    by_id, found = {step.id: step for step in steps}, dict[str, Step]()

    def add(step: Step, way: frozenset[str]) -> None:
        for other in step.after:
            if other in by_id and other not in found and other not in way:
                add(by_id[other], way | {other})
        found.setdefault(step.id, step)

    for step in steps:
        add(step, frozenset({step.id}))
    return list(found.values())


def order_plan(id_or_number: str, actor: Actor, deps: Deps) -> tuple[ProductOrder, list[ItemPlan], datetime]:
    """The plan of every item of an order as it stands, and the instant it was computed for.

    :raises NotFound: there is no such order, or it is not in the actor's area.
    """
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        order = get_order(session, actor, id_or_number)
        now = deps.clock(session)
        return order, item_plans(session, deps.engine, order, now), now


def item_plans(session: Session, engine: Engine, order: ProductOrder, now: datetime) -> list[ItemPlan]:
    """The plan of every item of an order that was split: computed anew from what has begun and ended so far.

    Instants are aware UTC.
    """
    clockwork = Clockwork.of(session, now, path_of(session, order.area))
    times = StepTimes.of(session, now)
    return [item_plan(session, engine, order, item, now, times, clockwork) for item in order.items]


def item_plan(
    session: Session,
    engine: Engine,
    order: ProductOrder,
    item: ProductOrderItem,
    now: datetime,
    times: StepTimes,
    clockwork: Clockwork,
) -> ItemPlan:
    """The plan of one item."""
    rows = sorted((row for row in order.work_orders if row.item_id == item.id), key=lambda row: row.sequence)
    network = network_of(session, engine, item, rows, times)
    origin = min((row.planned_from for row in rows if row.planned_from), default=order.ordered_at)
    expected = expected_times(network.steps, origin=origin, now=now, later=clockwork.later)
    by_id = {step.id: step for step in network.steps}
    return ItemPlan(
        item=item,
        service_orders=tuple(row for row in order.service_orders if row.item_id == item.id),
        steps=tuple(
            (row, network.drawn.get(row.element_id), by_id[row.element_id].time, expected[row.element_id])
            for row in network.rows.values()
        ),
    )


def network_of(
    session: Session, engine: Engine | None, item: ProductOrderItem, rows: Sequence[WorkOrder], times: StepTimes
) -> Network:
    """The plan of an item as it stands, from its rows and its drawing.

    :param engine: it knows the drawings; without one every step follows the one before it.
    :param rows: the work orders of the item in the order of the plan.
    """
    plan = DrawnPlan() if engine is None or not item.plan else _plan_that_runs(session, engine, item)
    newest = {row.element_id: row for row in rows}  # of a step done again, the last time
    left_out = {one.element_id for one in plan.steps} - newest.keys()
    drawn = {one.element_id: one for one in without(plan.steps, left_out)}
    steps, before = [], ""
    for row in newest.values():
        known = drawn.get(row.element_id)
        steps.append(
            Step(
                id=row.element_id,
                # What no drawing knows is done after what stands before it.
                after=known.after if known is not None else {before: NOTHING},
                time=time_of_row(plan, row, known, times),
                started_at=row.started_at,
                ended_at=row.ended_at,
            )
        )
        before = row.element_id
    return Network(tuple(in_order(steps)), newest, drawn)


def _plan_that_runs(session: Session, engine: Engine, item: ProductOrderItem) -> DrawnPlan:
    running = session.execute(
        select(ProcessInstance.definition_id, ProcessInstance.inputs)
        .where(ProcessInstance.business_key == item.business_key, ProcessInstance.process_key == item.plan)
        .order_by(ProcessInstance.id.desc())
        .limit(1)
    ).first()
    definition_id, data = (running.definition_id, running.inputs) if running is not None else (None, None)
    return drawn_plan(session, engine, str(item.plan), data, definition_id)
