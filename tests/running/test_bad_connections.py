"""Crowds at the door: slow clients hold a socket and nothing else, and beyond the limit there is a clear answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from flask import Flask

from app.config import Settings
from app.running import connections
from app.running.web_server import WebServer
from tests.running.slow_clients import Crowd, wait_for
from tests.servers import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small limits, so that a test reaches them."""
    monkeypatch.setattr(connections, "CONNECTIONS", 20)
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 2.0)
    monkeypatch.setattr(connections, "IDLE_S", 3.0)


@pytest.fixture
def port(few: None) -> Iterator[int]:
    app = Flask(__name__)
    app.add_url_rule("/healthz", view_func=lambda: "fine")
    app.add_url_rule("/echo", view_func=echo, methods=["POST"])
    settings = replace(Settings(), port=free_port(), web_threads=2)
    server = WebServer(app, settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield settings.port
    server.stop()
    thread.join(timeout=10)
    assert not thread.is_alive()


def echo() -> bytes:
    from flask import request

    return request.get_data()


def test_clients_that_send_a_letter_a_second_hold_nobody_up_and_are_sent_away(port: int) -> None:
    crowd = Crowd(port, silent=5, trickling=10)
    try:
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).text == "fine"
        assert crowd.still_open() == 15
        wait_for("the slow ones are sent away", lambda: crowd.still_open() == 0, within_s=8)
    finally:
        crowd.close()


def test_beyond_the_limit_there_is_a_clear_answer_in_two_languages(port: int) -> None:
    crowd = Crowd(port, silent=20)
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        body = answer.json()
        assert (body["status"], body["code"], body["retryable"]) == (503, "unavailable", True)
        assert "连接过多" in body["detail"] and "Too many connections" in body["detail"]
    finally:
        crowd.close()
    wait_for(
        "served again", lambda: httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200, within_s=3
    )


def test_whoever_has_kept_us_waiting_longest_makes_room(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 60.0)
    monkeypatch.setattr(connections, "MAKES_ROOM_AFTER_S", 0.5)
    crowd = Crowd(port, silent=20)
    try:
        threading.Event().wait(0.6)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).text == "fine"
        assert crowd.still_open() == 19
    finally:
        crowd.close()


def test_a_body_may_take_longer_than_a_head(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        slow.sendall(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\nConnection: close\r\n\r\n")
        for letter in b"slow":
            threading.Event().wait(0.8)
            slow.sendall(bytes([letter]))
        answer = b""
        while more := slow.recv(4096):
            answer += more
    assert answer.endswith(b"slow")


def test_a_connection_in_use_is_kept_and_an_idle_one_is_closed(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            assert client.get("/healthz").text == "fine"
            threading.Event().wait(1.0)
    crowd = Crowd(port, deaf=3)
    try:
        wait_for("idle ones are closed", lambda: not crowd.still_open() or closed(crowd), within_s=8)
    finally:
        crowd.close()


def closed(crowd: Crowd) -> bool:
    """Whether each connection has its answer and then the end of the stream."""
    for one in crowd._sockets:
        one.settimeout(0.2)
        try:
            while one.recv(65_536):
                pass
        except TimeoutError:
            return False
    return True


def test_the_refusal_is_whole_even_for_a_caller_who_is_still_talking(port: int) -> None:
    crowd = Crowd(port, silent=20)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as talker:
            talker.sendall(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 500000\r\n\r\n" + b"x" * 100_000)
            answer = b""
            while more := talker.recv(4096):
                answer += more
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert json.loads(body)["status"] == 503
    finally:
        crowd.close()
