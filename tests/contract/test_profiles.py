"""Systems that do not know keys: the effect is as often as the call, and who may ask is told by the profile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.operations import OperationRegistry
from adapters.operations_file import operations_data
from adapters.ports import OperationCall
from adapters.simulators.twin import Twin


def twin(profile: str) -> Twin:
    data: dict[str, Any] = dict(operations_data())
    data["operations"] = [
        {**row, "idempotency": profile} if row["code"] == "billing.post_credit" else row for row in data["operations"]
    ]
    return Twin(OperationRegistry.from_data(data), now=lambda: datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("profile", "effects", "is_known"), [("keyed", 1, True), ("queryable", 2, True), ("neither", 2, False)]
)
def test_a_repeat_takes_effect_by_the_profile(profile: str, effects: int, is_known: bool) -> None:
    far = twin(profile)
    call = OperationCall(
        name="billing.post_credit",
        operation_id="key-1",
        inputs={"account_no": "A", "rule_code": "r", "amount_cny": "1.00", "reference": "x"},
        business_key="order:1",
        area="SH-SH",
    )
    port = far.ports["billing"]
    port.perform(call, timeout_s=1)
    port.perform(call, timeout_s=1)
    assert far.effects()[0]["count"] == effects
    assert len(port.books("entries", timeout_s=1)) == effects
    assert (port.query("key-1", timeout_s=1) is not None) is is_known
