"""T11: a disk that fails to keep what it is given, for ten seconds; nothing acknowledged is lost, nobody helps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.servers import server_folder, server_user
from tests.torture.cluster import Cluster, single_host
from tests.torture.experiment import asked_for, run_load
from tests.torture.harmed_servers import harmed_cluster, harmed_postgresql
from tests.torture.shims import BrokenDisk, build

pytestmark = [pytest.mark.slow, pytest.mark.torture]
ORDERS = 60
WELL_S, BROKEN_S = 8.0, 10.0
PANIC = "PANIC:  could not f"  # fsync, fdatasync


def breaking(cluster: Cluster, disk: BrokenDisk) -> Callable[[], AbstractContextManager[None]]:
    """Break the disk once, while orders are sent."""
    stop = threading.Event()

    def run() -> None:
        if stop.wait(WELL_S):
            return
        disk.break_it()
        cluster.journal.write("disk broken")
        stop.wait(BROKEN_S)
        disk.mend()
        cluster.journal.write("disk mended")

    @contextmanager
    def beside() -> Iterator[None]:
        thread = threading.Thread(target=run, name="disk")
        thread.start()
        try:
            yield
        finally:
            thread.join()
            disk.mend()

    return beside


@contextmanager
def a_disk() -> Iterator[BrokenDisk]:
    with server_folder("disk", server_user()) as shared:
        shared.chmod(0o755)
        yield BrokenDisk(build("disk", shared), shared / "broken")


def test_t11_postgresql_on_a_disk_that_forgets(tmp_path: Path, figures: Callable[..., None]) -> None:
    """PostgreSQL ends itself rather than promise what it cannot keep, and comes back when the disk does."""
    log = tmp_path / "postgresql.log"
    with a_disk() as disk, harmed_postgresql(log, env=disk.env) as database, harmed_cluster(tmp_path, database) as one:
        run = run_load(one, orders_count=asked_for("ORDERS", ORDERS), window=10, clients=4, beside=breaking(one, disk))
        panics = log.read_text(encoding="utf-8", errors="replace").count(PANIC)
        figures("T11", system="PostgreSQL", panics=panics, **run.figures())
        assert panics, "the disk was never asked while it was broken: no experiment"
        run.check()


def test_t11_sqlite_on_a_disk_that_forgets(tmp_path: Path, figures: Callable[..., None]) -> None:
    """`yizhan up` answers 503 while the disk fails, and goes on by itself."""
    with a_disk() as disk, single_host(tmp_path, **disk.env) as one:
        run = run_load(one, orders_count=asked_for("ORDERS", ORDERS), window=10, clients=4, beside=breaking(one, disk))
        failed = (tmp_path / "up.log").read_text(encoding="utf-8", errors="replace").count("disk I/O error")
        figures("T11", system="SQLite", told=failed, **run.figures())
        assert failed, "the disk was never asked while it was broken: no experiment"
        assert "500" not in run.load.answers, run.load.answers
        run.check()
