"""T01: processes killed at random under load; no order is lost, no operation takes effect twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.torture.cluster import Cluster, distributed, single_host
from tests.torture.experiment import Run, asked_for, run_load

pytestmark = pytest.mark.slow
#: So many customers change their mind a moment later.
CANCEL_SHARE = 0.03


def run_of(cluster: Cluster, orders: int, kills: int, *, rest_within_s: float = 0.0) -> Run:
    """That many orders and kills; both may be changed for one run, see :func:`asked_for`."""
    return run_load(
        cluster,
        orders_count=asked_for("ORDERS", orders),
        kills=asked_for("KILLS", kills),
        window=asked_for("WINDOW", 40),
        cancel_share=CANCEL_SHARE,
        rest_within_s=rest_within_s,
        in_a_hurry=rest_within_s > 0,
    )


def test_t01_random_kills(full: bool, figures: Callable[..., None], tmp_path: Path, filled: Path) -> None:
    """2,000 orders, 200 SIGKILLs over web servers, workers, neighbours, Redis and PostgreSQL."""
    with distributed(tmp_path, filled=filled) as cluster:
        # `make test` may share its machine, so it waits longer.
        run = run_of(cluster, 2000, 200) if full else run_of(cluster, 16, 6, rest_within_s=300)
        figures("T01", system="PostgreSQL and Redis", **run.figures())
        run.check()


@pytest.mark.torture
def test_t01_random_kills_without_redis(figures: Callable[..., None], tmp_path: Path, filled: Path) -> None:
    """The same where the workers find everything by themselves."""
    with distributed(tmp_path, filled=filled, with_redis=False) as cluster:
        run = run_of(cluster, 2000, 200)
        figures("T01", system="PostgreSQL without Redis", **run.figures())
        run.check()


@pytest.mark.torture
def test_t01_random_kills_on_one_host(figures: Callable[..., None], tmp_path: Path) -> None:
    """The same with `yizhan up` on SQLite, killed 50 times."""
    with single_host(tmp_path) as cluster:
        run = run_of(cluster, 2000, 50)
        figures("T01", system="SQLite", **run.figures())
        run.check()
