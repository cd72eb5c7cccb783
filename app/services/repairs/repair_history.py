"""What operators repaired, as the history of the order says it."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from app.domain.business_keys import subject_of
from app.domain.words import Words
from app.persistence.audit import new_event
from processes.events import ProcessEvent
from processes.store.rows import Rows

#: What the history of an order says of each action.
ACTIONS: Final = {
    "retry": Words("重试", "tried again"),
    "skip": Words("跳过", "skipped"),
    "move": Words("调整到其他步骤", "moved to another step"),
    "suspend": Words("暂停流程", "process suspended"),
    "resume": Words("恢复流程", "process resumed"),
    "cancel": Words("撤销流程", "process cancelled"),
    "reassign": Words("改派", "reassigned"),
    "migrate": Words("迁移到另一版本", "moved to another version"),
}


def note_repair(session: Session, event: ProcessEvent) -> None:
    """An operator has repaired something: the history of the order says who did what and why."""
    subject = subject_of(event.business_key)
    if subject.order_id is None and subject.ticket_id is None:
        return
    action = str(event.detail.get("action"))
    done = ACTIONS.get(action, Words(action, action))
    where = Words("", "")
    if event.element is not None:
        where = Words(f" {event.element.name}", f" {event.element.name_en or event.element.name}")
    reason = str(event.detail.get("reason") or "")
    because = f": {reason}" if reason else ""
    Rows.of(session).add(
        new_event(
            kind="repair",
            area=event.area,
            who=str(event.detail.get("actor")),
            why=Words(f"{done.zh}{where.zh}{because}", f"{done.en}{where.en}{because}"),
            at=event.at,
            order_id=subject.order_id,
            ticket_id=None if subject.order_id is not None else subject.ticket_id,
            detail={"action": action, "instance_id": event.instance_id, "run_id": event.detail.get("run_id")},
        )
    )
