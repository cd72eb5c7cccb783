"""What a plan is told about its item: what is there, what is to be different, what it holds, where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.ordering.item_context import item_context

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
BUNDLE: dict[str, Any] = {
    **{"product_id": "P1", "product": "home_bundle", "subscription_no": "S1", "resources": {}},
    "characteristics": {"downstream_mbps": 300, "with_voice": True, "with_iptv": False},
}
FIBRE: dict[str, Any] = {
    **{"product_id": "P2", "product": "ftth_broadband", "subscription_no": "S2"},
    **{"characteristics": {"downstream_mbps": 300}, "resources": {"loid": "L1", "ont_serial": "ONT1"}},
}
VOICE: dict[str, Any] = {
    **{"product_id": "P3", "product": "fixed_voice", "subscription_no": "S3"},
    **{"characteristics": {"number": "021-1"}, "resources": {"number": "021-1", "ont_serial": "ONT9"}},
}


def context(product: str, order_type: str, asked: dict[str, Any], *products: dict[str, Any], **more: Any) -> Any:
    own_names, rows = more.pop("own_names", ()), more.pop("rows", [])
    given = {
        **{"id": "1", "product": product, "order_type": order_type, "characteristics": asked, "area": "SH-SH"},
        "places": [{"role": "installation", "address_code": "A1", "area": "SH-SH"}],
        **more,
    }
    return item_context(
        given,
        **{"rows": rows, "plan": "p", "verdict": "available", "prices": [], "reserve_until": NOW},
        products=products,
        own_names=own_names,
    )


def test_what_a_change_changes_is_named_and_sorted() -> None:
    item = context("home_bundle", "change", {"with_iptv": True, "downstream_mbps": 500, "with_voice": True}, BUNDLE)
    assert item["changed"] == ["downstream_mbps", "with_iptv"]
    assert item["before"] == BUNDLE["characteristics"]
    assert item["after"] == {"downstream_mbps": 500, "with_voice": True, "with_iptv": True}


def test_a_new_product_has_nothing_before() -> None:
    fresh = {**BUNDLE, "characteristics": {"downstream_mbps": 500}}
    item = context("home_bundle", "install", {"downstream_mbps": 500}, fresh)
    assert (item["before"], item["changed"], item["has_devices"]) == ({}, [], False)


def test_what_the_order_type_asks_is_no_change_of_the_product() -> None:
    asked = {"number": "021-1", "asked_by": "billing", "mode": "one_way", "instruction_no": "I7"}
    item = context("fixed_voice", "suspend", asked, VOICE, own_names={"asked_by", "mode", "instruction_no"})
    assert (item["asked_by"], item["mode"], item["instruction_no"]) == ("billing", "one_way", "I7")
    assert (item["changed"], item["after"]) == ([], {"number": "021-1"})


def test_a_new_number_is_the_number_afterwards() -> None:
    item = context(
        "fixed_voice", "change", {"number": "021-1", "new_number": "021-2"}, VOICE, own_names={"new_number", "add_site"}
    )
    assert (item["changed"], item["after"], item["held"]["number"]) == (["number"], {"number": "021-2"}, "021-1")
    assert item["characteristics"]["number"] == "021-2"


def test_a_number_that_was_brought_along_is_so_only_as_long_as_it_is_the_number() -> None:
    line = {**VOICE, "product": "mobile_line", "characteristics": {"number": "199", "port_in": True}}
    asked = {"number": "199", "port_in": True}
    item = context("mobile_line", "change", {**asked, "new_number": "154"}, line, own_names={"new_number"})
    assert (item["before"]["port_in"], item["after"]["port_in"]) == (True, False)
    assert context("mobile_line", "change", asked, line, own_names={"new_number"})["after"]["port_in"] is True


def test_a_product_that_shares_an_access_has_none_of_its_own() -> None:
    row = {"component": "voice", "cfs": "cfs_voice", "rfs": "rfs_pon_access"}
    assert not context("fixed_voice", "move", {}, VOICE, rows=[row])["has_access"]
    own = {**VOICE, "resources": {"number": "021-1", "loid": "L7"}}
    assert context("fixed_voice", "disconnect", {}, own)["has_access"]
    assert context("fixed_voice", "install", {}, VOICE, rows=[row])["has_access"]


def test_nothing_asked_means_the_customer_and_both_ways() -> None:
    item = context("fixed_voice", "resume", {}, VOICE)
    assert [item[name] for name in ("asked_by", "mode", "instruction_no", "to_customer_no", "to_account_no")] == [
        *("customer", "two_way", "", "", "")
    ]


def test_of_two_that_hold_the_same_the_first_counts() -> None:
    item = context("home_bundle", "disconnect", {}, BUNDLE, FIBRE, VOICE)
    assert item["held"] == {"loid": "L1", "ont_serial": "ONT1", "number": "021-1"}
    assert item["parts"]["fixed_voice"]["held"] == {"number": "021-1", "ont_serial": "ONT9"}
    assert item["parts"]["home_bundle"]["subscription_no"] == "S1"
    assert item["has_devices"]


def test_a_bundle_built_as_one_stands_for_its_parts() -> None:
    alone = {**BUNDLE, "resources": {"loid": "L1"}}
    rows = [{"component": "internet", "cfs": "c", "rfs": "r"}]
    given = {
        "id": "1",
        "product": "home_bundle",
        "order_type": "change",
        "characteristics": {},
        "places": [],
        "area": "",
    }
    item: dict[str, Any] = item_context(
        given, rows=rows, plan="p", verdict="available", products=[alone], prices=[], reserve_until=NOW
    )
    assert item["parts"]["ftth_broadband"] == item["parts"]["home_bundle"]
    assert "iptv" not in item["parts"]


def test_sites_keep_their_codes_and_new_ones_get_free_ones() -> None:
    held = {"sites": [{"site_code": "P9-01", "address": "A3", "cpe_serial": "CPE1"}]}
    product = {
        **{"product_id": "P9", "product": "sd_wan", "subscription_no": "S9", "characteristics": {}, "resources": held}
    }
    places = [
        {"role": "branch", "address_code": "A2", "area": "JS-NJ"},
        {"role": "branch", "address_code": "A3", "area": "SH-SH"},
        {"role": "hub", "address_code": "A1", "area": "SH-SH"},
    ]
    item = context("sd_wan", "change", {}, product, places=places)
    assert [(one["index"], one["role"], one["address_code"], one["site_code"]) for one in item["sites"]] == [
        *((0, "hub", "A1", "P9-02"), (1, "branch", "A2", "P9-03"), (2, "branch", "A3", "P9-01"))
    ]
    assert item["sites"][2]["held"] == {"site_code": "P9-01", "cpe_serial": "CPE1"}
    assert item["has_devices"]
