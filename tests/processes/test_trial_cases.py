"""Stored tests: when they take place, and what is said of a file that is not understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from processes.trial import Model
from processes.trial_answers import TrialError
from processes.trial_cases import run_cases
from tests.processes.drawing import bpmn, catch, end, flows, start, timer
from tests.processes.test_decisions import table

DECISION = table(
    ["today()"], ["r"], [(['date("2026-03-02")'], ['"that day"']), (["-"], ['"another"'])], "FIRST", key="d"
)
WAITS = bpmn(start(), catch("c", timer("2026-03-02T09:00:00+08:00", "timeDate")), end(), flows("s>c c>e"), key="w")


def run(files: dict[str, bytes], **case: Any) -> list[tuple[str, ...]]:
    key = {"decision": "d"} if "d.dmn" in files else {"process": "w"}
    text = json.dumps({**key, "tests": [{"name": "one", **case}]})
    return [result.problems for result in run_cases("x.test.json", text, Model.of(files))]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T00:30:00+08:00", "that day"),
        ("2026-03-01T16:30:00+00:00", "another"),
        ("2026-03-02T23:59:00Z", "that day"),
        (None, "another"),
    ],
)
def test_a_decision_is_taken_on_the_day_the_test_says(now: str | None, expected: str) -> None:
    case = {} if now is None else {"now": now}
    assert run({"d.dmn": DECISION}, inputs={}, expect={"r": expected}, **case) == [()]
    [problems] = run({"d.dmn": DECISION}, inputs={}, expect={"r": "something"}, **case)
    assert expected in problems[0]


def test_a_process_begins_at_the_instant_the_test_says() -> None:
    assert run({"w.bpmn": WAITS}, now="2026-03-02T08:59:00+08:00", expect={"path": ["c"]}) == [()]


@pytest.mark.parametrize("now", ["yesterday", "2026-03-02T09:00:00", 7])
def test_an_instant_that_is_none_is_refused(now: Any) -> None:
    for files in ({"d.dmn": DECISION}, {"w.bpmn": WAITS}):
        with pytest.raises(TrialError, match="now: "):
            run(files, now=now, expect={})
