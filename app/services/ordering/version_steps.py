"""The work orders of an order whose process has moved to another version: steps that are called differently now."""

from __future__ import annotations

from sqlalchemy import and_, case, or_, update
from sqlalchemy.orm import Session

from app.domain.business_keys import subject_of
from app.persistence.ordering.work_orders import WorkOrder
from app.services.ordering.subjects import find_item
from processes.events import ProcessEvent


def rename_steps(session: Session, event: ProcessEvent) -> None:
    """Planned and running steps get the id they have in the new version, so that the flow finds its rows again."""
    subject = subject_of(event.business_key)
    if subject.order_id is None:
        return
    item = find_item(session, subject.order_id, subject.item_no)
    of_item = WorkOrder.item_id.is_(None) if item is None else WorkOrder.item_id == item.id
    planned = and_(WorkOrder.order_id == subject.order_id, of_item, WorkOrder.task_id.is_(None))
    mine = or_(WorkOrder.instance_id == event.instance_id, planned)
    names: dict[str, str] = dict(event.detail["mapping"])
    if names:
        renamed = update(WorkOrder).where(mine, WorkOrder.element_id.in_(names))
        renamed = renamed.values(element_id=case(names, value=WorkOrder.element_id))
        session.execute(renamed.execution_options(synchronize_session=False))
