"""A far side that misbehaves: too much, too slow, too deep, not JSON, elsewhere."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx
import pytest

from adapters.errors import BreakerOpen, Rejected, StillWorking, Unreachable
from adapters.http_client import open_http_client
from adapters.operations import OperationRegistry
from adapters.ports import Answer, OperationCall, Port
from adapters.redaction import CallRecord
from adapters.wiring import build_ports

CALL = OperationCall(
    name="billing.charge_one_off",
    operation_id="key-1",
    inputs={"account_no": "A", "fee_code": "f", "amount_cny": "1.00"},
    business_key="order:1",
    area="SH-SH",
)


@contextmanager
def billing(registry: OperationRegistry, handler: Callable[[httpx.Request], httpx.Response]) -> Iterator[Port]:
    with open_http_client(httpx.MockTransport(handler)) as client:
        ports = build_ports("http://far", registry=registry, client=client)
        yield ports["billing"]


def send(port: Port, timeout_s: float = 1.0) -> Answer:
    return port.perform(CALL, timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "not usable JSON"),
        (b"[]", "a JSON object was expected"),
        (b'{"outputs": []}', "outputs is no object"),
        (b'{"outputs": {}}', "output entry_no is missing"),
        (b'{"outputs": {"entry_no": NaN}}', "not usable JSON"),
        (b'{"outputs": {"entry_no": ' + b"9" * 5000 + b"}}", "not usable JSON"),
        (b'{"outputs":' * 100 + b"1" + b"}" * 100, "nested deeper"),
        (b"[" * 200_000, "not usable JSON"),
        (b" " * 1_000_001, "bigger than"),
        (b"\xff\xfe", "not usable JSON"),
    ],
)
def test_an_answer_we_cannot_use_leaves_the_outcome_open(
    registry: OperationRegistry, body: bytes, message: str
) -> None:
    with billing(registry, lambda _: httpx.Response(200, content=body)) as port:
        with pytest.raises(Unreachable, match=message) as refusal:
            send(port)
        assert refusal.value.maybe_done


def test_a_compressed_answer_is_not_unpacked(registry: OperationRegistry) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    answer = httpx.Response(200, stream=httpx.ByteStream(bomb), headers={"Content-Encoding": "gzip"})
    with billing(registry, lambda _: answer) as port, pytest.raises(Unreachable, match="compressed"):
        send(port)


def test_redirects_are_not_followed(registry: OperationRegistry) -> None:
    asked: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"Location": "http://elsewhere/"})

    with billing(registry, redirect) as port, pytest.raises(Unreachable, match="HTTP 307"):
        send(port)
    assert asked == ["http://far/billing/operations/billing.charge_one_off"]


@pytest.mark.parametrize(
    ("status", "headers", "retry_after", "maybe_done"),
    [
        (503, {"Retry-After": "12"}, 12.0, True),
        (503, {"Retry-After": "999999"}, 3600.0, True),
        (503, {"Retry-After": "soon"}, None, True),
        (500, {}, None, True),
        (408, {}, None, True),
        (429, {"Retry-After": "3"}, 3.0, False),
        (409, {}, 5.0, True),
    ],
)
def test_a_busy_far_side_is_asked_again_later(
    registry: OperationRegistry, status: int, headers: dict[str, str], retry_after: float | None, maybe_done: bool
) -> None:
    answer = httpx.Response(status, headers=headers)
    with billing(registry, lambda _: answer) as port, pytest.raises(Unreachable) as refusal:
        send(port)
    assert (refusal.value.retry_after_s, refusal.value.maybe_done) == (retry_after, maybe_done)
    assert isinstance(refusal.value, StillWorking) is (status == 409)


@pytest.mark.parametrize(
    ("far_code", "code"),
    [
        ("B304", "tariff-unknown"),
        ("tariff-unknown", "tariff-unknown"),
        ("Z999", "unknown-answer"),
        (None, "unknown-answer"),
    ],
)
def test_the_codes_of_the_vendor_are_translated(registry: OperationRegistry, far_code: str | None, code: str) -> None:
    body = {"code": far_code, "message": "m"}
    with billing(registry, lambda _: httpx.Response(422, json=body)) as port, pytest.raises(Rejected) as refusal:
        send(port)
    assert refusal.value.code == code
    assert (str(far_code) in refusal.value.message) is (code == "unknown-answer")


def test_a_code_that_means_later_is_no_rejection(registry: OperationRegistry) -> None:
    with billing(registry, lambda _: httpx.Response(422, json={"code": "B306"})) as port:
        with pytest.raises(Unreachable) as refusal:
            send(port)
        assert (refusal.value.code, refusal.value.maybe_done) == ("billing-system-down", False)
        with pytest.raises(Rejected) as ended:  # but a result that ended so is final
            port.query("key-1", timeout_s=1)
        assert ended.value.code == "billing-system-down"


def test_the_breaker_stops_calling_and_refusals_do_not_open_it(registry: OperationRegistry) -> None:
    statuses = iter([422] * 10 + [503] * 5)
    calls: list[int] = []

    def answer(_: httpx.Request) -> httpx.Response:
        calls.append(next(statuses))
        return httpx.Response(calls[-1], json={"code": "tariff-unknown"})

    with billing(registry, answer) as port:
        for _ in range(10):
            with pytest.raises(Rejected):
                send(port)
        for _ in range(5):
            with pytest.raises(Unreachable):
                send(port)
        with pytest.raises(BreakerOpen) as refusal:
            send(port)
        assert len(calls) == 15
        assert 0 < refusal.value.opens_until_s <= 10
        assert port.available_in_s() > 0  # type: ignore[attr-defined]


def test_the_call_log_tells_what_happened_but_no_personal_data(registry: OperationRegistry) -> None:
    log: list[CallRecord] = []
    answers: Sequence[httpx.Response] = [
        httpx.Response(200, json={"outputs": {"entry_no": "E1"}}),
        httpx.Response(422, json={"code": "B304"}),
    ]
    queue = iter(answers)
    with open_http_client(httpx.MockTransport(lambda _: next(queue))) as client:
        port = build_ports("http://far", registry=registry, client=client, call_log=log.append)["billing"]
        port.perform(CALL, timeout_s=1)
        with pytest.raises(Rejected):
            port.perform(CALL, timeout_s=1)
    assert [(row.outcome, row.http_status, row.code) for row in log] == [
        ("done", 200, ""),
        ("rejected", 422, "tariff-unknown"),
    ]
    assert log[0].operation_id == "key-1"


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A listener that answers every connection with whatever bytes ``talk`` sends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        ends = threading.Event()

        def serve() -> None:
            while not ends.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(65536)
                        talk(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ends.set()
            thread.join()


def drip_headers(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.05)


def gigabyte(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" " * 1_000_000)


def hang_up(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


@pytest.mark.slow
@pytest.mark.parametrize("talk", [drip_headers, drip_body, gigabyte, hang_up, no_http])
def test_a_far_side_cannot_hold_or_fill_us(registry: OperationRegistry, talk: Callable[[socket.socket], None]) -> None:
    started = time.monotonic()
    with raw_server(talk) as url, open_http_client() as client:
        port = build_ports(url, registry=registry, client=client)["billing"]
        with pytest.raises(Unreachable) as refusal:
            send(port, timeout_s=0.3)
    assert refusal.value.maybe_done
    assert time.monotonic() - started < 6


def test_nobody_there_is_surely_not_done(registry: OperationRegistry) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port_number = listener.getsockname()[1]
    with open_http_client() as client:
        port = build_ports(f"http://127.0.0.1:{port_number}", registry=registry, client=client)["billing"]
        with pytest.raises(Unreachable) as refusal:
            send(port)
    assert not refusal.value.maybe_done


@pytest.mark.parametrize("url", ["ftp://x", "far:80", "", "http://"])
def test_an_address_that_is_none_is_refused_at_start(registry: OperationRegistry, url: str) -> None:
    with open_http_client() as client, pytest.raises(ValueError, match="address of the adapter"):
        build_ports(url, registry=registry, client=client)
