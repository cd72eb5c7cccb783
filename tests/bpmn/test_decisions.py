"""What the two decision tables say about each product."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.bpmn.walking import decide

HOME = ("ftth_broadband", "fixed_voice", "iptv", "home_bundle")
LINES = ("leased_line_local", "leased_line_province", "leased_line_national")
NOTHING_SPECIAL: Final = {"with_voice": False, "with_iptv": False, "ip_mode": "dynamic", "access_present": False}


@pytest.mark.parametrize("product", HOME)
def test_home_products_share_their_plans(product: str) -> None:
    assert decide("work_plan", {"product": product, "order_type": "install"}) == {"plan": "home_install"}
    assert decide("work_plan", {"product": product, "order_type": "disconnect"}) == {"plan": "home_disconnect"}


@pytest.mark.parametrize("product", LINES)
def test_two_ended_lines_share_their_plans(product: str) -> None:
    assert decide("work_plan", {"product": product, "order_type": "install"}) == {"plan": "leased_line_install"}
    assert decide("work_plan", {"product": product, "order_type": "disconnect"}) == {"plan": "leased_line_disconnect"}


def test_a_kind_of_order_without_a_plan_is_answered_with_nothing() -> None:
    assert decide("work_plan", {"product": "pager", "order_type": "install"}) is None


def rfs(product: str, **facts: Any) -> list[str]:
    return [row["rfs"] for row in decide("decomposition", {"product": product, **NOTHING_SPECIAL, **facts})]


def test_broadband_needs_an_access_and_an_account_and_a_fixed_address_if_asked_for() -> None:
    assert rfs("ftth_broadband") == ["rfs_pon_access", "rfs_aaa_account"]
    assert rfs("ftth_broadband", ip_mode="static") == ["rfs_pon_access", "rfs_aaa_account", "rfs_static_ip"]


def test_voice_and_television_use_the_access_that_is_there() -> None:
    assert rfs("fixed_voice", access_present=True) == ["rfs_ims_subscriber"]
    assert rfs("fixed_voice") == ["rfs_ims_subscriber", "rfs_pon_access"]
    assert rfs("iptv", access_present=True) == ["rfs_iptv_account"]


def test_a_bundle_has_one_access_and_the_parts_that_were_chosen() -> None:
    assert rfs("home_bundle") == ["rfs_pon_access", "rfs_aaa_account"]
    assert rfs("home_bundle", with_voice=True, with_iptv=True) == [
        *("rfs_pon_access", "rfs_aaa_account"),
        *("rfs_ims_subscriber", "rfs_iptv_account"),
    ]


@pytest.mark.parametrize("product", LINES)
def test_a_line_needs_a_segment_per_end_and_a_trunk(product: str) -> None:
    rows = decide("decomposition", {"product": product, **NOTHING_SPECIAL})
    assert [(row["rfs"], row["per"]) for row in rows] == [("rfs_line_segment", "end"), ("rfs_trunk", "item")]
