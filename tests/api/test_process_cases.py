"""Cases over HTTP: brought as JSON, listed, run, taken out; of a process in force and of a draft."""

from __future__ import annotations

from tests.api.world import World
from tests.processes.drawing import bpmn, flows, start, user

CASES = "/api/v1/process-definitions/cased_here/cases"


def drawn(name: str) -> str:
    visit = user("visit", name=name, yz_team="home_field")
    return bpmn(start(), visit, flows("s>visit"), key="cased_here").decode()


def test_cases_are_brought_run_and_taken_out(world: World) -> None:
    designer, operator = world.person("designer"), world.person("ops")
    assert designer.get(CASES).status_code == 404
    designer.post("/api/v1/process-definitions/deploy", {"files": {"cased_here.bpmn": drawn("上门")}})
    right = {"name": "visited", "nameZh": "上门了", "expect": {"path": ["visit"]}}
    wrong = {"name": "not visited", "expect": {"never": ["visit"]}}
    assert designer.post(CASES, {"tests": [right, wrong], "samples": [{"name": "given"}]}).json == {"kept": 3}
    assert operator.post(CASES, {"tests": [right]}).status_code == 403
    assert designer.post(CASES, {"tests": [{"name": "says nothing"}]}).status_code == 422
    assert designer.post(CASES, {"process": "another", "tests": [right]}).status_code == 422
    rows = {row["name"]: row for row in operator.get(CASES).json["cases"]}
    assert [(row["name_zh"], row["is_sample"]) for row in rows.values()] == [
        ("上门了", False), ("not visited", False), ("given", True)
    ]  # fmt: skip
    ran = designer.post(f"{CASES}/run", {}).json
    assert (ran["ok"], ran["failed"]) == (False, 1)
    assert [(run["name"], run["ok"], bool(run["problems"])) for run in ran["runs"]] == [
        ("visited", True, False), ("not visited", False, True)
    ]  # fmt: skip
    draft = designer.post("/api/v1/process-drafts", {"name": "cased_here.bpmn", "text": drawn("再上门")}).json["id"]
    gone = f"{CASES}/{rows['not visited']['id']}/remove"
    assert designer.post(f"{gone}?draft={draft}").status_code == 200
    assert designer.post(f"{CASES}/run?draft={draft}", {}).json["ok"] is True
    assert len(designer.get(CASES).json["cases"]) == 3
    assert designer.post(gone.replace("cased_here", "home_install")).status_code == 404
    assert designer.post(gone).status_code == 200
    assert [row["name"] for row in designer.get(CASES).json["cases"]] == ["visited", "given"]
    assert designer.get(f"{CASES}?draft={rows['visited']['id']}").status_code == 404
