"""Every product with every kind of order it has: through the interface of one running system on PostgreSQL and Redis,
side by side, judged by the books of both sides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.scenario.lives import LIVES, Life
from tests.scenario.living import PATIENCE_S, Lived, crowd, differences, effects_of, ended, far_side, judge, live
from tests.scenario.mixed import BESIDE, FIBRE, HOME, LINE, NO_SUCH_SITE, SITES, body_of, in_days
from tests.scenario.other_lives import OTHERS
from tests.scenario.rig import CANCELS, ORDERS, Rig, distributed
from tests.servers import redis_server

pytestmark = [pytest.mark.slow, pytest.mark.torture]
EVERYTHING = (*LIVES, *OTHERS)
ORDERED = [
    pytest.param(life, number, id=f"{life.title}-{number}-{step.order_type}")
    for life in EVERYTHING
    for number, step in enumerate(life.steps)
]


@dataclass
class Run:
    """The life of one product: its orders so far, and what became of the rest."""

    lived: list[Lived] = field(default_factory=list)
    end: Future[None] = field(default_factory=Future)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., str]) -> Iterator[Rig]:
    """Neighbours whose stock never runs out: dozens of orders take ports of the same exchange."""
    folder, url = tmp_path_factory.mktemp("every-order"), make_database("postgresql", migrated=False)
    with redis_server() as bell, distributed(folder, url, bell.url, YIZHAN_TEST_AMPLE_STOCK="1") as rig:
        yield rig


@pytest.fixture(scope="module")
def runs(system: Rig, request: pytest.FixtureRequest) -> dict[str, Run]:
    """The orders of all products whose tests were asked for, carried out side by side; by the title of the life."""
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    lives = [life for life in EVERYTHING if any(params.get("life") is life for params in asked)]
    found = {life.title: Run() for life in lives}
    with crowd(system) as people, ThreadPoolExecutor(len(EVERYTHING)) as pool:
        for life in lives:
            run = found[life.title]
            run.end = pool.submit(live, system, people, life, run.lived.append)
    return found


@pytest.mark.parametrize(("life", "number"), ORDERED)
def test_an_order_comes_to_its_end_and_all_books_say_so(runs: dict[str, Run], life: Life, number: int) -> None:
    run = runs[life.title]
    if number >= len(run.lived):
        run.end.result()  # says what was wrong with it, or with one before
    judge(run.lived[number])


@pytest.fixture(scope="module")
def mixed(system: Rig) -> dict[str, Any]:
    """Orders of more than one thing, side by side; the one that waits is placed with the one it waits for."""
    place = system.client().tell
    first = place(ORDERS, body_of(LINE))
    behind = [{"id": first["orderNumber"], "relationshipType": "dependsOn"}]
    later = place(ORDERS, body_of(FIBRE, requestedStartDate=in_days(10)))
    orders = {
        "first": first,
        "second": place(ORDERS, body_of(BESIDE, orderRelationship=behind)),
        "later": later,
        "home": place(ORDERS, body_of(*HOME)),
        "sites": place(ORDERS, body_of(*SITES)),
    }
    waiting = {name: waits(system, orders[name]["id"]) for name in ("second", "later")}
    with crowd(system) as people, ThreadPoolExecutor(len(orders)) as pool:
        runs = {name: pool.submit(ended, system, people, order["id"]) for name, order in orders.items()}
    return {**{name: run.result() for name, run in runs.items()}, "waiting": waiting}


def waits(rig: Rig, order_id: str) -> Any:
    """An order once it waits for its day or for another one, before anything is done for it."""
    return rig.follow(order_id, play=False, until=lambda view: view["state"] == "pending")


def products_of(rig: Rig, view: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """By product code, what the items of an order are about."""
    found = [rig.client().ask(f"/api/v1/products/{item['product_id']}") for item in view["items"]]
    return {row["product"]: row for row in found}


def test_one_order_brings_changes_and_takes_away(system: Rig, mixed: dict[str, Any]) -> None:
    view = mixed["home"]
    assert {item["state"] for item in view["items"]} == {"completed"}
    assert view["state"] == "completed" and differences(view) == []
    products = products_of(system, view)
    assert {code: row["status"] for code, row in products.items()} == {
        "iptv": "active",
        "ftth_broadband": "active",
        "mobile_line": "terminated",
    }
    assert products["ftth_broadband"]["characteristics"]["downstream_mbps"] == 300
    assert not any(far_side(system, "P10000202").values())
    assert [row["state"] for row in far_side(system, products["iptv"]["product_id"])["subscriptions"]] == ["active"]
    (access,) = (row for row in far_side(system, "P10000201")["services"] if row["domain"] == "access")
    assert access["values"]["profile"] == "ftth-300m"


def test_one_order_opens_two_sites_and_a_line(system: Rig, mixed: dict[str, Any]) -> None:
    view = mixed["sites"]
    assert view["state"] == "completed" and differences(view) == []
    network, line = view["items"]
    sites = far_side(system, network["product_id"])["services"]
    assert len([row for row in sites if row["domain"] == "vpn"]) == 2
    assert [row["state"] for row in far_side(system, line["product_id"])["services"]] == ["active"]
    assert {place["address_code"] for place in products_of(system, view)["mpls_vpn"]["places"]} == {"A0005", "A0023"}


def test_an_order_for_a_later_day_begins_on_that_day(system: Rig, mixed: dict[str, Any]) -> None:
    assert mixed["waiting"]["later"]["work_orders"] == []  # nobody was sent before
    assert mixed["later"]["state"] == "completed" and differences(mixed["later"]) == []
    begun = [event["at"] for event in mixed["later"]["events"] if event.get("to_state") == "inProgress"]
    assert max(begun) > mixed["waiting"]["later"]["ordered_at"]


def test_an_order_behind_another_begins_when_that_one_is_completed(system: Rig, mixed: dict[str, Any]) -> None:
    first, second = mixed["first"], mixed["second"]
    assert mixed["waiting"]["second"]["work_orders"] == []
    assert (first["state"], second["state"]) == ("completed", "completed")
    assert min(row["started_at"] for row in second["work_orders"] if row["started_at"]) > first["completed_at"]


def test_a_site_that_is_not_there_is_refused_and_nothing_is_stored(system: Rig) -> None:
    front = system.client()
    before = front.get(ORDERS, params={"limit": 1}).headers["X-Total-Count"]
    refused = front.tell(ORDERS, body_of(NO_SUCH_SITE), status=422)
    assert "TEN001-01" in refused["message"] or any("TEN001-01" in row["message"] for row in refused["details"])
    assert front.get(ORDERS, params={"limit": 1}).headers["X-Total-Count"] == before


def test_an_order_is_amended_on_its_way_and_comes_to_the_new_end(system: Rig) -> None:
    order_id = system.client().tell(ORDERS, body_of(FIBRE))["id"]
    system.stop_before("install_at_customer", order_id, within_s=PATIENCE_S)
    path, asked = f"/api/v1/orders/{order_id}/amendments", {"items": [{"item_no": "1", "offering": "fb-1000"}]}
    shown = system.client().tell(path, {**asked, "reason": "faster"}, status=200)
    assert not shown["refused"] and not shown["needs_approval"]
    confirmed = {**asked, "reason": "faster", "dry_run": False, "digest": shown["digest"]}
    system.client().tell(path, confirmed, status=201)

    view = system.follow(order_id, within_s=PATIENCE_S)

    assert view["state"] == "completed" and differences(view) == []
    (product,) = products_of(system, view).values()
    assert (product["offering"], product["characteristics"]["downstream_mbps"]) == ("fb-1000", 1000)
    far = far_side(system, product["product_id"])
    assert [row["values"]["profile"] for row in far["services"] if row["domain"] == "access"] == ["ftth-1000m"]
    assert [row["state"] for row in far["subscriptions"]] == ["active"]
    assert [row for row in effects_of(system, order_id) if row["count"] != 1] == []


def test_an_order_is_cancelled_on_its_way_and_nothing_is_left(system: Rig) -> None:
    order_id = system.client().tell(ORDERS, body_of(LINE))["id"]
    view = system.stop_before("install_end", order_id, within_s=PATIENCE_S)
    product_id = view["items"][0]["product_id"]
    assert far_side(system, product_id)["units"]
    asked = {"productOrder": {"id": order_id}, "cancellationReason": "changed their mind"}
    assert system.client().tell(CANCELS, asked)["state"] != "terminatedWithError"

    view = system.follow(order_id, within_s=PATIENCE_S)

    assert view["state"] == "cancelled"
    left = {book: rows for book, rows in far_side(system, product_id).items() if rows}
    assert not left, left
    assert [row for row in effects_of(system, order_id) if row["count"] != 1] == []


def test_afterwards_nothing_differs_and_nobody_has_to_look_at_anything(
    system: Rig, runs: dict[str, Run], mixed: dict[str, Any]
) -> None:
    assert system.client("ops").ask("/api/v1/incidents")["items"] == []
    assert json.loads(system.command("invariants", "--json")) == []
    compared = json.loads(system.command("reconcile", "--json"))
    assert compared["differences"] == []
    assert compared["unanswered"] == {}
