"""News over HTTP: sent once per id, listed while nobody takes them, looked at again, and only by who may."""

from __future__ import annotations

from typing import Any

import pytest

from processes.worker import Worker
from tests.api.world import Person, World

NEWS = "/api/v1/news"


@pytest.fixture
def ops(world: World) -> Person:
    return world.person("ops")


def told(**more: Any) -> dict[str, Any]:
    return {"id": "n-1", "name": "line_ready", "key": "7", "payload": {"a": 1}, **more}


def test_a_message_is_kept_once_and_listed_while_nobody_waits(ops: Person, world: World) -> None:
    first, again = ops.post(f"{NEWS}/messages", told()), ops.post(f"{NEWS}/messages", told(payload={"a": 2}))
    assert (first.status_code, again.status_code) == (201, 201), first.get_data(as_text=True)
    assert first.get_json()["id"] == again.get_json()["id"]
    Worker(world.deps.engine, world.deps.sessions, threads=1).drain()
    page = ops.get(f"{NEWS}?state=unmatched&name=line_ready").get_json()
    (shown,) = page["items"]
    assert (shown["key"], shown["source"], shown["note"]) == ("7", "user:ops", "nobody waits for it yet")
    assert "payload" not in shown
    retried = ops.post(f"{NEWS}/{shown['id']}/retry", {})
    assert (retried.status_code, retried.get_json()["state"]) == (200, "received"), retried.get_data(as_text=True)
    assert ops.post(f"{NEWS}/{shown['id']}/retry", {}).status_code == 409
    assert ops.post(f"{NEWS}/none/retry", {}).status_code == 404


def test_signals_and_facts_are_taken_too(ops: Person, world: World) -> None:
    signal = ops.post(f"{NEWS}/signals", {"id": "s-1", "name": "storm"})
    facts = ops.post(f"{NEWS}/facts", {"id": "f-1", "payload": {"degrees": 80}})
    assert (signal.status_code, facts.status_code) == (201, 201), facts.get_data(as_text=True)
    Worker(world.deps.engine, world.deps.sessions, threads=1).drain()
    states = {row["kind"]: row["state"] for row in ops.get(f"{NEWS}?state=delivered").get_json()["items"]}
    assert states == {"signal": "delivered", "facts": "delivered"}


def test_who_may_not_mend_may_not_send(world: World) -> None:
    assert world.person("front").post(f"{NEWS}/messages", told(id="n-2")).status_code == 403


def test_an_area_that_is_not_there_or_not_mine(ops: Person) -> None:
    assert ops.post(f"{NEWS}/messages", told(id="n-3", area="nowhere")).status_code == 404
