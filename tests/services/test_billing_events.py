"""Billing asks for stops and restorations, and tells of payments: signed events become orders, each once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from adapters.signing import signed_headers
from app.persistence.counter.customers import Customer, InstalledProduct
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.ordering import order_waits
from app.unit_of_work import transaction
from processes.wall_clock import wall_now
from tests.api.world import ORDERS, Person, home_bundle
from tests.services.desk import Desk
from tests.services.whole import SECRET

EVENTS = "/api/v1/billing-events"


@dataclass
class Billing:
    """Billing, and one account of a customer of Shanghai; each test has an account of its own."""

    office: Desk
    place: str

    @property
    def account(self) -> str:
        return f"AC1000{self.place}1"

    @property
    def customer(self) -> str:
        return f"C1000{self.place}"

    @property
    def product(self) -> str:
        return f"P1000{self.place}01"

    def send(self, number: str, *, key: str = SECRET, **event: Any) -> TestResponse:
        number = f"{self.place}-{number}"
        given = {"instruction_no": number, "kind": "suspend", "account_no": self.account, **event}
        body = json.dumps({"occurred_at": datetime.now(UTC).isoformat(), **given}).encode()
        headers = signed_headers([key.encode()], f"m-{number}", int(wall_now().timestamp()), body)
        return self.office.whole.client.post(EVENTS, data=body, content_type="application/json", headers=headers)

    def told(self, number: str, **event: Any) -> dict[str, Any]:
        answer = self.send(number, **event)
        assert answer.status_code == 200, answer.get_json()
        shown: dict[str, Any] = answer.get_json()
        return shown

    def outcome(self, number: str, **event: Any) -> str:
        """The reason against it, or the state."""
        row = self.told(number, **event)
        return str(row["reasons"][0]["code"] if row["reasons"] else row["state"])

    def state(self, row: dict[str, Any]) -> str:
        """The state of the order of an instruction."""
        return str(self.office.person("front").get(f"/api/v1/orders/{row['order_number']}").get_json()["state"])

    def ended(self, row: dict[str, Any]) -> str:
        """The same, after everything automatic is done."""
        self.office.work()
        with transaction(self.office.whole.deps.sessions) as tx:
            deps = self.office.whole.deps
            order_waits.release_due(tx.session, deps.engine, deps.clock(tx.session))
        self.office.work()
        return self.state(row)

    def status(self) -> str:
        return str(self.office.person("front").get(f"/api/v1/products/{self.product}").get_json()["status"])

    def stopped(self, **how: Any) -> None:
        """Let every product of the account be stopped already."""
        with transaction(self.office.whole.deps.sessions) as tx:
            for row in tx.session.query(InstalledProduct).filter_by(account_no=self.account):
                row.status, row.suspended = "suspended", {"mode": "two_way", **how}


def test_a_stop_and_a_payment_go_through_and_each_number_acts_once(office: Desk, front: Person) -> None:
    billing = Billing(office, "02")
    asked = {"mode": "one_way", "occurred_at": datetime.now(UTC).isoformat()}
    first = billing.told("S1", **asked)
    assert (first["state"], first["reasons"]) == ("ordered", [])
    assert billing.told("S1", **asked) == first
    assert billing.send("S1", **{**asked, "mode": "two_way"}).status_code == 409
    assert billing.ended(first) == "completed"
    order = front.get(f"{ORDERS}/{first['order_id']}").get_json()
    assert (order["channel"], order["category"], order["priority"]) == ([{"id": "billing"}], "suspend", "4")
    assert len(order["productOrderItem"]) == 2  # everything the account pays for, in one order
    assert billing.status() == "suspended"
    harder = billing.told("S2")
    assert (harder["state"], billing.ended(harder)) == ("ordered", "completed")
    assert billing.outcome("S3") == "nothing_to_do"
    paid = billing.told("P1", kind="payment")
    assert (paid["state"], paid["withdrawn"], billing.ended(paid)) == ("ordered", [], "completed")
    assert billing.status() == "active"
    assert billing.outcome("P2", kind="payment") == "nothing_to_do"
    listed = front.get(f"{EVENTS}?account_no={billing.account}").get_json()["items"]
    assert [row["instruction_no"][3:] for row in listed] == ["P2", "P1", "S3", "S2", "S1"]
    stranger = office.person("bj.front").get(f"{EVENTS}?account_no={billing.account}")
    assert stranger.get_json()["items"] == []


def test_a_payment_before_anything_was_sent_calls_the_stop_off(office: Desk, front: Person) -> None:
    billing = Billing(office, "12")
    stop = billing.told("S1")
    paid = billing.told("P1", kind="payment")
    assert (paid["state"], paid["withdrawn"]) == ("nothing_to_do", [stop["order_number"]])
    assert billing.ended(stop) == "cancelled"
    rows = front.get(f"{EVENTS}?account_no={billing.account}").get_json()["items"]
    assert [(row["state"], [one["code"] for one in row["reasons"]]) for row in rows] == [
        ("nothing_to_do", []),
        ("withdrawn", ["paid"]),
    ]


def test_a_payment_while_a_neighbour_is_stopping_lets_it_finish_and_restores(office: Desk, front: Person) -> None:
    billing = Billing(office, "06")
    stop = billing.told("S1")
    office.whole.worker.drain()  # the calls are out, their answers are not in yet
    paid = billing.told("P1", kind="payment")
    assert (paid["state"], paid["withdrawn"]) == ("ordered", [])
    office.work()
    assert (billing.state(stop), billing.state(paid), billing.status()) == ("completed", "pending", "suspended")
    assert (billing.ended(paid), billing.status()) == ("completed", "active")


def test_a_stop_waits_behind_an_order_under_way(office: Desk, front: Person) -> None:
    billing = Billing(office, "08")
    gone = {"id": "1", "action": "delete", "product": {"id": billing.product}}
    party = [{"id": billing.customer, "role": "customer"}]
    first = front.post(ORDERS, home_bundle(category="disconnect", relatedParty=party, productOrderItem=[gone]))
    office.work()
    stop = billing.told("S1")
    assert (stop["state"], billing.ended(stop)) == ("ordered", "pending")
    view = front.get(f"/api/v1/orders/{stop['order_number']}").get_json()
    assert first.get_json()["orderNumber"] in json.dumps(view, ensure_ascii=False)


def test_nobody_is_cut_off_who_must_not_be(office: Desk, front: Person) -> None:
    billing = Billing(office, "10")

    def ticket(number: str, kind: str, hours: int) -> None:
        opened_at = office.whole.deps.clock(tx.session) - timedelta(hours=hours)
        who = {"customer_no": billing.customer, "area": "SH-SH"}
        tx.session.add(TroubleTicket(number=number, ticket_type=kind, opened_at=opened_at, **who))

    long_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    with transaction(office.whole.deps.sessions) as tx:
        ticket("T-9999-000001", "fault", 25)
    assert billing.outcome("S1") == "ticket-open"
    with transaction(office.whole.deps.sessions) as tx:
        ticket("T-9999-000002", "complaint", 1)
    assert billing.outcome("S2") == "complaint-open"
    assert billing.outcome("P1", kind="payment") == "nothing_to_do"
    assert billing.outcome("S3", occurred_at=long_ago) == "paid-since"
    with transaction(office.whole.deps.sessions) as tx:
        mine = tx.session.get_one(InstalledProduct, billing.product)
        mine.characteristics = {**mine.characteristics, "service_grade": "AAA"}
    assert billing.outcome("S4", occurred_at=long_ago) == "grade-aaa"
    with transaction(office.whole.deps.sessions) as tx:
        tx.session.get_one(Customer, billing.customer).tags = ["protected"]
    refused = billing.told("S5")
    assert (refused["state"], refused["reasons"][0]["code"]) == ("refused", "protected-customer")
    assert (refused["order_number"], billing.status()) == (None, "active")


def test_termination_needs_sixty_days_and_two_notices(office: Desk, front: Person) -> None:
    billing = Billing(office, "09")
    assert billing.outcome("D1", kind="disconnect", notices=2) == "not-suspended-long-enough"
    billing.stopped(asked_by="billing", since=(datetime.now(UTC) - timedelta(days=61)).isoformat())
    assert billing.outcome("D2", kind="disconnect", notices=1) == "notices-missing"
    last = billing.told("D3", kind="disconnect", notices=2, products=[billing.product])
    assert last["state"] == "ordered"
    order = front.get(f"{ORDERS}/{last['order_id']}").get_json()
    assert [row["product"]["id"] for row in order["productOrderItem"]] == [billing.product]


def test_a_stop_at_the_customers_wish_is_not_restored_by_a_payment(office: Desk, front: Person) -> None:
    billing = Billing(office, "01")
    billing.stopped(asked_by="customer", since="2026-01-01T00:00:00+00:00")
    assert billing.outcome("P1", kind="payment") == "nothing_to_do"


def test_the_door_opens_to_who_signs_and_says_what_is_wrong(office: Desk, front: Person) -> None:
    billing = Billing(office, "03")
    assert billing.send("S1", key="another secret of somebody").status_code == 401
    assert front.post(EVENTS, {"instruction_no": "S1"}).status_code == 401
    assert billing.send("S1", account_no="AC0").status_code == 404
    wrong = billing.send("S" * 60)
    assert wrong.status_code == 422 and wrong.get_json()["details"][0]["path"] == "instruction_no"
    assert billing.send("S1", kind="explode").status_code == 422
