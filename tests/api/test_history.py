"""History over HTTP: pages of what happened, figures per element, and only for those who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from app.persistence.teamwork.work_items import WorkItem
from app.services.repairs import history_keeping
from app.services.teamwork import work_list
from processes.retention import Policy
from processes.store.instances import ActivityLog
from processes.worker import Worker
from tests.api.world import ORDERS, Person, World, home_bundle


@pytest.fixture(scope="module")
def order(world: World) -> Iterator[dict[str, Any]]:
    """An order of the front desk that has gone as far as it goes by itself."""
    answer = world.person("front").post(ORDERS, home_bundle("HISTORY-1"))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    Worker(world.deps.engine, world.deps.sessions, threads=1).drain()
    yield answer.get_json()


@pytest.fixture
def ops(world: World) -> Person:
    return world.person("ops")


def test_the_history_of_an_order_comes_in_pages(ops: Person, order: dict[str, Any], world: World) -> None:
    first = ops.get(f"/api/v1/history?order={order['id']}&limit=5")
    assert first.status_code == 200, first.get_data(as_text=True)
    page = first.get_json()
    assert len(page["items"]) == 5 < page["total"]
    assert first.headers["X-Total-Count"] == str(page["total"])
    lines: list[dict[str, Any]] = []
    while len(lines) < page["total"]:
        lines += ops.get(f"/api/v1/history?order={order['id']}&limit=50&offset={len(lines)}").get_json()["items"]
    assert lines[:5] == page["items"]
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert len({(line["instance_id"], line["seq"]) for line in lines}) == page["total"]
    assert world.look(lambda session: session.scalar(select(func.count()).select_from(ActivityLog))) == page["total"]
    assert {"entered", "completed"} <= {line["event"] for line in lines}
    written = [line for line in lines if line["event"] == "completed" and line["data"]]
    assert written, "what a step wrote is in its line"


def test_lines_can_be_asked_for_by_instance_element_event_and_person(ops: Person, order: dict[str, Any]) -> None:
    line = ops.get(f"/api/v1/history?order={order['id']}&event=completed").get_json()["items"][0]
    own = ops.get(f"/api/v1/history?instance={line['instance_id']}&limit=100").get_json()["items"]
    assert [one["seq"] for one in own] == list(range(1, len(own) + 1))
    found = ops.get(f"/api/v1/history?order={order['id']}&element={line['element_id']}&event=completed").get_json()
    assert line in found["items"]
    assert {one["element_id"] for one in found["items"]} == {line["element_id"]}
    assert ops.get(f"/api/v1/history?order={order['id']}&by=nobody").get_json()["total"] == 0


@pytest.mark.parametrize("query", ["", "?order=O-1&instance=2", "?order=O-1&event=nonsense", "?order=O-1&colour=red"])
def test_a_question_that_makes_no_sense_is_refused(ops: Person, query: str) -> None:
    assert ops.get(f"/api/v1/history{query}").status_code == 400


def test_the_history_of_others_is_not_there(world: World, order: dict[str, Any], ops: Person) -> None:
    assert ops.get("/api/v1/history?order=O-0000-000000").status_code == 404
    assert world.person("front").get(f"/api/v1/history?order={order['id']}").status_code == 403
    elsewhere = world.person("bj.manager")
    line = ops.get(f"/api/v1/history?order={order['id']}&limit=1").get_json()["items"][0]
    assert elsewhere.get(f"/api/v1/history?order={order['id']}").status_code == 404
    assert elsewhere.get(f"/api/v1/history?instance={line['instance_id']}").status_code == 404
    figures = elsewhere.get(f"/api/v1/history/counts/{line['process']}").get_json()["versions"][0]
    assert figures["live"] == 0
    assert {row["entered"] for row in figures["elements"]} == {0}


def test_figures_per_element_and_version(ops: Person, order: dict[str, Any], world: World) -> None:
    key = ops.get(f"/api/v1/history?order={order['id']}&limit=1").get_json()["items"][0]["process"]
    answer = ops.get(f"/api/v1/history/counts/{key}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    before = answer.get_json()
    (version,) = before["versions"]
    assert version["live"] == 1
    elements = {row["element_id"]: row for row in version["elements"]}
    assert sum(row["running"] for row in elements.values()) >= 1
    assert all(row["entered"] >= row["running"] for row in elements.values() if row["entered"])
    while history_keeping.add_up(world.deps):
        pass
    assert ops.get(f"/api/v1/history/counts/{key}").get_json() == before
    assert ops.get(f"/api/v1/history/counts/{key}?version=1").get_json() == before
    assert ops.get(f"/api/v1/history/counts/{key}?version=99").status_code == 404
    assert ops.get("/api/v1/history/counts/no_such_process").status_code == 404


def test_nothing_that_runs_is_removed(world: World, order: dict[str, Any]) -> None:
    before = world.look(lambda session: session.scalar(select(func.count()).select_from(ActivityLog)))
    assert history_keeping.remove_old(world.deps, Policy(days=1)).trees == 0
    assert world.look(lambda session: session.scalar(select(func.count()).select_from(ActivityLog))) == before


def test_the_next_item_goes_to_whoever_asks_first_and_is_the_most_urgent(world: World, order: dict[str, Any]) -> None:
    items = world.look(
        lambda session: session.scalars(
            select(WorkItem).where(WorkItem.state == "open", WorkItem.team_code.is_not(None))
        ).all()
    )
    assert items, "the order waits for somebody"
    team = items[0].team_code
    login = world.look(lambda session: _member(session, str(team)))
    person = world.person(login)
    wanted = person.get("/api/v1/work-items?tab=team&state=open").get_json()["items"][0]
    taken = person.post("/api/v1/work-items/claim-next")
    assert taken.status_code == 200, taken.get_data(as_text=True)
    assert (taken.get_json()["id"], taken.get_json()["claimed_by"]) == (wanted["id"], login)
    while person.post("/api/v1/work-items/claim-next").status_code == 200:
        pass
    assert person.post("/api/v1/work-items/claim-next").status_code == 404
    assert work_list.NEXT_TRIES > 1


def _member(session: Any, team: str) -> str:
    from app.persistence.people import TeamMember, User

    found: str = session.scalars(
        select(TeamMember.login)
        .join(User, User.login == TeamMember.login)
        .where(TeamMember.team_code == team, User.role.in_(("field", "back_office", "team_leader")))
    ).first()
    return found
