"""The same orders on PostgreSQL and Redis with two web servers and two workers, many callers at once, and no Redis."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from app.cli.field_crew import answers
from tests.scenario.lives import LIVES
from tests.scenario.living import Lived, crowd, judge, live
from tests.scenario.rig import ORDERS, Rig, distributed
from tests.servers import ROOT, Redis, redis_server, stop

pytestmark = pytest.mark.slow
HOME = "home-bundle.json"
CASES = (HOME, "broadband-voice-move-in.json", "leased-line-shanghai-nanjing.json", "disconnect-home-bundle.json")
#: A mobile from its first day to its last, and desktops that become more.
MOBILE, DESKTOPS = (next(life for life in LIVES if life.product == code) for code in ("mobile_line", "cloud_desktop"))
LIVED = (MOBILE, replace(DESKTOPS, steps=DESKTOPS.steps[:2]))
AT_ONCE = 30
TWINS = 20


@pytest.fixture(scope="module")
def own_redis() -> Iterator[Redis]:
    """A Redis that may be stopped."""
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., str], own_redis: Redis
) -> Iterator[Rig]:
    url = make_database("postgresql", migrated=False)
    with distributed(tmp_path_factory.mktemp("distributed"), url, own_redis.url) as rig:
        yield rig


def rows(rig: Rig, query: str) -> list[Any]:
    address = make_url(rig.env["YIZHAN_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string()) as connection:
        return connection.execute(query.encode()).fetchall()


def counted(rig: Rig) -> dict[str, dict[str, int]]:
    """What each worker has counted up to its last sign of life."""
    return {name: json.loads(text) for name, text in rows(rig, "SELECT name, counters FROM worker_heartbeat")}


def assert_once(rig: Rig, order_id: str) -> None:
    """Every write for the order is in force at the neighbours exactly once."""
    mine = [row for row in rig.effects() if order_id in row["business_key"] and row["is_write"]]
    assert mine
    assert [row for row in mine if row["count"] != 1] == []


def test_orders_of_every_kind_side_by_side_through_both_servers(system: Rig) -> None:
    placed = {name: system.place(name, server=number) for number, name in enumerate(CASES)}
    for name, order_id in placed.items():
        view = system.follow(order_id)
        assert (name, view["state"]) == (name, "completed")
        assert {item["state"] for item in view["items"]} == {"completed"}
        assert_once(system, order_id)
    both = [system.client(server=number).ask(f"/api/v1/orders/{placed[HOME]}")["state"] for number in range(2)]
    assert both == ["completed", "completed"]


def test_products_live_side_by_side_through_both_servers(system: Rig) -> None:
    """All of them do in `test_every_order_over_http.py`."""
    lived: list[Lived] = []
    with crowd(system) as people, ThreadPoolExecutor(len(LIVED)) as pool:
        for run in [pool.submit(live, system, people, life, lived.append) for life in LIVED]:
            run.result()
    assert len(lived) == sum(len(life.steps) for life in LIVED)
    for one in lived:
        judge(one)


def test_both_workers_took_part_and_were_woken(system: Rig) -> None:
    done = settled(system)
    assert len(done) == 2
    assert all(counts["claims"] > 0 for counts in done.values())
    assert sum(counts["wakes"] for counts in done.values()) > 0


def settled(rig: Rig) -> dict[str, dict[str, int]]:
    """The counts of the workers once each has given the next sign of life."""
    before = rows(rig, "SELECT max(seen_at) FROM worker_heartbeat")[0][0]
    while rows(rig, "SELECT min(seen_at) FROM worker_heartbeat")[0][0] <= before:
        time.sleep(0.2)
    return counted(rig)


def test_of_many_who_complete_one_work_item_one_succeeds(system: Rig) -> None:
    order_id = system.place(HOME)
    system.follow(order_id, play=False, until=lambda _view: bool(system.items_of(order_id)))
    item = system.items_of(order_id)[0]
    system.client().tell(f"/api/v1/work-items/{item['id']}/claim")
    full = system.client().ask(f"/api/v1/work-items/{item['id']}")
    body = {"result": answers(full.get("form") or {}, full.get("context") or {})}

    def complete(number: int) -> int:
        path = f"{system.urls[number % 2]}/api/v1/work-items/{item['id']}/complete"
        return httpx.post(path, json=body, headers={"Authorization": "Bearer demo-front"}, timeout=30).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = Counter(pool.map(complete, range(AT_ONCE)))
    assert told == {200: 1, 409: AT_ONCE - 1}
    assert system.follow(order_id)["state"] == "completed"
    assert_once(system, order_id)


def test_twins_of_one_order_become_one_order(system: Rig) -> None:
    body = json.loads((ROOT / "examples" / "orders" / HOME).read_text(encoding="utf-8")) | {"externalId": "twins"}

    def submit(number: int) -> tuple[int, str]:
        path = f"{system.urls[number % 2]}{ORDERS}"
        answer = httpx.post(path, json=body, headers={"Authorization": "Bearer demo-front"}, timeout=30)
        return answer.status_code, str(answer.json().get("id"))

    with ThreadPoolExecutor(TWINS) as pool:
        told = list(pool.map(submit, range(TWINS)))
    assert {status for status, _id in told} <= {200, 201}
    assert len({order_id for _status, order_id in told}) == 1
    assert rows(system, "SELECT count(*) FROM product_order WHERE external_id = 'twins'") == [(1,)]
    assert system.follow(told[0][1])["state"] == "completed"


def test_afterwards_the_books_agree_without_a_deadlock(system: Rig) -> None:
    assert json.loads(system.command("invariants", "--json")) == []
    compared = json.loads(system.command("reconcile", "--json"))
    assert compared["differences"] == []
    assert compared["unanswered"] == {}
    assert rows(system, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]


def test_when_redis_is_gone_the_workers_find_the_work_themselves(system: Rig, own_redis: Redis) -> None:
    stop(own_redis.process)
    before = {name: counts["wakes"] for name, counts in settled(system).items()}
    order_id = system.place(HOME)
    assert system.follow(order_id)["state"] == "completed"
    assert_once(system, order_id)
    assert {name: counts["wakes"] for name, counts in settled(system).items()} == before
    assert json.loads(system.command("invariants", "--json")) == []
