"""Log lines carry no personal data and no secrets."""

from __future__ import annotations

import pytest

from app.observability import HIDDEN, mask_event, masked


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("call 13012341234 now", "call 130****1234 now"),
        ("电话15400001001，请回电", "电话154****1001，请回电"),
        ("id 990001195801010013", "id **************0013"),
        ("99000519860917149X", "**************149X"),
        ("mail demo001@example.com", f"mail {HIDDEN}"),
        ("O-2611-000042", "O-2611-000042"),
        ("P10000101", "P10000101"),
    ],
)
def test_texts_are_masked(given: str, shown: str) -> None:
    assert masked(given) == shown


def test_values_under_telling_names_are_hidden_at_any_depth() -> None:
    event = {
        "event": "call",
        "authorization": "Bearer x",
        "inputs": {"contact_phone": "1", "rows": [{"password": "p", "port": "SPL#1"}], "customer_name": "卫"},
    }
    shown = mask_event(None, "info", event)
    assert shown["authorization"] == HIDDEN
    assert shown["inputs"] == {
        "contact_phone": HIDDEN,
        "rows": [{"password": HIDDEN, "port": "SPL#1"}],
        "customer_name": HIDDEN,
    }


def test_a_bottomless_value_ends() -> None:
    deep: list[object] = []
    deep.append(deep)
    assert masked(deep) is not None
