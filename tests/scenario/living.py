"""Carries orders of many products through one running system at the same time, people's part over the interface too,
and judges each by what we and the neighbours have in the books afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.cli.client import Client as CommandClient
from app.cli.field_crew import FieldCrew
from tests.scenario.lives import AFTERWARDS, Life, Step
from tests.scenario.rig import FINAL, ORDERS, Rig

#: An order of this many orders at the same time ends within this many seconds, or it never does.
PATIENCE_S = 600.0
LOOK_S = 0.6
#: What a neighbour calls a thing that is there, but not for a customer any more.
GONE = {
    "terminated",
    "cancelled",
    "released",
    "withdrawn",
    "reversed",
    "quarantined",
    "free",
    "removed",
    "expired",
    "ended",
}


@dataclass(frozen=True, kw_only=True)
class Lived:
    """One order that came to its end. ``far``: what the neighbours have of the product then, by book."""

    life: Life
    step: Step
    view: Mapping[str, Any]
    product: Mapping[str, Any]
    effects: Sequence[Mapping[str, Any]]
    far: Mapping[str, Sequence[Mapping[str, Any]]]
    customer: str


class Crew(FieldCrew):
    """Does whatever is to be done, for any order."""

    def work_all(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Do these work items, one after the other."""
        return self._do_all(rows)


@dataclass
class Crowd:
    """Everybody who works at the system: does every work item there is, and says where one cannot be done."""

    rig: Rig
    trouble: dict[str, Any] = field(default_factory=dict)  # order number -> the work item nobody can do
    _stop: threading.Event = field(default_factory=threading.Event)

    def work(self, server: int) -> None:
        """Look at the list of all that is to be done again and again, until stopped."""
        with closing(CommandClient(self.rig.urls[server], "demo-front")) as client:
            crew = Crew(client)
            while not self._stop.wait(LOOK_S / 3):
                rows = client.get("/api/v1/work-items", tab="all", limit=100)["items"]
                wanted = [row for row in rows if row["state"] in {"open", "claimed"}]
                stuck = {row["order_number"]: row for row in wanted if is_stuck(row)}
                self.trouble.update(stuck)
                crew.work_all([row for row in wanted if row["order_number"] not in stuck])

    def stop(self) -> None:
        """Send everybody home."""
        self._stop.set()


def is_stuck(row: Mapping[str, Any]) -> bool:
    """Whether a work item says that something went wrong."""
    return bool(row["incident_id"]) or row["form_key"] == "resolve_difference"


@contextmanager
def crowd(rig: Rig) -> Iterator[Crowd]:
    """People at work, as many as there are web servers."""
    people = Crowd(rig)
    with ThreadPoolExecutor(len(rig.urls)) as pool:
        shifts = [pool.submit(people.work, server) for server in range(len(rig.urls))]
        try:
            yield people
        finally:
            people.stop()
    for shift in shifts:
        shift.result()


def live(rig: Rig, people: Crowd, life: Life, keep: Callable[[Lived], None]) -> None:
    """One product from its first order to its last; where one goes wrong the others cannot be placed."""
    owner, account, product_id, places = life.customer, life.account, "", []
    for number, step in enumerate(life.steps, start=1):
        site_code = next((place["site_code"] for place in places if place["address_code"] == step.site_at), "")
        cell = life.cell(step, product_id=product_id, customer=owner, account=account, site_code=site_code)
        order_id = rig.client().tell(ORDERS, cell.body(f"{life.title[:50]}, {number}"))["id"]
        view = ended(rig, people, order_id)
        product_id = view["items"][0]["product_id"]
        product = rig.client().ask(f"/api/v1/products/{product_id}")
        owner = step.traits.get("to_customer", owner)
        account, places = product["account_no"] or "", product["places"]
        effects, far = effects_of(rig, order_id), far_side(rig, product_id)
        keep(Lived(life=life, step=step, view=view, product=product, effects=effects, far=far, customer=owner))


def ended(rig: Rig, people: Crowd, order_id: str) -> Any:
    """Wait until others have brought an order to its end; returns its view."""
    deadline = time.monotonic() + PATIENCE_S
    number = rig.order(order_id)["number"]
    while rig.client().ask(f"{ORDERS}/{order_id}", fields="id,state")["state"] not in FINAL:
        stuck = people.trouble.get(number)
        assert not stuck, told(rig, stuck)
        if time.monotonic() > deadline:
            view = rig.order(order_id)
            raise AssertionError(f"{number} is still {view['state']}, waits for {view.get('waits_for')}")
        time.sleep(LOOK_S)
    return rig.order(order_id)


def told(rig: Rig, stuck: Mapping[str, Any]) -> Any:
    """Why nobody can do a work item: the incident, or what differs."""
    if stuck["incident_id"]:
        return rig.client("ops").ask(f"/api/v1/incidents/{stuck['incident_id']}")
    return rig.client().ask(f"/api/v1/work-items/{stuck['id']}")["context"]


def effects_of(rig: Rig, order_id: str) -> list[dict[str, Any]]:
    """Every write at the neighbours for an order."""
    return [row for row in rig.effects() if order_id in str(row["business_key"]) and row["is_write"]]


def far_side(rig: Rig, product_id: str) -> dict[str, list[Mapping[str, Any]]]:
    """What the neighbours have of a product: what it holds, how it is set up, whether it costs and is watched."""
    books = {"units": "resource", "services": "provisioning", "subscriptions": "billing", "monitors": "fault"}
    return {
        book: [
            row
            for row in rig.books(adapter, book)
            if row.get("product_id") == product_id and row.get("state") not in GONE
        ]
        for book, adapter in books.items()
    }


def judge(lived: Lived) -> None:
    """Whether an order left behind what its type promises."""
    step, view, product = lived.step, lived.view, lived.product
    assert view["state"] == "completed"
    assert {item["state"] for item in view["items"]} == {"completed"}
    assert {row["state"] for row in view["work_orders"]} == {"completed"}
    assert differences(view) == []
    assert lived.effects and [row for row in lived.effects if row["count"] != 1] == []
    assert product["status"] == AFTERWARDS.get(step.order_type, "active")
    assert product["customer_no"] == lived.customer
    asked = {name: value for name, value in step.traits.items() if name in product["characteristics"]}
    assert {name: product["characteristics"][name] for name in asked} == asked
    if not step.site_at:
        assert {code for _, code in step.places} <= {place["address_code"] for place in product["places"]}
    judge_far_side(lived)


def judge_far_side(lived: Lived) -> None:
    """Nothing is left of what was removed; what stands still is paid for and set up as the order says."""
    far = lived.far
    if lived.step.order_type == "disconnect":
        left = {book: rows for book, rows in far.items() if rows}
        assert not left, left
        return
    costs = [row["state"] for row in far["subscriptions"]]
    assert costs == ([] if lived.life.is_internal else [lived.product["status"]]), costs
    assert far["units"], "it holds nothing"
    if lived.life.is_internal:
        return  # one end of what somebody else sets up
    stopped = {"suspended", "blocked"}
    states = {row["state"] for row in far["services"]}
    assert states, "nothing is set up"
    assert bool(states & stopped) == (lived.step.order_type == "suspend"), states


def differences(view: Mapping[str, Any]) -> list[Any]:
    """What the comparisons of an order found."""
    found = (event.get("detail") or {} for event in view["events"] if event["kind"] == "reconcile")
    return [row for detail in found for row in detail.get("differences", [])]
