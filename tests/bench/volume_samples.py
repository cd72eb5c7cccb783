"""The two real orders that the volume bench copies: one that has ended, one that waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.teamwork.work_lifecycle import WorkItemState, WorkOrderState
from app.domain.words import Words
from app.persistence import all_rows
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.people import Team
from app.seed.demo import load_demo
from app.seed.reference import load_reference
from app.services.promises.sla_start import start_clock
from processes.definitions import deploy as deployed
from processes.ids import uuid7
from processes.store.instances import Incident, ProcessInstance, UserTask
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.bench.order8 import deploy
from tests.bench.order_data import FORMS, order_data
from tests.bench.order_process import bench_engine
from tests.persistence.orders import make_item, make_order

assert all_rows.MODULES
BUNDLED: Final = Path(__file__).parents[2] / "bpmn"
#: What the clocks and the priority of an order are decided by.
DECISIONS: Final = ("sla_policy.dmn", "repair_policy.dmn", "dispatch.dmn", "work_priority.dmn")


@dataclass(frozen=True)
class Sample:
    """One real order to be copied: the id of the order, and of its process instance."""

    order_id: str
    instance_id: str


def prepare(url: str) -> None:
    """Tables, reference data, the demonstration's people and teams, and the processes of the benches."""
    deploy(url)
    database = create_database_engine(url, application_name="bench prepare")
    with session_factory(database)() as session, session.begin():
        load_reference(session)
        load_demo(session, lambda password: f"no hash of {password}")
        found = {name: (BUNDLED / name).read_bytes() for name in DECISIONS}
        deployed(session, found, operations=(), ids=uuid7, actor="bench", note="", now=datetime.now(UTC))
    database.dispose()


def samples(url: str) -> tuple[Sample, Sample, list[tuple[str, str]]]:
    """Drive one order to its end and one to its user task; returns both, and every team with its area."""
    database = create_database_engine(url, application_name="bench samples")
    sessions, engine = session_factory(database), bench_engine()
    worker = Worker(engine, sessions)
    found = []
    for is_finished in (True, False):
        with sessions() as session, session.begin():
            now = engine.parts.clock.now(session)
            order = make_order(session, now, promised_at=now + timedelta(days=2), description="by the bench")
            data = order_data(len(found))
            key = order.business_key
            instance = engine.start(
                session, "order_8", business_key=key, area=order.area, data=data, now=now, actor="front"
            )
            order.process_instance_id = instance.id
        worker.drain()
        with sessions() as session, session.begin():
            order = session.merge(order)
            task = session.scalars(select(UserTask).where(UserTask.instance_id == instance.id)).one()
            _business_rows(session, order, task, engine.parts.clock.now(session))
            if is_finished:
                session.add(_mended_incident(session, instance.id, now))
                engine.complete_user_task(session, task.id, FORMS, actor="field", now=now)
        worker.drain()
        if is_finished:
            with sessions() as session, session.begin():
                _finish(session, session.merge(order), engine.parts.clock.now(session))
        found.append(Sample(order.id, instance.id))
    with sessions() as session:
        teams = session.execute(select(Team.code, Team.area).order_by(Team.code)).all()
    database.dispose()
    return found[0], found[1], [(row.code, row.area) for row in teams]


def _business_rows(session: Session, order: Any, task: UserTask, now: datetime) -> None:
    start_clock(session, order, now)
    order.move_to(OrderState.IN_PROGRESS, Words("开始", "begins"), "system", now)
    for number, name in enumerate(("access", "voice", "device")):
        session.add(
            WorkOrder(
                order_id=order.id,
                item_id=order.items[0].id,
                instance_id=task.instance_id,
                element_id=f"order_{name}",
                type=name,
                name_zh=name,
                name_en=name,
                kind="automatic",
                state=WorkOrderState.COMPLETED,
                started_at=now,
                ended_at=now,
                sequence=number,
                area=order.area,
            )
        )
    make_item(session, now, order, user_task_id=task.id, due_at=now + timedelta(hours=8), form_key=None)
    session.flush()


def _mended_incident(session: Session, instance_id: str, now: datetime) -> Incident:
    instance = session.get_one(ProcessInstance, instance_id)
    return Incident(
        id=instance_id,
        instance_id=instance_id,
        root_id=instance_id,
        element_id="reserve_port",
        code="no-free-port",
        message="端口 OLT-0 无空闲 no free port on OLT-0",
        area=instance.area,
        state="resolved",
        opened_at=now,
        resolved_at=now,
        resolved_by="ops",
        resolution="retried",
    )


def _finish(session: Session, order: Any, now: datetime) -> None:
    item = order.work_items[0]
    item.move_to(WorkItemState.CLAIMED, "claimed", "field", now)
    item.move_to(WorkItemState.COMPLETED, "done", "field", now)
    item.result = {"accepted": True}
    for clock in order.clocks:
        clock.state, clock.stopped_at, clock.next_check_at = "stopped", now, None
    for row in (*order.items, order):
        if row is not order:
            row.move_to(OrderState.IN_PROGRESS, "begins", "system", now)
        row.move_to(OrderState.COMPLETED, Words("竣工", "completed"), "system", now)
