"""The time a step is given: what cannot be counted is refused where it stands, what can be is left alone."""

from __future__ import annotations

import pytest

from processes.findings import Finding
from processes.spiff.compile import compile_files
from tests.processes.drawing import bpmn, flows, start, user

VALUES = {"sla": frozenset({"step-fast"}), "calendar": frozenset({"office_5x8"})}
FIRES = {
    "no duration": ({"yz_duration": "4 hours"}, "bad-value", "yizhan:duration"),
    "months, which no calendar counts": ({"yz_duration": "P1M"}, "bad-value", "yizhan:duration"),
    "no time at all": ({"yz_duration": "PT0S"}, "bad-value", "yizhan:duration"),
    "a level nobody has written down": ({"yz_sla": "step-fats"}, "unknown-value", "yizhan:sla"),
    "a calendar there is not": ({"yz_duration": "PT4H", "yz_calendar": "office"}, "unknown-value", "yizhan:calendar"),
    "a level and a time of its own": ({"yz_sla": "step-fast", "yz_duration": "PT4H"}, "two-times", "yizhan:sla"),
    "a calendar and no time": ({"yz_calendar": "office_5x8"}, "calendar-alone", "yizhan:calendar"),
}
QUIET = [
    {"yz_sla": "step-fast"},
    {"yz_duration": "PT4H"},
    {"yz_duration": "P2D", "yz_calendar": "office_5x8"},
    {"yz_duration": "P1DT30M"},
    {},
]


def found(**said: str) -> list[Finding]:
    files = {"p.bpmn": bpmn(start(), user("a", **said), flows("s>a"))}
    return [one for one in compile_files(files, values=VALUES)[2] if one.element_id == "a"]


@pytest.mark.parametrize("name", FIRES)
def test_a_time_that_cannot_be_counted_is_refused_at_its_element(name: str) -> None:
    said, rule, place = FIRES[name]
    (finding,) = found(**said)
    assert (finding.rule, finding.severity, finding.place) == (rule, "error", place)
    assert finding.fixes and finding.message_zh


@pytest.mark.parametrize("said", QUIET)
def test_a_time_that_can_be_counted_is_left_alone(said: dict[str, str]) -> None:
    assert found(**said) == []
