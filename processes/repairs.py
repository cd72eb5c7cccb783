"""The audit of what operators do to instances, incidents and work items: who, why, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processes.running import NOWHERE, Place, Running
from processes.store.bulk import Repair
from processes.store.rows import new


@dataclass(frozen=True, kw_only=True)
class Why:
    """Who repairs something, for what reason, and in which bulk run, if in one."""

    actor: str
    reason: str = ""
    run_id: str | None = None


def note(
    running: Running,
    why: Why,
    action: str,
    *,
    subject: str,
    place: Place = NOWHERE,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write the line and tell the listeners. Nothing of it is redacted: that is for whoever shows it."""
    instance = running.instance
    running.add(
        new(
            Repair,
            id=running.parts.ids(),
            at=running.now,
            actor=why.actor,
            action=action,
            reason=why.reason,
            subject=subject,
            instance_id=instance.id,
            root_id=instance.root_id,
            element_id=place.element_id,
            business_key=instance.business_key,
            area=instance.area,
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
            run_id=why.run_id,
        )
    )
    detail = {"action": action, "reason": why.reason, "actor": why.actor, "subject": subject, "run_id": why.run_id}
    running.emit("repaired", place, detail)
