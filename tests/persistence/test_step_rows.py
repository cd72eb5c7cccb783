"""The work orders one transaction moves: found as they are in memory, written once, with their lines in the history."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import IllegalTransition
from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.domain.words import Words
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.step_rows import StepRows
from app.persistence.ordering.work_orders import WorkOrder
from tests.persistence.orders import make_order

WHY = Words("开始", "begins")


@pytest.fixture
def order(session: Session, now: datetime) -> ProductOrder:
    """An order of two lines, each with the same step planned twice; the second line lies in another area."""
    made = make_order(session, now, items=[{}, {"area": "JS-NJ"}])
    for item in made.items:
        for sequence in (1, 2):
            step = WorkOrder(
                order_id=made.id,
                item_id=item.id,
                element_id="visit",
                type="field_visit",
                name_zh="上门",
                name_en="visit",
                kind="human",
                sequence=sequence,
                area=item.area,
            )
            session.add(step)
    session.flush()
    return made


def begin(session: Session, order: ProductOrder, task_id: str, now: datetime, item_no: str = "2") -> WorkOrder:
    steps = StepRows.of(session)
    row = steps.untaken(order.id, item_no, "visit")
    assert row is not None
    row.instance_id, row.task_id = "instance", task_id
    steps.move(row, WorkOrderState.IN_PROGRESS, WHY, "engine", now)
    return row


def test_each_step_takes_a_row_of_its_own_also_before_anything_is_written(
    session: Session, order: ProductOrder, now: datetime
) -> None:
    first, second = begin(session, order, "a", now), begin(session, order, "b", now)
    assert (first.sequence, second.sequence) == (1, 2)
    steps = StepRows.of(session)
    assert steps.untaken(order.id, "2", "visit") is None
    assert (steps.at("instance", "a"), steps.at("instance", "b")) == (first, second)
    assert steps.at("instance", "c") is None and steps.at("instance", None) is None
    assert begin(session, order, "c", now, item_no="1").item_id == order.items[0].id


def test_what_has_moved_is_seen_by_everybody_with_its_line_in_the_history(
    session: Session, order: ProductOrder, now: datetime
) -> None:
    row = begin(session, order, "a", now)
    StepRows.of(session).move(row, WorkOrderState.COMPLETED, Words("完成", "done"), "engine", now)
    found = session.scalars(select(WorkOrder).where(WorkOrder.task_id == "a")).one()
    assert found is not row
    assert (found.state, found.started_at, found.ended_at, found.area) == ("completed", now, now, "JS-NJ")
    lines = [line for line in order.events if line.kind == "work_order_state"]
    assert [(line.from_state, line.to_state) for line in lines] == [
        ("acknowledged", "inProgress"),
        ("inProgress", "completed"),
    ]
    assert {(line.area, line.detail["work_order_id"]) for line in lines} == {(order.area, row.id)}


def test_a_move_that_is_not_allowed_leaves_no_line(session: Session, order: ProductOrder, now: datetime) -> None:
    row = begin(session, order, "a", now)
    StepRows.of(session).move(row, WorkOrderState.IN_PROGRESS, WHY, "engine", now)
    StepRows.of(session).move(row, WorkOrderState.COMPLETED, WHY, "engine", now)
    with pytest.raises(IllegalTransition):
        StepRows.of(session).move(row, WorkOrderState.ACKNOWLEDGED, WHY, "engine", now)
    assert len([line for line in order.events if line.kind == "work_order_state"]) == 2


def test_what_the_orm_has_changed_is_read_as_it_is(session: Session, order: ProductOrder, now: datetime) -> None:
    mine = session.scalars(
        select(WorkOrder).where(WorkOrder.item_id == order.items[0].id, WorkOrder.sequence == 1)
    ).one()
    mine.instance_id, mine.task_id = "elsewhere", "z"
    row = StepRows.of(session).at("elsewhere", "z")
    assert row is not None and row.id == mine.id
    session.execute(update(WorkOrder).where(WorkOrder.id == mine.id).values(task_id="y"))
    assert begin(session, order, "a", now, item_no="1").sequence == 2
