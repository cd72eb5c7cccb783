"""The step loop: one token at a time, first come first served, until everything waits."""

from __future__ import annotations

from processes.errors import ProcessError
from processes.spiff.library import Task, TaskState
from processes.spiff.specs.gateways import Inclusive, Join
from processes.spiff.specs.node import guarded
from processes.spiff.watching import watch
from processes.spiff.workflow import Process


def advance(top: Process, budget: int) -> int:
    """Run until everything waits; returns the number of steps taken.

    More than ``budget`` steps is a failure of the token that would be next (a loop that never waits).
    """
    steps = 0
    while (task := next_ready(top)) is not None:
        if steps >= budget:
            top.fail(task, "step-budget", f"nothing had to be waited for in {budget} steps", "run")
            return steps
        steps += 1
        run(task)
    if not top.completed:
        report_stuck(top)
    return steps


def next_ready(top: Process) -> Task | None:
    """The next token that can go on; None when everything waits or the process has ended."""
    while not top.completed:
        if top.watches:
            watch(top)
        while top.queue:
            task = top.queue.popleft()
            if top.alive(task) and task.has_state(TaskState.READY):
                return task
        if not settle(top):
            break
    return None


def run(task: Task) -> None:
    """One step; what the definition or the data do wrong becomes a failure of the token."""
    try:
        task.run()
    except ProcessError as problem:
        guarded(task, "run", problem)


def settle(top: Process) -> bool:
    """When all is quiet, let inclusive gateways go that nobody else can reach; True if one did."""
    for scope in list(top.scopes()):
        specs = {task.task_spec.name: task.task_spec for task in scope.tokens() if task.has_state(TaskState.WAITING)}
        for name in scope.task_tree.internal_data.get("gates", ()):
            specs.setdefault(name, scope.spec.task_specs[name])
        for spec in specs.values():
            if isinstance(spec, Inclusive) and spec.try_to_fire(scope):
                return True
    return False


def report_stuck(top: Process) -> None:
    """Tokens that wait at gateways for others that cannot come any more would wait for ever: say so."""
    for scope in top.scopes():
        tokens = [task for task in scope.tokens() if "trigger" not in task.internal_data]
        if tokens and all(isinstance(task.task_spec, Join) and task.has_state(TaskState.WAITING) for task in tokens):
            missing = ", ".join(sorted({task.task_spec.name for task in tokens}))
            top.fail(tokens[0], "stuck-join", f"no other token can arrive any more at {missing}", "join")
