"""bulk-sheet: 2,000 lines, 37 of them bad, brought to a whole system by HTTP, while others go on asking it.

Said is how long it takes until the last good line is an order, and how long the others had to wait meanwhile.
"""

from __future__ import annotations

import io
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from tests.bench.figures import line, ms, percentile
from tests.domain.sheet_files import xlsx_bytes
from tests.scenario.rig import Client
from tests.torture.cluster import distributed

LINES: Final = 2000
BAD: Final = 37
HEAD: Final = ["客户编号", "业务类型", "销售品", "地址编码", "下行速率", "外部单号"]
ASKED: Final = (
    "/api/v1/work-items?tab=team",
    "/api/v1/customers?q=C100003",
    "/tmf-api/productOrderingManagement/v4/productOrder?limit=20",
    "/api/v1/bulk-orders",
    "/api/v1/me",
)
EVERY_S: Final = 0.1
WITHIN_S: Final = 600.0
USUAL: Final = {"YIZHAN_POLL_S": "1", "YIZHAN_LOG_LEVEL": "warning"}


def sheet(lines: int = LINES, bad: int = BAD) -> bytes:
    """Installs of broadband for customers of Shanghai; the bad lines are spread over the sheet, and differ."""
    rows: list[list[str | int]] = [list(HEAD)]
    wrong = {round((number + 0.5) * lines / bad): number for number in range(bad)}
    for number in range(lines):
        row: list[str | int] = [f"C1000{number % 12 + 1:02}", "新装", "fb-300", "A0013", 300, f"S-{number:05}"]
        match wrong.get(number, -1) % 4 if number in wrong else -1:
            case 0:
                row[0] = "C999999"
            case 1:
                row[2] = "fb-50-old"
            case 2:
                row[3] = "A9999"
            case 3:
                row[4] = "fast"
        rows.append(row)
    return xlsx_bytes(rows)


class Asker:
    """Asks for lists at a fixed rate, whether or not the answers come; waiting counts from the due instant."""

    def __init__(self, url: str) -> None:
        self.waited: list[float] = []
        self.failed = 0
        self._url, self._stop = url, threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(place,)) for place in range(2)]

    def __enter__(self) -> Asker:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, place: int) -> None:
        with Client(self._url) as client:
            due = time.monotonic() + place * EVERY_S / 2
            for path in itertools.cycle(ASKED):
                if self._stop.wait(max(0.0, due - time.monotonic())):
                    return
                try:
                    self.failed += not client.get(path).is_success
                except httpx.HTTPError:
                    self.failed += 1
                self.waited.append(time.monotonic() - due)
                due += EVERY_S


def bulk_sheet(folder: Path, *, workers: int = 2, lines: int = LINES, bad: int = BAD) -> Iterator[dict[str, Any]]:
    """The row of bulk-sheet: PostgreSQL with default durability, one web server, so many workers."""
    folder.mkdir()
    content = sheet(lines, bad)
    with distributed(folder, web=1, workers=workers, **USUAL) as cluster, Client(cluster.urls[0]) as client:
        client.timeout = httpx.Timeout(120)
        with Asker(cluster.urls[0]) as asker:
            began = time.monotonic()
            file = {"file": ("orders.xlsx", io.BytesIO(content))}
            sent = client.post("/api/v1/bulk-orders", files=file, data={"channel": "account_manager"})
            assert sent.status_code == 201, sent.text
            order, checked = sent.json(), time.monotonic()
            assert (order["lines"], order["bad"]) == (lines, bad), order
            path = f"/api/v1/bulk-orders/{order['number']}"
            client.tell(f"{path}/submit", {"rate_per_s": 200})
            while (order := client.ask(path))["state"] == "running" and time.monotonic() < began + WITHIN_S:
                time.sleep(0.2)
            ended = time.monotonic()
        assert (order["state"], order["placed"], order["refused"]) == ("done", lines - bad, 0), order
        count = cluster.sql("SELECT count(*) FROM product_order")[0][0]
        assert count == lines - bad, count
        problems = client.ask(f"{path}/lines", state="bad", limit=100)["items"]
        assert len(problems) == bad and all(row["problems"][0]["cell"] for row in problems)
        yield line(
            "bulk-sheet",
            "yizhan",
            "postgresql",
            workers,
            orders=count,
            orders_per_s=round(count / (ended - checked), 2),
            checked_s=round(checked - began, 2),
            accepted_s=round(ended - began, 2),
            others_p50_ms=ms(percentile(asker.waited, 50)),
            others_p95_ms=ms(percentile(asker.waited, 95)),
            others_p99_ms=ms(percentile(asker.waited, 99)),
            others_asked=len(asker.waited),
            others_failed=asker.failed,
        )
