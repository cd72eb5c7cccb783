"""Repairs over HTTP: incidents by cause, retry, skip, move, suspend, cancel with its plan, holds, bulk runs, audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import TeamMember
from app.persistence.teamwork.work_items import WorkItem
from processes.bulk_runner import BulkRunner
from processes.store.bulk import BulkRun
from processes.store.jobs import Job
from processes.worker import Worker
from tests.api.world import ORDERS, Person, World, home_bundle

INSTANCES = "/api/v1/process-instances"
RUNS = "/api/v1/bulk-runs"
SOME_ID = "01a1ffbc-0000-7000-8000-000000000000"


class Broken:
    """A neighbour that has gone mad."""

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        raise Unreachable(f"no rule for order {call.business_key} at port P-1/2/3", maybe_done=False)

    def query(self, operation_id: str, *, timeout_s: float, attempt: int = 1) -> Answer | None:
        return None


class Fallout:
    """One order whose process stands at an incident, and those who can mend it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.worker = Worker(world.deps.engine, world.deps.sessions, name="test")
        self.runner = BulkRunner(world.deps.engine.parts, world.deps.sessions)
        self.ops, self.manager = world.person("ops"), world.person("ops2")
        self._ports: Any = world.deps.engine.parts.ports
        self._kept = dict(self._ports)

    def place(self) -> dict[str, Any]:
        order: dict[str, Any] = self.world.person("front").post(ORDERS, home_bundle()).get_json()
        return order

    def break_credit_checks(self) -> None:
        """The first step of an order fails from now on."""
        self._ports["billing"] = Broken()

    def mend(self) -> None:
        self._ports.update(self._kept)

    def drain(self) -> None:
        self.worker.drain()

    def until_incident(self) -> dict[str, Any]:
        """Try as often as the engine does, without waiting."""
        for _ in range(12):
            self.drain()
            found: list[dict[str, Any]] = self.ops.get("/api/v1/incidents").get_json()["items"]
            if found:
                return found[0]
            with self.world.deps.sessions() as session, session.begin():
                past = self.world.deps.clock(session)
                session.execute(update(Job).where(Job.state == "ready").values(run_at=past))
        raise AssertionError("no incident")

    def until_done(self, run_id: str) -> dict[str, Any]:
        """Let the runner go round as often as a run needs, without waiting for its pace."""
        for _ in range(5):
            with self.world.deps.sessions() as session, session.begin():
                session.execute(update(BulkRun).values(next_at=self.world.deps.clock(session)))
            self.runner.round()
            shown: dict[str, Any] = self.ops.get(f"{RUNS}/{run_id}").get_json()
            if shown["state"] == "done":
                return shown
        raise AssertionError(f"not done: {shown}")


@pytest.fixture
def fallout(fresh_world: Callable[..., World]) -> Iterator[Fallout]:
    yield Fallout(fresh_world())


def test_an_incident_shows_its_cause_its_tries_and_what_was_sent(fallout: Fallout) -> None:
    fallout.break_credit_checks()
    order = fallout.place()
    incident = fallout.until_incident()
    (group,) = fallout.ops.get("/api/v1/incidents/groups").get_json()["groups"]
    assert (group["count"], group["orders"], group["code"]) == (1, 1, "unreachable")
    assert group["cause_key"] == incident["cause_key"]
    detail = fallout.ops.get(f"/api/v1/incidents/{incident['id']}").get_json()
    assert detail["attempts"] == detail["max_attempts"] == detail["tries"][-1]["attempt"]
    assert all("no rule for order" in line["error"] for line in detail["tries"])
    assert detail["inputs"] is not None
    fallout.mend()
    answer = fallout.ops.post(f"/api/v1/incidents/{incident['id']}/retry", {"reason": "the rule is there now"})
    assert answer.status_code == 200, answer.get_json()
    fallout.drain()
    again = fallout.ops.post(f"/api/v1/incidents/{incident['id']}/retry", {})
    assert again.status_code == 409
    (line,) = fallout.manager.get("/api/v1/repairs").get_json()["items"]
    assert (line["actor"], line["action"], line["reason"]) == ("ops", "retry", "the rule is there now")
    history = fallout.ops.get(f"/api/v1/orders/{order['id']}").get_json()
    assert "the rule is there now" in str(history)


def test_a_bulk_run_is_previewed_begun_and_shows_a_result_for_each(fallout: Fallout) -> None:
    fallout.break_credit_checks()
    fallout.place()
    incident = fallout.until_incident()
    fallout.mend()
    select = {"cause_key": incident["cause_key"]}
    preview = fallout.ops.post(f"{RUNS}/preview", {"kind": "retry", "select": select}).get_json()
    assert (preview["count"], preview["groups"][0]["count"]) == (1, 1)
    body = {"kind": "retry", "select": select, "reason": "rule added", "rate_per_s": 5, "paused": True}
    made = fallout.ops.post(RUNS, body)
    assert made.status_code == 201, made.get_json()
    run = made.get_json()
    assert (run["state"], run["states"], run["total"]) == ("paused", {"waiting": 1}, 1)
    assert fallout.runner.round() == 0
    assert fallout.ops.post(f"{RUNS}/{run['id']}/resume", {}).get_json()["state"] == "running"
    assert fallout.runner.round() == 1
    fallout.drain()
    shown = fallout.until_done(run["id"])
    assert (shown["state"], shown["states"], shown["outcomes"]) == ("done", {"applied": 1}, {"succeeded": 1})
    (item,) = fallout.ops.get(f"{RUNS}/{run['id']}/items").get_json()["items"]
    assert (item["subject_id"], item["outcome"]) == (incident["id"], "succeeded")
    assert fallout.ops.post(f"{RUNS}/{run['id']}/rerun", {"reason": "x"}).status_code == 409
    assert fallout.ops.post(RUNS, {**body, "select": {}}).status_code == 422
    assert fallout.ops.post(RUNS, {**body, "kind": "cancel"}).status_code == 403
    assert fallout.ops.post(RUNS, {**body, "params": {"to": "x"}}).status_code == 422


def test_an_instance_is_suspended_planned_and_cancelled_with_its_order(fallout: Fallout) -> None:
    order = fallout.place()
    fallout.drain()
    view = fallout.world.look(lambda session: _root(session, order["id"]))
    why = {"reason": "the customer called"}
    assert fallout.ops.post(f"{INSTANCES}/{view}/suspend", why).get_json()["instances"] >= 1
    assert fallout.ops.post(f"{INSTANCES}/{view}/resume", why).get_json()["instances"] >= 1
    plan = fallout.manager.get(f"{INSTANCES}/{view}/cancel-plan").get_json()
    assert plan["state"] == "running" and plan["ends"]
    assert fallout.ops.get(f"{INSTANCES}/{view}/cancel-plan").status_code == 403
    stale = fallout.manager.post(f"{INSTANCES}/{view}/cancel", {**why, "digest": "other"})
    assert (stale.status_code, stale.get_json()["code"]) == (409, "conflict")
    done = fallout.manager.post(f"{INSTANCES}/{view}/cancel", {**why, "digest": plan["digest"]})
    assert done.status_code == 200, done.get_json()
    fallout.drain()
    shown = fallout.ops.get(f"/api/v1/orders/{order['id']}").get_json()
    assert shown["state"] in {"cancelled", "pendingCancellation", "assessingCancellation"}
    actions = [row["action"] for row in fallout.manager.get("/api/v1/repairs").get_json()["items"]]
    assert sorted(actions) == sorted({"suspend", "resume", "cancel"} | set(actions))


def test_a_token_is_moved_as_planned(fallout: Fallout) -> None:
    order = fallout.place()
    fallout.drain()
    root = fallout.world.look(lambda session: _root(session, order["id"]))
    nowhere = fallout.ops.post(f"{INSTANCES}/{root}/move-plan", {"to": "nowhere"})
    assert nowhere.status_code == 409 and "nowhere" in nowhere.get_json()["detail"]


def test_an_adapter_and_a_process_are_held_and_let_go(fallout: Fallout) -> None:
    why = {"reason": "billing is being upgraded"}
    held = fallout.manager.post("/api/v1/adapters/billing/suspend", why).get_json()
    assert [row["adapter"] for row in held["adapters"]] == ["billing"]
    assert fallout.manager.post("/api/v1/adapters/nobody/suspend", why).status_code == 404
    assert fallout.ops.post("/api/v1/adapters/billing/resume", why).status_code == 403
    assert fallout.manager.post("/api/v1/adapters/billing/resume", why).get_json()["adapters"] == []
    whole = {**why, "key": "order_to_activate"}
    assert fallout.manager.post("/api/v1/held-definitions/suspend", whole).get_json()["versions"] == [1]
    order = fallout.place()
    fallout.drain()
    assert fallout.ops.get("/api/v1/holds").get_json()["definitions"] == [{"key": "order_to_activate", "version": 1}]
    released = fallout.manager.post("/api/v1/held-definitions/resume", whole).get_json()
    assert released["run_id"]
    assert fallout.runner.round() == 1
    assert fallout.world.look(lambda session: _root(session, order["id"])) is not None


def _root(session: Any, order_id: str) -> str:
    return str(session.get(ProductOrder, order_id).process_instance_id)


def test_a_work_item_is_given_to_somebody_of_its_team_and_to_nobody_else(fallout: Fallout) -> None:
    fallout.place()
    fallout.drain()
    with fallout.world.deps.read_sessions() as session:
        item = session.scalars(select(WorkItem).where(WorkItem.state == "open")).first()
        assert item is not None
        login = session.scalars(select(TeamMember.login).where(TeamMember.team_code == item.team_code)).first()
    path, why = f"/api/v1/work-items/{item.id}/assign", {"reason": "on leave"}
    assert fallout.manager.post(path, {**why, "login": "front"}).status_code == 409
    asked = fallout.manager.post(path, why)  # nobody named: the rules are asked again
    assert (asked.status_code, asked.get_json()["team_code"]) == (200, item.team_code)
    shown = asked.get_json()["dispatch"]
    assert shown["rule"] and shown["reason_zh"].startswith("按规则“") and shown["reason_en"].startswith("by the rule")
    given = fallout.manager.post(path, {**why, "login": login})
    assert given.status_code == 200, given.get_json()
    assert given.get_json()["dispatch"]["reason_zh"].endswith("改派：on leave")
    assert given.get_json()["state"] == "claimed"
    line, asked_again = fallout.manager.get("/api/v1/repairs?action=reassign").get_json()["items"]
    assert asked_again["before"]["team"] == asked_again["after"]["team"] == item.team_code
    assert line["before"]["login"] is None and line["after"]["login"] == login


def test_the_front_desk_repairs_nothing(fallout: Fallout) -> None:
    front: Person = fallout.world.person("front")
    for path in ("/api/v1/incidents/groups", RUNS, "/api/v1/repairs", "/api/v1/holds"):
        assert front.get(path).status_code == 403
    for path, more in (
        (f"/api/v1/incidents/{SOME_ID}/retry", {}),
        (f"/api/v1/incidents/{SOME_ID}/skip", {}),
        (f"{INSTANCES}/{SOME_ID}/move", {"to": "x"}),
        (f"{INSTANCES}/{SOME_ID}/cancel", {}),
        (f"/api/v1/work-items/{SOME_ID}/assign", {"login": "front"}),
        (RUNS, {"kind": "retry", "select": {"code": "x"}}),
        ("/api/v1/adapters/billing/suspend", {}),
    ):
        assert front.post(path, {**more, "reason": "mine"}).status_code == 403
    stranger = fallout.world.person("ops")
    assert stranger.post(f"{INSTANCES}/{SOME_ID}/move", {"to": "x", "reason": "y"}).status_code == 404
