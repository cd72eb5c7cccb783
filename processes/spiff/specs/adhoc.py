"""Ad-hoc sub-processes: activities without an order, until it is enough."""

from __future__ import annotations

from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import Task
from processes.spiff.specs.activities import SubProcess
from processes.spiff.tokens import stamps


class AdHoc(SubProcess):
    """All activities nothing leads to are begun, at once or one after the other, or only the ``chosen`` ones.

    ``extensions["adhoc"]``: ``order`` [[id, element]], ``sequential``, ``until`` the completion condition,
    ``cancel`` whether what still runs is then taken away, ``chosen`` an expression that yields a list of ids.
    """

    def perform(self, task: Task) -> bool | None:
        """Begin the first activities; the others are kept with the scope."""
        first = self.chosen(task)
        facts, scope = self.extensions["adhoc"], self.open(task)
        at_once = first[:1] if facts["sequential"] else first
        kept = {"next": first[len(at_once) :], "until": facts["until"], "cancel": facts["cancel"]}
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
            return list(order.values())
        ids = evaluate(facts["chosen"], task.workflow.top_workflow.names(task))
        if not isinstance(ids, list):
            raise ExpressionError(f"{facts['chosen']}: a list of ids of activities is needed")
        unknown = [str(one) for one in ids if one not in order]
        if unknown:
            raise ExpressionError(f"{facts['chosen']}: no activity {', '.join(unknown)} to begin with")
        return [order[one] for one in ids]
