"""The weather of the simulated neighbours: faults at random, the same for the same seed; callbacks in disorder."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.errors import Unreachable
from adapters.operations_file import load_registry
from adapters.ports import OperationCall
from adapters.simulators.scripts import ScriptRefused
from adapters.simulators.twin import Twin
from adapters.simulators.weather import Weather, set_weather
from tests.servers import RunningSimulators

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
CALLS = 150


class Sky:
    """Neighbours in memory under some weather, on a clock that only moves when told."""

    def __init__(self, **weather: Any) -> None:
        self.now = NOW
        self.delivered: list[tuple[str, float]] = []
        self.twin = Twin(load_registry(), now=lambda: self.now, deliver=self.take)
        with self.twin.database.transaction() as store:
            set_weather(store, Weather.from_json(weather))

    def take(self, _adapter: str, _url: str, body: bytes, _headers: object) -> bool:
        self.delivered.append((body.decode(), (self.now - NOW).total_seconds()))
        return True

    def ticket(self, key: str) -> bool:
        """Whether the fault system answers a call."""
        inputs = {"product_id": "P", "ticket_type": "t", "severity": "low", "description": "d", "order_no": "O"}
        call = OperationCall(
            name="fault.create_ticket", operation_id=key, inputs=inputs, business_key="order:1", area="SH"
        )
        try:
            self.twin.ports["fault"].perform(call, timeout_s=5)
        except Unreachable:
            return False
        return True

    def callback(self, key: str) -> None:
        inputs = {"account_name": "a1", "mode": "full"}
        call = OperationCall(
            name="provisioning.suspend_access",
            operation_id=key,
            inputs=inputs,
            business_key="order:1",
            area="SH",
            callback_url="http://us/callbacks",
        )
        self.twin.ports["provisioning"].perform(call, timeout_s=5)


def test_the_shares_are_kept_and_the_same_seed_gives_the_same_faults() -> None:
    skies = [Sky(seed=seed, error503=0.3) for seed in (1, 1, 2)]
    answered = [[sky.ticket(f"key-{number}") for number in range(CALLS)] for sky in skies]
    assert answered[0] == answered[1] != answered[2]
    assert 0.17 * CALLS < answered[0].count(False) < 0.43 * CALLS


def test_what_is_repeated_meets_its_own_luck_and_takes_effect_once() -> None:
    sky = Sky(error503=0.3, drop_after=0.2)
    for number in range(60):
        assert any(sky.ticket(f"key-{number}") for _ in range(30))
    assert {row["count"] for row in sky.twin.effects()} == {1}


def test_one_system_may_have_weather_of_its_own() -> None:
    sky = Sky(adapter="billing", error503=1.0)
    assert sky.ticket("key")


def test_callbacks_come_several_times_shuffled_and_some_before_the_reply() -> None:
    sky = Sky(copies=3, shuffle_s=2.0, early=0.1)
    for number in range(100):
        sky.callback(f"key-{number:03}")
    early = len(sky.delivered)
    assert 3 <= early <= 25
    while sky.now < NOW + timedelta(seconds=10):
        sky.now += timedelta(seconds=0.1)
        while sky.twin.send_callbacks():
            pass
    bodies = Counter(body for body, _ in sky.delivered)
    assert set(bodies.values()) == {3}
    assert len(bodies) == 100
    last = [body for body, _ in sky.delivered]
    first_seen = sorted(bodies, key=last.index)
    assert first_seen != sorted(bodies, key=lambda body: body.partition("operation_id")[2])


def test_weather_nobody_understands_is_refused() -> None:
    with pytest.raises(ScriptRefused):
        Weather.from_json({"hail": 0.5})
    with pytest.raises(ScriptRefused):
        Weather.from_json({"error503": "often"})


def test_the_server_takes_weather_and_counts_who_called_when(simulators: RunningSimulators) -> None:
    httpx.delete(f"{simulators.url}/control/traffic").raise_for_status()
    httpx.post(f"{simulators.url}/control/weather", json={"adapter": "fault", "error503": 1.0}).raise_for_status()
    body = {"inputs": {"resources": []}}
    path = "/fault/operations/fault.query_alarms"
    answers = [
        httpx.post(f"{simulators.url}{path}", json=body, headers={"Idempotency-Key": f"w{number}"}).status_code
        for number in range(3)
    ]
    httpx.delete(f"{simulators.url}/control/weather").raise_for_status()
    fair = httpx.post(f"{simulators.url}{path}", json=body, headers={"Idempotency-Key": "w0"}).status_code
    assert (answers, fair) == ([503] * 3, 200)
    counted: Counter[tuple[str, int]] = Counter()
    for row in httpx.get(f"{simulators.url}/control/traffic").json():
        counted[row["adapter"], row["status"]] += row["calls"]
    assert counted["fault", 503] == 3
    assert counted["fault", 200] == 1
