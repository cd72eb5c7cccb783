"""I7, the engine's half: everything below a root lies in the area of the root and says that it is of that tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from processes.invariants.look import Look, Violation
from processes.store.instances import Incident, ProcessInstance, UserTask
from processes.store.jobs import Effect, Job

RULE: Final = "I7"


def trees(look: Look) -> Iterator[Violation]:
    """A called process lies where its caller lies."""
    look.counted(RULE, "instances", ProcessInstance)
    child, parent = aliased(ProcessInstance), aliased(ProcessInstance)
    rows = (
        select(child.id, child.process_key, child.business_key, child.area, parent.area.label("above"))
        .join(parent, parent.id == child.parent_id)
        .where(or_(child.area != parent.area, child.root_id != parent.root_id))
    )
    for row in look.stream(rows):
        text = f"process {row.process_key} lies in {row.area}, what called it in {row.above}, or in another tree"
        yield Violation(RULE, row.id, text, row.business_key)
    lost = select(ProcessInstance.id, ProcessInstance.process_key, ProcessInstance.business_key).where(
        ProcessInstance.parent_id.is_(None), ProcessInstance.root_id != ProcessInstance.id
    )
    for row in look.stream(lost):
        text = f"process {row.process_key} has no caller, but says that it belongs to another tree"
        yield Violation(RULE, row.id, text, row.business_key)


def rows(look: Look) -> Iterator[Violation]:
    """Jobs, user tasks, incidents and effects lie where their instance lies."""
    kinds: list[tuple[str, Any, Any, Any]] = [
        ("job", Job, Job.kind, Job.root_id),
        ("user task", UserTask, UserTask.element_id, UserTask.root_id),
        ("incident", Incident, Incident.code, Incident.root_id),
        ("effect", Effect, Effect.operation, Effect.root_instance_id),
    ]
    for name, table, what, root_id in kinds:
        look.counted(RULE, f"{name}s", table)
        row_id = table.operation_id if table is Effect else table.id
        found = (
            select(
                row_id.label("id"),
                what.label("what"),
                table.area.label("area"),
                ProcessInstance.area.label("above"),
                ProcessInstance.business_key.label("business_key"),
            )
            .join(ProcessInstance, ProcessInstance.id == table.instance_id)
            .where(or_(table.area != ProcessInstance.area, root_id != ProcessInstance.root_id))
        )
        for row in look.stream(found):
            text = f"{name} {row.what} lies in {row.area}, its process in {row.above}, or in another tree"
            yield Violation(RULE, row.id, text, row.business_key)
