"""What kind of change an amendment is, and what the rules say of it."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.amending.amendments import AmendmentState, Asked, Passed, assess, kinds_of_change, next_amendment_state
from app.errors import IllegalTransition
from app.seed.files import read

RULES = read("changes")["amend_rules"]
HERE, NEAR, FAR = ({"role": "installation", "address_code": code, "area": area} for code, area in
                   (("A1", "SH-SH"), ("A2", "SH-SH"), ("A3", "BJ-BJ")))  # fmt: skip


def asked(product: str = "ftth_broadband", *places: dict[str, str], offering: str = "o", **traits: Any) -> Asked:
    return Asked(product=product, offering=offering, characteristics=traits, places=places or (HERE,))


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (asked(downstream_mbps=300), asked(downstream_mbps=500, offering="p"), ("speed",)),
        (asked(), asked("ftth_broadband", NEAR), ("address_same_local_network",)),
        (asked(), asked("ftth_broadband", FAR), ("address_other_local_network",)),
        (
            asked(with_voice=False, with_iptv=True),
            asked(with_voice=True, with_iptv=False),
            ("remove_iptv", "add_voice"),
        ),
        (asked("leased_line_local", HERE, NEAR), asked("leased_line_local", HERE, FAR), ("one_end",)),
        (asked("mpls_vpn", HERE, NEAR), asked("mpls_vpn", HERE, NEAR, FAR), ("add_site",)),
        (asked("mpls_vpn", HERE, NEAR), asked("mpls_vpn", HERE), ("remove_site",)),
        (asked(), asked(offering="p"), ("price_or_contract",)),
        (asked(bandwidth_kbps=1, colour="x"), asked(bandwidth_kbps=2, colour="y"), ("bandwidth", "other")),
        (asked(), asked(), ()),
    ],
)
def test_a_change_has_a_kind(before: Asked, after: Asked, kinds: tuple[str, ...]) -> None:
    assert kinds_of_change(before, after) == kinds


def test_past_the_hard_point_it_is_refused_and_the_right_order_offered() -> None:
    hard = Passed(point="hard")
    assert assess("ftth_broadband", ["speed"], hard, RULES).offer == "change"
    moved = assess("ftth_broadband", ["address_same_local_network"], hard, RULES)
    assert (moved.offer, moved.refused is not None) == ("move", True)
    assert assess("leased_line_local", ["bandwidth"], Passed(final=["plan/tell"]), RULES).refused is not None


def test_past_the_soft_point_the_rules_of_the_product_decide() -> None:
    begun = Passed(point="soft", redone=frozenset({"soft"}))
    assert assess("ftth_broadband", ["address_same_local_network"], begun, RULES).refused is not None
    line = assess("leased_line_local", ["one_end"], begun, RULES)
    assert (line.refused, line.needs_approval, line.new_promise, len(line.notes)) == (None, True, True, 1)
    home = assess("home_bundle", ["speed"], begun, RULES)
    assert (home.needs_approval, str(home.fee_cny)) == (True, "50.00")
    kept = assess("home_bundle", ["speed"], Passed(point="soft"), RULES)
    assert (kept.refused, kept.needs_approval, str(kept.fee_cny), kept.new_promise) == (None, False, "0.00", False)


def test_another_local_network_is_another_order() -> None:
    found = assess("home_bundle", ["address_other_local_network"], Passed(), RULES)
    assert (found.offer, found.refused is not None) == ("install", True)


def test_a_new_address_is_a_new_promise_also_where_no_rule_names_it() -> None:
    assert assess("ftth_broadband", ["address_same_local_network"], Passed(), RULES).new_promise
    assert assess("iptv", ["address_same_local_network"], Passed(), RULES).new_promise
    assert not assess("ftth_broadband", ["speed"], Passed(), RULES).new_promise


def test_an_amendment_has_its_ways() -> None:
    assert next_amendment_state(AmendmentState.AWAITING_APPROVAL, AmendmentState.REFUSED) == "refused"
    for ended in (AmendmentState.DONE, AmendmentState.REFUSED, AmendmentState.ENDED):
        with pytest.raises(IllegalTransition):
            next_amendment_state(ended, AmendmentState.IN_PROGRESS)
