"""Check 27: a broken model is refused with element and reason, the old version stays; foreign ones are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from processes.errors import DefinitionRefused
from processes.findings import Finding
from processes.store.definitions import ProcessDefinition
from tests.engine.rig import Rig
from tests.processes.drawing import bpmn, flows, node, service, start, user

FOREIGN = Path(__file__).parents[1] / "processes" / "foreign"
GOOD = bpmn(start(), user("a", yz_team="home_field"), flows("s>a"))
TEAMS = {"team": frozenset({"home_field", "noc"})}
BROKEN = {
    "no-start": (bpmn(user("a"), user("b"), flows("a>b b>a")), "a"),
    "bad-flow": (bpmn(start(), user("a"), flows("s>a a>gone")), "a_gone"),
    "unknown-value": (bpmn(start(), user("a", yz_team="home_feild"), flows("s>a")), "a"),
    "script": (bpmn(start(), node("scriptTask", "a", "<bpmn:script>order.x = </bpmn:script>"), flows("s>a")), "a"),
    "unknown-operation": (bpmn(start(), service("a", operation="no.such"), flows("s>a")), "a"),
}


def refused(rig: Rig, data: bytes) -> list[Finding]:
    with rig.work() as session, pytest.raises(DefinitionRefused) as refusal:
        rig.engine.deploy(session, {"p.bpmn": data}, actor="designer", now=rig.clock.at, values=TEAMS)
    return list(refusal.value.findings)


@pytest.mark.parametrize("rule", BROKEN)
def test_it_is_refused_with_the_element_and_the_reason_and_the_old_version_stays(rig: Rig, rule: str) -> None:
    rig.deploy(GOOD)
    data, element = BROKEN[rule]
    said = [row for row in refused(rig, data) if row.rule == rule]
    assert [row.element_id for row in said] == [element]
    assert said[0].severity == "error" and said[0].message_zh and said[0].message_en and said[0].fix_en
    with rig.sessions() as session:
        assert [row.version for row in session.query(ProcessDefinition)] == [1]
    root = rig.start("p")
    assert [task.element_id for task in rig.user_tasks(root)] == ["a"]


def test_a_misspelt_team_is_told_what_it_might_be(rig: Rig) -> None:
    [row] = refused(rig, BROKEN["unknown-value"][0])
    assert "home_feild" in row.message_en and "(home_field?)" in row.message_en


def test_a_model_of_another_engine_is_accepted_or_every_obstacle_is_explained(rig: Rig) -> None:
    for file in sorted(FOREIGN.glob("*.bpmn")):
        for row in refused(rig, file.read_bytes()):  # our registry of the tests knows none of their operations
            assert row.rule not in ("foreign-extension", "xml-broken", "unsupported-element"), (file.name, row)
            assert row.message_zh and row.message_en and (row.element_id or row.severity != "error")
    unknown = (FOREIGN / "flowable.bpmn").read_bytes().replace(b'flowable:type="dmn"', b'flowable:type="mail"')
    assert ("foreign-task-type", "rule") in {(row.rule, row.element_id) for row in refused(rig, unknown)}
