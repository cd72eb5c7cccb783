"""Taking a token from where it is and putting it down elsewhere: back, forward, out of and into sub-processes.

What is put down is a fresh activation with the data of the one taken away. It stays at its element, not yet begun,
until :func:`begin`: what was done meanwhile may have to be undone first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from processes.errors import CannotMove, ProcessError
from processes.spiff.bridge import Execution
from processes.spiff.library import Task, TaskState
from processes.spiff.mending import find
from processes.spiff.specs.activities import end_race
from processes.spiff.specs.gateways import Join
from processes.spiff.tokens import Token, inherit, merge, stamps, write
from processes.spiff.workflow import Process, Scope

#: What marks a token that waits to be begun.
MOVING: Final = "moving"
#: Nobody can be sent there: these only happen beside something else.
NOT_TARGETS: Final = ("boundaryEvent",)


@dataclass(frozen=True, kw_only=True)
class Position:
    """One token: where it is, the sub-processes around it, and how it stands: ``waiting``, ``failed``, ``moving``."""

    task_id: str
    element_id: str
    within: tuple[str, ...]
    state: str


def positions(execution: Execution) -> list[Position]:
    """Every token that can be taken from where it is, the inner ones after those around them."""
    return [
        Position(task_id=task.id, element_id=_element(task), within=_within(task), state=_state(task))
        for scope in execution._top.scopes()
        for task in scope.tokens()
        if not {"trigger", "host", "owner"} & task.internal_data.keys()
    ]


def move(execution: Execution, task_id: str, to: str, move_id: str, detail: Mapping[str, Any]) -> str:
    """Take a token away and put a fresh one, not yet begun, at the element ``to``; returns its id.

    A sub-process in which nothing else runs is left as a whole, a repeated activity always. One that does not run yet
    is opened, with its boundary events.

    :param detail: said of what is left, in the history.
    :raises StaleTask: the token is not there any more.
    :raises CannotMove: nobody can be sent there.
    """
    top, task = execution._top, find(execution, task_id)
    if MOVING in task.internal_data:
        raise CannotMove("this token is on its way already")
    way = way_to(top, to)
    scope = task.workflow
    while scope.spec not in [spec for spec, _ in way]:
        scope = scope.parent_task.workflow
    place = next(place for place, (spec, _) in enumerate(way) if spec is scope.spec)
    source, known, hidden = _left(task, scope)
    seed = _put(top, scope, way[-1][1] if place == len(way) - 1 else way[place][1], source)
    if known is not None:
        merge(seed, known.data, stamps(known), leave_out=hidden)
    leave(top, task, scope, detail)
    for _spec, name in way[place + 1 :]:
        scope = _enter(top, scope, seed)
        seed = _put(top, scope, name, seed)
    _arrive_by_a_free_flow(seed, source.task_spec.name)
    seed.internal_data[MOVING] = move_id
    return seed.id


def begin(execution: Execution, task_id: str, data: Mapping[str, Any]) -> None:
    """Let a token that was put down begin, with ``data`` written first. :raises StaleTask: it is not there any more."""
    task = find(execution, task_id)
    if task.internal_data.pop(MOVING, None) is None:
        raise CannotMove(f"token {task_id} has begun already")
    for name, value in data.items():
        write(task, name, value)
    task.task_spec._update(task)


def missing(execution: Execution, task_id: str, data: Mapping[str, Any]) -> str | None:
    """Why the element could not begin with what the token knows and ``data``; none: it could."""
    task = find(execution, task_id)
    task.data = {**task.data, **data}
    try:
        task.task_spec.map_inputs(task)
    except ProcessError as problem:
        return str(problem)
    return None


def reachable(execution: Execution, to: str) -> frozenset[str]:
    """The elements a token at ``to`` may come to, itself and what runs inside them included."""
    found: set[str] = set()
    for spec, name in reversed(way_to(execution._top, to)):
        for reached in _following(spec, name):
            found.update(elements_of(execution._top, spec.task_specs[reached]))
    return frozenset(found)


def way_to(top: Process, element_id: str) -> list[tuple[Any, str]]:
    """From the process inwards: a scope's specification, and in it the element to go to or through."""
    specs = [top.spec, *top.subprocess_specs.values()]
    here = next((found for spec in specs if (found := _target(spec, element_id)) is not None), None)
    if here is None:
        raise CannotMove(f"there is no element {element_id!r} to which a token could be sent")
    way = [here]
    while way[0][0] is not top.spec:
        inner = way[0][0].name
        around = next(
            (
                (spec, name.removesuffix("~instance"))
                for spec in specs
                for name, element in spec.task_specs.items()
                if getattr(element, "extensions", {}).get("scope") == inner
            ),
            None,
        )
        if around is None:
            raise CannotMove(f"{element_id!r} lies in a part of the process that has no place of its own")
        way.insert(0, around)
    return way


def _target(spec: Any, element_id: str) -> tuple[Any, str] | None:
    for name, element in spec.task_specs.items():
        facts = getattr(element, "extensions", {})
        if facts.get("el") != element_id or "~" in name.removesuffix("~"):
            continue
        if facts.get("type") in NOT_TARGETS:
            raise CannotMove(f"{element_id!r} happens beside a step; move to the step, or to what follows")
        return spec, facts.get("enters_at", name)
    return None


def _left(task: Task, scope: Scope) -> tuple[Task, Task | None, frozenset[str]]:
    """The token of ``scope`` that is left, what was known deeper inside, and the names that only exist there."""
    inner, hidden, sealed = task, frozenset[str](), False
    while inner.workflow is not scope:
        hidden, sealed = hidden | inner.workflow.local_names, sealed or inner.workflow.sealed
        inner = inner.workflow.parent_task
    return inner, (None if inner is task or sealed else task), hidden


def leave(top: Process, task: Task, scope: Scope, detail: Mapping[str, Any]) -> None:
    """Take the token away, with everything around it in which nothing else runs."""
    while True:
        here = task.workflow
        owner = here.token(task.internal_data.get("owner"))
        if owner is not None:
            task = owner
            continue
        others = [
            other
            for other in here.tokens()
            if other is not task and "trigger" not in other.internal_data and not _belongs(other, task)
        ]
        if here is scope or others:
            break
        task = here.parent_task
    end_race(task)
    top.cancel(task, detail)


def _belongs(other: Task, task: Task) -> bool:
    """Whether a token goes when another one does: its boundary events, its instances, the rest of its race."""
    race = task.internal_data.get("race")
    mine = task.id in (other.internal_data.get("host"), other.internal_data.get("owner"))
    return mine or (race is not None and other.internal_data.get("race") == race)


def _put(top: Process, scope: Scope, name: str, source: Task) -> Task:
    """A token that has not begun."""
    task = Token(scope, scope.spec.task_specs[name], scope.task_tree, state=TaskState.FUTURE, id=top.context.ids())
    inherit(task, source)
    task.internal_data["n"] = top.next_number()
    return task


def _enter(top: Process, scope: Scope, seed: Task) -> Scope:
    """The scope inside a sub-process element: the one that runs, or a new one opened by ``seed``."""
    spec, name = seed.task_spec, seed.task_spec.name
    if "loop" in spec.extensions:
        raise CannotMove(f"{name!r} is repeated: go to it as a whole, or move within one of its instances")
    running = [task for task in scope.tokens() if task.task_spec is spec and task.id in top.subprocesses]
    if running:
        top.retire(seed)
        inner: Scope = top.subprocesses[running[0].id]
        seed.data, seed.internal_data["w"] = dict(inner.latest), dict(inner.stamps)
        return inner
    if not spec.extensions.get("incoming") and not any(name in first for first in _begins(scope)):
        raise CannotMove(f"{name!r} begins with an event of its own and cannot be entered from outside")
    seed._set_state(TaskState.STARTED)
    opened: Scope = spec.open(seed)
    opened.begin((), seed.data, stamps(seed))
    return opened


def _begins(scope: Scope) -> Iterator[Sequence[str]]:
    yield scope.spec.start.extensions["first"]


def _arrive_by_a_free_flow(seed: Task, came_from: str) -> None:
    """A gateway that joins counts tokens by the flow they came on: take one that has brought none.

    The token would have come on the flow of its own branch, so that one is the best.
    """
    spec, scope = seed.task_spec, seed.workflow.spec
    if isinstance(spec, Join):
        taken = {task.internal_data.get("flow") for task in seed.workflow.tokens() if task.task_spec is spec}
        free = [flow for flow in spec.extensions["incoming"] if flow not in taken]
        branch = _following(scope, came_from, without=spec.name)
        own = [flow for name in branch for flow, *_ in scope.task_specs[name].extensions.get("flows", ())]
        seed.internal_data["flow"] = ([flow for flow in free if flow in own] or free or [""])[0]


def _following(spec: Any, name: str, *, without: str = "") -> set[str]:
    """The names of a scope that can be come to from one of them, not through ``without``."""
    reached: set[str] = {without} & spec.task_specs.keys()
    todo = [name]
    while todo:
        here = todo.pop()
        if here in reached or here not in spec.task_specs:
            continue
        reached.add(here)
        facts = getattr(spec.task_specs[here], "extensions", {})
        todo += [flow[1] for flow in facts.get("flows", ())]
        todo += facts.get("boundary", ())
        todo += [facts["loop"]["instance"]] if facts.get("loop") else []
    return reached - {without}


def elements_of(top: Process, element: Any) -> set[str]:
    """An element of the diagram, and those inside it."""
    facts = getattr(element, "extensions", {})
    found = {facts["el"]} if facts.get("el") else set()
    inner = top.subprocess_specs.get(facts.get("scope", ""))
    for other in inner.task_specs.values() if inner is not None else ():
        found |= elements_of(top, other)
    return found


def _element(task: Task) -> str:
    facts = task.task_spec.extensions
    return str(facts.get("el") or facts.get("near", ""))


def _within(task: Task) -> tuple[str, ...]:
    around: list[str] = []
    holder = task.workflow.parent_task
    while holder is not None:
        around.insert(0, _element(holder))
        holder = holder.workflow.parent_task
    return tuple(around)


def _state(task: Task) -> str:
    if MOVING in task.internal_data:
        return "moving"
    return "failed" if "failure" in task.internal_data else "waiting"
