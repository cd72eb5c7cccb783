"""What a drawing says of the order of its work, read without running it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.network import drawing_of, steps_of, without
from tests.bpmn.drawings import compiled
from tests.bpmn.walking import bundle, item_after_split

NONE = timedelta()


def network(key: str, data: object = None) -> dict[str, dict[str, timedelta]]:
    drawing = drawing_of(compiled()[0][key].xml, key)
    return {one.element_id: dict(one.after) for one in steps_of(drawing, data)}  # type: ignore[arg-type]


def test_branches_that_the_item_has_are_taken_and_run_side_by_side() -> None:
    rows = [{"component": part, "cfs": "c", "rfs": "rfs_pon_access"} for part in ("internet", "voice")]
    item = item_after_split(bundle(), rows, "home_install")
    found = network("home_install", {"order": {}, "item": item})
    assert found["subscription_setup"] == found["access_activation"] == {"resource_assignment": NONE}
    assert found["field_installation"].keys() == {
        *("subscription_setup", "book_appointment", "access_activation", "voice_activation", "fibre_patching")
    }
    assert "iptv_activation" not in found
    assert found["resource_assignment"] == {"": NONE}


def test_without_data_every_branch_may_be_taken() -> None:
    drawing = drawing_of(compiled()[0]["home_install"].xml, "home_install")
    steps = {one.element_id: one for one in steps_of(drawing)}
    assert "iptv_activation" in steps and not steps["iptv_activation"].certain
    assert steps["resource_assignment"].certain and steps["billing_start"].certain


def test_a_day_of_grace_lies_between_stopping_and_removing() -> None:
    found = network("home_disconnect")
    assert timedelta(hours=24) in found["service_removal"].values()


def test_what_is_left_out_hands_on_what_came_before() -> None:
    drawing = drawing_of(compiled()[0]["home_install"].xml, "home_install")
    found = {one.element_id: one.after for one in without(steps_of(drawing), {"field_installation", "line_test"})}
    assert "field_installation" not in found
    assert found["resource_occupation"].keys() >= {"subscription_setup", "access_activation"}


@pytest.mark.parametrize("key", sorted(compiled()[0]))
def test_every_delivered_drawing_can_be_read_and_no_step_waits_for_itself(key: str) -> None:
    found = network(key)

    def before(name: str, seen: frozenset[str]) -> None:
        assert name not in seen, (key, name)
        for other in found.get(name, {}):
            before(other, seen | {name})

    for name in found:
        before(name, frozenset())
