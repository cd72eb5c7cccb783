"""What the network elements and the billing system refuse, test and tell."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.errors import Rejected

from .conftest import Far

OLT = {"olt_port": "OLT-SH-01/0/1", "loid": "SH99999999", "svlan": 1000, "cvlan": 101, "profile": "500M"}
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    (
        "account-exists",
        "provisioning.create_access_account",
        {"account_name": "yz000101@example", "profile": "1M", "port_binding": "x", "product_id": "P9"},
    ),
    ("vlan-conflict", "provisioning.configure_olt_port", OLT),
    (
        "profile-unknown",
        "provisioning.set_access_profile",
        {"account_name": "yz000101@example", "olt_port": "x", "profile": "unknown-9"},
    ),
    (
        "number-in-use",
        "provisioning.create_voice_subscriber",
        {"number": "021-00001001", "features": {}, "ont_port": 1, "product_id": "P9"},
    ),
    (
        "number-in-use",
        "provisioning.change_voice_number",
        {"old_number": "021-00001001", "new_number": "021-00001002"},
    ),
    ("device-already-sold", "provisioning.bind_stb", {"iptv_account": "tv00004", "stb_mac": "00:00:5e:00:53:09"}),
    (
        "sim-not-found",
        "provisioning.create_mobile_subscriber",
        {"msisdn": "154", "imsi": "1", "iccid": "0", "plan": "m59"},
    ),
    ("element-rejected", "provisioning.suspend_access", {"account_name": "nobody@example", "mode": "one_way"}),
    (
        "port-authorisation-expired",
        "provisioning.port_in_number",
        {"msisdn": "154", "authorisation_code": "", "donor": "x"},
    ),
    (
        "quota-exceeded",
        "provisioning.create_desktops",
        {"pool": "p", "spec": "c4m8", "quantity": 901, "users": [], "network": ""},
    ),
    ("device-not-in-stock", "provisioning.register_cpe", {"cpe_serial": "X", "site_code": "s", "template": "t"}),
    (
        "account-closed",
        "billing.create_subscription",
        {"account_no": "AC0", "product_id": "P9", "offering": "fb-500", "prices": []},
    ),
    (
        "arrears-open",
        "billing.transfer_owner",
        {"subscription_no": "S10001001", "from_account": "AC1000101", "to_account": "AC1000011", "from_date": "x"},
    ),
    (
        "shares-do-not-sum",
        "billing.set_apportionment",
        {"subscription_no": "S30000301", "shares": [{"area": "SH", "percent": 99}]},
    ),
    ("subscription-unknown", "billing.start_charging", {"subscription_no": "S0", "from_date": "2026-12-01"}),
    ("ticket-unknown", "fault.close_ticket", {"ticket_no": "FT0", "resolution": "x"}),
    ("area-refused", "area.send_suborder", {"parent_order": "O", "area": "", "segment": "a", "due_at": "x"}),
]


@pytest.mark.parametrize(("code", "operation", "inputs"), REFUSED, ids=[f"{r[1]}-{r[0]}" for r in REFUSED])
def test_refused_with_the_documented_code(far: Far, code: str, operation: str, inputs: dict[str, Any]) -> None:
    before = far.snapshot(operation)
    with pytest.raises(Rejected) as refusal:
        far.do(operation, key="the-key", **inputs)
    assert refusal.value.code == code
    assert far.snapshot(operation) == before
    assert far.effect("the-key") == 0


def test_the_same_product_adopts_an_account_it_has(far: Far) -> None:
    far.do(
        "provisioning.create_access_account",
        account_name="yz000101@example",
        profile="500M",
        port_binding="OLT-SH-01/0/1",
        product_id="P10000102",
    )


def test_an_unpublished_tariff_and_a_closed_period_are_refused(far: Far) -> None:
    far.plant("tariffs", "fb-500", merge={"state": "unpublished"})
    with pytest.raises(Rejected) as refusal:
        far.do("billing.create_subscription", account_no="AC1000011", product_id="P", offering="fb-500", prices=[])
    assert refusal.value.code == "tariff-unknown"
    far.plant("periods", "closed_until", merge={"date": "2026-10-31"})
    with pytest.raises(Rejected) as refusal:
        far.do("billing.start_charging", subscription_no="S10000201", from_date="2026-10-31")
    assert refusal.value.code == "charging-date-closed"


@pytest.mark.parametrize(
    ("account", "amount", "verdict"),
    [
        ("AC1000011", "149.00", "ok"),
        ("AC1000011", "9999.00", "credit_exceeded"),
        ("AC1000101", "1.00", "arrears_open"),
    ],
)
def test_credit_tells_a_verdict(far: Far, account: str, amount: str, verdict: str) -> None:
    answer = far.do("billing.check_credit", customer_no="C", account_no=account, amount_cny=amount)
    assert answer["verdict"] == verdict


def test_a_stopped_service_fails_its_test_and_passes_again(far: Far) -> None:
    far.do("provisioning.suspend_access", account_name="yz000102@example", mode="two_way")
    with pytest.raises(Rejected) as refusal:
        far.do("provisioning.run_test", product_id="P10000201", test_type="access")
    assert refusal.value.code == "test-failed"
    far.do("provisioning.resume_access", account_name="yz000102@example")
    answer = far.do("provisioning.run_test", product_id="P10000201", test_type="access")
    assert answer["passed"] is True
    assert answer["measured"]["profile"] == "100M"


def test_a_test_can_be_scripted_to_fail_or_to_measure(far: Far) -> None:
    far.script("reject_result", "provisioning.run_test", code="test-failed")
    far.script("answer", "provisioning.run_test", outputs={"passed": False, "measured": {"latency_ms": 900}})
    with pytest.raises(Rejected) as refusal:
        far.do("provisioning.run_test", product_id="P10000201", test_type="access")
    assert refusal.value.code == "test-failed"
    far.script("answer", "provisioning.run_test", outputs={"passed": False})
    assert far.do("provisioning.run_test", product_id="P10000201", test_type="access")["passed"] is False


def test_a_new_service_is_told_by_its_product_though_not_every_call_named_it(far: Far) -> None:
    key = "order:7/item:1"
    far.do(
        "billing.create_subscription",
        business_key=key,
        account_no="AC1000011",
        product_id="P9",
        offering="x",
        prices=[],
    )
    far.do("provisioning.configure_olt_port", business_key=key, **{**OLT, "cvlan": 2500})
    far.do("provisioning.create_voice_subscriber", business_key=key, number="021-00001009", features={}, ont_port=1)
    values = far.do("provisioning.query_service", product_id="P9")["configured_values"]
    assert (values["loid"], values["number"], values["voice_state"]) == ("SH99999999", "021-00001009", "active")


def test_an_installed_bundle_is_told_with_its_components(far: Far) -> None:
    values = far.do("provisioning.query_service", product_id="P10000101")["configured_values"]
    assert values["account_name"] == "yz000101@example"
    assert values["profile"] == "500M"
    assert values["number"] == "021-00001001"
    assert values["stb_mac"] == "00:00:5E:00:53:01"
    billed = far.do("billing.query_subscription", subscription_no="S10000101")
    assert (billed["state"], billed["charging_from"]) == ("active", "2023-01-01")
    assert billed["prices"][0]["amount_cny"] == "149.00"


def test_a_planted_difference_shows(far: Far) -> None:
    far.plant("services", "access:yz000101@example", merge={"values": {"profile": "100M"}})
    far.plant("subscriptions", "P10000102", merge={"charging_from": "2020-01-01"})
    values = far.do("provisioning.query_service", product_id="P10000102")["configured_values"]
    assert (values["profile"], values["account_name"]) == ("100M", "yz000101@example")
    billed = far.do("billing.query_subscription", subscription_no="S10000102")
    assert billed["charging_from"] == "2020-01-01"
    far.plant("services", "access:yz000101@example", delete=True)
    assert "account_name" not in far.do("provisioning.query_service", product_id="P10000102")["configured_values"]


def test_there_is_no_book_of_that_name(far: Far) -> None:
    with pytest.raises(Rejected):
        far.ports["billing"].books("units", timeout_s=5)
