"""What a called process takes: offered row by row where one draws, and asked for by the check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.api.world import Person, World

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
CHECK = "/api/v1/process-definitions/check"
CALL = '<bpmn:callActivity id="resource_assignment"'


@pytest.fixture
def designer(world: World) -> Person:
    return world.person("designer")


def rules(designer: Person, drawing: str) -> list[tuple[str, str]]:
    answer = designer.post(CHECK, {"files": {"home_install.bpmn": drawing}}).get_json()
    return [(row["rule"], row["place"]) for row in answer["findings"] if row["rule"].startswith("call-")]


def test_a_call_of_a_deployed_process_gives_what_it_needs_and_nothing_else(designer: Person) -> None:
    drawing = (BPMN / "home_install.bpmn").read_text(encoding="utf-8")
    assert rules(designer, drawing) == []
    begin = drawing.index(CALL)
    first = re.compile(r'<yizhan:input name="(\w+)"').search(drawing, begin)
    assert first is not None
    changed = drawing[: first.start(1)] + "colour" + drawing[first.end(1) :]
    assert rules(designer, changed) == [("call-input", f"input:{first[1]}"), ("call-extra", "input:colour")]
