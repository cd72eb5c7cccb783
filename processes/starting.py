"""Starting an instance: its row and its first steps, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from processes.definitions import latest_process
from processes.job_rows import write_job
from processes.lifecycle import InstanceState
from processes.parts import EngineParts
from processes.projection import settle
from processes.running import Running
from processes.store.instances import ProcessInstance
from processes.store.rows import new


def start(
    parts: EngineParts,
    session: Session,
    process_key: str,
    *,
    business_key: str,
    area: str,
    data: Mapping[str, Any],
    now: datetime,
    actor: str,
) -> ProcessInstance:
    """Write a root instance of the newest version and step to its first waits.

    :raises UnknownProcess: nothing of that key is deployed.
    """
    definition = latest_process(session, process_key)
    instance_id = parts.ids()
    instance = new(
        ProcessInstance,
        id=instance_id,
        definition_id=definition.id,
        root_id=instance_id,
        depth=0,
        process_key=definition.key,
        business_key=business_key,
        area=area,
        state=InstanceState.RUNNING,
        version=1,
        inputs=dict(data),
        log_seq=0,
        started_at=now,
        started_by=actor,
    )
    running = Running(parts, session, instance, now=now, actor=actor)
    running.add(instance)
    running.emit("instance_started", detail={"data": instance.inputs})
    if definition.suspended_at is not None:  # an order is delayed by that, never refused
        instance.suspended_at = now
        write_job(running, "start")
        return instance
    first_steps(running)
    return instance


def first_steps(running: Running) -> None:
    """Put the token on the start and step on; nothing happens if that was done, or the instance has ended."""
    if running.is_running and running.instance.snapshot is None:
        running.begin(running.instance.inputs)
        settle(running)
