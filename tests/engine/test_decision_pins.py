"""A step that is pinned to a version of its decision takes that one, whatever is deployed afterwards."""

from __future__ import annotations

import pytest

from processes import decision_versions, versions
from processes.errors import DefinitionRefused
from processes.versions import VersionInUse
from tests.engine.migration_scene import carry_out, plan, run_all
from tests.engine.rig import Rig
from tests.processes.drawing import bpmn, end, flows, io, node, start, user
from tests.processes.test_decisions import table


def fee(amount: int) -> bytes:
    return table([], ["fee"], [([], [str(amount)])], key="fee")


def rated(*, pin: object = None, key: str = "rated") -> bytes:
    """People do something, then a decision is taken, of that version if one is named."""
    more = {} if pin is None else {"yz_decisionVersion": str(pin)}
    rule = node("businessRuleTask", "rate", io(outputs={"fee": "result.fee"}), yz_decision="fee", **more)
    return bpmn(
        start(), user("before"), rule, user("after"), end(), flows("s>before before>rate rate>after after>e"), key=key
    )


def taken(rig: Rig, root: str) -> int:
    rig.complete(root, "before")
    rig.complete(root, "after")
    return int(rig.data(root)["fee"])


def withdraw(rig: Rig, version: int) -> None:
    with rig.work() as session:
        decision_versions.withdraw(session, "fee", version, actor="designer", now=rig.clock.at)


def findings(rig: Rig, drawing: bytes, *more: bytes) -> list[tuple[str, str]]:
    with rig.sessions() as session:
        files = {str(number): body for number, body in enumerate((drawing, *more))}
        return [(row.rule, row.severity) for row in rig.engine.check(session, files)[2]]


def test_a_pinned_step_takes_its_version_and_another_step_the_one_in_force(rig: Rig) -> None:
    rig.deploy(fee(10), rated(pin=1), rated(key="free"))
    before = rig.start("rated"), rig.start("free")
    rig.deploy(fee(20))
    after = rig.start("rated"), rig.start("free")
    assert [taken(rig, root) for root in (*before, *after)] == [10, 20, 10, 20]
    rig.check()


def test_what_is_moved_to_a_pinned_version_takes_that_one_from_then_on(rig: Rig) -> None:
    rig.deploy(fee(10))
    rig.deploy(fee(20))
    rig.deploy(rated(key="line"))
    stays, goes = rig.start("line"), rig.start("line")
    rig.deploy(rated(key="line", pin=1))
    rig.complete(stays, "before")
    carry_out(rig, plan(rig))
    run_all(rig)
    rig.complete(stays, "after")
    assert (rig.data(stays)["fee"], taken(rig, goes)) == (20, 10)
    with rig.sessions() as session:
        changed = versions.compare(rig.parts, session, "line", 1, 2)
    assert [(row.element_id, row.fields[0].field, row.fields[0].after) for row in changed] == [
        ("rate", "yizhan:decisionVersion", "1")
    ]


def test_an_unknown_version_is_refused_and_an_older_one_pointed_out_at_the_step(rig: Rig) -> None:
    assert findings(rig, rated(pin=1), fee(10)) == [], "it is the version the table is going to be"
    assert findings(rig, rated(pin=2), fee(10)) == [("unknown-decision-version", "error")]
    rig.deploy(fee(10))
    rig.deploy(fee(20))
    assert findings(rig, rated()) == findings(rig, rated(pin=2)) == findings(rig, rated(pin=1), fee(10)) == []
    assert findings(rig, rated(pin=1)) == findings(rig, rated(pin=2), fee(30)) == [("old-decision-version", "warning")]
    for wrong in ("0", "-1", "v2", "1.0", "²", "9" * 10):
        assert findings(rig, rated(pin=wrong)) == [("bad-value", "error")], wrong
    with rig.sessions() as session:
        [found] = rig.engine.check(session, {"a": rated(pin=7)})[2]
    assert (found.element_id, found.place) == ("rate", "yizhan:decisionVersion")
    assert "fee v7 (v1, v2)" in found.message_zh and "fee v7 (v1, v2)" in found.message_en
    assert [fix["steps"][0]["value"] for fix in found.fixes] == ["", "2"]
    with pytest.raises(DefinitionRefused, match="fee v7"):
        rig.deploy(rated(pin=7))


def test_a_version_is_not_taken_back_while_something_that_can_run_is_pinned_to_it(rig: Rig) -> None:
    rig.deploy(fee(10))
    rig.deploy(fee(20))
    rig.deploy(rated(pin=1))
    root = rig.start("rated")
    rig.deploy(rated())
    with pytest.raises(VersionInUse, match="pinned by rated v1"):
        withdraw(rig, 1)
    assert taken(rig, root) == 10
    with rig.work() as session:
        versions.withdraw(session, "rated", 1, actor="designer", now=rig.clock.at)
    withdraw(rig, 1)
    assert findings(rig, rated(pin=1)) == [("unknown-decision-version", "error")]
    assert findings(rig, rated(pin=1), fee(10)) == [], "deployed again it is there again"


def test_a_withdrawn_version_that_is_asked_for_all_the_same_is_an_incident_and_can_be_mended(rig: Rig) -> None:
    rig.deploy(fee(10), rated(pin=1))
    root = rig.start("rated")
    with rig.work() as session:
        decision_versions.version_of(session, "fee", 1).withdrawn_at = rig.clock.at
    rig.complete(root, "before")
    [incident] = rig.incidents(root)
    assert "no version 1 of decision 'fee'" in incident.message
    rig.deploy(fee(10))
    rig.retry(incident.id)
    rig.complete(root, "after")
    assert rig.data(root)["fee"] == 10
