"""How a dry run is set up: from sample, scenario and what people do to the answers of a trial, and on to a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Final

from adapters.operations import Operation, OperationRegistry

#: What a neighbour may do in a scenario.
SCENARIOS: Final = ("as-said", "ok", "refuse", "timeout", "slow", "late", "never")
SLOW_TIMES: Final = 10
LATE_BY: Final = timedelta(minutes=10)
MOST_TIMES: Final = 20


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One dry run, as it is asked for; everything in it can be written as JSON.

    ``answers``: those of the sample. ``by_hand``: people hand in themselves (``handed``), else the sample's answers are
    taken, or forms are filled in. ``calls``: called processes run too, else the sample answers for them. ``scenario``:
    by operation ``{"what": one of SCENARIOS, "code", "times"}``. ``until``: how far the clock was let go; ``most``: so
    many things may happen, None: to the end.
    """

    process: str
    sample: str = ""
    sample_name: str = ""
    sample_name_zh: str = ""
    product: str = ""
    order_type: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    now: str = ""
    by_hand: bool = False
    calls: bool = True
    pace: str = "usual"
    scenario: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    handed: Sequence[Mapping[str, Any]] = ()
    messages: Sequence[Mapping[str, Any]] = ()
    until: str | None = None
    most: int | None = None

    def as_data(self) -> dict[str, Any]:
        """For keeping."""
        return {**asdict(self), "handed": list(self.handed), "messages": list(self.messages)}


def setup_of(data: Mapping[str, Any]) -> Setup:
    """From what was kept."""
    return Setup(**data)


def answers_of(setup: Setup, registry: OperationRegistry) -> dict[str, Any]:
    """What the outside does in this dry run, see :mod:`processes.trial_answers`."""
    said = {name: value for name, value in setup.answers.items() if name not in ("pace", "first", "byHand", "handed")}
    if setup.calls:
        said.pop("calls", None)
    first = dict(setup.answers.get("first", {}))
    for code, row in setup.scenario.items():
        operation = registry.get(code) if code in registry else None
        if (replies := _replies(row, operation)) is not None:
            first[code] = replies
    if first:
        said["first"] = first
    if setup.pace == "usual":
        said["pace"] = "usual"
    if setup.messages:
        said["messages"] = [*said.get("messages", []), *setup.messages]
    if setup.by_hand:
        said |= {"byHand": True, "handed": [dict(row) for row in setup.handed]}
    if setup.until is not None:
        said["until"] = setup.until
    return said


def _replies(row: Mapping[str, Any], operation: Operation | None) -> Any:
    what = row.get("what", "as-said")
    if what == "ok":
        return {"ok": True}
    if what == "refuse":
        return [{"error": str(row.get("code") or "refused")}]
    if what == "timeout":
        return [{"fail": "no answer", "times": max(1, min(int(row.get("times") or 1), MOST_TIMES))}]
    if what == "slow":
        usual = operation.p90_s if operation is not None else 60
        return [{"otherwise": True, "after": f"PT{max(60, int(usual * SLOW_TIMES))}S"}]
    if what == "late":
        deadline = operation.callback_deadline_min if operation is not None else None
        span = timedelta(minutes=deadline or 0) + LATE_BY
        return [{"otherwise": True, "after": f"PT{int(span.total_seconds())}S"}]
    return {"never": True} if what == "never" else None


def as_case(setup: Setup, result: Mapping[str, Any], registry: OperationRegistry) -> dict[str, Any]:
    """Data and answers that give the same run again, whatever forms and neighbours say by then."""
    answers = answers_of(setup, registry)
    people: dict[str, Any] = dict(answers.get("userTasks", {}))
    far: dict[str, Any] = dict(answers.get("operations", {}))
    made_up: dict[str, list[Any]] = {}
    for row in result["steps"]:
        if row["state"] != "done" or "result" not in row:
            continue
        if row["kind"] == "user" and not setup.by_hand and not {row["element"], row["id"]} & set(people):
            made_up.setdefault(f"user {row['element']}", []).append(row["result"])
        known = {row["element"], row["id"], row.get("operation", "")} & set(far)
        if row["kind"] == "job" and not known and row.get("operation"):
            made_up.setdefault(f"job {row['element']}", []).append({"return": row["result"]})
    for name, rows in made_up.items():
        kind, _, path = name.partition(" ")
        (people if kind == "user" else far)[path] = rows
    if people:
        answers["userTasks"] = people
    if far:
        answers["operations"] = far
    body: dict[str, Any] = {"data": dict(setup.data), "answers": answers}
    return {"now": setup.now, **body} if setup.now else body


def expectation(result: Mapping[str, Any], elements: Mapping[str, str]) -> dict[str, Any]:
    """What a run came to, as a draft of what a case expects: to be looked through before it is kept.

    :param elements: id and type of the elements of the process itself.
    """
    own = [row for row in result["path"] if "/" not in row["element"]]
    passed = [row["element"] for row in own if row["event"] == "completed" and _counts(elements, row["element"])]
    reached = {row["element"] for row in own}
    expect: dict[str, Any] = {}
    if result["state"] != "completed":
        expect["state"] = result["state"]
    expect["path"] = list(dict.fromkeys(passed))
    never = [one for one in elements if one not in reached and _counts(elements, one)]
    if never:
        expect["never"] = never
    written = {name for row in result["steps"] if "/" not in row["element"] for name in row.get("wrote") or {}}
    data = {name: result["data"][name] for name in sorted(written) if _is_plain(result["data"].get(name))}
    if data:
        expect["data"] = data
    if result["waiting"]:
        expect["waiting"] = sorted(row["element"] for row in result["waiting"])
    if result["incidents"]:
        expect["incidents"] = {row["element"]: row["code"] for row in result["incidents"]}
    return expect


def _counts(elements: Mapping[str, str], element: str) -> bool:
    kind = elements.get(element, "")
    return kind.endswith("Task") or kind in ("callActivity", "subProcess", "endEvent")


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and len(str(value)) <= 60
