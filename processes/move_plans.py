"""What moving a token would mean, found by trying it on a copy: what is left, what is undone, what stays in force."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from processes.errors import CannotMove, InstanceNotRunning, NotThere
from processes.lifecycle import EffectState, InstanceState
from processes.looking import copy_of
from processes.parts import EngineParts
from processes.queries import point_of_no_return
from processes.spiff import lineage
from processes.spiff import moving as tokens
from processes.spiff.bridge import Execution
from processes.spiff.lineage import Passing, Since
from processes.spiff.moving import Position
from processes.store.instances import ActivityLog, ProcessInstance
from processes.store.jobs import Effect

#: Effects that can be reversed, now or after somebody has mended what is in the way.
REVERSIBLE: Final = (EffectState.CONFIRMED, EffectState.UNDO_FAILED)


@dataclass(frozen=True, kw_only=True)
class EffectLine:
    """One effect of what a token has passed. ``undo``: it is reversed before the token goes on."""

    seq: int
    element_id: str
    operation: str
    undo_operation: str | None
    inputs: Mapping[str, Any]
    undo: bool


@dataclass(frozen=True, kw_only=True)
class MovePlan:
    """What a move does.

    ``left``: the tokens that are taken away. ``along``: those among them that are not moved, but come from the same
    passing of the element and would be there twice. ``closes``: the waits that end with them, as ``(kind, element)``.
    ``effects``: newest first, which is the order of undoing. ``goes_back``: the element has been passed before.
    ``problem``: why the element could not begin with the data there is. ``digest`` names this plan.
    """

    instance_id: str
    root_id: str
    task_id: str
    from_element: str
    to_element: str
    goes_back: bool
    left: Sequence[Position]
    stays: Sequence[Position]
    closes: Sequence[tuple[str, str]]
    effects: Sequence[EffectLine]
    problem: str | None
    point_of_no_return: str | None
    along: Sequence[str] = ()
    digest: str = field(default="")


def choose(
    execution: Execution, to: str, since: Since | None, *, task_id: str | None, element_id: str | None
) -> tuple[Position, Passing | None]:
    """The token that is meant: by its id, by its element, or the only one; and what came of the last passing of ``to``.

    Several that come from there together are one choice: whichever is taken back, the others go along.

    :raises CannotMove: there is none, or it is not clear which.
    """
    found = tokens.positions(execution)
    inner = [one for one in found if not any(one.element_id in other.within for other in found)]
    if task_id is not None:
        chosen = [one for one in found if one.task_id == task_id]
    elif element_id is not None:
        chosen = [one for one in found if one.element_id == element_id]
    else:
        chosen = inner
    came = lineage.passing(execution, chosen[0].task_id, to, since) if chosen and since is not None else None
    together = {one.task_id for one in chosen[1:]} <= set(came.tokens if came is not None else ())
    if chosen and together:
        return chosen[0], came
    at = Counter(one.element_id for one in inner)
    places = ", ".join(f"{name} ({at[name]} times)" if at[name] > 1 else name for name in sorted(at)) or "nowhere"
    raise CannotMove(f"say which token to move ({len(chosen)} fit); they are at: {places}")


def plan_move(
    parts: EngineParts,
    session: Session,
    instance_id: str,
    *,
    to: str,
    now: datetime,
    task_id: str | None = None,
    element_id: str | None = None,
    data: Mapping[str, Any] | None = None,
    undo: Sequence[int] | None = None,
) -> MovePlan:
    """What moving a token to the element ``to`` would do; nothing is changed.

    :param undo: numbers of the effects to be undone instead of those proposed.
    :raises NotThere: no such instance.
    :raises InstanceNotRunning: it has ended or is being cancelled.
    :raises CannotMove: it cannot be done, for the reason given.
    """
    instance = session.get(ProcessInstance, instance_id, populate_existing=True)
    if instance is None:
        raise NotThere("process instance", instance_id)
    if instance.state != InstanceState.RUNNING or instance.snapshot is None:
        state = instance.state if instance.state != InstanceState.RUNNING else "not started"
        raise InstanceNotRunning(instance.id, state)
    copy = copy_of(parts, session, instance, now=now)
    passed = _last_passed(session, instance.id, to)
    lines = [] if passed is None else _lines_since(session, instance.id, passed)
    since = None if passed is None else _since(lines)
    token, came = choose(copy, to, since, task_id=task_id, element_id=element_id)
    before = {one.task_id: one for one in tokens.positions(copy)}
    # Going back over a gateway that divides takes along what else has come from it.
    after_it = tokens.reachable(copy, to) if came is None else came.elements
    along = () if came is None else tuple(came.tokens)
    lineage.leave_along(copy, token.task_id, to, along, {})
    seed = tokens.move(copy, token.task_id, to, "plan", {})
    still = {one.task_id for one in tokens.positions(copy)}
    left = [one for one in before.values() if one.task_id not in still]
    effects = _effects(session, instance, lines, after_it, left, undo)
    waits = {wait.task_id: wait for wait in copy_of(parts, session, instance, now=now).waits}
    closes = [
        (copy.changes.kinds[closed], waits[closed].element_id) for closed, _ in copy.changes.closed if closed in waits
    ]
    plan = MovePlan(
        instance_id=instance.id,
        root_id=instance.root_id,
        task_id=token.task_id,
        from_element=token.element_id,
        to_element=to,
        goes_back=passed is not None,
        left=left,
        stays=[one for one in before.values() if one.task_id in still],
        closes=sorted(closes),
        effects=effects,
        problem=tokens.missing(copy, seed, data or {}),
        point_of_no_return=point_of_no_return(session, instance.root_id),
        along=along,
    )
    return _named(plan)


def subtree(session: Session, instance_ids: Sequence[str]) -> list[str]:
    """These instances and everything they have called."""
    found, level = list(instance_ids), list(instance_ids)
    called = ProcessInstance.parent_task_id.is_not(None)
    while level:
        rows = select(ProcessInstance.id).where(ProcessInstance.parent_id.in_(level), called)
        level = list(session.scalars(rows.order_by(ProcessInstance.id)))
        found += level
    return found


def children_of(session: Session, instance_id: str, task_ids: Sequence[str]) -> list[str]:
    """The instances that answer these calls, and everything below them."""
    mine = (ProcessInstance.parent_id == instance_id, ProcessInstance.parent_task_id.in_(task_ids))
    return subtree(session, list(session.scalars(select(ProcessInstance.id).where(*mine))))


def _last_passed(session: Session, instance_id: str, element_id: str) -> int | None:
    """The line of the history with which the element was last begun."""
    lines = select(func.max(ActivityLog.seq)).where(
        ActivityLog.instance_id == instance_id, ActivityLog.element_id == element_id
    )
    begun = session.scalar(lines.where(ActivityLog.event == "entered"))
    return begun if begun is not None else session.scalar(lines.where(ActivityLog.event == "completed"))


class Line(NamedTuple):
    """What of a line of the history counts here."""

    element_id: str
    event: str
    task_id: str | None


def _lines_since(session: Session, instance_id: str, seq: int) -> list[Line]:
    """The lines of the history from that one on."""
    rows = select(ActivityLog.element_id, ActivityLog.event, ActivityLog.task_id)
    rows = rows.where(ActivityLog.instance_id == instance_id, ActivityLog.seq >= seq)
    return [Line(*row) for row in session.execute(rows.order_by(ActivityLog.seq))]


def _since(lines: Sequence[Line]) -> Since:
    return Since(
        completed={line.element_id for line in lines if line.event == "completed"},
        begun={line.task_id for line in lines if line.task_id is not None},
    )


def _effects(
    session: Session,
    instance: ProcessInstance,
    lines: Sequence[Line],
    after_it: frozenset[str],
    left: Sequence[Position],
    undo: Sequence[int] | None,
) -> list[EffectLine]:
    """The effects of what was begun since the element was, and lies behind it; and of what is left unfinished."""
    begun = [line for line in lines if line.event == "entered" and line.element_id in after_it]
    redone = sorted({line.task_id for line in begun if line.task_id is not None})
    again = {*redone}, {*children_of(session, instance.id, redone)}
    halfway = children_of(session, instance.id, [one.task_id for one in left])
    here = (Effect.instance_id == instance.id) & Effect.task_id.in_(redone)
    rows = select(Effect).where(
        Effect.root_instance_id == instance.root_id,
        or_(here, Effect.instance_id.in_([*again[1], *halfway])),
        Effect.state.in_((*REVERSIBLE, EffectState.IRREVERSIBLE)),
    )
    found = []
    for effect in session.scalars(rows.order_by(Effect.seq.desc())):
        is_redone = effect.task_id in again[0] or effect.instance_id in again[1]
        wanted = is_redone if undo is None else effect.seq in undo
        found.append(
            EffectLine(
                seq=effect.seq,
                element_id=effect.element_id,
                operation=effect.operation,
                undo_operation=effect.undo_operation,
                inputs=effect.undo_inputs,
                undo=wanted and effect.state in REVERSIBLE,
            )
        )
    unknown = set(undo or ()) - {line.seq for line in found if line.undo}
    if unknown:
        raise CannotMove(f"these effects are not there or cannot be undone: {sorted(unknown)}")
    return found


def _named(plan: MovePlan) -> MovePlan:
    facts = [
        plan.instance_id,
        plan.task_id,
        plan.to_element,
        [one.task_id for one in plan.left],
        [(line.seq, line.undo) for line in plan.effects],
    ]
    digest = hashlib.sha256(orjson.dumps(facts)).hexdigest()[:16]
    return MovePlan(**{**vars(plan), "digest": digest})
