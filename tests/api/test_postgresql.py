"""The same doors on PostgreSQL, where other values make a database choke."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.api.test_fuzz import RELAXED, VALUE, counts, nearly_orders
from tests.api.world import ORDERS, Person, World, home_bundle, prepare, settings_for
from tests.torture.proxy import commit_proxy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(make_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("postgresql")
    url = make_database("postgresql", migrated=True)
    prepare(url, folder)
    running = World(settings_for(url, folder))
    yield running
    running.close()


def test_an_order_is_placed_found_and_sent_again(front: Person) -> None:
    first = front.post(ORDERS, home_bundle("PG-1"))
    assert first.status_code == 201, first.get_json()
    assert front.post(ORDERS, home_bundle("PG-1")).status_code == 200
    assert front.post(ORDERS, home_bundle("PG-1", description="x")).status_code == 409
    found = front.get(f"{ORDERS}?externalId=PG-1&state=acknowledged").get_json()
    assert [order["id"] for order in found] == [first.get_json()["id"]]
    assert front.get(f"/api/v1/orders/{first.get_json()['orderNumber']}").status_code == 200
    key = {"Idempotency-Key": "pg"}
    assert (
        front.post(ORDERS, home_bundle(), headers=key).get_json()
        == front.post(ORDERS, home_bundle(), headers=key).get_json()
    )


@RELAXED
@given(body=nearly_orders() | VALUE)
def test_a_strange_order_is_refused_or_taken_whole(world: World, front: Person, body: Any) -> None:
    answer = front.call("POST", ORDERS, json=body)
    assert answer.status_code in {200, 201, 400, 409, 422}, (answer.status_code, answer.get_data(as_text=True))
    orders, with_items = counts(world)
    assert orders == with_items


@pytest.mark.parametrize("path", ["x%00y", "%00", "%F0%9F", "a" * 3000, "01a1ffbc-0000-7000-8000-00000000000%00"])
def test_strange_addresses_are_not_found(front: Person, path: str) -> None:
    for door in (ORDERS, "/api/v1/orders", "/api/v1/work-items", "/api/v1/tickets", "/api/v1/products"):
        assert front.get(f"{door}/{path}").status_code == 404


def test_strange_search_texts_find_nothing(front: Person) -> None:
    for text in ("%00", "%25", "_", "'%3B--", "%F0%9F%9A%80", "x" * 100):
        for door in ("customers", "addresses"):
            assert front.get(f"/api/v1/{door}?q={text}").status_code in {200, 400}


class Only(random.Random):
    """Chooses one of the next commits, by its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._left = number

    def random(self) -> float:
        self._left -= 1
        return 0.0 if self._left == 0 else 1.0


def test_whichever_commit_is_never_heard_of_the_same_request_may_be_made_at_once(world: World, tmp_path: Path) -> None:
    with commit_proxy(seed=0) as proxy:
        behind = World(settings_for(proxy.before(world.deps.settings.database_url), tmp_path))
        front = behind.person("front")
        cut = 0
        for number in range(1, 7):
            before, key = proxy.cuts.total(), {"Idempotency-Key": f"cut-{number}"}
            proxy.rng, proxy.share = Only(number), 0.5
            first = front.post(ORDERS, home_bundle(), headers=key)
            proxy.share = 0.0
            cut += proxy.cuts.total() - before
            if first.status_code == 201:  # what was answered may not have been noted, but it was answered
                continue
            assert (first.status_code, first.headers["Retry-After"]) == (503, "5")
            again = front.post(ORDERS, home_bundle(), headers=key)
            assert again.status_code in {200, 201}, again.get_json()
            assert front.get(f"/api/v1/orders/{again.get_json()['id']}").status_code == 200
        behind.close()
    assert cut >= 3
