"""T13: `yizhan up` as a newcomer has it, on SQLite, killed again and again while client processes send orders."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.torture.cluster import single_host
from tests.torture.experiment import asked_for, run_load

pytestmark = pytest.mark.slow
LOCKED = "database is locked"


@pytest.mark.torture
def test_t13_sqlite_by_default(full: bool, figures: Callable[..., None], tmp_path: Path) -> None:
    """500 orders from 4 processes, 50 kills; nobody ever hears of a locked database, and the file is whole."""
    orders, kills = (500, 50) if full else (10, 3)
    with single_host(tmp_path) as cluster:
        run = run_load(
            cluster,
            orders_count=asked_for("ORDERS", orders),
            kills=asked_for("KILLS", kills),
            processes=4 if full else 2,
            people=1,
            window=30,
            rest_within_s=0 if full else 300,
            in_a_hurry=not full,
        )
        locked = (tmp_path / "up.log").read_text(encoding="utf-8", errors="replace").count(LOCKED)
        figures("T13", locked=locked, **run.figures())
        run.check()
        assert locked == 0
    with closing(sqlite3.connect(tmp_path / "yizhan.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
