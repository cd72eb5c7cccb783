"""What every experiment may ask for: whether it runs in full, where its figures go, and a database to begin with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.rig import YIZHAN, environment
from tests.servers import ROOT, stop, wait_until
from tests.torture.own_servers import copy_whole, own_postgresql

#: Read before the tests put every YIZHAN_ variable of the shell aside.
KEPT = os.environ.get("YIZHAN_TEST_FIGURES")


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether this is `make torture` (full counts) or `make test` (reduced ones)."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def figures(request: pytest.FixtureRequest, full: bool) -> Callable[..., None]:
    """``figures("T05", orders=500, lost=0)`` prints one JSON line; YIZHAN_TEST_FIGURES names a file that keeps them."""

    def report(experiment: str, **values: Any) -> None:
        line = json.dumps({"torture": experiment, "full": full, **values}, ensure_ascii=False)
        print(line)
        if KEPT:
            with Path(KEPT).open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    return report


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a PostgreSQL with the demonstration in it, made once: each experiment begins with a copy."""
    folder = tmp_path_factory.mktemp("filled")
    log = folder / "postgresql.log"
    with own_postgresql(log) as server:
        process = server.begin()
        try:
            wait_until(server.is_ready, process, log)
            env = environment(server.url, redis_url="", neighbours="http://127.0.0.1:1", port=1, folder=folder)
            subprocess.run([*YIZHAN, "db", "upgrade"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        finally:
            stop(process, how=signal.SIGINT)
        assert server.data is not None
        copy_whole(server.data, folder / "data")
    return folder / "data"
