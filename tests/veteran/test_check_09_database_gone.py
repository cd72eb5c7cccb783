"""Check 9: the database gone for half a minute under load: everybody is told so, all resumes unaided, and nothing that
was tried meanwhile counts as a failure."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.operations_file import load_registry
from adapters.ports import Answer, OperationCall, Port
from adapters.simulators.twin import Twin
from processes.store.jobs import Job
from processes.worker import Worker
from tests.api.world import prepare
from tests.services.whole import SECRET, Whole, stock, whole
from tests.veteran.line import Line, line_to

pytestmark = pytest.mark.slow
HOME = "home-bundle.json"
ORDERS = 2
PATIENCE_S = 120.0


class Slow:
    """A neighbour whose answers can be kept back."""

    def __init__(self, port: Port) -> None:
        self.port, self.answers, self.out = port, threading.Event(), 0
        self.answers.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        answer = self.port.perform(call, timeout_s=timeout_s)
        self.out += 1
        assert self.answers.wait(PATIENCE_S)
        self.out -= 1
        return answer


@contextmanager
def at_work(product: Whole) -> Iterator[Worker]:
    """A worker that runs by itself, beside the one that does what the test says."""
    worker = Worker(product.deps.engine, product.deps.sessions, name="steady", threads=4, poll_s=0.3)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(60)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def tries(product: Whole, business_keys: set[str]) -> Counter[tuple[str, int, bool]]:
    """How often each operation was tried and whether its outcome was ever unknown, over all calls for these orders."""
    with product.deps.read_sessions() as session:
        rows = session.scalars(select(Job).where(Job.adapter.is_not(None))).all()
        mine = [row for row in rows if row.business_key.partition("/")[0] in business_keys]
        return Counter((row.operation, row.attempts, row.outcome_unknown) for row in mine)


def is_quiet(product: Whole) -> bool:
    """Whether no call is out and none is waited for."""
    with product.deps.read_sessions() as session:
        return session.scalars(select(Job.id).where(Job.state.in_(("ready", "leased", "sent")))).first() is None


def ask(product: Whole, path: str, language: str) -> Any:
    headers = {**product.headers("front"), "Accept-Language": language}
    return product.app.test_client(use_cookies=False).get(path, headers=headers)


def finish(product: Whole, order_id: str) -> None:
    """Play an order to its end; no step of it may fail."""
    view = product.play(order_id, until=("completed", "held"))
    incidents = product.call("GET", "/api/v1/incidents?limit=10", login="ops")["items"]
    assert (view["state"], [(row["code"], row["message"]) for row in incidents]) == ("completed", [])


def is_told(product: Whole) -> None:
    """Pages and both interfaces say in both languages that the system is not available, and nothing of the inside."""
    words: Mapping[str, str] = {"zh": "系统暂不可用", "en": "Not available right now"}
    for language, said in words.items():
        for path in ("/orders", "/api/v1/work-items", "/tmf-api/productOrderingManagement/v4/productOrder"):
            answer = ask(product, path, language)
            text = answer.get_data(as_text=True)
            assert (answer.status_code, said in text) == (503, True), (path, text)
            assert answer.headers["Retry-After"]
            assert not any(inside in text for inside in ("Traceback", "psycopg", "sqlalchemy", "SELECT"))
    assert ask(product, "/readyz", "en").status_code == 503
    assert ask(product, "/healthz", "en").status_code == 200


def gone(line: Line, product: Whole, slow: Mapping[str, Slow], seconds: float) -> None:
    """The database goes while calls are out; they are answered while it is away."""
    line.cut()
    came_back = time.monotonic() + seconds
    for port in slow.values():
        port.answers.set()
    is_told(product)
    while time.monotonic() < came_back:
        time.sleep(0.2)
    is_told(product)
    line.mend()


def test_the_database_is_gone_for_a_while_under_load(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path: Path
) -> None:
    seconds = 30.0 if request.config.getoption("--full") else 6.0
    direct = make_database("postgresql", migrated=True)
    prepare(direct, tmp_path)
    twin = Twin(
        load_registry(), now=lambda: datetime.now(UTC), seed_data=stock(), secret=SECRET.encode(), callback_delay_s=0.0
    )
    slow = {name: Slow(port) for name, port in twin.ports.items()}
    twin.ports = slow  # type: ignore[assignment]
    with ExitStack() as stack:
        line, url = stack.enter_context(line_to(direct))
        product = stack.enter_context(whole(url, tmp_path, neighbours=twin, fresh=False))
        control = [product.place(HOME, externalId=f"quiet {number}") for number in range(ORDERS)]
        for order_id in control:
            finish(product, order_id)
        for port in slow.values():
            port.answers.clear()
        orders = [product.place(HOME, externalId=f"loud {number}") for number in range(ORDERS)]
        with at_work(product) as worker:
            until(lambda: sum(port.out for port in slow.values()) >= ORDERS)
            until(lambda: worker.in_hand == sum(port.out for port in slow.values()))
            gone(line, product, slow, seconds)
            until(lambda: ask(product, "/readyz", "en").status_code == 200)
            until(lambda: worker.in_hand == 0 and is_quiet(product))
        for order_id in orders:
            finish(product, order_id)
        assert tries(product, {f"order:{one}" for one in orders}) == tries(product, {f"order:{one}" for one in control})
        counted = product.deps.engine.parts.counters.all()
        assert (counted.get("retries", 0), counted.get("incidents", 0), counted.get("lease_expired", 0)) == (0, 0, 0)
        assert product.violations() == []
