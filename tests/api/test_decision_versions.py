"""Decisions: their versions side by side, their files, and taking one back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from processes import queries
from processes.store.instances import ProcessInstance
from processes.worker import Worker
from tests.api.world import Person, World
from tests.processes.drawing import bpmn, end, event, flows, io, node, start, user
from tests.processes.test_decisions import table

DECISIONS, DEPLOY = "/api/v1/decision-definitions", "/api/v1/process-definitions/deploy"


@pytest.fixture
def designer(world: World) -> Person:
    return world.person("designer")


def deploy(designer: Person, key: str, answer: str) -> dict[str, Any]:
    dmn = table(["n"], ["r"], [(["-"], [f'"{answer}"'])], key=key).decode()
    reply = designer.post(DEPLOY, {"files": {f"{key}.dmn": dmn}})
    assert reply.status_code == 201, reply.text
    body: dict[str, Any] = reply.get_json()
    return body


def user_of(key: str, decision: str) -> str:
    """A process that waits for a person, then decides, then waits again."""
    rule = node("businessRuleTask", "rule", io({"n": "1"}, {"r": "result.r"}), yz_decision=decision)
    begin = start("s", event("message", key))
    path = flows("s>look look>rule rule>after after>e")
    after = user("after", io({"r": "r"}), yz_team="noc")
    return bpmn(begin, user("look", yz_team="noc"), rule, after, end("e"), path, key=key).decode()


def test_versions_stand_side_by_side_and_the_one_before_comes_back(designer: Person) -> None:
    deploy(designer, "tariff", "old")
    deploy(designer, "tariff", "new")
    shown = designer.get(f"{DECISIONS}/tariff").get_json()["versions"]
    assert [(row["version"], row["in_force"], row["deployed_by"]) for row in shown] == [
        (2, True, "designer"),
        (1, False, "designer"),
    ]
    assert "new" in designer.get(f"{DECISIONS}/tariff/2/source").text
    assert designer.get(f"{DECISIONS}/tariff/3/source").status_code == 404
    listed = {row["key"]: row["version"] for row in designer.get(DECISIONS).get_json()["decisions"]}
    assert listed["tariff"] == 2 and "work_plan" in listed
    back = designer.post(f"{DECISIONS}/tariff/2/withdraw")
    assert (back.status_code, back.get_json()["withdrawn_by"]) == (200, "designer")
    assert designer.post(f"{DECISIONS}/tariff/2/withdraw").status_code == 404
    assert designer.get(f"{DECISIONS}/nobody").status_code == 404
    shown = designer.get(f"{DECISIONS}/tariff").get_json()["versions"]
    assert [(row["version"], row["in_force"]) for row in shown] == [(1, True), (2, False)]
    deploy(designer, "tariff", "new")  # the same content again is in force again, under its number
    assert designer.get(f"{DECISIONS}/tariff").get_json()["versions"][0]["version"] == 2


def test_the_last_version_goes_only_if_nobody_needs_it(world: World, designer: Person) -> None:
    deploy(designer, "needed", "yes")
    assert designer.post(DEPLOY, {"files": {"p.bpmn": user_of("needs_it", "needed")}}).status_code == 201
    refused = designer.post(f"{DECISIONS}/needed/1/withdraw")
    assert refused.status_code == 409 and "needs_it" in refused.text
    own = designer.post(f"{DECISIONS}/work_plan/1/withdraw")
    assert own.status_code == 409
    assert designer.post("/api/v1/process-definitions/needs_it/1/withdraw").status_code == 200
    assert designer.post(f"{DECISIONS}/needed/1/withdraw").status_code == 200
    unknown = designer.post(DEPLOY, {"files": {"p.bpmn": user_of("needs_it_too", "needed")}})
    assert [row["rule"] for row in unknown.get_json()["findings"]] == ["unknown-decision"]
    assert world.person("ops").post(f"{DECISIONS}/needed/1/withdraw").status_code == 403


def test_what_runs_decides_with_the_version_in_force_then(world: World, designer: Person) -> None:
    deploy(designer, "live", "old")
    deploy(designer, "live", "new")
    assert designer.post(DEPLOY, {"files": {"p.bpmn": user_of("runs", "live")}}).status_code == 201
    message = {"name": "runs", "key": "runs", "payload": {}, "id": "runs", "area": "SH"}
    assert world.person("ops2").post("/api/v1/news/messages", message).status_code in (201, 202)
    worker = Worker(world.deps.engine, world.deps.sessions, name="decisions")
    worker.drain()
    assert designer.post(f"{DECISIONS}/live/2/withdraw").status_code == 200
    with world.deps.sessions() as session, session.begin():
        instance = session.scalars(select(ProcessInstance).where(ProcessInstance.process_key == "runs")).one()
        [task] = queries.open_user_tasks(session, instance.id)
        now = world.deps.clock(session)
        world.deps.engine.complete_user_task(session, task.id, {}, actor="sh.noc", now=now)
    worker.drain()
    with world.deps.sessions() as session:
        [task] = queries.open_user_tasks(session, instance.id)
        assert (task.element_id, task.inputs) == ("after", {"r": "old"})
    # While it runs its decision cannot go altogether, whatever is in force now.
    assert designer.post("/api/v1/process-definitions/runs/1/withdraw").status_code == 409
    assert "runs" in designer.post(f"{DECISIONS}/live/1/withdraw").text
