"""A promise is nearly broken: the order desk gets a work item to see to it (督办)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.task_desk import responsible_team

DESK: Final = "order_desk"
#: What the context of such a work item says it is about.
ABOUT: Final = "supervision"


def supervise(session: Session, clock: SlaClock, owner: ProductOrder | TroubleTicket, now: datetime) -> WorkItem | None:
    """One work item for each order or ticket that has none open yet; ends as any other does."""
    rows = session.scalars(
        select(WorkItem).where(
            WorkItem.order_id == clock.order_id,
            WorkItem.ticket_id == clock.ticket_id,
            WorkItem.team_role == DESK,
            WorkItem.state.in_([state.value for state in WORK_ITEM_OPEN]),
        )
    )
    if any((row.context or {}).get("about") == ABOUT for row in rows):
        return None
    team = responsible_team(session, DESK, clock.area, None)
    item = WorkItem(
        kind="task",
        order_id=clock.order_id,
        item_id=clock.item_id,
        ticket_id=clock.ticket_id,
        title_zh=f"督办：{owner.number} 即将超时，请落实新的完成时间",
        title_en=f"See to it: {owner.number} is about to be late; settle when it will be done",
        team_role=DESK,
        team_code=team.code if team else None,
        state=WorkItemState.OPEN,
        context={"about": ABOUT, "due_at": clock.due_at.isoformat()},
        area=clock.area,
        priority=1,
        due_at=clock.due_at,
        created_at=now,
        number=next_number(session, "W", now),
    )
    session.add(item)
    session.flush()
    return item
