"""The registry of operations: its rows fit together, and calls are checked against it."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.operations import OperationDataRefused, OperationRegistry, UnknownOperation
from adapters.operations_file import load_registry, operations_data
from adapters.simulators.desk import HANDLERS

ROW: dict[str, Any] = {
    "code": "billing.x",
    "adapter": "billing",
    "name_zh": "x",
    "name_en": "x",
    "mode": "sync",
    "effect": "write",
    "inputs": ["a"],
    "outputs": ["b"],
    "timeout_s": 10,
    "retry": "sync",
    "idempotency": "keyed",
    "irreversible": True,
}
POLICY = {"code": "sync", "attempts": 8, "first_wait_s": 2, "factor": 2, "cap_s": 300}


def registry(*rows: dict[str, Any]) -> OperationRegistry:
    return OperationRegistry.from_data({"operations": rows, "retry_policies": [POLICY]})


def test_the_simulators_behave_for_every_operation() -> None:
    assert set(load_registry().codes()) == set(HANDLERS)


def test_inputs_are_checked_by_name() -> None:
    operations = load_registry()
    good = {"account_no": "A", "fee_code": "f", "amount_cny": "1.00"}
    assert operations.check_inputs("billing.charge_one_off", good) == []
    assert operations.check_inputs("billing.charge_one_off", {**good, "product_id": "P"}) == []
    problems = operations.check_inputs("billing.charge_one_off", {"account_no": "A", "fee_code": "f", "amount": 1})
    assert problems == [
        "billing.charge_one_off: input amount_cny is missing",
        "billing.charge_one_off: input amount is not known",
    ]


def test_an_unknown_operation_is_told() -> None:
    with pytest.raises(UnknownOperation):
        load_registry().get("billing.nothing")
    assert "billing.nothing" not in load_registry()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"mode": "later"}, "unknown mode"),
        ({"effect": "both"}, "unknown effect"),
        ({"idempotency": "yes"}, "unknown idempotency"),
        ({"retry": "never"}, "unknown retry policy"),
        ({"undo": "billing.y"}, "unknown undo"),
        ({"irreversible": False}, "needs an undo"),
        ({"code": "other.x"}, "does not begin with the adapter"),
        ({"undo": "billing.x", "undo_from": "snapshot"}, "undo_from is no output"),
        ({"surprise": 1}, "row not understood"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(OperationDataRefused, match=problem):
        registry({**ROW, **change})


def test_an_undo_that_lacks_an_input_is_refused() -> None:
    undo = {**ROW, "code": "billing.y", "inputs": ["nowhere"]}
    with pytest.raises(OperationDataRefused, match=r"undo billing\.y needs nowhere"):
        registry({**ROW, "undo": "billing.y"}, undo)


def test_the_same_code_twice_is_refused() -> None:
    with pytest.raises(OperationDataRefused, match="registered twice"):
        registry(ROW, dict(ROW))


def test_inputs_of_an_undo_come_from_where_the_row_says() -> None:
    operations = load_registry()
    swap = operations.get("resource.swap_device")
    inputs = {"product_id": "P", "old_serial": "a", "new_serial": "b"}
    assert operations.undo_inputs(swap, inputs, {"swapped_at": "x"}) == {
        "product_id": "P",
        "old_serial": "b",
        "new_serial": "a",
    }
    delete = operations.get("provisioning.delete_access_account")
    snapshot = {"account_name": "n", "profile": "p", "port_binding": "b", "product_id": "P", "more": 1}
    undo = operations.undo_inputs(delete, {"account_name": "n"}, {"snapshot": snapshot, "removed_at": "x"})
    assert undo == {"account_name": "n", "profile": "p", "port_binding": "b", "product_id": "P"}
    with pytest.raises(LookupError, match="which nothing gives"):
        operations.undo_inputs(delete, {"account_name": "n"}, {"snapshot": None, "removed_at": "x"})


def test_what_cannot_be_undone_has_no_undo_inputs() -> None:
    operations = load_registry()
    assert operations.undo_inputs(operations.get("resource.release"), {}, {}) == {}


def test_waits_grow_to_their_cap() -> None:
    policy = load_registry().policy("sync")
    assert [policy.longest_wait_s(n) for n in (1, 2, 3, 8, 5000)] == [2, 4, 8, 256, 300]


def test_the_file_names_the_five_adapters() -> None:
    assert [row.code for row in load_registry().adapters] == ["resource", "provisioning", "billing", "fault", "area"]
    assert set(operations_data()) == {"adapters", "retry_policies", "operations"}
