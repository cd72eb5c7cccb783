"""The volume bench fills what it says, asks what people ask, and finds something."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.torture
def test_volume_runs_on_a_few_orders() -> None:
    command = [sys.executable, "-m", "tests.bench", "volume", "--finished", "300", "--waiting", "250"]
    size = ["--orders", "4", "--rounds", "2", "--warm-up", "2", "--times", "5"]
    done = subprocess.run([*command, *size], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    rows = {row["system"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["filled"]["orders"] == 550
    assert 20 <= rows["claim_next"]["found"] <= rows["claim_next"]["asked"] == 200
    for name in ("queue_page", "queue_done", "customer_by_number", "errors_by_text"):
        assert rows[name]["found"] > 0, name
        assert rows[name]["p50_ms"] <= rows[name]["p95_ms"] <= rows[name]["most_ms"]
    assert rows["remove-a-month"]["trees"] > 0
    assert rows["order-8-full"]["change_percent"] is not None
