"""Workers beside each other: drained, stopped in the middle of a call, and their counters."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from tests.scenario.rig import YIZHAN, Rig, answers, distributed
from tests.servers import ROOT, free_port

pytestmark = pytest.mark.slow
HOME = "home-bundle.json"
METRICS_TOKEN = "figures-only"
#: A worker takes at most 27 s; a machine with other things to do takes longer to take a process apart.
GONE_S = 60.0
LEASE_S = 40  # longer than a worker takes to stop: what it held is free before


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., str], redis_url: str
) -> Iterator[Rig]:
    url = make_database("postgresql", migrated=False)
    folder = tmp_path_factory.mktemp("workers")
    extra = {"YIZHAN_WEB_PROCESSES": "2", "YIZHAN_METRICS_TOKEN": METRICS_TOKEN, "YIZHAN_JOB_LEASE_S": str(LEASE_S)}
    with distributed(folder, url, redis_url, web=1, workers=2, **extra) as rig:
        yield rig


def rows(rig: Rig, query: str) -> list[Any]:
    address = make_url(rig.env["YIZHAN_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string()) as connection:
        return connection.execute(query.encode()).fetchall()


def until(holds: Callable[[], bool], within_s: float = 90.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def listed(rig: Rig) -> list[dict[str, Any]]:
    """The workers that should be there, as `yizhan workers` counts them."""
    query = "SELECT name, pid, state FROM worker_heartbeat WHERE state <> 'stopped' ORDER BY started_at"
    return [dict(zip(("name", "pid", "state"), row, strict=True)) for row in rows(rig, query)]


def held(rig: Rig) -> Counter[str]:
    """What each worker holds."""
    query = """
        SELECT lease_owner FROM job WHERE state IN ('leased', 'sent')
        UNION ALL SELECT lease_owner FROM timer WHERE state = 'waiting' AND lease_until IS NOT NULL
        UNION ALL SELECT lease_owner FROM inbox_message WHERE state = 'received' AND lease_until IS NOT NULL
    """
    return Counter(owner for (owner,) in rows(rig, query))


def claims(rig: Rig) -> int:
    """How often anything was claimed, by the books."""
    return int(rows(rig, "SELECT coalesce(sum(fence), 0) FROM job")[0][0])


def assert_once(rig: Rig, order_id: str) -> None:
    mine = [row for row in rig.effects() if order_id in row["business_key"] and row["is_write"]]
    assert mine
    assert [row for row in mine if row["count"] != 1] == []


def test_drained_workers_finish_and_claim_nothing_while_orders_are_accepted(system: Rig) -> None:
    until(lambda: [row["state"] for row in listed(system)] == ["running", "running"])
    begun = [system.place(HOME) for _ in range(4)]
    until(lambda: claims(system) > 4)
    said = system.command("drain", "--all", "--wait", "60")
    assert "2 of 2 workers claim nothing more; 0 pieces in hand" in said
    assert said.endswith("drained; `yizhan drain --end` lets them claim again\n")
    told = json.loads(system.command("workers", "--json"))
    assert [(row["state"], row["in_hand"], row["threads"]) for row in told] == [("draining", 0, 2)] * 2
    before = claims(system)
    accepted = system.place(HOME)
    assert system.start_worker is not None
    newcomer = system.start_worker({})  # as an upgrade would: it is drained from its first moment
    until(lambda: len(listed(system)) == 3)
    time.sleep(3)
    assert [row["state"] for row in listed(system)] == ["draining"] * 3
    assert (claims(system), held(system)) == (before, Counter())
    assert "drained: all" in system.command("workers")
    assert system.command("drain", "--end") == "workers claim again\n"
    for order_id in (*begun, accepted):
        assert system.follow(order_id, within_s=120)["state"] == "completed"
        assert_once(system, order_id)
    newcomer.send_signal(signal.SIGTERM)
    assert newcomer.wait(GONE_S) == 0


def test_one_worker_drained_leaves_the_work_to_the_other(system: Rig) -> None:
    until(lambda: [row["state"] for row in listed(system)] == ["running", "running"])
    chosen, other = (row["name"] for row in listed(system))
    system.command("drain", "--worker", chosen)
    try:
        order_id = system.place(HOME)
        assert system.follow(order_id, within_s=120)["state"] == "completed"
        assert {row["name"]: row["state"] for row in listed(system)} == {chosen: "draining", other: "running"}
        assert f"there is no worker {chosen}x" in refused(system, "drain", "--worker", f"{chosen}x")
    finally:
        system.command("drain", "--end")


def refused(rig: Rig, *words: str) -> str:
    done = subprocess.run([*YIZHAN, *words], cwd=ROOT, env=dict(rig.env), capture_output=True, text=True, check=False)
    assert done.returncode not in (0, None)
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_drain_says_who_is_still_at_work(system: Rig) -> None:
    slow = {"adapter": "resource", "operation": "resource.assign", "fault": "slow", "seconds": 8, "times": 1}
    system.far("POST", "/control/faults", slow)
    order_id = system.place(HOME)
    until(lambda: bool(rows(system, "SELECT 1 FROM job WHERE state = 'sent' AND operation = 'resource.assign'")))
    try:
        said = system.command("drain", "--all", "--wait", "0.2", expect=1)
        assert "pieces in hand" in said and "still at work after 0.2 s" in said
        assert "0 pieces in hand" in system.command("drain", "--all", "--wait", "60")
    finally:
        system.command("drain", "--end")
    assert system.follow(order_id, within_s=120)["state"] == "completed"


def test_a_worker_stopped_in_the_middle_of_a_call_leaves_no_lease(system: Rig) -> None:
    """The call ends by its own deadline, or is given back: nobody waits for a lease, and it takes effect once."""
    slow = {"adapter": "resource", "operation": "resource.assign", "fault": "slow", "seconds": 15, "times": 1}
    system.far("POST", "/control/faults", slow)
    order_id = system.place(HOME)
    calling = "SELECT lease_owner FROM job WHERE state = 'sent' AND operation = 'resource.assign'"
    until(lambda: bool(rows(system, calling)))
    owner = rows(system, calling)[0][0]
    pid = next(row["pid"] for row in listed(system) if row["name"] == owner)
    process = next(one for one in system.workers if one.pid == pid)
    began = time.monotonic()
    process.terminate()
    assert process.wait(GONE_S) == 0
    print(f"stopped in {time.monotonic() - began:.1f} s")
    assert held(system)[owner] == 0
    assert (owner, "stopped") in rows(system, "SELECT name, state FROM worker_heartbeat")
    assert system.start_worker is not None
    system.workers = [one for one in system.workers if one is not process] + [system.start_worker({})]
    assert system.follow(order_id, within_s=120)["state"] == "completed"
    assert_once(system, order_id)
    assert json.loads(system.command("invariants", "--json")) == []


def figures(text: str, name: str) -> dict[str, float]:
    """Figures of one name from a page of counters, by their labels."""
    lines = [line.removeprefix(name) for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
    return {labels: float(number) for labels, _, number in (line.rpartition(" ") for line in lines)}


def test_the_counters_of_several_web_processes_are_one_sum(system: Rig) -> None:
    key = '{method="GET",route="/api/v1/me",status="200"}'

    def ask(path: str, token: str) -> httpx.Response:
        return httpx.get(f"{system.urls[0]}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def counted() -> float:
        page = ask("/metrics", METRICS_TOKEN)
        assert page.status_code == 200
        return figures(page.text, "yizhan_http_requests_total").get(key, 0)

    before = counted()
    for _ in range(30):  # each a connection of its own, so that both processes get some
        assert ask("/api/v1/me", "demo-front").status_code == 200
    assert [counted() for _ in range(6)] == [before + 30] * 6
    page = ask("/metrics", METRICS_TOKEN).text
    assert figures(page, "yizhan_workers") == {'{state="running"}': 2}
    assert figures(page, "yizhan_orders")['{state="completed"}'] > 0
    assert '{event="wake_lost"}' in figures(page, "yizhan_engine_events_total")
    assert ask("/metrics", "wrong").status_code == 401


def test_a_worker_shows_its_counters_at_a_port_of_its_own(system: Rig) -> None:
    port = free_port()
    assert system.start_worker is not None
    worker = system.start_worker({"YIZHAN_WORKER_METRICS_PORT": str(port)})
    second = system.start_worker({"YIZHAN_WORKER_METRICS_PORT": str(port)})  # finds the port taken, and works
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: not answers(url) and reachable(url))
        allowed = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        page = httpx.get(f"{url}/metrics", headers=allowed, timeout=10)
        assert page.headers["content-type"].startswith("text/plain")
        assert "claims" in str(figures(page.text, "yizhan_engine_events_total"))
        assert figures(page.text, "yizhan_worker_drained") == {"": 0}
        assert httpx.get(f"{url}/metrics", timeout=10).status_code == 401
        assert httpx.get(f"{url}/orders", headers=allowed, timeout=10).status_code == 404
        until(lambda: sum(row["state"] == "running" for row in listed(system)) == 4)
    finally:
        for one in (worker, second):
            one.terminate()
            assert one.wait(GONE_S) == 0


def reachable(url: str) -> bool:
    try:
        httpx.get(url, timeout=2)
    except httpx.TransportError:
        return False
    return True
