"""A promise clock stood longer than its reason allows and runs again: the order desk gets a work item."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.numbers import next_number
from app.persistence.promises.rule_books import stop_reasons
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.task_desk import responsible_team

DESK: Final = "order_desk"
#: What the context of such a work item says it is about.
ABOUT: Final = "pause-overrun"


def raise_overruns(session: Session, clocks: Iterable[SlaClock], now: datetime) -> list[WorkItem]:
    """One work item for each order or ticket whose pause was ended by the sweep and that has none open yet.

    :param clocks: ``SweepReport.pauses_ended``.
    """
    raised = []
    by_owner = {clock.order_id or clock.ticket_id: clock for clock in clocks}
    for clock in by_owner.values():
        if not _has_one(session, clock):
            item = _item(session, clock, now)
            session.add(item)
            session.flush()
            raised.append(item)
    return raised


def _has_one(session: Session, clock: SlaClock) -> bool:
    rows = session.scalars(
        select(WorkItem).where(
            WorkItem.order_id == clock.order_id,
            WorkItem.ticket_id == clock.ticket_id,
            WorkItem.team_role == DESK,
            WorkItem.state.in_([state.value for state in WORK_ITEM_OPEN]),
        )
    )
    return any((row.context or {}).get("about") == ABOUT for row in rows)


def _item(session: Session, clock: SlaClock, now: datetime) -> WorkItem:
    reason = max(clock.pauses, key=lambda spell: spell.from_at).reason if clock.pauses else ""
    names = stop_reasons(session).get(reason)
    team = responsible_team(session, DESK, clock.area, None)
    return WorkItem(
        kind="task",
        order_id=clock.order_id,
        item_id=clock.item_id,
        ticket_id=clock.ticket_id,
        title_zh=f"停表已到最长期限：{names.zh if names else reason}，请与客户确认继续或取消"[:200],
        title_en=f"The pause lasted too long ({names.en if names else reason}): ask the customer to go on or cancel"[
            :200
        ],
        team_role=DESK,
        team_code=team.code if team else None,
        state=WorkItemState.OPEN,
        context={"about": ABOUT, "reason": reason, "due_at": clock.due_at.isoformat()},
        area=clock.area,
        priority=1,
        due_at=clock.due_at,
        created_at=now,
        number=next_number(session, "W", now),
    )
