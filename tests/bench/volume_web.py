"""The next item over HTTP: a real web server as installed, twenty people with a connection each, all at one instant."""

from __future__ import annotations

import http.client
import json
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests import servers
from tests.bench.figures import line
from tests.bench.meters import now
from tests.bench.volume_asks import CONTENDERS, DATABASE, WORKS, spread, token_of
from tests.scenario.rig import YIZHAN, answers, environment

NEXT: Final = "/api/v1/work-items/claim-next"


def contend_over_http(deps: Any, url: str, *, bursts: int) -> dict[str, Any]:
    """One line: how long each waits for the item, its form and the customer's contact."""
    took: list[float] = []
    got: list[str] = []
    token = token_of(deps, WORKS)
    with _web(url) as port:
        barrier = threading.Barrier(CONTENDERS)

        def one(_: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            for burst in range(bursts + 1):
                barrier.wait()
                began = now()
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                connection.request("POST", NEXT, body="{}", headers=headers)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status not in {200, 404}:
                    raise RuntimeError(f"{answer.status} {body[:300]!r}")
                if burst:  # the first one opens connections
                    took.append(now() - began)
                got.extend([json.loads(body)["id"]] if answer.status == 200 else [])
            connection.close()

        with ThreadPoolExecutor(CONTENDERS) as pool:
            list(pool.map(one, range(CONTENDERS)))
    if len(set(got)) != len(got):
        raise RuntimeError("an item was claimed twice")
    return line("volume", "claim_next_http", DATABASE, 0, **spread(took), found=len(got), contenders=CONTENDERS)


@contextmanager
def _web(url: str) -> Iterator[int]:
    """A web server as it is installed, on this database; nobody else works on it."""
    port = servers.free_port()
    with tempfile.TemporaryDirectory(prefix="yizhan-bench-web-") as folder:
        env = environment(url, redis_url="", neighbours="http://127.0.0.1:9", port=port, folder=Path(folder))
        for name in ("YIZHAN_DEMO", "YIZHAN_WEB_PROCESSES"):
            del env[name]
        env |= {
            "YIZHAN_ENV": "test",
            "YIZHAN_CALLBACK_SECRETS": "a secret of this bench",
            "YIZHAN_LOG_LEVEL": "warning",
        }
        log = Path(folder) / "log"
        process = servers.start([*YIZHAN, "web"], log=log, cwd=servers.ROOT, env=env)
        try:
            servers.wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), process, log)
            yield port
        finally:
            servers.stop(process)
