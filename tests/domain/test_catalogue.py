"""What may be said about a product, and what is wrong when it may not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.domain.products.catalogue import Catalogue, serves
from app.domain.products.characteristics import check_characteristics
from tests.domain.sample_catalogue import catalogue


def check(given: dict[str, Any], **more: Any) -> Any:
    known = catalogue()
    return check_characteristics(
        known.products[more.pop("product", "ftth_broadband")],
        known.order_types[more.pop("order_type", "install")],
        given,
        offering=known.offerings.get(more.pop("offering", "fb-300") or ""),
        path="item.",
        **more,
    )


def test_what_is_not_said_is_filled_in() -> None:
    checked = check({})
    assert checked.problems == []
    assert checked.values == {
        "downstream_mbps": 300,
        "upstream_mbps": 30,
        "ip_mode": "dynamic",
        "static_ip_count": 0,
        "ont_model": "ont_wifi6",
        "self_install": False,
    }


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"colour": "red"}, "unknown-characteristic"),
        ({"downstream_mbps": "300"}, "wrong-type"),
        ({"downstream_mbps": True}, "wrong-type"),
        ({"downstream_mbps": 299}, "not-a-choice"),
        ({"downstream_mbps": 500}, "fixed-by-offering"),
        ({"static_ip_count": -1}, "too-small"),
        ({"static_ip_count": 9}, "too-large"),
        ({"self_install": "yes"}, "wrong-type"),
        ({"ip_mode": "other"}, "not-a-choice"),
        ({"ip_mode": 1}, "wrong-type"),
    ],
)
def test_every_complaint_names_field_and_reason(given: dict[str, Any], code: str) -> None:
    (found,) = check(given).problems
    assert (found.code, found.path) == (code, f"item.{next(iter(given))}")
    assert found.zh and found.en and found.zh != found.en


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, ["required"]),
        ({"admin_email": "it@example.com"}, []),
        ({"admin_email": "it"}, ["wrong-type"]),
        ({"admin_email": "it@example.com", "quantity": 2001}, ["too-large"]),
    ],
)
def test_a_value_that_must_be_given(given: dict[str, Any], codes: list[str]) -> None:
    checked = check(given, product="cloud_desktop", offering="cd-std")
    assert [found.code for found in checked.problems] == codes


def test_a_number_may_be_chosen_but_need_not() -> None:
    assert check({}, product="fixed_voice", offering="fv-basic").problems == []
    assert check({"number": "021-00001005"}, product="fixed_voice", offering="fv-basic").problems == []
    assert check({"number": "nine"}, product="fixed_voice", offering="fv-basic").problems[0].code == "wrong-type"


def test_a_change_keeps_what_is_not_said() -> None:
    present = {"downstream_mbps": 100, "upstream_mbps": 20, "ip_mode": "static", "ont_model": "ont_ge"}
    checked = check({"ont_model": "ont_10g"}, order_type="change", offering="fb-1000", present=present)
    assert checked.problems == []
    assert checked.values == {
        "downstream_mbps": 1000,
        "upstream_mbps": 100,
        "ip_mode": "static",
        "ont_model": "ont_10g",
    }


def test_what_cannot_be_changed_is_refused() -> None:
    present = {"technology": "otn", "bandwidth_kbps": 102400}
    line = {"product": "leased_line_local", "order_type": "change", "offering": None, "present": present}
    assert [found.code for found in check({"technology": "ptn"}, **line).problems] == ["not-amendable"]
    assert check({"technology": "otn", "bandwidth_kbps": 512000}, **line).problems == []


def test_an_order_has_characteristics_of_its_own() -> None:
    suspended = check({"mode": "one_way"}, order_type="suspend", offering=None, present={})
    assert suspended.problems == []
    assert suspended.values == {"asked_by": "customer", "mode": "one_way"}
    owner = check({}, order_type="owner_change", offering=None, present={})
    assert [found.path for found in owner.problems] == ["item.to_customer"]
    added = check({"add_site": True}, order_type="change", offering=None, present={})
    assert [found.code for found in added.problems] == ["unknown-characteristic"]


@pytest.mark.parametrize(
    ("segments", "segment", "expected"),
    [(("public",), "public", True), (("public",), "business", False), (("business",), "group", True)],
)
def test_large_accounts_are_businesses_too(segments: tuple[str, ...], segment: str, expected: bool) -> None:
    assert serves(segments, segment) is expected


def test_what_is_on_sale() -> None:
    known: Catalogue = catalogue()
    codes = {offering.code for offering in known.on_sale(date(2026, 11, 23), segment="public")}
    assert {"fb-300", "hb-500"} <= codes
    assert not {"fb-50-old", "fb-biz-500"} & codes
    assert "fb-50-old" in {offering.code for offering in known.on_sale(date(2025, 12, 31))}


def test_some_orders_cost_a_fee() -> None:
    known = catalogue()
    assert [price.code for price in known.fees_for("ftth_broadband", "move", {})] == ["fee-move"]
    assert known.fees_for("ftth_broadband", "install", {}) == []
    assert known.fees_for("leased_line_local", "move", {})[0].as_data()["amount_cny"] == "2000.00"


@pytest.mark.parametrize(
    ("product", "order_type", "asked", "fees"),
    [
        ("mobile_line", "change", {"new_sim": True}, ["fee-sim"]),
        ("mobile_line", "change", {"new_sim": False}, []),
        ("mobile_line", "change", {}, []),
        ("mobile_line", "change", {"new_number": "15400011035"}, ["fee-number-change"]),
        ("mobile_line", "change", {"new_number": "15400011035", "new_sim": True}, ["fee-number-change", "fee-sim"]),
        ("mobile_line", "owner_change", {"new_sim": True}, ["fee-sim"]),
        ("mobile_line", "install", {"new_sim": True}, []),
        ("fixed_voice", "change", {"new_number": "021-00000001", "new_sim": True}, ["fee-number-change"]),
    ],
)
def test_some_fees_fall_due_by_what_is_asked_for(
    product: str, order_type: str, asked: dict[str, Any], fees: list[str]
) -> None:
    assert [price.code for price in catalogue().fees_for(product, order_type, asked)] == fees
