"""The work orders of the steps that one transaction moves.

Every step of every order comes by here, so the rows go past the ORM: each is read once, with the area of its order for
the history, and written with the rows of the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.domain.words import Words
from app.persistence.audit import new_event
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.work_orders import WorkOrder
from processes.store.instances import ProcessInstance
from processes.store.rows import Rows, table_of
from processes.store.sentences import Sentence

IN_SESSION: Final = "yizhan_step_rows"
STEPS: Final = table_of(WorkOrder).c
ORDERS: Final = table_of(ProductOrder).c
ITEMS: Final = table_of(ProductOrderItem).c
RUNS: Final = table_of(ProcessInstance).c
#: Where the id stands among the columns.
ID_AT: Final = list(STEPS.keys()).index("id")


def _steps(*conditions: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*STEPS, ORDERS.area.label("area_of_order"))
        .join_from(table_of(WorkOrder), table_of(ProductOrder), ORDERS.id == STEPS.order_id)
        .where(*conditions)
        .order_by(STEPS.sequence)
    )


def _untaken(of_item: Callable[[], Any]) -> Sentence:
    """The rows of an element that no step has taken."""
    return Sentence(
        lambda: _steps(
            STEPS.order_id == bindparam("order_id"),
            STEPS.element_id == bindparam("element_id"),
            STEPS.task_id.is_(None),
            of_item(),
        )
    )


OF_ITEM: Final = _untaken(
    lambda: (
        STEPS.item_id
        == select(ITEMS.id)
        .where(ITEMS.order_id == bindparam("order_id"), ITEMS.item_no == bindparam("item_no"))
        .scalar_subquery()
    )
)
OF_ORDER: Final = _untaken(lambda: STEPS.item_id.is_(None))
AT: Final = Sentence(
    lambda: _steps(STEPS.instance_id == bindparam("instance_id"), STEPS.task_id == bindparam("task_id"))
)
BY_ID: Final = Sentence(lambda: _steps(STEPS.id == bindparam("id")))
CALLER: Final = Sentence(
    lambda: select(RUNS.parent_id, RUNS.parent_task_id).where(RUNS.id == bindparam("id"), RUNS.parent_id.is_not(None))
)


class StepRows:
    """The work orders one transaction has read or made. Made by :meth:`of`, gone with the transaction."""

    def __init__(self, session: Session, rows: Rows) -> None:
        self._session = session
        self._rows = rows
        self._known: dict[str, WorkOrder] = {}
        self._areas: dict[str, str] = {}

    @classmethod
    def of(cls, session: Session) -> StepRows:
        """The work orders of the transaction a session is in."""
        rows = Rows.of(session)
        found: StepRows | None = session.info.get(IN_SESSION)
        if found is None or found._rows is not rows:
            found = session.info[IN_SESSION] = cls(session, rows)
        return found

    def untaken(self, order_id: str, item_no: str | None, element_id: str) -> WorkOrder | None:
        """The first row planned for an element that no step has taken."""
        if item_no is None:
            found = self._read(OF_ORDER, order_id=order_id, element_id=element_id)
        else:
            found = self._read(OF_ITEM, order_id=order_id, element_id=element_id, item_no=item_no)
        return next((row for row in found if row.task_id is None), None)

    def at(self, instance_id: str, task_id: str | None) -> WorkOrder | None:
        """The row that a step has taken."""
        if task_id is None:
            return None
        for row in self._known.values():
            if (row.instance_id, row.task_id) == (instance_id, task_id):
                return row
        return next(iter(self._read(AT, instance_id=instance_id, task_id=task_id)), None)

    def around(self, instance_id: str, task_id: str | None) -> WorkOrder | None:
        """The work order a step is part of: the step itself where it is one, else the nearest one it runs within, on
        the way up the linked calls."""
        row = self.at(instance_id, task_id)
        self._rows.push()  # the instance itself may be new
        caller = CALLER.one(self._session, id=instance_id)
        while row is None and caller is not None:
            row = self.at(*caller)
            caller = CALLER.one(self._session, id=caller[0])
        return row

    def get(self, row_id: str) -> WorkOrder | None:
        """The row of that id."""
        return self._known.get(row_id) or next(iter(self._read(BY_ID, id=row_id)), None)

    def add(self, row: WorkOrder, *, area_of_order: str) -> None:
        """Write a new row."""
        self._known[row.id], self._areas[row.id] = row, area_of_order
        self._rows.add(row)

    def move(self, row: WorkOrder, state: WorkOrderState, why: Words | str, who: str, at: datetime) -> None:
        """Change the state; the line goes into the history of the order.

        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        line = row.moved_to(state, at)
        if line is not None:
            area = self._areas[row.id]
            self._rows.add(new_event(order_id=row.order_id, area=area, why=why, who=who, at=at, **line))

    def _read(self, sentence: Sentence, **values: Any) -> list[WorkOrder]:
        # What the ORM has not written yet may be about these rows.
        if self._session.new or self._session.dirty:
            self._session.flush()
        return [self._take(found) for found in sentence.all(self._session, **values)]

    def _take(self, found: tuple[Any, ...]) -> WorkOrder:
        *values, area = found
        row_id = values[ID_AT]
        if row_id not in self._known:
            self._known[row_id], self._areas[row_id] = self._rows.take(WorkOrder, values), area
        return self._known[row_id]
