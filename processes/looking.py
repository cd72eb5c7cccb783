"""What an instance looks like from inside: where its tokens are, and the data it has reached. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from processes.parts import EngineParts
from processes.spiff.bridge import Execution, StepContext
from processes.spiff.moving import Position, positions
from processes.store.instances import ProcessInstance


@dataclass(frozen=True, kw_only=True)
class Inside:
    """``tokens``: those around others first; none once it has ended. ``data``: the last value of each name."""

    tokens: Sequence[Position]
    data: Mapping[str, Any]


def inside(parts: EngineParts, session: Session, instance: ProcessInstance, *, now: datetime) -> Inside:
    """Look into the saved state; what has not begun, or has ended, has only the data it was started with."""
    if instance.snapshot is None:
        return Inside(tokens=(), data=instance.inputs)
    execution = copy_of(parts, session, instance, now=now)
    return Inside(tokens=positions(execution), data=execution.data)


def copy_of(parts: EngineParts, session: Session, instance: ProcessInstance, *, now: datetime) -> Execution:
    """The saved state brought to life beside the instance, to look at or to try something on; it takes no decisions."""
    spec = parts.definitions.process(session, instance.definition_id).spec
    quiet = StepContext(now=now, ids=parts.ids, decide=lambda _key, _inputs, _version: None)
    return Execution.load(spec, instance.snapshot or b"", context=quiet, inputs=instance.inputs)
