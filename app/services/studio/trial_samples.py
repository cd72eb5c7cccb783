"""A sample from a real order: its data and answers as they were, with whom it was for taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.studio.trial_masking import anonymous
from app.errors import FieldProblem, InvalidInput
from app.persistence.studio.process_cases import ProcessCase
from app.services.ordering.order_diagrams import Run, runs_of
from app.services.studio.process_cases import keep_case
from app.unit_of_work import read
from processes.recorded import Record, bare, records_of
from processes.store.instances import ProcessInstance


def take_from_order(
    number: str, key: str, name: str, actor: Actor, deps: Deps, *, draft_id: str | None = None
) -> ProcessCase:
    """Keep what an order was as a sample of this process; steps it has not done yet are answered when it is tried.

    Nothing about a person comes along, so that whoever draws may do it for orders of his area.

    :raises NotFound: no such order in the actor's area.
    :raises InvalidInput: this process did not run for it.
    """
    may(actor, "process.edit")
    with read(deps.read_sessions) as session:
        runs: Sequence[Run] = runs_of(session, number, actor)
        chosen = next((run for run in runs if run.key == key), None)
        if chosen is None:
            en, zh = f"{key} did not run for this order", f"该订单没有运行过 {key}"
            raise InvalidInput(en, zh, details=[FieldProblem(path="order", code="not-run", zh=zh, en=en)])
        instance = session.get_one(ProcessInstance, chosen.id)
        answers = _answers(records_of(deps.engine.parts, session, chosen.id))
        body = {"now": instance.started_at.isoformat(), "data": dict(instance.inputs), "answers": answers}
    return keep_case(
        kind="process",
        key=key,
        name=name or number,
        body=anonymous(body),
        is_sample=True,
        draft_id=draft_id,
        source=number,
        actor=actor,
        deps=deps,
    )


def _answers(records: Sequence[Record]) -> dict[str, Any]:
    """What people and far systems said, by the path of the step; personal answers never reach a process."""
    people: dict[str, list[Any]] = {}
    far: dict[str, list[Any]] = {}
    for record in records:
        path = bare(record.path)
        if record.kind == "user" and record.how == "completed":
            people.setdefault(path, []).append(record.result if record.result is not None else record.names)
        elif record.kind == "job" and record.how == "completed":
            far.setdefault(path, []).append({"return": record.result if record.result is not None else record.names})
        elif record.kind == "job" and record.how == "failed" and record.code:
            far.setdefault(path, []).append({"error": record.code, "message": record.message})
    found: dict[str, Any] = {}
    if people:
        found["userTasks"] = people
    if far:
        found["operations"] = far
    return found
