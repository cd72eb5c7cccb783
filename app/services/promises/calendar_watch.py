"""The holidays of next year are not loaded: somebody hears of it, once. Until then its promises are provisional."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.areas import top_area
from app.persistence.numbers import next_number
from app.persistence.promises.rule_versions import rules_at
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.task_desk import responsible_team

DESK: Final = "hq_dispatch"


def raise_missing_year(session: Session, now: datetime) -> WorkItem | None:
    """One work item for the headquarters for each year whose official holidays are missing from December on."""
    year = rules_at(session, now).calendars.unpublished(now.astimezone(ZONE).date())
    if year is None:
        return None
    title = f"The official holidays of {year} are not loaded; promises into that year are provisional"
    of_desk = select(WorkItem.id).where(WorkItem.team_role == DESK, WorkItem.title_en == title)
    if session.scalar(of_desk.limit(1)) is not None:
        return None
    area = top_area(session)
    team = responsible_team(session, DESK, area, None)
    item = WorkItem(
        kind="task",
        title_zh=f"{year} 年法定节假日尚未导入，涉及该年的承诺均为暂定",
        title_en=title,
        team_role=DESK,
        team_code=team.code if team else None,
        state=WorkItemState.OPEN,
        context={"about": "holidays", "year": year},
        area=area,
        priority=1,
        created_at=now,
        number=next_number(session, "W", now),
    )
    session.add(item)
    return item
