"""Tests stored next to a model: ``home_install.test.json`` beside ``home_install.bpmn``.

``{"process": key, "tests": [{"name", "data", "answers", "now", "expect": {...}}]}``; the key may be left out if it is
the name of the file. ``expect`` may say ``state`` (else it is completed), ``path`` (elements completed in this order,
others may lie between; ``+x`` entered, ``-x`` cancelled, ``*x`` compensated), ``never`` (elements that no token
reaches), ``data`` (values the data has to have), ``waiting`` (all that is waited for), ``incidents`` (code by element).

For a decision: ``{"decision": key, "tests": [{"name", "inputs", "now", "expect": result}]}``; ``today()`` is
that of the zone in which ``now`` is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from adapters.operations import OperationRegistry
from processes.errors import ProcessError
from processes.spiff.timers import TimerError, parse_date
from processes.trial import START, Model, try_model
from processes.trial_answers import TrialError

SUFFIX: Final = ".test.json"
MARKS: Final = {"+": "entered", "-": "cancelled", "*": "compensated"}
EXPECTED: Final = frozenset({"state", "path", "never", "data", "waiting", "incidents"})


@dataclass(frozen=True)
class CaseResult:
    """One stored test; ``problems`` empty: it went as expected."""

    name: str
    problems: tuple[str, ...]


def run_cases(name: str, text: str, model: Model, *, registry: OperationRegistry | None = None) -> list[CaseResult]:
    """Run all tests of one file.

    :raises TrialError: the file is not understood.
    """
    try:
        body = json.loads(text)
    except ValueError as problem:
        raise TrialError(f"{name}: not readable as JSON ({problem})") from None
    if not isinstance(body, dict) or not isinstance(body.get("tests"), list):
        raise TrialError(f"{name}: needs a list of tests")
    results = []
    for number, case in enumerate(body["tests"]):
        if not isinstance(case, dict) or "expect" not in case:
            raise TrialError(f"{name}: test {number + 1} does not say what it expects")
        label = str(case.get("name", number + 1))
        if "decision" in body:
            problems = _decide(body["decision"], case, model)
        else:
            key = body.get("process", name.removesuffix(SUFFIX))
            problems = _try(key, case, model, registry)
        results.append(CaseResult(label, tuple(problems)))
    return results


def _decide(key: str, case: Mapping[str, Any], model: Model) -> list[str]:
    if key not in model.decisions:
        raise TrialError(f"there is no decision {key!r} among the files")
    now = _instant(case)
    try:
        result = model.decisions[key].evaluate(case.get("inputs", {}), now=lambda: now)
    except (LookupError, ProcessError) as problem:
        result = {"error": str(problem)}
    return [] if result == case["expect"] else [f"the decision is {result!r}, not {case['expect']!r}"]


def _try(key: str, case: Mapping[str, Any], model: Model, registry: OperationRegistry | None) -> list[str]:
    result = try_model(
        model,
        process=key,
        data=case.get("data", {}),
        answers=case.get("answers", {}),
        registry=registry,
        now=_instant(case).astimezone(UTC),
    )
    return compare(case["expect"], result)


def _instant(case: Mapping[str, Any]) -> datetime:
    """When a test takes place, in the zone in which it is written."""
    if "now" not in case:
        return START
    text = str(case["now"]).strip()
    try:
        parse_date(text)
    except TimerError as problem:
        raise TrialError(f"now: {problem}") from None
    return datetime.fromisoformat(text)


def compare(expect: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Say where the result of a trial is not as expected."""
    unknown = sorted(set(expect) - EXPECTED)
    if unknown:
        raise TrialError(f"expect: {unknown[0]!r} is not known; there are {', '.join(sorted(EXPECTED))}")
    problems = []
    wanted = expect.get("state", "completed")
    if result["state"] != wanted:
        codes = [f"{row['element']}: {row['code']} {row['message']}" for row in result["incidents"]]
        places = [row["element"] for row in result["waiting"]]
        problems.append(f"the state is {result['state']}, not {wanted}; incidents {codes}, waiting for {places}")
    problems += _path(expect.get("path", ()), result["path"])
    reached = {row["element"] for row in result["path"]}
    problems += [f"{name} was reached" for name in expect.get("never", ()) if name in reached]
    for name, value in expect.get("data", {}).items():
        if result["data"].get(name) != value:
            problems.append(f"{name} is {result['data'].get(name)!r}, not {value!r}")
    if "waiting" in expect:
        waiting = sorted(row["element"] for row in result["waiting"])
        if waiting != sorted(expect["waiting"]):
            problems.append(f"it waits for {waiting}")
    if "incidents" in expect:
        incidents = {row["element"]: row["code"] for row in result["incidents"]}
        if incidents != expect["incidents"]:
            problems.append(f"the incidents are {incidents}")
    return problems


def _path(wanted: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    left = list(wanted)
    for row in rows:
        if left:
            event = MARKS.get(left[0][0], "completed")
            if (row["element"], row["event"]) == (left[0].lstrip("+-*"), event):
                del left[0]
    return [f"{left[0]} did not happen, or not in this order"] if left else []
