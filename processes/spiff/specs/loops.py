"""Repeated activities: several instances at once, one after the other, or a loop with a condition."""

from __future__ import annotations

from typing import Any, Final

from processes.errors import ProcessError
from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import Task
from processes.spiff.router import catch_signal, throw
from processes.spiff.specs.activities import Activity
from processes.spiff.specs.node import guarded
from processes.spiff.specs.sending import throw_message
from processes.spiff.tokens import clean, merge, stamps, write, write_local

MAX_INSTANCES: Final = 2000


class TooManyInstances(ProcessError):
    """A repeated activity would be repeated more often than the engine allows."""

    code = "too-many-instances"


class Loop(Activity):
    """The frame around the instances.

    ``extensions["loop"]``: ``mode`` parallel, sequential or while; ``instance`` the element repeated; ``items`` or
    ``cardinality``; ``item`` the name of the item; ``collect`` and ``output`` the list of results and the name each
    instance gives; ``until`` stops early; ``while``, ``test_before``, ``max`` for a plain loop;
    ``raises`` what is thrown when an instance is done.
    """

    def perform(self, task: Task) -> bool | None:
        """Count the instances and start the first, or all of them."""
        self.begin(task)
        top, facts = task.workflow.top_workflow, self.extensions["loop"]
        state: dict[str, Any] = {"done": 0, "next": 0, "results": {}}
        if facts["mode"] == "while":
            state["total"] = facts.get("max") or MAX_INSTANCES
            if facts["test_before"] and not self.goes_on(task, state):
                state["total"] = 0
        else:
            items = self.items(task)
            state["total"] = len(items)
            if facts["mode"] == "sequential":
                state["items"] = clean(items)
        top.log("entered", task, {"instances": state["total"]} if facts["mode"] != "while" else {})
        task.internal_data["loop"] = state
        if state["total"] == 0:
            self.write_results(task)
            return True
        for index in range(state["total"] if facts["mode"] == "parallel" else 1):
            self.start(task, index, items[index] if facts["mode"] != "while" else None)
        return None

    def items(self, task: Task) -> list[Any]:
        """What is repeated over: the list, the values of an object, or numbers from 0."""
        facts, names = self.extensions["loop"], task.workflow.top_workflow.names(task)
        if facts.get("items"):
            found = evaluate(facts["items"], names)
            if not isinstance(found, list):
                raise ExpressionError(f"{facts['items']}: a list is needed to repeat over")
        else:
            count = evaluate(facts["cardinality"], names)
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise ExpressionError(f"{facts['cardinality']}: a whole number from 0 on is needed")
            found = list(range(min(count, MAX_INSTANCES + 1)))
        if len(found) > MAX_INSTANCES:
            raise TooManyInstances(f"more than {MAX_INSTANCES} instances")
        return list(found)

    def start(self, task: Task, index: int, item: Any) -> None:
        """Start one instance with its own item and counter."""
        facts, top = self.extensions["loop"], task.workflow.top_workflow
        task.internal_data["loop"]["next"] = index + 1
        local = ["loopCounter", *([facts["item"]] if facts.get("item") else [])]
        child = top.spawn(
            task.workflow,
            facts["instance"],
            task,
            owner=task.id,
            idx=index,
            local=local,
            private=bool(facts.get("collect")),
        )
        write_local(child, "loopCounter", index)
        if facts.get("item"):
            write_local(child, facts["item"], item)

    def instance_done(self, task: Task, child: Task) -> None:
        """One instance has ended: keep its result, then stop, start the next, or wait for the others."""
        facts, state = self.extensions["loop"], task.internal_data["loop"]
        if facts.get("collect"):
            state["results"][str(child.internal_data["idx"])] = child.data.get(facts["output"])
        else:
            merge(task, child.data, stamps(child), leave_out=child.internal_data["local"])
        state["done"] += 1
        if "raises" in facts and not self.raise_events(task, dict(child.data)):
            return
        self.continue_after(task, dict(child.data))

    def raise_events(self, task: Task, names: dict[str, Any]) -> bool:
        """Throw what the behaviour of the repetition asks for; false: that has taken the activity away."""
        facts, state, top = self.extensions["loop"], task.internal_data["loop"], task.workflow.top_workflow
        for row in facts["raises"]:
            event = row["event"]
            try:
                wanted = row["when"] == "each" or (row["when"] == "first" and state["done"] == 1)
                if not wanted and not (row["when"] == "if" and self.holds(task, row["condition"], state, names)):
                    continue
                if event["kind"] == "message":
                    throw_message(task, event, {})
            except ExpressionError as problem:
                guarded(task, "loop", problem)
                return False
            if event["kind"] == "signal":
                catch_signal(top, event["name"], {}, source=task)
            elif event["kind"] in ("error", "escalation"):
                throw(top, event["kind"], event["code"] or "", scope=task.workflow, source=task, failed=task)
            if not top.alive(task):
                return False
        return True

    def continue_after(self, task: Task, names: dict[str, Any]) -> None:
        """Decide what follows an ended instance; a condition that fails stops here until it is retried."""
        facts, state, top = self.extensions["loop"], task.internal_data["loop"], task.workflow.top_workflow
        try:
            if facts["mode"] == "while":
                stop = state["done"] >= state["total"] or not self.goes_on(task, state)
                if stop and facts.get("max") is None and state["done"] >= MAX_INSTANCES:
                    raise TooManyInstances(f"the loop did not end after {MAX_INSTANCES} rounds")
            else:
                stop = state["done"] >= state["total"] or self.holds(task, facts.get("until"), state, names)
        except (ExpressionError, TooManyInstances) as problem:
            guarded(task, "loop", problem)
            return
        if not stop:
            if facts["mode"] != "parallel":
                index = state["next"]
                self.start(task, index, state["items"][index] if "items" in state else None)
            return
        for other in task.workflow.tokens():
            if other.internal_data.get("owner") == task.id:
                top.cancel(other)
        self.write_results(task)
        task.complete()

    def goes_on(self, task: Task, state: dict[str, Any]) -> bool:
        """Whether a plain loop takes another round; without a condition its maximum alone ends it."""
        condition = self.extensions["loop"]["while"]
        return not condition or self.holds(task, condition, state)

    def holds(self, task: Task, text: str | None, state: dict[str, Any], names: dict[str, Any] | None = None) -> bool:
        """Whether a condition of the loop holds; the counters of the standard can be used in it."""
        if not text:
            return False
        done, total = state["done"], state.get("total", 0)
        running = min(state["next"], total) - done
        counters = {
            "numberOfInstances": total,
            "numberOfCompletedInstances": done,
            "numberOfActiveInstances": running,
            "nrOfInstances": total,
            "nrOfCompletedInstances": done,
            "nrOfActiveInstances": running,
            "loopCounter": done,
        }
        data = {**task.data, **(names or {}), **counters}
        return bool(evaluate(text, {**data, "now": task.workflow.top_workflow.context.now.isoformat()}))

    def write_results(self, task: Task) -> None:
        """The list of results, in the order of the items; instances that were stopped have none."""
        facts, results = self.extensions["loop"], task.internal_data["loop"]["results"]
        if facts.get("collect"):
            write(task, facts["collect"], [results[key] for key in sorted(results, key=int)])
            task.internal_data["out"] = [facts["collect"]]
