"""The volume bench fills what it says, asks what people ask, finds something, and keeps what it filled."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, server_folder, server_user

FOUND_EACH_TIME = (
    "queue_page",
    "queue_done",
    "queue_page_html",
    "customer_by_number",
    "customer_by_phone",
    "orders_open",
)
FOUND = (*FOUND_EACH_TIME, "orders_by_part", "orders_newest", "errors_by_text", "errors_by_words")


def volume(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench", "volume", "--keep", str(folder), *words]
    size = ["--orders", "4", "--rounds", "2", "--warm-up", "2", "--times", "5"]
    return subprocess.run([*command, *size], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)


@pytest.mark.torture
def test_volume_runs_on_a_few_orders() -> None:
    with server_folder("volume", server_user()) as folder:
        filled = volume(folder, "--finished", "300", "--waiting", "3000", "--fill-only")
        assert (filled.returncode, filled.stdout) == (0, ""), filled.stderr
        done = volume(folder, "--finished", "300", "--waiting", "3000")
        assert done.returncode == 0, done.stderr
        check(list(map(json.loads, done.stdout.splitlines())))
        other = volume(folder, "--finished", "301", "--waiting", "3000", "--fill-only")
        assert other.returncode != 0
        assert "name another folder" in other.stderr


def check(lines: list[dict[str, Any]]) -> None:
    rows = {row["system"]: row for row in lines}
    assert rows["filled"]["orders"] == 3300
    for name in ("claim_next", "claim_next_http"):
        assert rows[name]["found"] >= 20, name
        assert rows[name]["asked"] == 200, name
    for name in FOUND:
        assert rows[name]["found"] > 0, name
        assert rows[name]["p50_ms"] <= rows[name]["p95_ms"] <= rows[name]["most_ms"]
    for name in FOUND_EACH_TIME:
        assert rows[name]["found"] == rows[name]["asked"] == 5, name
    assert rows["errors_unknown"]["found"] == rows["customer_unknown"]["found"] == 0
    assert rows["remove-a-month"]["trees"] > 0
    assert rows["order-8-full"]["change_percent"] is not None
