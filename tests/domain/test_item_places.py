"""Ends and sites of an item: which there are, which move, in which order they open, what is there afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.domain.ordering.item_places import places_data
from app.domain.ordering.revenue_shares import shares_of
from app.seed.files import read

A_END = {"role": "a_end", "address_code": "A0005", "area": "SH-SH"}
Z_END = {"role": "z_end", "address_code": "A0026", "area": "JS-NJ"}
NEW_Z = {"role": "z_end", "address_code": "A0027", "area": "JS-NJ"}
HUB = {"role": "hub", "address_code": "A0003", "area": "SH-SH"}
BRANCH = {"role": "site", "address_code": "A0017", "area": "BJ-BJ"}
FAR = {"role": "site", "address_code": "A0047", "area": "SC-CD"}


def asked(product: str, order_type: str, *places: dict[str, str], **traits: Any) -> dict[str, Any]:
    return {"product": product, "order_type": order_type, "places": list(places), "characteristics": traits}


def installed(product: str, *places: dict[str, str], **resources: Any) -> list[dict[str, Any]]:
    return [{"product_id": "P1", "product": product, "places": list(places), "resources": resources}]


def test_a_line_that_moves_one_end_keeps_the_other() -> None:
    found = places_data(
        asked("leased_line_national", "move", NEW_Z, interface_z="e1"),
        installed("leased_line_national", A_END, Z_END),
        [],
    )
    assert [end["address_code"] for end in found["end_list"]] == ["A0005", "A0027"]
    assert [(one["role"], one["old"]["address_code"], one["new"]["address_code"]) for one in found["moves"]] == [
        ("z_end", "A0026", "A0027")
    ]
    assert found["places_after"] == [A_END, NEW_Z]
    assert found["ends"]["z"]["interface"] == "e1"
    assert (found["ends"]["z"]["area"], found["ends"]["z"]["segment_area"]) == ("JS-NJ", "JS")


def test_sub_orders_of_a_line_inside_a_province_go_to_the_local_network() -> None:
    found = places_data(asked("leased_line_province", "install", Z_END), [], [])
    assert found["ends"]["z"]["segment_area"] == "JS-NJ"
    assert found["moves"] == []


def test_what_a_segment_holds_is_what_the_decomposition_says() -> None:
    rows = [
        {"rfs": "rfs_trunk", "resources": "trunk_capacity"},
        {"rfs": "rfs_line_segment", "resources": "fibre_pair, line_device"},
    ]
    found = places_data(asked("leased_line_local", "install", A_END, Z_END), [], rows)
    assert found["ends"]["a"]["resource_kinds"] == ["fibre_pair", "line_device"]


def test_hubs_open_before_branches_unless_all_are_equal() -> None:
    star = places_data(asked("mpls_vpn", "install", BRANCH, HUB, topology="hub_spoke"), [], [])
    mesh = places_data(asked("mpls_vpn", "install", BRANCH, HUB, topology="full_mesh"), [], [])
    assert [site["address_code"] for site in star["hubs"]] == ["A0003"]
    assert [site["address_code"] for site in star["branches"]] == ["A0017"]
    assert (mesh["hubs"], len(mesh["branches"])) == ([], 2)


def test_a_site_that_moves_keeps_its_place_among_the_others() -> None:
    held = [{"site_id": "V-S1", "address": "A0003"}, {"site_id": "V-S2", "address": "A0017", "pe_port": "PE-1"}]
    products = installed("mpls_vpn", HUB, BRANCH, sites=held)
    found = places_data(asked("mpls_vpn", "move", FAR, site_code="V-S2"), products, [])
    (move,) = found["moves"]
    assert (move["old"]["address_code"], move["old"]["held"]["pe_port"]) == ("A0017", "PE-1")
    assert (move["new"]["site_code"], move["new"]["address_code"], move["new"]["index"]) == ("P1-01", "A0047", 1)
    assert found["places_after"] == [HUB, {**FAR, "role": "site"}]


def test_a_site_that_is_added_comes_to_the_others() -> None:
    found = places_data(asked("sd_wan", "change", FAR, add_site=True), installed("sd_wan", HUB, BRANCH), [])
    assert [site["address_code"] for site in found["branches"]] == ["A0047"]
    assert found["places_after"] == [HUB, BRANCH, FAR]


@pytest.mark.parametrize(
    ("product", "places", "expected"),
    [
        ("leased_line_national", [A_END, Z_END], {"SH-SH": "60.00", "JS-NJ": "40.00"}),
        ("leased_line_international", [A_END], {"SH-SH": "50.00", "CN": "50.00"}),
        ("leased_line_local", [A_END, A_END], {}),
        ("leased_line_province", [A_END, {**Z_END, "area": "SH-SH"}], {}),
        ("mpls_vpn", [HUB, BRANCH, FAR], {"SH-SH": "46.66", "BJ-BJ": "26.67", "SC-CD": "26.67"}),
        ("cloud_desktop", [], {}),
        ("sd_wan", [HUB, *[BRANCH] * 4, *[FAR] * 2], {"SH-SH": "31.42", "BJ-BJ": "45.72", "SC-CD": "22.86"}),
        ("mpls_vpn", [HUB, *[BRANCH] * 19, *[FAR] * 20], {"SH-SH": "22.00", "BJ-BJ": "38.00", "SC-CD": "40.00"}),
    ],
)
def test_shares_add_up_to_a_hundred_and_the_accepting_area_takes_what_rounding_leaves(
    product: str, places: list[dict[str, str]], expected: dict[str, str]
) -> None:
    rules = {row["code"]: row.get("shares", []) for row in read("catalog")["product_specs"]}
    found = shares_of(rules[product], "SH-SH", places)
    assert {row["party"]: row["percent"] for row in found} == expected
    assert sum(Decimal(row["percent"]) for row in found) in (0, 100)
