"""The server is killed at any moment: its books and the callbacks it promised stay."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from adapters.errors import Unreachable
from adapters.http_client import open_http_client
from adapters.operations import OperationRegistry
from adapters.ports import OperationCall
from adapters.wiring import build_ports

from .conftest import Receiver, Starter

pytestmark = pytest.mark.slow


def account(key: str, callback_url: str) -> OperationCall:
    inputs = {"account_name": f"{key}@example", "profile": "1M", "port_binding": "x", "product_id": key}
    return OperationCall(
        name="provisioning.create_access_account",
        operation_id=key,
        inputs=inputs,
        business_key=f"order:{key}",
        area="SH-SH",
        callback_url=callback_url,
    )


def wait_for(fact: Callable[[], bool], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)


def test_books_and_promised_callbacks_survive_a_kill(
    start_server: Starter, receiver: Receiver, registry: OperationRegistry
) -> None:
    receiver.got.clear()
    first = start_server("--callback-delay-for", "provisioning.create_access_account=1.5")
    with open_http_client() as client:
        port = build_ports(first.url, registry=registry, client=client)["provisioning"]
        assert port.perform(account("k1", receiver.url), timeout_s=5).pending
        first.process.kill()
        first.process.wait()
        with pytest.raises(Unreachable):
            port.perform(account("k2", receiver.url), timeout_s=1)
        assert receiver.got == []
        start_server(books=first.books, port=first.port)
        wait_for(lambda: [row["operation_id"] for row in receiver.got] == ["k1"])
        known = port.query("k1", timeout_s=5)
        assert known is not None and known.outputs == {"account_name": "k1@example"}
        assert not port.perform(account("k1", receiver.url), timeout_s=5).pending
    (effect,) = httpx.get(f"{first.url}/control/effects").json()
    assert (effect["operation_id"], effect["count"]) == ("k1", 1)


def test_a_callback_nobody_takes_is_sent_again(
    start_server: Starter, receiver: Receiver, registry: OperationRegistry
) -> None:
    receiver.got.clear()
    server = start_server()
    receiver.refuse_first = 2
    before = receiver.seen
    with open_http_client() as client:
        port = build_ports(server.url, registry=registry, client=client)["provisioning"]
        port.perform(account("k3", receiver.url), timeout_s=5)
        wait_for(lambda: len(receiver.got) == 1)
    assert receiver.seen - before == 3
    wait_for(lambda: httpx.get(f"{server.url}/control/callbacks").json()[0]["state"] == "taken")


def test_a_flag_makes_the_stock_ample(start_server: Starter, registry: OperationRegistry) -> None:
    server = start_server("--ample-stock")
    with open_http_client() as client:
        port = build_ports(server.url, registry=registry, client=client)["resource"]
        codes = set()
        for number in range(30):
            call = OperationCall(
                name="resource.reserve",
                operation_id=f"r{number}",
                inputs={
                    "order_item": "1",
                    "address_code": "A0001",
                    "resource_kinds": ["splitter_port", "ont", "stb", "fixed_number", "sim"],
                    "quantity": 1,
                    "expires_at": None,
                },
                business_key="order:1",
                area="SH-SH",
            )
            resources = port.perform(call, timeout_s=5).outputs["resources"]
            codes.update((row["kind"], row["code"]) for row in resources)
    assert len(codes) == 150


def test_a_new_operation_answers_without_new_code(start_server: Starter, registry: OperationRegistry) -> None:
    server = start_server("--no-seed")
    row = {
        "code": "provisioning.open_camera",
        "adapter": "provisioning",
        "name_zh": "开通摄像头",
        "name_en": "Open camera",
        "mode": "sync",
        "effect": "write",
        "inputs": ["camera_no"],
        "outputs": ["camera_no", "opened_at", "task_id"],
        "timeout_s": 10,
        "retry": "sync",
        "idempotency": "keyed",
    }
    httpx.post(f"{server.url}/control/operations", json={"operations": [row]}).raise_for_status()
    call = OperationCall(
        name="provisioning.open_camera",
        operation_id="c1",
        inputs={"camera_no": "C1"},
        business_key="order:1",
        area="SH-SH",
    )
    with open_http_client() as client:
        answer = build_ports(server.url, registry=registry, client=client)["provisioning"].perform(call, timeout_s=5)
    assert answer.outputs["camera_no"] == "C1"
    assert answer.outputs["opened_at"] and answer.outputs["task_id"]


def test_the_same_key_at_the_same_time_takes_effect_once(start_server: Starter, registry: OperationRegistry) -> None:
    from concurrent.futures import ThreadPoolExecutor

    server = start_server("--no-seed")
    call = OperationCall(
        name="billing.post_credit",
        operation_id="same",
        inputs={"account_no": "A", "rule_code": "r", "amount_cny": "1.00", "reference": "x"},
        business_key="order:1",
        area="SH-SH",
    )
    with open_http_client() as client, ThreadPoolExecutor(8) as threads:
        port = build_ports(server.url, registry=registry, client=client)["billing"]

        def send() -> str:
            for _ in range(50):
                try:
                    return str(port.perform(call, timeout_s=5).outputs["entry_no"])
                except Unreachable:
                    time.sleep(0.05)
            raise AssertionError("never answered")

        entries = [future.result() for future in [threads.submit(send) for _ in range(16)]]
    assert len(set(entries)) == 1
    assert [row["count"] for row in httpx.get(f"{server.url}/control/effects").json()] == [1]
