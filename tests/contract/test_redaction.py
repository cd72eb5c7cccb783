"""What the call log shows of personal numbers and secrets: nothing one could use."""

from __future__ import annotations

import json

import pytest

from adapters.redaction import redacted

SECRETS = ["15400001001", "990001195801010013", "99000519860917149X", "021-00001001", "demo001@example.com", "hush"]


@pytest.mark.parametrize(
    "value",
    [
        {"phone": "15400001001"},
        {"msisdn": 15400001001},
        {"contact": {"phone": ["15400001001"]}},
        {"note": "call 15400001001 or 021-00001001, ID 990001195801010013 / 99000519860917149X"},
        {"order_item": {"characteristics": [{"name": "number", "value": "021-00001001"}]}},
        {"email": "demo001@example.com", "text": "mail demo001@example.com now"},
        {"password": "hush", "Authorization": "hush", "callback_secret": "hush", "token": ["hush"]},
        {"authorisation_code": "hush"},
    ],
)
def test_personal_data_is_masked_wherever_it_is(value: object) -> None:
    text = json.dumps(redacted(value), ensure_ascii=False)
    assert not any(secret in text for secret in SECRETS)


def test_what_is_not_personal_stays() -> None:
    value = {
        "olt_port": "OLT-SH-01/0/1",
        "cvlan": 101,
        "order": "O-2611-000042",
        "id": "0193b1f2-3c4d-7e5f-8a6b-123456789012",
        "at": "2026-11-23T10:05:00+08:00",
        "ok": True,
        "none": None,
    }
    assert redacted(value) == value


def test_endless_and_huge_values_are_cut() -> None:
    deep: dict[str, object] = {}
    inner = deep
    for _ in range(5000):
        inner["x"] = inner = {}
    assert "[deep]" in json.dumps(redacted(deep))
    assert len(redacted({"text": "x" * 10_000})["text"]) < 600
