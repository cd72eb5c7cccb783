"""One instance under its lock, moved by one stimulus inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from processes.claims import LeaseOffer
from processes.definitions import LoadedDefinition, decision_taken
from processes.errors import InstanceNotRunning
from processes.events import EventKind, ProcessEvent
from processes.faults import fault
from processes.lifecycle import InstanceState
from processes.locking import lock_by, lock_instance
from processes.parts import EngineParts
from processes.spiff.bridge import Execution, StepContext
from processes.spiff.definition import ElementInfo
from processes.store.base import Base
from processes.store.instances import ActivityLog, ProcessInstance, UserTask
from processes.store.jobs import OutboxEvent
from processes.store.rows import Rows, new

if TYPE_CHECKING:
    from processes.adopting import Renewed

R = TypeVar("R", bound=Base)

OUTBOX_KINDS = frozenset(
    {"instance_started", "instance_completed", "instance_cancelled", "incident_opened", "incident_resolved"}
)


class Placed(Protocol):
    """A row or report that belongs to one activation of an element."""

    @property
    def element_id(self) -> str | None: ...
    @property
    def task_id(self) -> str | None: ...
    @property
    def loop_index(self) -> int | None: ...


@dataclass(frozen=True)
class Place:
    """Which activation of which element something is about; all empty = the instance as a whole."""

    element_id: str | None = None
    task_id: str | None = None
    loop_index: int | None = None

    @classmethod
    def of(cls, row: Placed) -> Place:
        """Return where a row or report belongs."""
        return cls(row.element_id, row.task_id, row.loop_index)


NOWHERE = Place()


class Running:
    """A locked instance with everything a stimulus needs; the execution is loaded at first use."""

    def __init__(
        self,
        parts: EngineParts,
        session: Session,
        instance: ProcessInstance,
        *,
        now: datetime,
        actor: str | None = None,
        offer: LeaseOffer | None = None,
    ) -> None:
        self.parts = parts
        self.session = session
        self.instance = instance
        self.now = now
        self.actor = actor
        self.offer = offer
        # the task whose only row is the job that brought its answer: there is nothing else to close
        self.answered_task: str | None = None
        # the user task that is being completed: its row is in hand
        self.answered_user_task: UserTask | None = None
        # steps of a renewed instance that are not simply taken over, by task
        self.renewed: dict[str, Renewed | None] = {}
        self._execution: Execution | None = None
        self._saves_once = False
        self._log_seq = instance.log_seq
        self._new_log: list[ActivityLog] = []

    @classmethod
    def locked(
        cls,
        parts: EngineParts,
        session: Session,
        instance_id: str,
        *,
        now: datetime,
        actor: str | None = None,
        offer: LeaseOffer | None = None,
    ) -> Running:
        """Lock the instance and return it. :raises NotThere: no such instance."""
        return cls(parts, session, lock_instance(session, instance_id), now=now, actor=actor, offer=offer)

    @classmethod
    def locked_by(
        cls,
        parts: EngineParts,
        session: Session,
        entity: type[R],
        row_id: str,
        *,
        now: datetime | None = None,
        actor: str | None = None,
        offer: LeaseOffer | None = None,
    ) -> tuple[Running, R]:
        """Lock the instance a row belongs to; return it with the row. Without ``now`` the clock is read with them.

        :raises NotThere: no such row.
        """
        instance, row, told = lock_by(session, entity, row_id)
        return cls(parts, session, instance, now=now or parts.clock.told(*told), actor=actor, offer=offer), row

    @property
    def is_running(self) -> bool:
        return self.instance.state == InstanceState.RUNNING

    @property
    def is_suspended(self) -> bool:
        """Whether nothing new may begin; what is under way comes to its next wait."""
        return self.instance.suspended_at is not None

    def require_running(self) -> None:
        """:raises InstanceNotRunning: it has ended, is being cancelled or is suspended."""
        if not self.is_running:
            raise InstanceNotRunning(self.instance.id, self.instance.state)
        if self.is_suspended:
            raise InstanceNotRunning(self.instance.id, "suspended")

    @property
    def definition(self) -> LoadedDefinition:
        return self.parts.definitions.process(self.session, self.instance.definition_id)

    def element(self, element_id: str | None) -> ElementInfo | None:
        """Return what the drawing says of an element; none for steps the compiler added."""
        return None if element_id is None else self.definition.elements.get(element_id)

    @property
    def execution(self) -> Execution:
        """The loaded execution. :raises InstanceNotRunning: it has not taken its first step."""
        if self._execution is None:
            if self.instance.snapshot is None:
                raise InstanceNotRunning(self.instance.id, "not started")
            kept = self.parts.live.take(self.instance.id, self.instance.version)
            if kept is not None:
                kept.wake(self.context())
            else:
                inputs, saved = self.instance.inputs, self.instance.snapshot
                kept = Execution.load(self.definition.spec, saved, context=self.context(), inputs=inputs)
            self._execution = kept
            fault("advance.loaded")
        return self._execution

    def begin(
        self,
        data: Mapping[str, Any],
        *,
        at: str | None = None,
        payload: Mapping[str, Any] | None = None,
        key: str = "",
    ) -> None:
        """Make the execution of an instance that has none and put its token on the start.

        :param at: the element whose event has happened, with its ``payload`` and, of a message, its ``key``; without it
            the plain start.
        """
        self._execution = Execution.new(self.definition.spec, data, context=self.context())
        self._execution.start(at, payload, key)

    def adopt(self, execution: Execution) -> None:
        """Go on with this execution; the instance has moved to another version."""
        self._execution = execution

    def next_step(self) -> None:
        """Take one more step in this transaction, as if the execution had just been loaded."""
        self.execution.wake(self.context())

    def waits_for(self, task_id: str) -> bool:
        """Whether the instance runs, is loaded and still waits for this activation."""
        return self.is_running and self._execution is not None and self._execution.waits_for(task_id)

    def append_to_log(self, row: ActivityLog) -> None:
        """Give a row of the history its number; :meth:`save` writes all of them, and the last number, at once.

        Not here: every query of a listener would then write one row, and the row of the instance again.
        """
        self._log_seq += 1
        row.instance_id, row.seq = self.instance.id, self._log_seq
        self._new_log.append(row)

    def add(self, row: Base) -> None:
        """Write a new row of the engine's with this transaction."""
        Rows.of(self.session).add(row)

    @contextmanager
    def saved_once(self) -> Iterator[None]:
        """Of all that is saved inside, only the last state reached is kept: it is the only one anybody will read."""
        self._saves_once = True
        yield
        self._saves_once = False
        self.save()

    def save(self) -> None:
        """Keep the state reached."""
        self.instance.log_seq = self._log_seq
        rows = Rows.of(self.session)
        for row in self._new_log:
            rows.add(row)
        self._new_log.clear()
        if self._saves_once:
            return
        if self._execution is not None and self._execution.is_completed:
            self.instance.snapshot = None  # nothing runs any more; the history says what it did
        elif self._execution is not None:
            self.instance.snapshot = self._execution.dump(self.instance.inputs)
            rows.then(self._stay_alive)
        fault("advance.before_commit")

    def _stay_alive(self) -> None:
        if self._execution is not None:
            self.parts.live.keep(self.instance.id, self.instance.version, self._execution)

    def emit(
        self,
        kind: EventKind,
        place: Place = NOWHERE,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell the listeners, and write the outbox row if the news is of interest outside."""
        event = ProcessEvent(
            kind=kind,
            instance_id=self.instance.id,
            root_instance_id=self.instance.root_id,
            process_key=self.instance.process_key,
            business_key=self.instance.business_key,
            area=self.instance.area,
            element=self.element(place.element_id),
            task_id=place.task_id,
            loop_index=place.loop_index,
            detail=detail or {},
            at=self.now,
            is_renewed=self.instance.renewal_id is not None,
        )
        if kind in OUTBOX_KINDS:
            self.add(_outbox_row(event, self.parts.ids()))
        for listener in self.parts.listeners:
            listener(self.session, event)

    def context(self) -> StepContext:
        """What every step of this stimulus is told."""
        return StepContext(
            now=self.now,
            ids=self.parts.ids,
            decide=self._decide,
            wait_scale=self.parts.wait_scale,
            zone=self._zone,
        )

    def _zone(self) -> tzinfo:
        return self.parts.zone_of(self.session, self.instance.area)

    def _decide(self, key: str, inputs: Mapping[str, Any], pinned: int | None) -> Any:
        version = decision_taken(self.session, key, pinned)
        table = self.parts.definitions.decision(self.session, version.id)
        return table.evaluate(inputs, now=lambda: self.now.astimezone(self._zone()))


def _outbox_row(event: ProcessEvent, row_id: str) -> OutboxEvent:
    kept = ("incident_id", "code", "message", "resolution", "reason", "error")
    return new(
        OutboxEvent,
        id=row_id,
        topic=f"process.{event.kind}",
        business_key=event.business_key,
        area=event.area,
        payload={
            "instance_id": event.instance_id,
            "root_instance_id": event.root_instance_id,
            "process_key": event.process_key,
            **({"element_id": event.element.id} if event.element else {}),
            **{name: event.detail[name] for name in kept if name in event.detail},
        },
        created_at=event.at,
    )
