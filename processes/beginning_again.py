"""An instance that nobody has called is begun anew as a whole, while it has brought nothing about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import links, starting
from processes.errors import CannotMove
from processes.parts import EngineParts
from processes.repairs import Why, note
from processes.running import Running
from processes.store.instances import ProcessInstance
from processes.store.jobs import Effect


def begin_again(
    parts: EngineParts, session: Session, root_instance_id: str, data: Mapping[str, Any], *, why: Why, now: datetime
) -> ProcessInstance:
    """Put an instance that nobody has called, and that has brought nothing about yet, in place of another one.

    :raises NotThere, InstanceNotRunning: there is no such instance, or it has ended, or is suspended.
    :raises CannotMove: something has been brought about; then only what it has called can be begun anew.
    """
    old = Running.locked(parts, session, root_instance_id, now=now, actor=why.actor)
    old.require_running()
    if session.scalars(select(Effect.seq).where(Effect.root_instance_id == root_instance_id).limit(1)).first():
        raise CannotMove("something has been brought about already, so it cannot be begun anew as a whole")
    links.freeze(old, whole_tree=False)
    note(old, why, "renew", subject=root_instance_id, before={"inputs": old.instance.inputs}, after={"inputs": data})
    kept = old.instance
    return starting.start(
        parts,
        session,
        kept.process_key,
        business_key=kept.business_key,
        area=kept.area,
        data=data,
        now=now,
        actor=why.actor,
    )
