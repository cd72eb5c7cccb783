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
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from adapters.operations import OperationRegistry
from processes.errors import ProcessError
from processes.spiff.timers import TimerError, parse_date
from processes.trial import START, Model, try_model
from processes.trial_answers import TrialError
from processes.trial_differences import Difference, differences

SUFFIX: Final = ".test.json"
EXPECTED: Final = frozenset({"state", "path", "never", "data", "waiting", "incidents"})


@dataclass(frozen=True)
class CaseResult:
    """One stored test; ``differences`` empty: it went as expected. ``result``: the trial, for a process."""

    name: str
    differences: tuple[Difference, ...]
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is not as expected, in English."""
        return tuple(one.en for one in self.differences)


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
            results.append(CaseResult(label, tuple(_decide(body["decision"], case, model))))
        else:
            key = body.get("process", name.removesuffix(SUFFIX))
            result = _try(key, case, model, registry)
            own = next((item.elements for item in model.processes if item.key == key), {})
            names = {one.id: one.name for one in own.values() if one.name}
            results.append(CaseResult(label, tuple(compare(case["expect"], result, names)), result))
    return results


def _decide(key: str, case: Mapping[str, Any], model: Model) -> list[Difference]:
    if key not in model.decisions:
        raise TrialError(f"there is no decision {key!r} among the files")
    now = _instant(case)
    try:
        result = model.decisions[key].evaluate(case.get("inputs", {}), now=lambda: now)
    except (LookupError, ProcessError) as problem:
        result = {"error": str(problem)}
    if result == case["expect"]:
        return []
    wanted = case["expect"]
    return [Difference("", f"the decision is {result!r}, not {wanted!r}", f"决策结果为 {result!r}，期望 {wanted!r}")]


def _try(key: str, case: Mapping[str, Any], model: Model, registry: OperationRegistry | None) -> dict[str, Any]:
    return try_model(
        model,
        process=key,
        data=case.get("data", {}),
        answers=case.get("answers", {}),
        registry=registry,
        now=_instant(case).astimezone(UTC),
    )


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


def compare(
    expect: Mapping[str, Any], result: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> list[Difference]:
    """Say where the result of a trial is not as expected."""
    unknown = sorted(set(expect) - EXPECTED)
    if unknown:
        raise TrialError(f"expect: {unknown[0]!r} is not known; there are {', '.join(sorted(EXPECTED))}")
    return list(differences(expect, result, names))
