"""Whether a step that was done stays as it is when its inputs are others: kept, changed in place, or done again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from processes.recorded import Record, bare
from processes.spiff.definition import ElementInfo
from processes.spiff.expressions import evaluate
from processes.spiff.lint_changes import change_of, changes_of

Act = Literal["keep", "change", "redo"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of a step; ``differs``: the names of the inputs that are others and matter; ``renews``: the parts of
    its answer that become others by a change in place."""

    act: Act
    differs: tuple[str, ...] = ()
    renews: frozenset[str] = frozenset()


def judge(record: Record, element: ElementInfo | None, inputs: Mapping[str, Any]) -> Verdict:
    """What becomes of a recorded step that would now be done with these inputs."""
    attributes = element.attributes if element else {}
    free = set(attributes.get("changeFree", "").split())
    names = {*record.inputs, *inputs} - free
    differs = tuple(sorted(name for name in names if record.inputs.get(name) != inputs.get(name)))
    if record.lost:
        return Verdict(act="redo", differs=differs)
    if not differs:
        return Verdict(act="keep")
    in_place = changes_of(attributes.get("changes", ""))
    can_change = (attributes.get("change") and record.effects) or record.kind == "user"
    if can_change and set(differs) <= in_place.keys():
        renews = frozenset(part for name in differs for part in in_place[name])
        return Verdict(act="change", differs=differs, renews=renews)
    return Verdict(act="redo", differs=differs)


def change_inputs(
    element: ElementInfo, names: Collection[str], record: Record, inputs: Mapping[str, Any], now: str
) -> dict[str, Any]:
    """The inputs of the change: those of the step as it would be done now, else what its answer was.

    :param names: the inputs the operation takes.
    :raises ExpressionError: one of them cannot be computed.
    """
    _, computed = change_of(element.attributes.get("change", ""))
    known = {**(record.result or {}), **inputs, "now": now}
    found = {name: known[name] for name in names if name in known and name not in computed}
    return found | {name: evaluate(text, known) for name, text in computed.items()}


class Shelf:
    """Records waiting to be taken over, each once."""

    def __init__(self, records: list[Record], used: Collection[int] = ()) -> None:
        self.records = records
        self.used = set(used)

    def take(self, path: str, kind: str, inputs: Mapping[str, Any]) -> int | None:
        """The record of a step that is reached now: the first of its path; one of a neighbouring place with the same
        inputs, where a repeated element has other places now. None: it was not done before."""
        free = [place for place, one in enumerate(self.records) if place not in self.used and one.kind == kind]
        here = [place for place in free if self.records[place].path == path]
        same = [place for place in here[:1] if self.records[place].inputs == inputs]
        if not same and "[" in path:
            alike = [place for place in free if bare(self.records[place].path) == bare(path)]
            same = [place for place in alike if self.records[place].inputs == inputs]
        for place in (*same, *here):
            self.used.add(place)
            return place
        return None
