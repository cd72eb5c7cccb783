"""Ad-hoc sub-processes of a running execution: which are open, and beginning one of their activities by hand."""

from __future__ import annotations

from dataclasses import dataclass

from processes.errors import CannotBegin
from processes.spiff.bridge import Execution
from processes.spiff.mending import find
from processes.spiff.specs.adhoc import AdHoc, inside


@dataclass(frozen=True, kw_only=True)
class Loose:
    """One ad-hoc sub-process that runs. ``choices``: ids of what can be begun in it; ``running``: of what runs."""

    task_id: str
    element_id: str
    choices: tuple[str, ...]
    running: tuple[str, ...]


def open_ones(execution: Execution) -> list[Loose]:
    """Every ad-hoc sub-process in which something can be begun, the outer ones first."""
    found = []
    for scope in execution._top.scopes():
        for task in scope.tokens():
            spec, within = task.task_spec, inside(task)
            if isinstance(spec, AdHoc) and within is not None and (choices := spec.choices(task)):
                stand = [one.task_spec.extensions.get("el") for one in within.tokens() if one.task_spec.is_activity]
                running = tuple(sorted({str(element_id) for element_id in stand if element_id}))
                one = Loose(task_id=task.id, element_id=spec.extensions["el"], choices=tuple(choices), running=running)
                found.append(one)
    return found


def begin(execution: Execution, element_id: str, task_id: str | None = None) -> Loose:
    """Put a token on an activity of an ad-hoc sub-process; returns where.

    :param task_id: the sub-process, needed where several that run have such an activity.
    :raises CannotBegin: nothing of that id can be begun, or in several.
    """
    fitting = [one for one in open_ones(execution) if element_id in one.choices and task_id in (None, one.task_id)]
    if len(fitting) != 1:
        why = "can be begun in several ad-hoc sub-processes: name one by its task id" if fitting else "cannot be begun"
        raise CannotBegin(f"{element_id!r} {why}")
    task = find(execution, fitting[0].task_id)
    task.task_spec.begin_by_hand(task, element_id)
    return fitting[0]
