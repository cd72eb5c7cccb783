"""Which tokens come from the same passing of an element: when one of them is taken back to it, the others go along.

A token that is taken back to before a parallel gateway will come by that gateway once more, and with it a token for
each of its branches. Those that are in the branches now, or wait where the branches meet, belong to what is done again:
left where they are, they would be there twice.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processes.spiff.bridge import Execution
from processes.spiff.library import Task
from processes.spiff.mending import find
from processes.spiff.moving import elements_of, leave, positions, way_to
from processes.spiff.specs.gateways import Join
from processes.spiff.workflow import Process, Scope


@dataclass(frozen=True, kw_only=True)
class Since:
    """What has happened since an element was last begun: elements completed, and activations begun."""

    completed: Container[str]
    begun: Container[str]


@dataclass(frozen=True, kw_only=True)
class Passing:
    """What the last passing of an element has led to.

    ``tokens``: the others it brought, the inner ones first. ``elements``: where any of it has come to, itself and what
    runs inside included.
    """

    tokens: Sequence[str]
    elements: frozenset[str]


def passing(execution: Execution, task_id: str, to: str, since: Since) -> Passing | None:
    """What came of the last passing of the element ``to``; none: the token ``task_id`` does not come from it.

    :raises StaleTask: the token is not there any more.
    :raises CannotMove: nobody can be sent to that element.
    """
    top, task = execution._top, find(execution, task_id)
    scope, start = _common(top, task, to)
    names, flows = _come_to(scope.spec, start, since.completed)
    ours = [one for one in positions(execution) if _belongs(find(execution, one.task_id), scope, names, flows, since)]
    found = [one.task_id for one in ours]
    if task_id not in found:
        return None
    around = _around(task)
    reached = frozenset[str]().union(*(elements_of(top, scope.spec.task_specs[name]) for name in names))
    return Passing(tokens=[one for one in reversed(found) if one != task_id and one not in around], elements=reached)


def leave_along(execution: Execution, task_id: str, to: str, tokens: Sequence[str], detail: Mapping[str, Any]) -> None:
    """Take these tokens away because ``task_id`` is about to be taken back to ``to``."""
    top, moved = execution._top, find(execution, task_id)
    scope, _ = _common(top, moved, to)
    race = moved.internal_data.get("race")
    for one in tokens:
        task = top.find(one)
        # The others of a race end with the one that is moved.
        if task is not None and (race is None or task.internal_data.get("race") != race):
            leave(top, task, scope, detail)


def _common(top: Process, task: Task, to: str) -> tuple[Scope, str]:
    """The innermost scope around both, and in it the element to go to or through."""
    way = way_to(top, to)
    scope: Any = task.workflow
    while scope.spec not in [spec for spec, _ in way]:
        scope = scope.parent_task.workflow
    return scope, next(name for spec, name in way if spec is scope.spec)


def _come_to(spec: Any, start: str, completed: Container[str]) -> tuple[set[str], set[str]]:
    """The names that were come to from ``start``, going on only from what was completed; and the flows taken."""
    names, flows, todo = set[str](), set[str](), [start]
    while todo:
        name = todo.pop()
        if name in names or name not in spec.task_specs:
            continue
        names.add(name)
        facts = getattr(spec.task_specs[name], "extensions", {})
        todo += facts.get("boundary", ())
        # What is put in between when a drawing is read has no element of its own, and nothing waits in it.
        if facts.get("el") is None or facts["el"] in completed:
            flows.update(flow[0] for flow in facts.get("flows", ()))
            todo += [flow[1] for flow in facts.get("flows", ())]
    return names, flows


def _belongs(task: Task, scope: Scope, names: set[str], flows: set[str], since: Since) -> bool:
    mine = _in_scope(task, scope)
    if mine is None:
        return False
    if isinstance(mine.task_spec, Join):
        return mine.internal_data.get("flow") in flows
    # Of an event that is waited for history tells when it has come; a flow that led there was taken since.
    return mine.task_spec.name in names and (not mine.task_spec.is_activity or mine.id in since.begun)


def _in_scope(task: Task, scope: Scope) -> Task | None:
    """The token itself, or that of the sub-process of this scope in which it is."""
    here: Task | None = task
    while here is not None and here.workflow is not scope:
        here = here.workflow.parent_task
    if here is None:
        return None
    return scope.token(here.internal_data.get("owner")) or here


def _around(task: Task) -> set[str]:
    """The tokens of the sub-processes around a token."""
    found = set()
    while task.workflow.parent_task is not None:
        task = task.workflow.parent_task
        found.add(task.id)
        if task.internal_data.get("owner"):
            found.add(str(task.internal_data["owner"]))
    return found
