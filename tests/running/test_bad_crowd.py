"""Five hundred connections at once, on the servers as they are: `yizhan web` (gunicorn) and `yizhan up` on SQLite."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.running.slow_clients import Crowd, descriptors, wait_for
from tests.scenario.rig import YIZHAN, answers, environment
from tests.servers import ROOT, free_port, start, stop

pytestmark = pytest.mark.slow
CROWD = 500
PATIENCE_S = 180.0


@pytest.fixture(scope="module", params=["web", "up"])
def server(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, int]]:
    """A running web server: its process id and its port."""
    port, tmp_path = free_port(), tmp_path_factory.mktemp("crowd")
    if request.param == "web":
        url = make_database("postgresql", migrated=True)
    else:
        url = f"sqlite:///{tmp_path / 'yizhan.sqlite'}"
    env = environment(url, redis_url="", neighbours=f"http://127.0.0.1:{free_port()}", port=port, folder=tmp_path)
    env |= {"YIZHAN_DEMO": "0", "YIZHAN_WEB_PROCESSES": "1", "YIZHAN_LOG_LEVEL": "warning"}
    process = start([*YIZHAN, request.param], log=tmp_path / "log", cwd=ROOT, env=env)
    try:
        wait_for("the server", lambda: answers(f"http://127.0.0.1:{port}/healthz"), within_s=PATIENCE_S)
        yield process.pid, port
    finally:
        stop(process)


async def ask_all(port: int, path: str) -> Counter[str]:
    """So many clients at once, each on a connection of its own; what they were told."""
    limits = httpx.Limits(max_connections=CROWD, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=120) as client:
        found = await asyncio.gather(*(client.get(path) for _ in range(CROWD)), return_exceptions=True)
    return Counter(one.__class__.__name__ if isinstance(one, BaseException) else str(one.status_code) for one in found)


def test_five_hundred_at_once_are_answered(server: tuple[int, int]) -> None:
    pid, port = server
    before = settled(pid)
    # In a thread of its own: the browser of other tests may have left a loop in this one.
    with ThreadPoolExecutor(1) as elsewhere:
        told = elsewhere.submit(lambda: asyncio.run(ask_all(port, "/login"))).result()
    print({"crowd": CROWD, "told": dict(told)})
    assert set(told) <= {"200", "503"} and told["200"] > 0, told
    wait_for("descriptors are back", lambda: descriptors(pid) <= before + 12, within_s=PATIENCE_S)


def test_five_hundred_slow_ones_starve_nobody(server: tuple[int, int]) -> None:
    pid, port = server
    before = settled(pid)
    crowd = Crowd(port, silent=250, trickling=250)
    try:
        times = []
        for _ in range(10):
            began = time.monotonic()
            answer = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=30)
            times.append(time.monotonic() - began)
            assert answer.status_code == 200
        print({"crowd": CROWD, "slowest_answer_s": round(max(times), 2), "still_open": crowd.still_open()})
        wait_for("the slow ones are sent away", lambda: crowd.still_open() == 0, within_s=PATIENCE_S)
    finally:
        crowd.close()
    wait_for("descriptors are back", lambda: descriptors(pid) <= before + 12, within_s=PATIENCE_S)


def settled(pid: int) -> int:
    """How many descriptors it holds when nothing is going on: connections to the database come and stay."""
    os.sched_yield()
    return descriptors(pid)
