"""Keys, faults and callbacks: one effect per key, whatever the wire does."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.errors import Rejected, Unreachable
from adapters.ports import OperationCall

from .conftest import TIMEOUT_S, Far

ACCOUNT = {"account_name": "new@example", "profile": "500M", "port_binding": "OLT-SH-01/0/1", "product_id": "P9"}
CREATE = "provisioning.create_access_account"
FEE = {"account_no": "AC1000011", "fee_code": "fee-move", "amount_cny": "60.00"}


def test_the_same_key_again_gives_the_same_answer_and_no_second_effect(far: Far) -> None:
    call = far.call("billing.charge_one_off", "key-1", **FEE)
    first, again = far.send(call), far.send(call)
    assert first.outputs == again.outputs
    assert far.effect("key-1") == 1
    assert len(far.ports["billing"].books("entries", timeout_s=5)) == 1


def test_the_same_key_with_another_body_is_refused(far: Far) -> None:
    far.do("billing.charge_one_off", "key-1", **FEE)
    with pytest.raises(Rejected) as refusal:
        far.do("billing.charge_one_off", "key-1", **{**FEE, "amount_cny": "61.00"})
    assert refusal.value.code == "key-reused"
    assert far.effect("key-1") == 1


def test_a_refusal_is_not_pinned_to_the_key(far: Far) -> None:
    far.plant("tariffs", "fee-move", merge={"state": "unpublished"})
    with pytest.raises(Rejected):
        far.do("billing.charge_one_off", "key-1", **FEE)
    with pytest.raises(Rejected) as refusal:
        far.ports["billing"].query("key-1", timeout_s=5)
    assert refusal.value.code == "tariff-unknown"
    far.plant("tariffs", "fee-move", delete=True)
    assert far.do("billing.charge_one_off", "key-1", **FEE)["entry_no"]
    assert far.effect("key-1") == 1


def test_a_key_nobody_heard_of_is_told_as_such(far: Far) -> None:
    assert far.ports["billing"].query("never", timeout_s=5) is None


def test_a_key_is_only_known_to_the_system_that_got_it(far: Far) -> None:
    far.do("billing.charge_one_off", "key-1", **FEE)
    assert far.ports["resource"].query("key-1", timeout_s=5) is None


def test_the_result_of_a_callback_operation_is_pending_first(far: Far) -> None:
    call = far.call(CREATE, "key-1", **ACCOUNT)
    far.script("late_callback", CREATE, seconds=3)
    assert far.send(call).pending
    known = far.ports["provisioning"].query("key-1", timeout_s=5)
    assert known is not None and known.pending
    assert far.send(call).pending  # sent again meanwhile
    far.jump(10)
    known = far.ports["provisioning"].query("key-1", timeout_s=5)
    assert known is not None and known.outputs == {"account_name": "new@example"}
    assert far.effect("key-1") == 1


def test_a_callback_reports_the_result_signed(far: Far) -> None:
    far.send(far.call(CREATE, "key-1", **ACCOUNT))
    (message,) = far.wait_for_callbacks(1)
    assert message["operation_id"] == "key-1"
    assert message["status"] == "done"
    assert message["outputs"] == {"account_name": "new@example"}
    assert message["event_id"] and message["occurred_at"]


def test_a_refusal_of_an_element_comes_by_callback(far: Far) -> None:
    call = far.call("provisioning.suspend_access", "key-1", account_name="nobody@example", mode="one_way")
    assert far.send(call).pending
    (message,) = far.wait_for_callbacks(1)
    assert (message["status"], message["code"]) == ("rejected", "element-rejected")


def test_a_scripted_refusal_of_the_result_has_no_effect(far: Far) -> None:
    far.script("reject_result", CREATE, code="element-rejected")
    far.send(far.call(CREATE, "key-1", **ACCOUNT))
    (message,) = far.wait_for_callbacks(1)
    assert (message["status"], message["code"]) == ("rejected", "element-rejected")
    assert far.effect("key-1") == 0


def test_a_duplicate_callback_carries_the_same_event(far: Far) -> None:
    far.script("duplicate_callback", CREATE)
    far.send(far.call(CREATE, "key-1", **ACCOUNT))
    first, second = far.wait_for_callbacks(2)
    assert first == second
    assert far.effect("key-1") == 1


def test_an_early_callback_comes_before_the_reply(far: Far) -> None:
    far.script("early_callback", CREATE)
    assert far.send(far.call(CREATE, "key-1", **ACCOUNT)).pending
    assert [message["operation_id"] for message in far.callbacks] == ["key-1"]


def test_a_late_callback_is_late(far: Far) -> None:
    far.script("late_callback", CREATE, seconds=600)
    far.send(far.call(CREATE, "key-1", **ACCOUNT))
    far.pass_time(0.2)
    far.deliver()
    assert far.callbacks == []
    far.jump(601)
    assert len(far.wait_for_callbacks(1)) == 1


def test_without_a_callback_the_question_gives_the_result(far: Far) -> None:
    far.script("no_callback", CREATE)
    call = far.call(CREATE, "key-1", **ACCOUNT)
    far.send(call)
    assert far.result(call).outputs == {"account_name": "new@example"}
    far.pass_time(0.2)
    far.deliver()
    assert far.callbacks == []


def test_a_lost_reply_is_found_by_the_question(far: Far) -> None:
    far.script("drop_after", "billing.charge_one_off")
    call = far.call("billing.charge_one_off", "key-1", **FEE)
    with pytest.raises(Unreachable) as lost:
        far.send(call)
    assert lost.value.maybe_done
    known = far.ports["billing"].query("key-1", timeout_s=5)
    assert known is not None and known.outputs["entry_no"]
    assert far.send(call).outputs == known.outputs
    assert far.effect("key-1") == 1


def test_a_system_that_is_down_says_when_to_come_back(far: Far) -> None:
    far.script("error503", adapter="billing", seconds=7, times=2)
    for _ in range(2):
        with pytest.raises(Unreachable) as down:
            far.send(far.call("billing.charge_one_off", "key-1", **FEE))
        assert down.value.retry_after_s == 7
    assert far.do("billing.charge_one_off", "key-1", **FEE)
    assert far.effect("key-1") == 1


def test_a_scripted_refusal_meets_only_what_it_names(far: Far) -> None:
    far.script("refuse", "billing.charge_one_off", match={"account_no": "AC1000021"}, code="tariff-unknown", times=-1)
    assert far.do("billing.charge_one_off", **FEE)
    for _ in range(3):
        with pytest.raises(Rejected) as refusal:
            far.do("billing.charge_one_off", **{**FEE, "account_no": "AC1000021"})
        assert refusal.value.code == "tariff-unknown"


def test_a_refusal_that_may_pass_is_no_rejection(far: Far) -> None:
    far.script("refuse", "billing.charge_one_off", code="billing-system-down")
    with pytest.raises(Unreachable) as down:
        far.do("billing.charge_one_off", **FEE)
    assert (down.value.code, down.value.maybe_done) == ("billing-system-down", False)


def test_a_slow_answer_is_given_up_and_found_later(far: Far) -> None:
    far.script("slow", "billing.charge_one_off", seconds=0.6)
    call = far.call("billing.charge_one_off", "key-1", **FEE)
    with pytest.raises(Unreachable) as slow:
        far.send(call, timeout_s=0.2)
    assert slow.value.maybe_done
    outputs: dict[str, Any] = {}
    for _ in range(20):
        try:
            outputs = dict(far.send(call).outputs)
            break
        except Unreachable:  # the first is still being worked on
            far.pass_time(0.2)
    assert outputs["entry_no"]
    assert far.effect("key-1") == 1


def test_what_is_not_understood_is_refused(far: Far) -> None:
    with pytest.raises(Rejected):
        far.send(far.call("billing.charge_one_off", account_no="AC1000011"))
    with pytest.raises(Rejected):
        far.send(far.call("billing.no_such_thing"))


def test_an_operation_of_another_system_is_not_known(far: Far) -> None:
    call = OperationCall(
        name="billing.charge_one_off", operation_id="key-1", inputs=FEE, business_key="", area="", callback_url=None
    )
    with pytest.raises(Rejected):
        far.ports["fault"].perform(call, timeout_s=TIMEOUT_S)
