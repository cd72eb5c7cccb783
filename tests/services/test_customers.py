"""Customers at the counter: checked before they are taken in, found when they are there twice, made one for good."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.counter.identity import id_card_check_digit
from app.errors import Conflict
from app.persistence.counter.customers import Customer
from app.persistence.people import actor_for
from app.persistence.teamwork.work_items import WorkItem
from app.services.counter import customers
from app.unit_of_work import read
from tests.api.world import ORDERS, Person, codes, home_bundle
from tests.services.desk import Desk

CUSTOMERS = "/api/v1/customers"


def id_card(number: int, born: str = "19900101") -> str:
    first = f"990001{born}{number:03}"
    return first + id_card_check_digit(first)


def person(number: int, **more: Any) -> dict[str, Any]:
    given = {"name": f"试例{number}", "kind": "individual", "segment": "public", "area": "SH-SH", "id_type": "id_card"}
    return {**given, "id_number": id_card(number), "phone": f"1540009{number:04}", **more}


def company(**more: Any) -> dict[str, Any]:
    given = {"name": "试例（虚构）有限公司", "kind": "organization", "segment": "business", "area": "SH-SH"}
    return {**given, "id_type": "uscc", "id_number": "91350100M000100Y43", "phone": "021-55501234", **more}


def created(front: Person, body: dict[str, Any]) -> str:
    answer = front.post(CUSTOMERS, body)
    assert answer.status_code == 201, answer.get_json()
    assert answer.headers["Location"].endswith(answer.get_json()["customer_no"])
    return str(answer.get_json()["customer_no"])


def test_a_customer_gets_an_account_a_site_and_orders_something(office: Desk, front: Person) -> None:
    number = created(front, person(1, contacts=[{"name": "王演", "phone": "15400009999"}]))
    account = front.post(f"{CUSTOMERS}/{number}/accounts", {"kind": "postpaid"})
    assert account.status_code == 201
    site = front.post(f"{CUSTOMERS}/{number}/sites", {"name": "家", "address_code": "A0013"})
    assert (site.status_code, site.get_json()["area"]) == (201, "SH-SH")
    assert front.post(f"{CUSTOMERS}/{number}/sites", {"name": "远", "address_code": "A0017"}).status_code == 404
    order = front.post(ORDERS, home_bundle(relatedParty=[{"id": number, "role": "customer"}]))
    assert order.status_code == 201, order.get_json()
    view = front.get(f"{CUSTOMERS}/{number}").get_json()
    assert [row["number"] for row in view["open_orders"]] == [order.get_json()["orderNumber"]]
    assert [row["account_no"] for row in view["accounts"]] == [account.get_json()["account_no"]]
    assert (view["name"], view["phone"], view["id_number"]) == (
        "试*",
        "154****0001",
        f"990***********{id_card(1)[-4:]}",
    )
    assert view["contacts"] == [{"name": "王*", "role": "other", "phone": "154****9999"}]
    assert office.person("bj.front").get(f"{CUSTOMERS}/{number}").status_code == 404
    found = front.get(f"{CUSTOMERS}?q={id_card(1)}").get_json()["items"]
    assert [row["customer_no"] for row in found] == [number]


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"id_number": id_card(2)[:-1] + "5"}, "id_number", "wrong-check-digit"),
        ({"id_number": id_card(2, "20150101")}, "id_number", "minor"),
        ({"birth_date": "1991-01-01"}, "id_number", "other-birth-date"),
        ({"id_type": "uscc"}, "id_type", "not-allowed"),
        ({"phone": "12345"}, "phone", "not-a-phone"),
        ({"email": "me@here"}, "email", "not-an-email"),
        ({"segment": "large"}, "segment", "not-allowed"),
        ({"area": "BJ-BJ"}, "area", "area-outside"),
        ({"area": "XX"}, "area", "area-outside"),
        ({"contacts": [{"name": "x", "phone": "1"}]}, "contacts.0.phone", "not-a-phone"),
        ({"kind": "ghost"}, "kind", "not-allowed"),
        ({"shoe_size": 42}, "shoe_size", "unknown-field"),
    ],
)
def test_what_cannot_be_right_is_refused_by_field(front: Person, change: dict[str, Any], path: str, code: str) -> None:
    answer = front.post(CUSTOMERS, person(2, **change))
    assert answer.status_code == 422 and codes(answer) == {path: code}, answer.get_json()


def test_a_part_of_the_company_is_taken_in_by_a_manager_and_orders_segments_of_lines(
    office: Desk, front: Person
) -> None:
    inside = company(segment="internal", id_number="91990002MADM00916J", name="试例区域（虚构）", phone="021-55509999")
    assert codes(front.post(CUSTOMERS, inside)) == {"segment": "not-allowed"}
    number = created(office.person("sh.manager"), inside)
    assert codes(front.patch(f"{CUSTOMERS}/{number}", {"phone": "021-55501235", "why": "x"})) == {
        "segment": "not-allowed"
    }
    traits = {"bandwidth_kbps": 10240, "interface": "ge_electrical", "parent_circuit": "FAR-000009"}
    segment = {
        "id": "1",
        "action": "add",
        "product": {
            "productSpecification": {"id": "leased_line_segment"},
            "productCharacteristic": [{"name": name, "value": value} for name, value in traits.items()],
            "place": [{"id": "A0006", "role": "a_end"}],
        },
    }
    body = {"@type": "ProductOrder", "externalId": "FAR-1", "channel": [{"id": "partner_api"}]}
    body |= {"productOrderItem": [segment]}
    for customer, status in ((number, 201), ("C300001", 422)):
        who = {"relatedParty": [{"id": customer, "role": "customer", "@referredType": "Customer"}]}
        answer = front.post(ORDERS, {**body, **who, "externalId": f"FAR-{customer}"})
        assert answer.status_code == status, answer.get_json()
    assert codes(answer) == {"productOrderItem.0.product.productSpecification.id": "unknown-product"}


def test_nobody_is_taken_in_twice_unawares(office: Desk, front: Person) -> None:
    number = created(front, person(3, email="three@example.com"))
    same = front.post(CUSTOMERS, person(3, name="试另"))
    assert (same.status_code, same.get_json()["code"]) == (409, "customer-exists")
    assert number in same.get_json()["detail"]
    abroad = office.person("bj.front").post(CUSTOMERS, person(3, area="BJ-BJ"))
    assert abroad.status_code == 409 and number not in str(abroad.get_json())
    alike = person(3, id_type="passport", id_number="E12345678")
    asked = front.post(CUSTOMERS, alike)
    assert (asked.status_code, asked.get_json()["code"]) == (409, "possible-duplicate")
    assert number in asked.get_json()["details"][0]["message"]
    other = created(front, {**alike, "confirmed": True})
    twins = front.get(f"{CUSTOMERS}/{number}/duplicates").get_json()["items"]
    assert [(row["customer"]["customer_no"], row["score"]) for row in twins] == [(other, 70)]
    assert twins[0]["reasons"] == ["the same name", "the same phone"]


def test_two_who_are_one_are_made_one_for_good(office: Desk, front: Person) -> None:
    manager = office.person("sh.am")
    keep = created(front, person(4))
    gone = created(front, person(4, id_type="passport", id_number="E87654321", confirmed=True))
    account = front.post(f"{CUSTOMERS}/{gone}/accounts", {"kind": "prepaid"}).get_json()["account_no"]
    asked = {"gone": gone, "why": "same person, two documents"}
    assert front.post(f"{CUSTOMERS}/{keep}/merge", asked).status_code == 403
    told = manager.post(f"{CUSTOMERS}/{keep}/merge", asked).get_json()
    assert (told["done"], told["moved"]["accounts"]) == (False, 1) and "cannot be undone" in told["warning"]
    assert front.get(f"{CUSTOMERS}/{keep}").get_json()["accounts"] == []
    done = manager.post(f"{CUSTOMERS}/{keep}/merge", {**asked, "confirmed": True}).get_json()
    assert done["done"] is True
    assert [row["account_no"] for row in front.get(f"{CUSTOMERS}/{keep}").get_json()["accounts"]] == [account]
    left = front.get(f"{CUSTOMERS}/{gone}").get_json()
    assert (left["merged_into"], left["accounts"]) == (keep, [])
    order = front.post(ORDERS, home_bundle(relatedParty=[{"id": gone, "role": "customer"}]))
    assert codes(order) == {"relatedParty": "customer-merged"}
    again = manager.post(f"{CUSTOMERS}/{keep}/merge", {**asked, "confirmed": True})
    assert again.status_code == 409
    assert front.patch(f"{CUSTOMERS}/{gone}", {"why": "x", "email": "a@example.com"}).status_code == 409
    lines = front.get(f"{CUSTOMERS}/{keep}/history").get_json()["items"]
    assert [(line["kind"], line["who"]) for line in lines] == [("merged", "sh.am"), ("created", "front")]
    assert lines[0]["detail"]["gone"] == gone and lines[0]["why"] == asked["why"]


def test_who_cannot_be_one_stays_two(office: Desk, front: Person) -> None:
    manager = office.person("sh.am")
    one, two, firm = created(front, person(5)), created(front, person(6)), created(front, company())
    for gone, code in ((two, "other-document"), (firm, "other-kind"), (one, "same")):
        answer = manager.post(f"{CUSTOMERS}/{one}/merge", {"gone": gone, "why": "x", "confirmed": True})
        assert answer.status_code == 422 and code in codes(answer).values()
    busy = created(front, person(7, id_type="passport", id_number="E7654321"))
    placed = front.post(ORDERS, home_bundle(relatedParty=[{"id": busy, "role": "customer"}])).get_json()
    answer = manager.post(f"{CUSTOMERS}/{one}/merge", {"gone": busy, "why": "x", "confirmed": True})
    assert codes(answer) == {"gone": "open-orders"} and placed["orderNumber"] in answer.get_json()["detail"]


def test_corrections_are_checked_as_a_whole_and_written_down(front: Person) -> None:
    number = created(front, person(8))
    changed = front.patch(f"{CUSTOMERS}/{number}", {"phone": "55501234", "why": "moved"})
    assert changed.status_code == 422  # eight digits need their area code
    changed = front.patch(f"{CUSTOMERS}/{number}", {"phone": "021-55501234", "tier": "gold", "why": "moved"})
    assert (changed.status_code, changed.get_json()["tier"]) == (200, "gold")
    taken = front.patch(f"{CUSTOMERS}/{number}", {"id_number": "990001195801010013", "why": "typing mistake"})
    assert (taken.status_code, taken.get_json()["code"]) == (409, "customer-exists")
    line = front.get(f"{CUSTOMERS}/{number}/history").get_json()["items"][0]
    assert (line["detail"], line["why"]) == ({"fields": ["phone", "tier"]}, "moved")
    agreement = {"name_zh": "合同", "starts_on": "2026-01-01", "ends_on": "2027-01-01"}
    private = front.post(f"{CUSTOMERS}/{number}/contracts", agreement)
    assert codes(private) == {"customer": "not-a-company"}


REVEALS = "/api/v1/reveals"


def test_data_that_somebody_else_has_changed_meanwhile_is_not_written_over(office: Desk, front: Person) -> None:
    number = created(front, person(61))
    deps = office.whole.deps
    with read(deps.read_sessions) as session:
        actor = actor_for(session, "front")
        seen = customers.last_change(session, number)
    assert seen is not None
    customers.change(number, {"tier": "gold"}, actor, deps, why="first", seen=seen.seq)
    with pytest.raises(Conflict):
        customers.change(number, {"tier": "silver"}, actor, deps, why="second", seen=seen.seq)
    customers.change(number, {"email": "a@example.com"}, actor, deps, why="whatever it is")
    with read(deps.read_sessions) as session:
        assert [line.why for line in customers.history(number, actor, deps)] == ["whatever it is", "first", ""]
        row = session.get_one(Customer, number)
        assert (row.tier, row.email) == ("gold", "a@example.com")


def test_a_masked_value_is_shown_for_a_reason_and_everybody_who_looked_is_known(office: Desk, front: Person) -> None:
    number = created(front, person(71))
    asked = {"customer_no": number, "field": "phone", "reason": "call back about the visit"}
    shown = front.post(REVEALS, asked)
    assert (shown.status_code, shown.get_json()["value"]) == (200, "15400090071")
    assert shown.headers["Cache-Control"] == "no-store"
    (line,) = office.person("ops2").get(f"{REVEALS}?customer_no={number}").get_json()["items"]
    assert (line["login"], line["field"], line["reason"]) == ("front", "phone", "call back about the visit")
    assert "15400090071" not in str(line)
    assert front.get(REVEALS).status_code == 403


def test_who_may_not_look_sees_nothing_and_leaves_nothing(office: Desk, front: Person) -> None:
    number = created(front, person(72))
    asked = {"customer_no": number, "field": "phone", "reason": "call back about the visit"}
    assert office.person("bj.front").post(REVEALS, asked).status_code == 404
    assert office.person("back").post(REVEALS, asked).status_code == 403
    empty = front.post(REVEALS, {**asked, "reason": "  a  ", "field": "password"})
    assert (empty.status_code, set(codes(empty))) == (422, {"field", "reason"})
    assert front.post(REVEALS, {**asked, "reason": "x" * 201}).status_code == 422
    assert office.person("ops2").get(f"{REVEALS}?customer_no={number}").get_json()["total"] == 0


def test_who_looks_twenty_times_in_an_hour_is_reported_once(office: Desk) -> None:
    manager = office.person("sh.am")
    number = created(office.person("front"), person(73))
    for _ in range(22):
        assert manager.post(REVEALS, {"customer_no": number, "field": "name", "reason": "checking"}).status_code == 200
    with read(office.whole.deps.sessions) as session:
        told = session.scalars(select(WorkItem).where(WorkItem.title_en.contains("personal data"))).all()
    assert [(item.team_role, "sh.am" in item.title_zh) for item in told] == [("quality", True)]
