"""The resource inventory: a finite stock, reserved, assigned, occupied and given back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.errors import Rejected

from .conftest import Far

HOME = ["splitter_port", "olt_port", "vlan", "ont", "access_account", "fixed_number", "iptv_account", "stb"]


def reserve(far: Far, address: str = "A0013", kinds: list[str] | None = None, **more: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = {"order_item": {"id": "1"}, "quantity": 1, "expires_at": None, **more}
    return far.do("resource.reserve", address_code=address, resource_kinds=kinds or HOME, **inputs)


def units(far: Far) -> dict[str, str]:
    return {str(row["key"]): str(row["state"]) for row in far.ports["resource"].books("units", timeout_s=5)}


def free_units(far: Far, prefix: str) -> int:
    return sum(key.startswith(prefix) and state == "free" for key, state in units(far).items())


def test_an_install_and_its_undo_leave_the_stock_as_it_was(far: Far) -> None:
    before = units(far)
    inputs = {
        "order_item": {"id": "1", "characteristics": {"ont_model": "ont_wifi6"}},
        "address_code": "A0013",
        "resource_kinds": HOME,
        "quantity": 1,
        "expires_at": "2099-01-01T00:00:00+00:00",
        "product_id": "P90000001",
    }
    reserved = far.do("resource.reserve", **inputs)
    assign = {"reservation_id": reserved["reservation_id"], "characteristics": {}}
    assigned = far.do("resource.assign", **assign)
    occupy = {
        "assignment_id": assigned["assignment_id"],
        "product_id": "P90000001",
        "device_serial": assigned["device_serial"],
    }
    occupied = far.do("resource.occupy", **occupy)

    held = far.do("resource.query", product_id="P90000001")
    assert held["resources"]["splitter_port"] == assigned["splitter_port"] == "SPL-SH-01-1#3"
    assert held["resources"]["olt_port"] == "OLT-SH-01/0/1"
    assert held["states"]["splitter_port"] == "occupied"
    assert held["states"]["ont_serial"] == "installed"
    for name in ("loid", "svlan", "cvlan", "number", "account_name", "iptv_account", "stb_mac", "device_model"):
        assert assigned[name], name

    far.undo("resource.occupy", occupy, occupied)
    far.undo("resource.assign", assign, assigned)
    far.undo("resource.reserve", inputs, reserved)
    assert units(far) == before


def test_a_reservation_and_its_assignment_are_changed_in_place(far: Far) -> None:
    """A telephone and television come along, and go again: the port, the ONT and the account stay the same."""
    before = units(far)
    key = reserve(far, kinds=["splitter_port", "ont", "access_account"], product_id="P90000001")["reservation_id"]
    assigned = far.do("resource.assign", reservation_id=key, characteristics={})
    reserved = units(far)
    more = {
        "reservation_id": key,
        "resource_kinds": ["splitter_port", "ont", "access_account", "fixed_number", "stb"],
        "characteristics": {"with_iptv": True},
    }
    told = far.do("resource.change_reservation", **more)
    assign = {"assignment_id": assigned["assignment_id"], "characteristics": {"with_iptv": True}}
    changed = far.do("resource.change_assignment", **assign)
    same = ("splitter_port", "olt_port", "loid", "cvlan", "account_name", "ont_serial")
    assert {name: changed[name] for name in same} == {name: assigned[name] for name in same}
    assert (assigned["number"], bool(changed["number"]), bool(changed["iptv_account"])) == (None, True, True)
    other = {**more, "characteristics": {"with_iptv": True, "number": "021-00001010"}}
    again = far.do("resource.change_reservation", **other)
    assert far.do("resource.change_assignment", **assign)["number"] == "021-00001010"
    far.undo("resource.change_reservation", other, again)
    assert far.do("resource.change_assignment", **assign)["number"] == changed["number"]
    fewer = {**assign, "characteristics": {}}
    far.undo("resource.change_reservation", more, told)
    assert far.do("resource.change_assignment", **fewer)["number"] is None
    assert units(far) == reserved
    far.undo("resource.assign", {"reservation_id": key, "characteristics": {}}, assigned)
    far.do("resource.release_reservation", reservation_id=key)
    assert units(far) == before
    with pytest.raises(Rejected) as refusal:
        far.do("resource.change_reservation", **more)
    assert refusal.value.code == "reservation-expired"


def test_what_comes_to_an_assignment_in_service_is_in_service_too(far: Far) -> None:
    before = units(far)
    inputs = {"kinds": ["splitter_port", "ont"], "product_id": "P90000001"}
    key = reserve(far, **inputs)["reservation_id"]
    assign = {"reservation_id": key, "characteristics": {}}
    assigned = far.do("resource.assign", **assign)
    occupy = {"assignment_id": assigned["assignment_id"], "product_id": "P90000001"}
    occupy["device_serial"] = assigned["ont_serial"]
    occupied = far.do("resource.occupy", **occupy)
    in_service = units(far)
    more = {
        "reservation_id": key,
        "resource_kinds": ["splitter_port", "ont", "fixed_number"],
        "characteristics": {},
    }
    told = far.do("resource.change_reservation", **more)
    changed = far.do("resource.change_assignment", assignment_id=assigned["assignment_id"], characteristics={})
    held = far.do("resource.query", product_id="P90000001")
    assert (held["resources"]["number"], held["states"]["number"]) == (changed["number"], "occupied")
    far.undo("resource.change_reservation", more, told)
    assert units(far) == in_service
    far.undo("resource.occupy", occupy, occupied)
    far.undo("resource.assign", assign, assigned)
    far.do("resource.release_reservation", reservation_id=key)
    assert units(far) == before


def test_a_telephone_over_a_fibre_of_its_own_gets_no_account_for_the_internet(far: Far) -> None:
    key = reserve(far, kinds=["splitter_port", "ont", "fixed_number"], product_id="P90000001")["reservation_id"]
    assign = {"reservation_id": key, "characteristics": {}}
    assigned = far.do("resource.assign", **assign)
    assert assigned["loid"] and assigned["number"] and not assigned.get("account_name")
    change = {"assignment_id": assigned["assignment_id"], "characteristics": {}}
    assert not far.do("resource.change_assignment", **change).get("account_name")
    far.undo("resource.assign", assign, assigned)
    far.do("resource.release_reservation", reservation_id=key)


def test_a_card_that_took_the_place_of_another_is_replaced_itself_and_nobody_holds_it_then(far: Far) -> None:
    """The first one was seeded; each new one is reserved by the order that brings it."""
    soon = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    mobile, first = "P10000202", "89001000000000000101"
    told = {"kinds": ["sim"], "product_id": mobile, "expires_at": soon}
    cards = [reserve(far, order_item={"id": order}, **told)["resources"][0]["code"] for order in ("1", "2")]
    before = units(far)
    swaps = [
        {"product_id": mobile, "old_serial": old, "new_serial": new}
        for old, new in zip((first, cards[0]), cards, strict=True)
    ]
    once = far.do("resource.swap_device", **swaps[0])
    then = units(far)
    again = far.do("resource.swap_device", **swaps[1])
    assert [units(far)[f"sim:{card}"] for card in (first, *cards)] == ["returned", "returned", "installed"]
    assert far.do("resource.query", product_id=mobile)["resources"]["iccid"] == cards[1]

    far.undo("resource.swap_device", swaps[1], again)
    assert units(far) == then
    assert far.do("resource.query", product_id=mobile)["resources"]["iccid"] == cards[0]
    far.undo("resource.swap_device", swaps[0], once)
    assert {**units(far), f"sim:{first}": before[f"sim:{first}"]} == before

    far.do("resource.swap_device", **swaps[0])
    far.jump(401 * 86400.0)
    reserve(far, kinds=["ont"])  # the reservations run out, and a card that is in use stays in use
    assert [units(far)[f"sim:{card}"] for card in cards] == ["installed", "in_stock"]


def test_another_device_than_the_reserved_one_may_be_installed(far: Far) -> None:
    before = units(far)
    reserved = reserve(far, kinds=["splitter_port", "ont"], product_id="P90000001")
    assigned = far.do("resource.assign", reservation_id=reserved["reservation_id"], characteristics={})
    other = next(key for key, state in units(far).items() if key.startswith("ont:") and state == "in_stock")
    serial = other.removeprefix("ont:")
    occupy = {"assignment_id": assigned["assignment_id"], "product_id": "P90000001", "device_serial": serial}
    far.do("resource.occupy", **occupy)
    now = units(far)
    assert now[other] == "installed"
    assert now[f"ont:{assigned['device_serial']}"] == "in_stock"
    far.do("resource.vacate", assignment_id=assigned["assignment_id"], product_id="P90000001")
    far.do("resource.unassign", assignment_id=assigned["assignment_id"])
    far.do("resource.release_reservation", reservation_id=reserved["reservation_id"])
    assert units(far) == before


@pytest.mark.parametrize(
    ("serial", "code"), [("NOSUCH000001", "device-not-in-stock"), ("YZDMA0000001", "device-already-sold")]
)
def test_a_device_that_cannot_be_installed_is_refused(far: Far, serial: str, code: str) -> None:
    reserved = reserve(far, kinds=["splitter_port", "ont"])
    assigned = far.do("resource.assign", reservation_id=reserved["reservation_id"], characteristics={})
    with pytest.raises(Rejected) as refusal:
        far.do("resource.occupy", assignment_id=assigned["assignment_id"], product_id="P9", device_serial=serial)
    assert refusal.value.code == code


def test_the_ports_of_a_splitter_run_out(far: Far) -> None:
    free = free_units(far, "splitter_port:SPL-SH-01-1#")
    ports = [reserve(far, kinds=["splitter_port"])["resources"][0]["code"] for _ in range(free)]
    assert ports[:2] == ["SPL-SH-01-1#3", "SPL-SH-01-1#4"]
    assert len(set(ports)) == free
    with pytest.raises(Rejected) as refusal:
        reserve(far, kinds=["splitter_port"])
    assert refusal.value.code == "no-free-port"


def test_a_refused_reservation_takes_nothing(far: Far) -> None:
    before = units(far)
    with pytest.raises(Rejected) as refusal:
        reserve(far, address="A0004", kinds=["fixed_number", "splitter_port"])
    assert refusal.value.code == "no-free-port"
    assert units(far) == before


def test_numbers_run_out_per_area(far: Far) -> None:
    free = free_units(far, "fixed_number:021-")
    reserve(far, kinds=["fixed_number"], quantity=free)
    with pytest.raises(Rejected) as refusal:
        reserve(far, kinds=["fixed_number"])
    assert refusal.value.code == "no-free-number"
    assert reserve(far, address="A0024", kinds=["fixed_number"])["resources"][0]["code"].startswith("025-")


def test_a_chosen_number_is_given_or_refused(far: Far) -> None:
    chosen = {"number": "021-00001006"}
    given = reserve(far, kinds=["fixed_number"], characteristics=chosen)
    assert given["resources"] == [{"kind": "fixed_number", "code": "021-00001006", "state": "reserved"}]
    with pytest.raises(Rejected) as refusal:
        reserve(far, kinds=["fixed_number"], characteristics=chosen)
    assert refusal.value.code == "no-free-number"


def test_a_line_takes_fibres_ports_and_capacity_at_both_ends(far: Far) -> None:
    trunks = {row["key"]: row["used_kbps"] for row in far.ports["resource"].books("trunks", timeout_s=5)}
    places = [{"role": "a_end", "address_code": "A0003"}, {"role": "z_end", "address_code": "A0005"}]
    characteristics = {"bandwidth_kbps": 102400}
    inputs = {
        "order_item": {"id": "1", "places": places, "characteristics": characteristics},
        "address_code": "A0003",
        "resource_kinds": ["fibre_pair", "transmission_port", "line_device", "trunk_capacity", "circuit"],
        "quantity": 2,
        "expires_at": None,
    }
    before = units(far)
    reserved = far.do("resource.reserve", **inputs)
    assigned = far.do("resource.assign", reservation_id=reserved["reservation_id"], characteristics=characteristics)
    assert assigned["route"] == {"trunks": ["TRK-SH-02", "TRK-SH-01"], "bandwidth_kbps": 102400}
    assert assigned["fibre_a"].startswith("CBL-SH-02-")
    assert assigned["fibre_z"].startswith("CBL-SH-01-")
    assert assigned["port_a"] and assigned["port_z"] and assigned["circuit_no"]
    used = {row["key"]: row["used_kbps"] for row in far.ports["resource"].books("trunks", timeout_s=5)}
    assert used["TRK-SH-02"] == trunks["TRK-SH-02"] + 102400
    far.do("resource.unassign", assignment_id=assigned["assignment_id"])
    far.do("resource.release_reservation", reservation_id=reserved["reservation_id"])
    assert units(far) == before
    assert trunks == {row["key"]: row["used_kbps"] for row in far.ports["resource"].books("trunks", timeout_s=5)}


def test_a_full_trunk_is_refused(far: Far) -> None:
    mianyang = next(row for row in far.ports["resource"].books("addresses", timeout_s=5) if row["area"] == "SC-MY")
    places = [{"role": "a_end", "address_code": mianyang["code"]}, {"role": "z_end", "address_code": "A0003"}]
    with pytest.raises(Rejected) as refusal:
        reserve(far, address="", kinds=["trunk_capacity"], places=places, characteristics={"bandwidth_kbps": 2048})
    assert refusal.value.code == "no-trunk-capacity"


def test_a_full_cloud_pool_is_refused(far: Far) -> None:
    many = {"quantity": 80, "region": "west"}
    with pytest.raises(Rejected) as refusal:
        reserve(far, kinds=["cloud_pool"], characteristics=many)
    assert refusal.value.code == "no-cloud-capacity"
    assert reserve(far, kinds=["cloud_pool"], characteristics={**many, "region": "east"})["resources"]


def test_a_reservation_runs_out_and_its_port_is_free_again(far: Far) -> None:
    expires_at = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    first = reserve(far, kinds=["splitter_port"], expires_at=expires_at)
    far.jump(401 * 86400)
    with pytest.raises(Rejected) as refusal:
        far.do("resource.assign", reservation_id=first["reservation_id"], characteristics={})
    assert refusal.value.code == "reservation-expired"
    again = reserve(far, kinds=["splitter_port"])
    assert again["resources"][0]["code"] == first["resources"][0]["code"]


def test_an_extension_moves_the_end_and_back(far: Far) -> None:
    first = reserve(far, kinds=["splitter_port"], expires_at="2099-01-01T00:00:00+00:00")
    inputs = {"reservation_id": first["reservation_id"], "expires_at": "2099-02-01T00:00:00+00:00"}
    extended = far.do("resource.extend_reservation", **inputs)
    assert far.undo("resource.extend_reservation", inputs, extended)["expires_at"] == first["expires_at"]


def test_a_disconnect_marks_all_of_a_bundle_and_releases_it(far: Far) -> None:
    marked = far.do("resource.pre_release", product_id="P10001301")
    kinds = {row["kind"] for row in marked["resources"]}
    assert {"splitter_port", "vlan", "loid", "access_account", "fixed_number", "iptv_account", "stb", "ont"} <= kinds
    far.do("resource.release", release_id=marked["release_id"])
    states = units(far)
    assert states["splitter_port:SPL-BJ-01-1#1"] == "free"
    assert states["fixed_number:010-00001001"] == "quarantined"
    assert states["ont:YZDMA0000000"] == "returned"
    assert "loid:BJ10000109" not in states
    answer = far.do("resource.quarantine_number", number="010-00001001", quarantine_days=90)
    assert answer["product_id"] == "P10001303"
    with pytest.raises(Rejected) as refusal:
        far.do("resource.release", release_id=marked["release_id"])
    assert refusal.value.code == "resource-conflict"


def test_a_move_marks_only_what_it_replaces(far: Far) -> None:
    reserve(far, address="A0005", kinds=["splitter_port", "vlan", "olt_port"], product_id="P10000201")
    marked = far.do("resource.pre_release", product_id="P10000201")
    assert sorted(row["kind"] for row in marked["resources"]) == ["splitter_port", "vlan"]
    assert marked["resources"][0]["code"] == "SPL-SH-01-2#1"


def test_what_a_product_does_not_hold_cannot_be_released(far: Far) -> None:
    with pytest.raises(Rejected) as refusal:
        far.do("resource.pre_release", product_id="P99999999")
    assert refusal.value.code == "resource-data-wrong"


def test_a_number_that_was_given_away_cannot_be_restored(far: Far) -> None:
    with pytest.raises(Rejected) as refusal:
        far.do("resource.restore_number", number="021-00001001", product_id="P10000503")
    assert refusal.value.code == "number-already-reused"


@pytest.mark.parametrize(
    ("address", "verdict"),
    [("A0001", "available"), ("A0009", "survey_needed"), ("A0022", "build_needed"), ("A0004", "no_free_port")],
)
def test_feasibility_tells_a_verdict(far: Far, address: str, verdict: str) -> None:
    answer = far.do(
        "resource.check_feasibility", address_code=address, product_spec="ftth_broadband", characteristics={}
    )
    assert answer["verdict"] == verdict
    assert answer["build_needed"] is (verdict == "build_needed")


def test_an_unknown_address_is_refused(far: Far) -> None:
    with pytest.raises(Rejected) as refusal:
        far.do("resource.check_feasibility", address_code="A9999", product_spec="ftth_broadband", characteristics={})
    assert refusal.value.code == "address-not-found"


def test_an_address_is_found_by_its_text_within_the_area(far: Far) -> None:
    answer = far.do("resource.query_address", address_text="示例一路8号", area="SH")
    assert answer["address_code"] == "A0001"
    assert all(row["area"] == "SH-SH" for row in answer["candidates"])
    with pytest.raises(Rejected):
        far.do("resource.query_address", address_text="示例一路8号 浦东", area="SC-LS")


def test_a_reservation_moves_to_another_address_and_keeps_all_but_the_port(far: Far) -> None:
    """What an amendment of the address needs: the devices and the account stay."""
    before = units(far)
    inputs = {"kinds": ["splitter_port", "ont", "access_account"], "product_id": "P90000001"}
    key = reserve(far, **inputs)["reservation_id"]
    assign = {"reservation_id": key, "characteristics": {}}
    assigned = far.do("resource.assign", **assign)
    here = units(far)
    move = {
        "reservation_id": key,
        "resource_kinds": ["splitter_port", "ont", "access_account"],
        "characteristics": {},
        "address_code": "A0014",
    }
    moved = far.do("resource.change_reservation", **move)
    again = {"assignment_id": assigned["assignment_id"], "characteristics": {}}
    there = far.do("resource.change_assignment", **again)
    same = ("loid", "account_name", "ont_serial")
    assert {name: there[name] for name in same} == {name: assigned[name] for name in same}
    assert (there["splitter_port"] != assigned["splitter_port"], there["address_code"]) == (True, "A0014")
    far.undo("resource.change_reservation", move, moved)
    assert far.do("resource.change_assignment", **again)["splitter_port"] == assigned["splitter_port"]
    assert units(far) == here
    far.undo("resource.assign", assign, assigned)
    far.do("resource.release_reservation", reservation_id=key)
    assert units(far) == before
