"""Check 26: the front desk at the repair doors, and a guessed task id: refused, and in the audit; who is taken out of a
team is out at the next request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from app.domain.actors import SYSTEM
from app.persistence.administration.refused_calls import AND_MORE, MOST_AN_HOUR, forget_refused, note_refused
from app.persistence.people import TeamMember
from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import transaction
from tests.api.world import World, prepare, settings_for

AUDIT = "/api/v1/refused-calls"
SOME_ID = "01a1ffbc-0000-7000-8000-000000000000"
TEAM = "home_field.sh-sh.east"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def world(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    url, folder = make_database(request.param, migrated=True), tmp_path_factory.mktemp("world")
    prepare(url, folder)
    running = World(settings_for(url, folder))
    yield running
    running.close()


@pytest.fixture(scope="module")
def task(world: World) -> str:
    """A task of the home field of Shanghai East."""
    with transaction(world.deps.sessions) as tx:
        item = WorkItem(
            number="W-9999-000026",
            kind="task",
            title_zh="安装",
            title_en="Install",
            team_role="home_field",
            team_code=TEAM,
            state="open",
            context={},
            area="SH-SH",
            created_at=world.deps.clock(tx.session),
        )
        tx.session.add(item)
        return item.id


def lines(world: World, login: str, **wanted: Any) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in {"login": login, "limit": 100, **wanted}.items())
    found: list[dict[str, Any]] = world.person("auditor").get(f"{AUDIT}?{query}").get_json()["items"]
    return found


def test_every_repair_the_front_desk_tries_is_refused_and_written_down(world: World) -> None:
    front = world.person("front")
    tried = {
        f"/api/v1/incidents/{SOME_ID}/retry": "incident.retry",
        f"/api/v1/incidents/{SOME_ID}/skip": "incident.skip",
        f"/api/v1/process-instances/{SOME_ID}/move": "instance.repair",
        f"/api/v1/process-instances/{SOME_ID}/cancel": "instance.cancel",
        "/api/v1/bulk-runs": "bulk.run",
        "/api/v1/adapters/billing/suspend": "system.hold",
    }
    for path in tried:
        assert front.post(path, {"reason": "mine"}).status_code == 403
    found = {row["path"]: row for row in lines(world, "front", status=403)}
    assert {path: row["action"] for path, row in found.items()} == tried
    for row in found.values():
        assert (row["login"], row["role"], row["method"], row["times"]) == ("front", "front_desk", "POST", 1)
        assert row["first_at"] and row["last_at"]
    front.post("/api/v1/bulk-runs", {"reason": "again"})
    (again,) = [row for row in lines(world, "front", status=403) if row["path"] == "/api/v1/bulk-runs"]
    assert again["times"] == 2


def test_a_guessed_id_of_another_areas_task_is_not_there_and_written_down(world: World, task: str) -> None:
    stranger = world.person("bj.front")
    path = f"/api/v1/work-items/{task}"
    answers = [stranger.get(path), stranger.post(f"{path}/claim"), stranger.post(f"{path}/complete", {"result": {}})]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    found = [(row["method"], row["path"], row["status"]) for row in lines(world, "bj.front")]
    assert ("GET", f"/api/v1/work-items/{task}", 404) in found
    assert ("POST", f"/api/v1/work-items/{task}/claim", 404) in found
    assert len(found) == 3
    with world.deps.read_sessions() as session:
        assert session.get_one(WorkItem, task).state == "open"


def test_another_team_of_the_area_is_refused_and_written_down(world: World, task: str) -> None:
    west = world.person("sh.field2")
    assert west.post(f"/api/v1/work-items/{task}/claim").status_code == 403
    assert [(row["path"], row["status"]) for row in lines(world, "sh.field2")] == [
        (f"/api/v1/work-items/{task}/claim", 403)
    ]


def test_the_audit_is_for_auditors_of_the_area_alone(world: World) -> None:
    assert world.person("ops").get(AUDIT).status_code == 403
    assert world.person("front").get(AUDIT).status_code == 403
    logins = {row["login"] for row in world.person("auditor").get(f"{AUDIT}?limit=100").get_json()["items"]}
    assert {"front", "ops"} <= logins


def test_who_is_taken_out_of_a_team_is_out_at_the_next_request(world: World, task: str) -> None:
    field, path = world.person("field"), f"/api/v1/work-items/{task}"
    assert field.post(f"{path}/claim").status_code == 200
    assert field.post(f"{path}/release").status_code == 200
    with transaction(world.deps.sessions) as tx:
        tx.session.execute(delete(TeamMember).where(TeamMember.login == "field"))
    assert field.post(f"{path}/claim").status_code == 403
    assert [row["path"] for row in lines(world, "field")] == [f"{path}/claim"]


def test_whoever_tries_thousands_of_ids_does_not_fill_the_disk(world: World) -> None:
    guesser = replace(SYSTEM, login="sh.quality", role="quality", is_system=False)
    with transaction(world.deps.sessions) as tx:
        for number in range(MOST_AN_HOUR + 20):
            note_refused(
                tx.session,
                guesser,
                id_=world.deps.new_id(),
                method="GET",
                path=f"/api/v1/orders/{number}",
                action="order.view",
                status=404,
                now=world.deps.clock(tx.session),
            )
    first = world.person("auditor").get(f"{AUDIT}?login=sh.quality&limit=1").get_json()
    assert first["total"] == MOST_AN_HOUR + 1
    assert (first["items"][0]["path"], first["items"][0]["times"]) == (AND_MORE, 20)
    with transaction(world.deps.sessions) as tx:
        forget_refused(tx.session, before=world.deps.clock(tx.session))
    assert world.person("auditor").get(AUDIT).get_json()["total"] == 0


def test_an_address_that_does_not_exist_is_only_a_typing_mistake(world: World) -> None:
    world.person("sh.billing").get("/api/v1/nothing-here")
    assert lines(world, "sh.billing") == []
