"""Mistakes that could be made in the engine, each planted by replacing one function of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from processes.spiff import router, snapshot
from processes.spiff.specs import activities, events, gateways, loops, several, undoing

Plant = Callable[[pytest.MonkeyPatch], None]


def inclusive_join_does_not_wait(patch: pytest.MonkeyPatch) -> None:
    """An inclusive join lets each token pass."""
    patch.setattr(gateways.Inclusive, "select", lambda self, _scope, here: here[:1])


def parallel_join_counts_tokens(patch: pytest.MonkeyPatch) -> None:
    """A parallel join wants as many tokens as it has flows, whichever they came by."""

    def select(self: Any, _scope: Any, here: list[Any]) -> list[Any]:
        wanted = len(self.extensions["incoming"])
        return here[:wanted] if len(here) >= wanted else []

    patch.setattr(gateways.Parallel, "select", select)


def exclusive_takes_the_default(patch: pytest.MonkeyPatch) -> None:
    """An exclusive gateway with two ways takes the last one."""

    def perform(self: Any, task: Any) -> bool:
        task.internal_data["take"] = [len(self.extensions["flows"]) - 1]
        return True

    patch.setattr(gateways.Exclusive, "perform", perform)


def losers_of_a_race_go_on(patch: pytest.MonkeyPatch) -> None:
    """Behind an event-based gateway every event that happens is taken."""
    patch.setattr(events, "end_race", lambda _task: None)
    patch.setattr(activities, "end_race", lambda _task: None)


def interrupted_activity_goes_on(patch: pytest.MonkeyPatch) -> None:
    """An interrupting boundary event leaves its activity running."""
    right = events.Boundary.fire

    def fire(self: Any, task: Any, payload: Mapping[str, Any]) -> None:
        kept, self.extensions["interrupting"] = self.extensions["interrupting"], False
        try:
            right(self, task, payload)
        finally:
            self.extensions["interrupting"] = kept

    patch.setattr(events.Boundary, "fire", fire)


def any_code_before_the_exact_one(patch: pytest.MonkeyPatch) -> None:
    """An error goes to the first boundary that takes it."""

    def best(tasks: list[Any], kind: str, code: str) -> Any:
        fitting = [task for task in tasks if task.task_spec.extensions["event"]["kind"] == kind]
        return next((t for t in fitting if t.task_spec.extensions["event"].get("code") in (None, code)), None)

    patch.setattr(router, "best", best)


def completion_condition_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    """A repeated activity does not stop before all instances are done."""
    right = loops.Loop.holds

    def holds(self: Any, task: Any, text: Any, state: Any, names: Any = None) -> bool:
        return False if text == self.extensions["loop"].get("until") else right(self, task, text, state, names)

    patch.setattr(loops.Loop, "holds", holds)


def later_token_wins(patch: pytest.MonkeyPatch) -> None:
    """Where tokens meet, the later token wins, not the later write."""

    def merge(task: Any, data: Any, written: Any, leave_out: Any = ()) -> None:
        for name, stamp in written.items():
            if name not in leave_out:
                task.data[name], task.internal_data["w"][name] = data[name], stamp

    patch.setattr(gateways, "merge", merge)


def oldest_is_undone_first(patch: pytest.MonkeyPatch) -> None:
    """Compensation runs in the order of the doing."""
    right = undoing.claimed
    patch.setattr(undoing, "claimed", lambda scope, by: right(scope, by)[::-1])


def scope_forgets_its_own_names(patch: pytest.MonkeyPatch) -> None:
    """What is saved of a sub-process lacks the names that exist only in it."""
    right = snapshot.dump

    def dump(top: Any, key: str, inputs: Mapping[str, Any]) -> bytes:
        kept = [(scope, scope.local_names) for scope in top.scopes()]
        for scope, _ in kept:
            scope.local_names = frozenset()
        try:
            return right(top, key, inputs)
        finally:
            for scope, names in kept:
                scope.local_names = names

    patch.setattr(snapshot, "dump", dump)


def first_of_several_is_enough(patch: pytest.MonkeyPatch) -> None:
    """An event whose definitions all have to happen goes on with the first of them."""
    right = several.Several.happened

    def happened(self: Any, task: Any, part: Any, payload: Mapping[str, Any]) -> None:
        kept, self.extensions["all"] = self.extensions["all"], False
        try:
            right(self, task, part, payload)
        finally:
            self.extensions["all"] = kept

    patch.setattr(several.Several, "happened", happened)


def rest_of_several_goes_on_waiting(patch: pytest.MonkeyPatch) -> None:
    """An event that has happened leaves its other definitions behind."""
    patch.setattr(several.Several, "stop", lambda _self, _task: None)


#: By name; those of the second table are to be found by processes drawn by chance as well.
ALL: Final[Mapping[str, Plant]] = {
    plant.__name__: plant
    for plant in (
        inclusive_join_does_not_wait,
        parallel_join_counts_tokens,
        exclusive_takes_the_default,
        losers_of_a_race_go_on,
        interrupted_activity_goes_on,
        any_code_before_the_exact_one,
        completion_condition_is_not_asked,
        later_token_wins,
        oldest_is_undone_first,
        scope_forgets_its_own_names,
        first_of_several_is_enough,
        rest_of_several_goes_on_waiting,
    )
}
BY_CHANCE: Final = (
    "inclusive_join_does_not_wait",
    "exclusive_takes_the_default",
    "losers_of_a_race_go_on",
    "interrupted_activity_goes_on",
    "completion_condition_is_not_asked",
    "oldest_is_undone_first",
)
