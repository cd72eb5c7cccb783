"""A quote: price, promise and reasons before anything is ordered; a neighbour that is down makes it a pending check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.domain.counter.quotes import VALID_FOR
from app.persistence.counter.order_quotes import OrderQuote, forget_quotes
from app.persistence.products.catalogue import Price
from app.unit_of_work import transaction
from tests.api.test_repairs import Broken
from tests.api.world import CANCELS, ORDERS, Person, codes, home_bundle, item
from tests.services.desk import Desk

QUOTES = "/api/v1/quotes"
CUSTOMER = "/api/v1/customers/C100003"


def test_a_quote_says_price_promise_and_reasons_in_both_languages(office: Desk, front: Person) -> None:
    before = front.get(CUSTOMER).get_json()["open_orders"]
    made = front.post(QUOTES, home_bundle()).get_json()
    assert (made["state"], made["credit"]) == ("fine", {"answered": True, "verdict": "ok"})
    (row,) = made["items"]
    assert row["feasibility"] == {"answered": True, "verdict": "available"}
    assert float(made["first_bill_cny"]) == float(row["one_off_cny"]) + float(row["monthly_cny"]) > 0
    assert row["promise"]["due_at"] == made["promised_at"] and row["promise"]["reasons"]
    front.language = "zh"
    again = front.post(QUOTES, home_bundle()).get_json()
    front.language = "en"
    assert again["items"][0]["promise"]["reasons"] != row["promise"]["reasons"]
    assert front.get(CUSTOMER).get_json()["open_orders"] == before  # nothing is ordered
    assert again["number"] != made["number"] and made["valid_until"] > made["promised_at"]


def test_what_cannot_be_ordered_is_not_quoted(front: Person) -> None:
    answer = front.post(QUOTES, home_bundle(productOrderItem=[item(productOffering={"id": "fb-50-old"})]))
    assert answer.status_code == 422 and "productOrderItem.0.productOffering.id" in codes(answer)


def test_leaving_an_agreement_early_has_a_price(office: Desk) -> None:
    gone = {"id": "1", "action": "delete", "product": {"id": "P30000101"}}
    body = home_bundle(
        category="disconnect", relatedParty=[{"id": "C300001", "role": "customer"}], productOrderItem=[gone]
    )
    made = office.person("sh.am").post(QUOTES, body)
    assert made.status_code == 200, made.get_json()
    assert float(made.get_json()["items"][0]["penalty_cny"]) > 0


def test_a_neighbour_that_is_down_makes_it_a_pending_check(office: Desk, front: Person) -> None:
    ports = office.whole.deps.ports
    kept = dict(ports)
    ports["resource"] = ports["billing"] = Broken()  # type: ignore[index]
    try:
        made = front.post(QUOTES, home_bundle()).get_json()
    finally:
        ports.update(kept)  # type: ignore[attr-defined]
    assert made["state"] == "pending_check"
    assert (made["credit"]["answered"], made["items"][0]["feasibility"]["answered"]) == (False, False)
    assert made["items"][0]["promise"] is not None


def by(quote: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The order that was quoted."""
    return home_bundle(quote=[{"id": quote["number"]}], **more)


def cancel(office: Desk, front: Person, order: dict[str, Any]) -> None:
    body = {"productOrder": {"id": order["id"]}, "cancellationReason": "test"}
    assert front.post(CANCELS, body).status_code == 201
    office.work()


def test_an_order_by_a_quote_keeps_what_was_told_and_no_second_one_does(office: Desk, front: Person) -> None:
    quote = front.post(QUOTES, home_bundle()).get_json()
    placed = front.post(ORDERS, by(quote))
    assert placed.status_code == 201, placed.get_json()
    order = placed.get_json()
    told = front.get(f"/api/v1/orders/{order['id']}").get_json()["checks"]["quote"]
    assert (told["number"], told["made_by"], told["first_bill_cny"]) == (
        quote["number"],
        "front",
        quote["first_bill_cny"],
    )
    (row,) = told["items"]
    assert row["prices"] and row["feasibility"] == {"answered": True, "verdict": "available"}
    assert all(reason["zh"] and reason["en"] for reason in row["promise"]["reasons"])
    assert codes(front.post(ORDERS, by(quote))) == {"quote.0.id": "quote-used"}
    cancel(office, front, order)
    assert order["quote"] == [{"id": quote["number"]}]  # shown again as it came


def test_what_is_not_as_it_was_quoted_is_refused(office: Desk, front: Person) -> None:
    quote = front.post(QUOTES, home_bundle()).get_json()
    others = {"productOrderItem": [item(productOffering={"id": "hb-1000"})]}
    assert codes(front.post(ORDERS, by(quote, **others))) == {"quote.0.id": "quote-differs"}
    somebody = {"relatedParty": [{"id": "C100004", "role": "customer"}]}
    assert codes(front.post(ORDERS, by(quote, **somebody))) == {"quote.0.id": "quote-differs"}
    with transaction(office.whole.deps.sessions) as tx:
        price = tx.session.scalars(select(Price).where(Price.offering == "hb-500", Price.kind == "recurring")).first()
        assert price is not None
        kept, price.amount_cny = price.amount_cny, "1.00"
        code = price.code
    try:
        dearer = front.post(ORDERS, by(quote))
        assert codes(dearer) == {"quote.0.id": "quote-differs"}
        assert quote["first_bill_cny"] in dearer.get_json()["message"]
    finally:
        with transaction(office.whole.deps.sessions) as tx:
            tx.session.execute(update(Price).where(Price.code == code).values(amount_cny=kept))
    unknown = home_bundle(quote=[{"id": "Q-2001-000001"}])
    assert codes(front.post(ORDERS, unknown)) == {"quote.0.id": "unknown-quote"}
    stranger = office.person("bj.front").post(ORDERS, by(quote))
    assert codes(stranger)["quote.0.id"] == "unknown-quote"
    foreign = front.post(ORDERS, home_bundle(quote=[{"id": "CPQ/17"}]))  # of another system
    assert foreign.status_code == 201
    cancel(office, front, foreign.get_json())


def test_quotes_are_good_for_a_time_and_then_forgotten(office: Desk, front: Person) -> None:
    quote = front.post(QUOTES, home_bundle()).get_json()
    mine = OrderQuote.number == quote["number"]
    with transaction(office.whole.deps.sessions) as tx:
        now = office.whole.deps.clock(tx.session)
        row = tx.session.scalars(select(OrderQuote).where(mine)).one()
        assert timedelta() <= now + VALID_FOR - row.valid_until < timedelta(minutes=5)
        row.valid_until = now - timedelta(seconds=1)
    assert codes(front.post(ORDERS, by(quote))) == {"quote.0.id": "quote-expired"}
    with transaction(office.whole.deps.sessions) as tx:
        assert forget_quotes(tx.session, before=now - timedelta(days=1)) == 0
        assert forget_quotes(tx.session, before=now) == 1
        assert tx.session.scalars(select(OrderQuote).where(mine)).one_or_none() is None


def test_what_the_customer_takes_away_says_what_was_told(office: Desk, front: Person) -> None:
    quote = front.post(QUOTES, home_bundle()).get_json()
    order = front.post(ORDERS, by(quote, externalId="CONFIRM-1")).get_json()
    path = f"/api/v1/orders/{order['orderNumber']}/confirmation"
    told = front.get(path).get_json()
    assert (told["number"], told["external_id"], told["quote"]) == (
        order["orderNumber"],
        "CONFIRM-1",
        quote["number"],
    )
    assert told["customer"] == "吕*" and told["account_no"]
    (row,) = told["items"]
    (quoted,) = quote["items"]
    assert (row["one_off_cny"], row["monthly_cny"]) == (quoted["one_off_cny"], quoted["monthly_cny"])
    assert float(told["one_off_cny"]) + float(told["monthly_cny"]) == float(quote["first_bill_cny"])
    assert (row["product"], row["order_type"]) == ("Home bundle", "Install")
    assert {"name": "With IPTV", "value": "yes", "unit": ""} in row["characteristics"]
    assert row["promised_at"] == told["promised_at"] and row["why"].endswith(".")
    assert row["places"] and all("***" in place for place in row["places"])
    front.language = "zh"
    in_chinese = front.get(path).get_json()
    front.language = "en"
    assert in_chinese["items"][0]["why"] != row["why"] and "到期" in in_chinese["items"][0]["why"]
    assert office.person("bj.front").get(path).status_code == 404
    cancel(office, front, order)


def test_a_network_costs_its_sites_and_begins_before_its_day(office: Desk) -> None:
    manager = office.person("sh.am")
    places = [{"id": code, "role": "site"} for code in ("A0005", "A0023", "A0003")]
    network = {"id": "1", "action": "add", "productOffering": {"id": "vpn-site-10m"}, "product": {"place": places}}
    wanted = "2027-03-11T09:00:00+08:00"
    body = home_bundle(
        relatedParty=[{"id": "C300001", "role": "customer"}], productOrderItem=[network], requestedStartDate=wanted
    )
    placed = manager.post(ORDERS, body)
    assert placed.status_code == 201, placed.get_json()
    told = manager.get(f"/api/v1/orders/{placed.get_json()['id']}/confirmation").get_json()
    assert (told["one_off_cny"], told["monthly_cny"]) == ("3000.00", "4500.00")
    assert {row["times"] for row in told["items"][0]["prices"]} == {3}
    assert told["work_begins"] < told["wanted_from"] and told["promised_at"] is None  # promised from that day on
    cancel(office, manager, placed.get_json())
