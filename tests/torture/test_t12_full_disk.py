"""T12: the disk is full: under the database, and under the logs and the data folder."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.signing import secret_bytes, signed_headers
from app.config import DEVELOPMENT_CALLBACK_SECRET
from tests.scenario.rig import ORDERS as ORDERS_PATH
from tests.servers import server_folder, server_user
from tests.torture.cluster import Cluster, single_host
from tests.torture.experiment import Run, asked_for, run_load
from tests.torture.harmed_servers import FRUGAL, harmed_cluster, harmed_postgresql
from tests.torture.order_book import orders
from tests.torture.small_disks import SmallDisk, small_disk

pytestmark = [pytest.mark.slow, pytest.mark.torture]
ORDERS = 60
WELL_S, FULL_S = 8.0, 15.0


@dataclass
class Probes:
    """What callers at each door are told while the disk is full."""

    cluster: Cluster
    disk: SmallDisk
    orders: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Keep the disk full for a while, while orders are sent, and ask at every door."""
        thread = threading.Thread(target=self._run, name="disk")
        thread.start()
        try:
            yield
        finally:
            thread.join()
            self.disk.empty()

    def _run(self) -> None:
        time.sleep(WELL_S)
        self.cluster.journal.write("disk full", free=self.disk.free_bytes())
        filler = threading.Thread(target=self.disk.keep_full, args=(FULL_S,))
        filler.start()
        bodies = orders("P", 1)
        while filler.is_alive():
            self._ask(next(bodies))
            time.sleep(0.5)
        filler.join()
        self.disk.empty()
        self.cluster.journal.write("room again", free=self.disk.free_bytes())

    def _ask(self, order: dict[str, Any]) -> None:
        self.orders.append(order["externalId"])
        body, event = callback()
        with httpx.Client(base_url=self.cluster.urls[0], timeout=20) as client:
            token = {"Authorization": "Bearer demo-front", "Accept-Language": "en"}
            self._note("order", lambda: client.post(ORDERS_PATH, json=order, headers=token), "@type", "Error")
            self._note(
                "callback",
                lambda: client.post("/api/v1/callbacks/billing", content=body, headers=event),
                "type",
                "urn:yizhan:problem:unavailable",
            )

    def _note(self, door: str, call: Callable[[], httpx.Response], name: str, value: str) -> None:
        try:
            answer = call()
        except httpx.TransportError as silence:
            self.told[f"{door} {type(silence).__name__}"] += 1
            return
        self.told[f"{door} {answer.status_code}"] += 1
        refused_well = answer.status_code == 503 and answer.headers.get("Retry-After") and answer.json()[name] == value
        if not answer.is_success and not refused_well:
            self.wrong.append(f"{door} {answer.status_code} {answer.headers} {answer.text[:200]}")

    def check(self, run: Run, *, refused: bool | None) -> None:
        """Refusals say when to come back; everything went on by itself, nothing is half done or there twice.

        :param refused: whether orders had to be refused; None: maybe.
        """
        assert self.wrong == []
        assert refused is None or bool(self.told["order 503"]) is refused, self.told
        rows = self.cluster.sql_patiently("SELECT external_id FROM product_order")
        there = Counter(row[0] for row in rows)
        assert all(there[one] <= 1 for one in self.orders)
        assert "500" not in run.load.answers, run.load.answers
        run.check()


def callback() -> tuple[bytes, dict[str, str]]:
    """A signed answer to an operation nobody has asked for."""
    key = str(uuid.uuid4())
    body = {
        "event_id": key,
        "operation_id": key,
        "occurred_at": datetime.now(UTC).isoformat(),
        "status": "done",
        "outputs": {},
    }
    text = json.dumps(body).encode()
    secret = secret_bytes(DEVELOPMENT_CALLBACK_SECRET)
    headers = signed_headers([secret], key, int(time.time()), text)
    return text, {**headers, "Content-Type": "application/json"}


def test_t12_postgresql_on_a_full_disk(tmp_path: Path, figures: Callable[..., None]) -> None:
    """64 MB under PostgreSQL."""
    log = tmp_path / "postgresql.log"
    with (
        server_folder("small", server_user()) as folder,
        small_disk(folder / "disk") as disk,
        harmed_postgresql(log, env={}, place=disk.place, options=FRUGAL) as database,
        harmed_cluster(tmp_path, database) as cluster,
    ):
        probes = Probes(cluster, disk)
        run = run_load(cluster, orders_count=asked_for("ORDERS", ORDERS), window=10, clients=4, beside=probes.beside)
        said = log.read_text(encoding="utf-8", errors="replace").count("No space left on device")
        figures("T12", where="under PostgreSQL", told_by_postgresql=said, told=dict(probes.told), **run.figures())
        assert said, "the disk never was too small: no experiment"
        probes.check(run, refused=True)


def on_small_disk(tmp_path: Path, disk: SmallDisk, *, database: Path) -> AbstractContextManager[Cluster]:
    """`yizhan up` with its data folder, its log and the neighbours' books on the small disk."""
    (tmp_path / "up.log").symlink_to(disk.place / "up.log")
    return single_host(tmp_path, YIZHAN_DATABASE_URL=f"sqlite:///{database}", YIZHAN_DATA_DIR=str(disk.place))


def test_t12_sqlite_on_a_full_disk(tmp_path: Path, figures: Callable[..., None]) -> None:
    """64 MB under the file of SQLite, the data folder, the neighbours' books and the logs."""
    with (
        small_disk(tmp_path / "small") as disk,
        on_small_disk(tmp_path, disk, database=disk.place / "yizhan.sqlite") as cluster,
    ):
        probes = Probes(cluster, disk)
        run = run_load(cluster, orders_count=asked_for("ORDERS", ORDERS), window=10, clients=4, beside=probes.beside)
        figures("T12", where="under SQLite, logs and data folder", told=dict(probes.told), **run.figures())
        assert probes.told["order 503"] or run.counters["retries"], "the disk was never too small: no experiment"
        # The log keeps the room it has had once, so that the database itself may get through.
        probes.check(run, refused=None)


def test_t12_logs_on_a_full_disk(tmp_path: Path, figures: Callable[..., None]) -> None:
    """The folder of the logs is full, the database has room: nobody notices but the logs and the neighbours."""
    with (
        small_disk(tmp_path / "small", 16) as disk,
        on_small_disk(tmp_path, disk, database=tmp_path / "yizhan.sqlite") as cluster,
    ):
        probes = Probes(cluster, disk)
        run = run_load(cluster, orders_count=asked_for("ORDERS", ORDERS), window=10, clients=4, beside=probes.beside)
        figures("T12", where="under logs and data folder", told=dict(probes.told), **run.figures())
        probes.check(run, refused=False)
