"""What an execution tells its caller: what it waits for, what happened, what failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from processes.spiff.timers import Zone, utc

WaitKind = Literal["user", "job", "call", "timer", "message", "signal", "undo"]
Closing = Literal["completed", "cancelled"]
ClosedKind = Literal[WaitKind, "failure"]


@dataclass(frozen=True)
class Wait:
    """Something outside has to happen before the token at this element goes on.

    ``task_id`` names one activation and is never used again for another; ``due_at`` is aware UTC. ``message`` names
    the message or signal. ``undo``: the effects of the activations in ``inputs["tasks"]`` are to be undone, newest
    first. ``compensates``: the activations whose undo this one is (it is part of a compensation handler).
    """

    task_id: str
    element_id: str
    kind: WaitKind
    inputs: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    message: str | None = None
    message_key: str | None = None
    called_key: str | None = None
    business_key: str | None = None
    loop_index: int | None = None
    compensates: tuple[str, ...] = ()


@dataclass(frozen=True)
class LogEntry:
    """One thing that happened to one element. ``detail``: inputs when entered, outputs when completed,
    ``flows`` taken by a gateway, ``code`` and ``message`` of a failure."""

    task_id: str
    element_id: str
    event: Literal["entered", "completed", "cancelled", "failed", "compensated"]
    detail: dict[str, Any] = field(default_factory=dict)
    loop_index: int | None = None


@dataclass(frozen=True)
class Failure:
    """The engine could not go on at this element; ``retry(task_id)`` tries the same activation again."""

    task_id: str
    element_id: str
    code: str
    message: str


@dataclass(frozen=True)
class Thrown:
    """A BPMN error, escalation, signal or message that left this execution; an error has ended it.

    ``code`` is the name of a signal or message; ``key`` the correlation key of a message.
    """

    kind: Literal["error", "escalation", "signal", "message"]
    code: str
    message: str = ""
    element_id: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    key: str = ""

    @property
    def name(self) -> str:
        """The name of a signal or message."""
        return self.code


@dataclass
class Changes:
    """What happened since the execution was made or loaded. A wait that came and went is in neither list.

    ``kinds``: what was waited for at each task in ``closed``; ``failure``: a person, to mend it. ``compensated``: the
    activations whose compensation handler has completed.
    """

    opened: list[Wait] = field(default_factory=list)
    closed: list[tuple[str, Closing]] = field(default_factory=list)
    kinds: dict[str, ClosedKind] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    thrown: list[Thrown] = field(default_factory=list)
    compensated: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StepContext:
    """What a stimulus brings along: the instant (aware UTC), new ids, how decisions are taken.

    ``decide`` is asked with a key, inputs, and the version the step is pinned to (None: the one in force).
    Waits of timers are divided by ``wait_scale``; only the demo sets it. ``zone`` is asked for when a timer is set: its
    months and days are those of the calendar there.
    """

    now: datetime
    ids: Callable[[], str]
    decide: Callable[[str, Mapping[str, Any], int | None], Any]
    wait_scale: float = 1.0
    zone: Zone = utc
