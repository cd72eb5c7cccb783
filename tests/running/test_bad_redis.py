"""A Redis that cannot be used, for whatever reason: said once, missed by nobody, taken up again when it is mended."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from redis import Redis

from processes import redis_bell
from processes.counters import Counters
from processes.redis_bell import BellListener, RedisBell
from tests.running.slow_clients import wait_for
from tests.servers import free_port, redis_server

pytestmark = pytest.mark.slow
PASSWORD = "the right one"


@contextmanager
def with_password(wrong: str) -> Iterator[str]:
    with redis_server() as running:
        with Redis.from_url(running.url) as admin:
            admin.config_set("requirepass", PASSWORD)
        yield running.url.replace("redis://", f"redis://{wrong}")


@contextmanager
def nobody() -> Iterator[str]:
    yield f"redis://127.0.0.1:{free_port()}/0"


@contextmanager
def a_web_server() -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_port}/0"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def a_wall() -> Iterator[str]:
    """Somebody who accepts every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as wall:
        yield f"redis://127.0.0.1:{wall.getsockname()[1]}/0"


WRONG = {
    "wrong password": lambda: with_password(":the wrong one@"),
    "no password": lambda: with_password(""),
    "nobody there": nobody,
    "a web server": a_web_server,
    "a wall": a_wall,
}


@pytest.fixture(params=WRONG)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with WRONG[request.param]() as address:
        yield address


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bell, "TRY_AGAIN_S", 0.2)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_ringing_in_vain_is_said_once_and_costs_next_to_nothing(url: str, caplog: pytest.LogCaptureFixture) -> None:
    counters = Counters()
    bell = RedisBell(url, counters)
    for _ in range(50):
        bell.ring()
    assert counters.all()["wake_lost"] == 50
    (line,) = told(caplog)
    assert line.startswith("Redis cannot be used") and "YIZHAN_REDIS_URL" in line
    assert PASSWORD not in line and "the wrong one" not in line
    assert bell.trouble() != ""


def test_listening_in_vain_is_said_once(url: str, caplog: pytest.LogCaptureFixture) -> None:
    listener = BellListener(url, name="worker", on_wake=lambda: None)
    listener.start()
    wait_for("it is said", lambda: listener.trouble() != "", within_s=30)
    time.sleep(1.5)  # it tries again five times a second
    listener.stop()
    (line,) = told(caplog)
    assert "Redis cannot be used" in line


def test_a_mended_redis_is_taken_up_again(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bell, "QUIET_S", 0.3)
    woken = threading.Event()
    with redis_server() as running:
        admin = Redis.from_url(running.url)
        admin.config_set("requirepass", PASSWORD)
        url = running.url.replace("redis://", "redis://:another@")
        bell, listener = RedisBell(url, Counters()), BellListener(url, name="worker", on_wake=woken.set)
        listener.start()
        bell.ring()
        wait_for("the listener has noticed", lambda: listener.trouble() != "", within_s=30)
        with closing(Redis.from_url(running.url.replace("redis://", f"redis://:{PASSWORD}@"))) as mending:
            mending.config_set("requirepass", "another")
        wait_for("the bell rings", lambda: bell.trouble() == "", within_s=30)
        wait_for("the listener hears", lambda: listener.trouble() == "", within_s=30)
        bell.ring()
        assert woken.wait(30)
        listener.stop()
        admin.close()
    assert sum("answers again" in line for line in told(caplog)) == 2
    assert sum("cannot be used" in line for line in told(caplog)) == 2
