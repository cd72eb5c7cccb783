"""What the engine tells its listeners, inside the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.orm import Session

from adapters.ports import OperationCall

if TYPE_CHECKING:
    from processes.spiff.definition import ElementInfo

EventKind = Literal[
    "instance_started",
    "instance_completed",
    "instance_cancelled",
    "instance_migrated",
    "instance_renewed",
    "element_entered",
    "element_completed",
    "element_cancelled",
    "user_task_opened",
    "user_task_closed",
    "user_task_put_aside",
    "user_task_kept",
    "step_renewed",
    "incident_opened",
    "incident_resolved",
    "effect_confirmed",
    "effect_undone",
    "repaired",
    "undo_started",
    "undo_completed",
]


@dataclass(frozen=True, kw_only=True)
class ProcessEvent:
    """One thing that happened to a process instance.

    ``detail`` by kind: ``element_entered`` and ``user_task_opened`` the inputs of the step (``inputs``; and
    ``user_task_id``), ``element_completed`` its ``outputs``, ``user_task_closed`` ``user_task_id``,
    ``state``, ``result`` and ``actor``, ``incident_*`` ``incident_id``, ``code``, ``message``,
    ``resolution``, ``effect_*`` ``operation``, ``operation_id``, ``inputs``, ``outputs``,
    ``user_task_put_aside`` (it waits until a renewed instance comes to it again) ``user_task_id``,
    ``user_task_kept`` (an open one of a renewed instance) as ``user_task_opened``, ``step_renewed`` (a step of one that
    is not taken over as it was) ``act``: ``change``, ``redo`` or ``new``,
    ``instance_renewed`` (a fresh instance answers a call anew) ``renewal_id`` and its ``instance_id``,
    ``repaired`` the ``action``, its ``reason`` and ``actor``, ``instance_completed`` the final ``data``,
    ``instance_cancelled`` the ``reason``, ``instance_migrated`` ``from_version``, ``to_version`` and the ``mapping`` of
    elements that are called differently now. ``at`` is aware UTC. ``is_renewed``: the instance takes over what another
    has done, so what happens may have been told before.
    """

    kind: EventKind
    instance_id: str
    root_instance_id: str
    process_key: str
    business_key: str
    area: str
    element: ElementInfo | None = None
    task_id: str | None = None
    loop_index: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: datetime
    is_renewed: bool = False


Listener = Callable[[Session, ProcessEvent], None]
InProcessHandler = Callable[[Session, OperationCall, datetime], Mapping[str, Any]]
