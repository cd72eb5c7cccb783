"""Ad-hoc sub-processes: activities without an order, until it is enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes.errors import CannotBegin
from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import Task
from processes.spiff.specs.activities import SubProcess
from processes.spiff.tokens import clean, stamps
from processes.spiff.waits import Wait
from processes.spiff.workflow import Scope, loop_index


class AdHoc(SubProcess):
    """All activities nothing leads to are begun, at once or one after the other, or only the ``chosen`` ones.

    ``extensions["adhoc"]``: ``order`` [[id, element]], ``sequential``, ``until`` the completion condition,
    ``cancel`` whether what still runs is then taken away, ``chosen`` an expression that yields a list of ids.
    With ``extensions["wait"]`` it is a person's task as well: nothing but the ``chosen`` ones begins by itself, and it
    stays open until the person hands it in.
    """

    def perform(self, task: Task) -> bool | None:
        """Begin the first activities; the others are kept with the scope."""
        first, by_hand = self.chosen(task), "wait" in self.extensions
        inputs = clean(self.map_inputs(task)) if by_hand else {}
        facts, scope = self.extensions["adhoc"], self.open(task)
        at_once = first[:1] if facts["sequential"] else first
        kept = {"next": first[len(at_once) :], "until": facts["until"], "cancel": facts["cancel"]}
        if by_hand:
            kept["open"] = True
            el, index = self.extensions["el"], loop_index(task)
            wait = Wait(task_id=task.id, element_id=el, kind="user", inputs=inputs, loop_index=index)
            task.workflow.top_workflow.open(task, wait)
        scope.task_tree.internal_data["adhoc"] = kept
        scope.begin(at_once, task.data, stamps(task))
        if not at_once:
            scope.check_end()
        return None

    def chosen(self, task: Task) -> list[str]:
        """The elements to begin, in their order."""
        facts = self.extensions["adhoc"]
        order: dict[str, str] = dict(facts["order"])
        if not facts["chosen"]:
            return [] if "wait" in self.extensions else list(order.values())
        ids = evaluate(facts["chosen"], task.workflow.top_workflow.names(task))
        if not isinstance(ids, list):
            raise ExpressionError(f"{facts['chosen']}: a list of ids of activities is needed")
        unknown = [str(one) for one in ids if one not in order]
        if unknown:
            raise ExpressionError(f"{facts['chosen']}: no activity {', '.join(unknown)} to begin with")
        return [order[one] for one in ids]

    def choices(self, task: Task) -> list[str]:
        """The ids of the activities that can be begun by hand; none once it has been handed in."""
        scope = inside(task)
        over = scope is None or ("wait" in self.extensions and not scope.task_tree.internal_data["adhoc"].get("open"))
        return [] if over else [element_id for element_id, _ in self.extensions["adhoc"]["order"]]

    def begin_by_hand(self, task: Task, element_id: str) -> None:
        """Begin one more activity, again if it has been done; in a row it comes after those that wait for their turn.

        :raises CannotBegin: there is none of that id, or the sub-process is over.
        """
        scope = inside(task)
        if scope is None or element_id not in self.choices(task):
            raise CannotBegin(f"{element_id!r} cannot be begun in {self.extensions['el']!r}")
        name, kept = dict(self.extensions["adhoc"]["order"])[element_id], scope.task_tree.internal_data["adhoc"]
        if self.extensions["adhoc"]["sequential"] and any("trigger" not in one.internal_data for one in scope.tokens()):
            kept["next"].append(name)
            return
        scope.task_tree.data, scope.task_tree.internal_data["w"] = dict(scope.latest), dict(scope.stamps)
        task.workflow.top_workflow.spawn(scope, name, scope.task_tree)

    def finish(self, task: Task, result: Any, also: Mapping[str, Any] | None = None) -> None:
        """The person has handed it in, for the outputs to be mapped with the data inside; or the scope has ended."""
        top, scope = task.workflow.top_workflow, inside(task)
        if scope is None or scope.completed:
            super().finish(task, result, also)
            return
        top.close(task, "completed")
        for name, value in {**clean(result), **dict(also or {})}.items() if self.extensions.get("outputs") else ():
            scope.latest[name], scope.stamps[name] = value, top.next_number()
        kept = scope.task_tree.internal_data["adhoc"]
        kept["open"], kept["next"] = False, []
        if kept["cancel"]:
            scope.end()
        else:
            scope.check_end()

    def scope_done(self, task: Task, scope: Scope) -> None:
        """Nobody has to hand in any more what has become enough."""
        task.workflow.top_workflow.close(task, "cancelled")
        super().scope_done(task, scope)


def inside(task: Task) -> Scope | None:
    """The scope inside a running ad-hoc sub-process."""
    found: Scope | None = task.workflow.top_workflow.subprocesses.get(task.id)
    return found
