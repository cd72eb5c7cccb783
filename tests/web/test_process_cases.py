"""Cases as the gate of a deployment: run with what is deployed around them, each failure said at its element."""

from __future__ import annotations

import json

from app.domain.actors import Actor
from app.persistence.studio.process_cases import cases_of
from app.services.studio.case_running import run_cases_of
from app.services.studio.process_cases import keep_case, note_runs, remove_case
from app.unit_of_work import read
from tests.processes.drawing import bpmn, call, end, flows, io, start, user
from tests.web.site import Site

CHECKED = bpmn(
    start(),
    user("look", io(outputs={"verdict": "get(result, 'verdict', 'ok')"})),
    call("stop", "billing_stop", io({"order": "order", "item": "item"})),
    end(),
    flows("s>look look>stop stop>e"),
    key="gate_a",
)
CASE = {
    "data": {"order": {}, "item": {}},
    "answers": {"calls": {"stop": {"return": {}}}, "userTasks": {"look": {"verdict": "fine"}}},
}


def test_cases_stored_with_a_process_are_run_and_say_where_they_fail(site: Site) -> None:
    deps, actor = site.world.deps, Actor(login="designer", role="designer", area="SH", area_path="SH")
    files = {"gate_a.bpmn": CHECKED}
    assert run_cases_of(files, deps).runs == ()
    drawn = {"kind": "process", "key": "gate_a", "body": CASE, "actor": actor, "deps": deps}
    keep_case(name="passes", expect={"path": ["look", "stop"], "data": {"verdict": "fine"}}, **drawn)
    keep_case(name="fails", expect={"path": ["stop", "look"]}, **drawn)
    keep_case(name="only given", is_sample=True, **drawn)
    report = run_cases_of(files, deps)
    assert [(run.name, run.ok) for run in report.runs] == [("passes", True), ("fails", False)]
    finding = report.findings[0]
    assert (finding.rule, finding.severity, finding.file, finding.element_id) == (
        "case-failed", "error", "gate_a.bpmn", "look"
    )  # fmt: skip
    assert "fails" in finding.message_zh and "not in this order" in finding.message_en
    note_runs(report.runs, deps)
    written = {"process": "gate_a", "tests": [{"name": "fails", **CASE, "expect": {"path": ["look"]}}]}
    assert run_cases_of({**files, "gate_a.test.json": json.dumps(written).encode()}, deps).ok
    with read(deps.read_sessions) as session:
        rows = {row.name: row for row in cases_of(session, "process", "gate_a")}
    assert (rows["passes"].last["ok"], rows["fails"].last["element"]) == (True, "look")
    remove_case(rows["fails"].id, actor, deps)
    assert [run.name for run in run_cases_of(files, deps).runs] == ["passes"]
