"""Starting an instance: its row and its first steps, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

from processes.claims import LeaseOffer
from processes.definitions import latest_process
from processes.job_rows import write_job
from processes.lifecycle import InstanceState
from processes.parts import EngineParts
from processes.projection import settle
from processes.running import Place, Running
from processes.store.instances import ProcessInstance
from processes.store.jobs import Job
from processes.store.rows import new

#: What a job that takes the first steps is told: nothing has happened but that it is time.
_FROM_THE_START: Final = {"at": None, "payload": None, "key": ""}


class Versioned(Protocol):
    """What has the id and the key of a version of a process."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def suspended_at(self) -> datetime | None: ...


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
    instance_id: str | None = None,
    begin_at: datetime | None = None,
) -> ProcessInstance:
    """Write a root instance of the newest version and step to its first waits.

    :param begin_at: aware instant before which it takes no step; a job takes them then.
    :raises UnknownProcess: nothing of that key is deployed.
    """
    version = latest_process(session, process_key)
    running = write_instance(
        parts,
        session,
        version,
        instance_id=instance_id or parts.ids(),
        business_key=business_key,
        area=area,
        data=data,
        now=now,
        actor=actor,
    )
    if begin_at is not None and begin_at > now:
        write_job(running, "start", payload=_FROM_THE_START, may_go_on=False).run_at = begin_at
    else:
        begin_or_wait(running)
    return running.instance


def write_instance(
    parts: EngineParts,
    session: Session,
    definition: Versioned,
    *,
    instance_id: str,
    business_key: str,
    area: str,
    data: Mapping[str, Any],
    now: datetime,
    actor: str,
    offer: LeaseOffer | None = None,
) -> Running:
    """Write a root instance that has taken no step."""
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
    running = Running(parts, session, instance, now=now, actor=actor, offer=offer)
    running.add(instance)
    running.emit("instance_started", detail={"data": instance.inputs})
    if definition.suspended_at is not None:  # an order is delayed by that, never refused
        instance.suspended_at = now
    return running


def begin_or_wait(
    running: Running, *, at: str | None = None, payload: Mapping[str, Any] | None = None, key: str = ""
) -> None:
    """Take the first steps, or, of a process that is suspended, write the job that takes them when it goes on."""
    if running.instance.suspended_at is None:
        first_steps(running, at=at, payload=payload, key=key)
    else:
        kept = {"at": at, "payload": payload, "key": key}
        write_job(running, "start", place=Place(element_of(at)), payload=kept)


def first_steps(
    running: Running, *, at: str | None = None, payload: Mapping[str, Any] | None = None, key: str = ""
) -> None:
    """Put the token on the start and step on; nothing happens if that was done, or the instance has ended.

    :param at: the element whose event has happened (or ``element~message``, see
        :meth:`processes.spiff.registry.LoadedSpec.starting_at`), with its ``payload``; without it the plain start.
    :param key: of the message that has come.
    """
    if running.is_running and running.instance.snapshot is None:
        running.begin(running.instance.inputs, at=at, payload=payload, key=key)
        settle(running)


def element_of(at: str | None) -> str | None:
    """The element at which an instance begins."""
    return None if at is None else at.partition("~")[0]


def first_steps_by_job(running: Running, job: Job) -> None:
    """The first steps of an instance whose begin failed before."""
    kept = job.payload
    first_steps(running, at=kept.get("at"), payload=kept.get("payload"), key=kept.get("key", ""))
