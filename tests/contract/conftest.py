"""The far systems twice: as a real server behind the HTTP clients, and as the twin in memory."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from adapters.http_client import open_http_client
from adapters.operations import OperationRegistry
from adapters.operations_file import load_registry
from adapters.ports import Answer, OperationCall, Port
from adapters.signing import verify
from adapters.simulators import seed
from adapters.simulators.desk import BOOKS
from adapters.simulators.twin import Twin
from adapters.wiring import build_ports
from tests.servers import free_port
from tests.servers import start as begin

ROOT = Path(__file__).parents[2]
SEED = ROOT / "app" / "seed" / "data"
SECRET = "a callback secret of the tests"
DELAY_S = 0.05
TIMEOUT_S = 5.0
KEYS = itertools.count(1)


@cache
def seed_data() -> Mapping[str, Any]:
    return seed.read_folder(SEED)


@dataclass
class Far:
    """What a test may do, whichever kind of far systems it runs on."""

    ports: Mapping[str, Port]
    registry: OperationRegistry
    kind: str
    callback_url: str
    callbacks: list[dict[str, Any]] = field(default_factory=list)

    def call(self, operation: str, key: str = "", business_key: str = "order:1", **inputs: Any) -> OperationCall:
        return OperationCall(
            name=operation,
            operation_id=key or f"op-{next(KEYS)}-{time.monotonic_ns()}",
            inputs=inputs,
            business_key=business_key,
            area="SH-SH",
            callback_url=self.callback_url,
        )

    def send(self, call: OperationCall, timeout_s: float = TIMEOUT_S) -> Answer:
        return self.ports[call.name.partition(".")[0]].perform(call, timeout_s=timeout_s)

    def do(self, operation: str, key: str = "", business_key: str = "order:1", **inputs: Any) -> dict[str, Any]:
        """Perform, wait for the callback if there is one, and return the outputs; raises Rejected like a port."""
        call = self.call(operation, key, business_key, **inputs)
        answer = self.send(call)
        if answer.pending:
            answer = self.result(call)
        assert self.registry.check_outputs(operation, answer.outputs) == []
        return dict(answer.outputs)

    def result(self, call: OperationCall) -> Answer:
        """Ask until it is known."""
        port = self.ports[call.name.partition(".")[0]]
        for _ in range(100):
            answer = port.query(call.operation_id, timeout_s=TIMEOUT_S)
            assert answer is not None
            if not answer.pending:
                return answer
            self.pass_time(DELAY_S)
        raise AssertionError("the result never came")

    def undo(self, operation: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, Any]:
        row = self.registry.get(operation)
        assert row.undo is not None
        return self.do(row.undo, **self.registry.undo_inputs(row, inputs, outputs))

    def both_ways(self, operation: str, **inputs: Any) -> dict[str, Any]:
        """Do it and undo it."""
        outputs = self.do(operation, **inputs)
        self.undo(operation, inputs, outputs)
        return outputs

    def snapshot(self, operation: str = "") -> dict[str, Any]:
        """Return every book (of the system of one operation) as it stands, without what only tells when."""
        told: dict[str, Any] = {}
        only = operation.partition(".")[0]
        for adapter, kinds in BOOKS.items():
            for kind in kinds if only in ("", adapter) else ():
                for row in self.ports[adapter].books(kind, timeout_s=TIMEOUT_S):
                    told[f"{kind}/{row['key']}"] = {name: v for name, v in row.items() if name not in _TIMES}
        return told

    def effect(self, key: str) -> int:
        return next((row["count"] for row in self.effects() if row["operation_id"] == key), 0)

    def wait_for_callbacks(self, count: int) -> list[dict[str, Any]]:
        for _ in range(100):
            self.deliver()
            if len(self.callbacks) >= count:
                return self.callbacks
            self.pass_time(DELAY_S)
        raise AssertionError(f"{len(self.callbacks)} callbacks of {count} came")

    def script(self, fault: str, operation: str = "*", **more: Any) -> None:
        raise NotImplementedError

    def effects(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def plant(self, book: str, key: str, **change: Any) -> None:
        raise NotImplementedError

    def pass_time(self, seconds: float) -> None:
        raise NotImplementedError

    def jump(self, seconds: float) -> None:
        """Set the far clock that many seconds ahead."""
        raise NotImplementedError

    def deliver(self) -> None:
        raise NotImplementedError


_TIMES = frozenset({"since", "at", "reserved_at", "assigned_at", "occupied_at", "booked_at", "halted_at", "due"})


class HttpFar(Far):
    base_url: str = ""

    def script(self, fault: str, operation: str = "*", **more: Any) -> None:
        path = "scripts" if fault == "answer" else "faults"
        body = {"fault": fault, "operation": operation, **more}
        httpx.post(f"{self.base_url}/control/{path}", json=body).raise_for_status()

    def effects(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = httpx.get(f"{self.base_url}/control/effects").raise_for_status().json()
        return rows

    def plant(self, book: str, key: str, **change: Any) -> None:
        httpx.post(f"{self.base_url}/control/books/{book}/{key}", json=change).raise_for_status()

    def pass_time(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.2))

    def jump(self, seconds: float) -> None:
        httpx.post(f"{self.base_url}/control/clock", json={"offset_s": seconds}).raise_for_status()

    def deliver(self) -> None:
        """The server delivers by itself."""


class TwinFar(Far):
    twin: Twin
    offset_s: float = 0.0

    def script(self, fault: str, operation: str = "*", **more: Any) -> None:
        self.twin.script(fault, operation, **more)

    def effects(self) -> list[dict[str, Any]]:
        return self.twin.effects()

    def plant(self, book: str, key: str, **change: Any) -> None:
        self.twin.plant(book, key, change)

    def pass_time(self, seconds: float) -> None:
        self.offset_s += seconds

    def jump(self, seconds: float) -> None:
        self.offset_s += seconds

    def deliver(self) -> None:
        self.twin.send_callbacks()


@dataclass
class Receiver:
    """Our side of the callbacks: keeps those whose signature is right."""

    url: str
    got: list[dict[str, Any]]
    refuse_first: int = 0
    seen: int = 0


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    state = Receiver("", [])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.seen += 1
            if state.refuse_first > 0:
                state.refuse_first -= 1
                self.send_response(503)
            else:
                verify([SECRET.encode()], dict(self.headers), body, datetime.now(UTC))
                state.got.append({**json.loads(body), "path": self.path})
                self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/api/v1/callbacks"
    yield state
    server.shutdown()
    server.server_close()


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    books: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Starter = Callable[..., Server]


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    """Start the simulator process; every one started is killed at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*flags: str, books: Path | None = None, port: int | None = None) -> Server:
        books = books or tmp_path_factory.mktemp("far") / "books.sqlite"
        port = port or free_port()
        command = [sys.executable, "-m", "adapters.simulators", "--db", str(books), "--port", str(port)]
        command += ["--callback-delay", str(DELAY_S), "--seed-dir", str(SEED), *flags]
        env = {**os.environ, "YIZHAN_CALLBACK_SECRET": f"whsec_{_base64(SECRET)}"}
        process = begin(command, log=books.with_suffix(".log"), cwd=ROOT, env=env)
        started.append(process)
        server = Server(process, port, books)
        for _ in range(1200):
            try:
                httpx.get(f"{server.url}/healthz").raise_for_status()
                return server
            except httpx.HTTPError:
                assert process.poll() is None, books.with_suffix(".log").read_text()
                time.sleep(0.05)
        raise AssertionError("the simulator did not start")

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def registry() -> OperationRegistry:
    return load_registry()


@pytest.fixture(scope="session")
def server(start_server: Starter) -> Server:
    return start_server()


@pytest.fixture(params=[pytest.param("http", marks=pytest.mark.slow), "twin"])
def far(request: pytest.FixtureRequest, registry: OperationRegistry) -> Iterator[Far]:
    """The far systems with the stock of the data folder and nothing else in their books."""
    if request.param == "twin":
        yield _twin(registry)
        return
    running: Server = request.getfixturevalue("server")
    received: Receiver = request.getfixturevalue("receiver")
    httpx.post(f"{running.url}/control/reset", timeout=20).raise_for_status()
    received.got.clear()
    with open_http_client() as client:
        ports = build_ports(running.url, registry=registry, client=client)
        http_far = HttpFar(ports, registry, "http", f"{received.url}/any", received.got)
        http_far.base_url = running.url
        yield http_far


def _twin(registry: OperationRegistry) -> TwinFar:
    callbacks: list[dict[str, Any]] = []
    start = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def now() -> datetime:
        return start + timedelta(seconds=far.offset_s)

    def deliver(adapter: str, _url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        verify([SECRET.encode()], headers, body, now())
        callbacks.append({**json.loads(body), "path": f"/{adapter}"})
        return True

    far = TwinFar({}, registry, "twin", "http://yizhan.example/api/v1/callbacks/any", callbacks)
    far.twin = Twin(
        registry,
        now=now,
        deliver=deliver,
        secret=SECRET.encode(),
        seed_data=seed_data(),
        callback_delay_s=DELAY_S,
    )
    far.ports = far.twin.ports
    return far


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()
