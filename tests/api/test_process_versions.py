"""Versions over HTTP: the report of a deployment, versions side by side, taking one back, migrating what runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from app.unit_of_work import transaction
from processes.bulk_runner import BulkRunner
from tests.api.world import Person, World
from tests.engine.migration_scene import drawn
from tests.processes.drawing import flows
from tests.processes.drawing import user as person

DEFINITIONS = "/api/v1/process-definitions"
MIGRATIONS = "/api/v1/process-migrations"


def small(key: str, *steps: str, team: str = "home_field") -> str:
    chain = ["s", *steps, "e"]
    links = " ".join(f"{one}>{two}" for one, two in pairwise(chain))
    return drawn(*(person(step, yz_team=team) for step in steps), flows(links), key=key).decode()


def deploy(world: World, key: str, *steps: str, **more: str) -> Any:
    files = {f"{key}.bpmn": small(key, *steps, **more)}
    answer = world.person("designer").post(f"{DEFINITIONS}/deploy", {"files": files})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def begin(world: World, key: str, *, area: str = "SH-SH") -> str:
    with transaction(world.deps.sessions) as tx:
        now = world.deps.clock(tx.session)
        started = world.deps.engine.start(
            tx.session, key, business_key=f"trial:{key}", area=area, data={}, now=now, actor="front"
        )
        return started.id


def work(world: World) -> None:
    BulkRunner(world.deps.engine.parts, world.deps.sessions).round()


@pytest.fixture
def manager(world: World) -> Iterator[Person]:
    return world.person("ops2")


def test_a_deployment_reports_what_is_new_what_differs_and_what_runs_on_the_old_version(world: World) -> None:
    first = deploy(world, "reported", "survey", "visit")["reports"]
    assert [(row["key"], row["version"], row["what"], row["before"]) for row in first] == [
        ("reported", 1, "first", None)
    ]
    begin(world, "reported")
    second = deploy(world, "reported", "survey", "call", team="noc")["reports"][0]
    assert (second["version"], second["what"], second["before"], second["running"]) == (2, "new", 1, {"1": 1})
    differing = {row["element_id"]: row for row in second["differences"]}
    expected = {"survey": "changed", "visit": "removed", "call": "added"}
    assert {key: differing[key]["what"] for key in expected} == expected
    assert {"field": "yizhan:team", "before": "home_field", "after": "noc"} in differing["survey"]["changes"]
    again = deploy(world, "reported", "survey", "visit")["reports"][0]
    assert (again["version"], again["what"], again["before"]) == (1, "again", 2)
    assert deploy(world, "reported", "survey", "visit")["reports"][0]["what"] == "same"


def test_versions_stand_side_by_side_in_every_list(world: World, manager: Person) -> None:
    deploy(world, "beside", "one")
    old = begin(world, "beside")
    deploy(world, "beside", "one", "two")
    new = begin(world, "beside")
    shown = manager.get(f"{DEFINITIONS}/beside").get_json()["versions"]
    assert [(row["version"], row["in_force"], row["running"]) for row in shown] == [(2, True, 1), (1, False, 1)]
    listed = {row["key"]: row for row in manager.get(DEFINITIONS).get_json()["definitions"]}
    assert listed["beside"]["running"] == [{"version": 1, "running": 1}, {"version": 2, "running": 1}]
    rows = manager.get(f"{DEFINITIONS}/beside/instances").get_json()["items"]
    assert {row["id"]: row["version"] for row in rows} == {old: 1, new: 2}
    only = manager.get(f"{DEFINITIONS}/beside/instances?version=1").get_json()
    assert (only["total"], only["items"][0]["id"]) == (1, old)
    assert world.person("js.manager").get(f"{DEFINITIONS}/beside/instances").get_json()["total"] == 0


def test_a_version_is_taken_back_only_when_nothing_runs_on_it(world: World) -> None:
    designer = world.person("designer")
    deploy(world, "taken_back", "one")
    begin(world, "taken_back")
    deploy(world, "taken_back", "one", "two")
    refused = designer.post(f"{DEFINITIONS}/taken_back/1/withdraw")
    assert refused.status_code == 409
    assert refused.get_json()["running"] == 1 if "running" in refused.get_json() else "1 instances" in refused.text
    assert designer.post(f"{DEFINITIONS}/taken_back/2/withdraw").status_code == 200
    assert designer.post(f"{DEFINITIONS}/taken_back/2/withdraw").status_code == 404
    shown = designer.get(f"{DEFINITIONS}/taken_back").get_json()["versions"]
    assert [(row["version"], row["in_force"]) for row in shown] == [(1, True), (2, False)]
    begin(world, "taken_back")
    assert designer.get(f"{DEFINITIONS}/taken_back").get_json()["versions"][0]["running"] == 2
    # The same content deployed again is in force again, under its number.
    assert deploy(world, "taken_back", "one", "two")["reports"][0]["version"] == 2


def test_the_last_version_of_a_process_that_others_call_stays(world: World) -> None:
    refused = world.person("designer").post(f"{DEFINITIONS}/line_test/1/withdraw")
    assert refused.status_code == 409 and "home_install" in refused.text


def test_running_instances_are_migrated_by_pilot_and_rest_and_back(world: World, manager: Person) -> None:
    deploy(world, "moving", "survey", "visit")
    begun = [begin(world, "moving") for _ in range(5)]
    deploy(world, "moving", "look", "visit", "rate")
    wanted = {"key": "moving", "from_version": 1, "to_version": 2, "reason": "the survey is called look"}
    made = manager.post(MIGRATIONS, wanted)
    assert made.status_code == 201 and made.get_json()["unmapped"] == ["survey"]
    path = f"{MIGRATIONS}/{made.get_json()['id']}"
    assert manager.post(f"{path}/run", {}).status_code == 409  # nothing is judged
    judged = manager.post(f"{path}/judge").get_json()
    assert (judged["done"], judged["counts"]["needs_mapping"], judged["counts"]["safe"]) == (True, 5, 0)
    why = manager.get(f"{path}/instances?limit=1").get_json()["items"][0]["reasons"][0]
    assert (why["code"], why["element_id"]) == ("element-gone", "survey") and "survey" in why["zh"]
    assert manager.post(f"{path}/mapping", {"mapping": {"survey": "nowhere"}}).status_code == 422
    assert manager.post(f"{path}/mapping", {"mapping": {"survey": "look"}}).status_code == 200
    assert manager.post(f"{path}/judge").get_json()["counts"]["safe"] == 5
    manager.post(f"{path}/run", {"pilot": 2})
    work(world)
    halfway = manager.get(path).get_json()
    assert (halfway["counts"]["moved"], halfway["run_state"], halfway["waits_for_rest"]) == (2, "paused", True)
    assert manager.post(f"{path}/continue").status_code == 200
    work(world)
    assert manager.get(path).get_json()["counts"]["moved"] == 5
    rows = manager.get(f"{path}/instances?moved=true").get_json()["items"]
    assert {row["instance_id"] for row in rows} == set(begun)
    assert {row["result"] for row in rows} == {"applied"}
    back = manager.post(f"{path}/back", {"reason": "it was right before"})
    assert back.status_code == 201 and back.get_json()["mapping"]["look"] == "survey"
    way_back = f"{MIGRATIONS}/{back.get_json()['id']}"
    assert manager.post(f"{way_back}/judge").get_json()["counts"]["safe"] == 5
    manager.post(f"{way_back}/run", {})
    work(world)
    rows = manager.get(f"{DEFINITIONS}/moving/instances").get_json()["items"]
    assert {row["version"] for row in rows} == {1}


def test_only_operations_managers_migrate(world: World) -> None:
    for login in ("designer", "ops", "front", "admin"):
        assert world.person(login).get(MIGRATIONS).status_code == 403


def test_a_plan_for_versions_that_are_not_there_is_refused(world: World, manager: Person) -> None:
    wanted = {"key": "line_test", "from_version": 1, "to_version": 99, "reason": "x"}
    assert manager.post(MIGRATIONS, wanted).status_code == 404
    same = manager.post(MIGRATIONS, {**wanted, "to_version": 1})
    assert same.status_code == 422
    assert manager.get(f"{MIGRATIONS}/nobody").status_code == 404
