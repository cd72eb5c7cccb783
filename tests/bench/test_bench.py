"""The benches measure what they say: all orders end, the output keeps its form, and the instruments can be trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.bench import cpu
from tests.bench.driving import Broken, Driver
from tests.bench.figures import KEYS, percentile
from tests.bench.load import at_rate
from tests.bench.meters import NotDurable, PostgresMeter
from tests.bench.order8 import spawn
from tests.bench.samples import Sample
from tests.bench.soak import verdict
from tests.bench.trends import per_order, rose, slope
from tests.servers import ROOT, PostgreSQL

NUMBERS = set(KEYS) - {"bench", "system", "database"}
# Serves one order at a time, a tenth of a second each; order 13 never ends.
SLOW = """
import sys, time
print("ready", flush=True)
for line in sys.stdin:
    word, what = line.split()
    if word == "start":
        print("started", what, what, flush=True)
        if what == "13":
            print("failed it is the thirteenth", flush=True)
        time.sleep(0.1)
        print("task", what, "task-" + what, flush=True)
    else:
        print("finished", what.removeprefix("task-"), flush=True)
"""


@pytest.fixture
def slow_system() -> Iterator[Driver]:
    with ExitStack() as stack:
        driver = Driver(spawn(stack, "-c", SLOW), None, every_s=0.005)
        yield driver
        driver.close()


@pytest.mark.slow
def test_order_8_runs_on_both_databases_beside_the_floor() -> None:
    command = [sys.executable, "-m", "tests.bench", "order-8", "--systems", "floor,1,sqlite"]
    size = ["--orders", "4", "--rounds", "2", "--warm-up", "2"]
    done = subprocess.run([*command, *size], cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["system"], row["database"], row["orders"]) for row in rows] == [
        ("raw-floor", "postgresql", 32),
        ("yizhan", "postgresql", 8),
        ("yizhan", "sqlite", 8),
    ]
    for row in rows:
        assert tuple(row)[: len(KEYS)] == KEYS
        unknown = {"wal_bytes_per_order"} if row["database"] == "sqlite" else set()
        assert {name for name in NUMBERS if not isinstance(row[name], int | float)} == unknown
        assert 0 < row["to_task_p50_ms"] <= row["to_task_p99_ms"] <= row["to_finish_p99_ms"]
        # The middle one of two rounds is their mean; its parts add up to the whole.
        assert sum(row["cpu_ms_by_part"].values()) == pytest.approx(row["cpu_ms_per_order"], abs=0.01)
    floor = rows[0]
    # The server tells of rows late: on a busy machine those of the warm-up may be among them.
    assert floor["rows_written_per_order"] >= 12
    assert floor["writing_transactions_per_order"] == pytest.approx(7, abs=0.2)
    assert floor["commits_per_order"] >= 7


def test_a_late_system_cannot_hide_behind_orders_it_has_not_taken(slow_system: Driver) -> None:
    """Ten orders due within half a second take one: the last was waited for half a second, not a tenth."""
    orders, _late = at_rate(slow_system, 20, 0.5, warm_up_s=0)
    assert len(orders) == 10
    waits = sorted(order.to_task_s for order in orders)
    assert waits[0] >= 0.1
    assert waits[-1] >= 0.1 * 10 - 0.05 * 9


def test_a_failed_order_ends_the_bench(slow_system: Driver) -> None:
    with pytest.raises(Broken, match="thirteenth"):
        at_rate(slow_system, 200, 0.1, warm_up_s=0)


@pytest.mark.slow
def test_a_server_that_does_not_wait_for_the_disk_is_refused(start_postgresql: Callable[[], PostgreSQL]) -> None:
    server = start_postgresql()
    with pytest.raises(NotDurable, match="fsync"):
        PostgresMeter(server.dsn(), server.process.pid)


@pytest.mark.slow
def test_the_cpu_of_children_and_of_ended_children_counts() -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    parent = (
        f"import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', {burn!r}])\n{burn}\n"
        f"child = subprocess.Popen([sys.executable, '-c', {burn + chr(10) + 'time.sleep(60)'!r}])\n"
        "print('ready', flush=True)\nsys.stdin.read()\nchild.kill()\nchild.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        (child,) = cpu.children()[process.pid]
        while cpu.process_ns(child) < 200_000_000:
            assert process.poll() is None
        # What has ended is known in ticks of 10 ms.
        assert 560_000_000 <= cpu.family_ns(process.pid) < 3_000_000_000
        assert cpu.family_ns(process.pid, without={child}) <= cpu.family_ns(process.pid) - 200_000_000
        process.stdin.close()
    assert cpu.process_ns(process.pid) == 0


def test_percentiles_are_the_nearest_rank() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, share) for share in (50, 99, 100)] == [50, 99, 100]
    assert percentile([3.0], 99) == 3.0
    assert percentile([], 99) is None


def test_noise_is_no_trend_and_a_leak_is_one() -> None:
    hours = [number / 120 for number in range(60)]
    noise = [100 + (7 * number % 5) / 10 for number in range(60)]
    steps = [100 + (0.6 if number >= 20 else 0.0) for number in range(60)]  # memory grows in steps, then rests
    leak = [value + 5 * hour for value, hour in zip(noise, hours, strict=True)]
    assert not slope(hours, noise).exceeds(1.0)
    assert not slope(hours, steps).exceeds(1.0)
    assert slope(hours, leak).exceeds(1.0)
    assert slope(hours, leak).low < 5 < slope(hours, leak).high
    with pytest.raises(ValueError, match="too few"):
        slope(hours[:4], noise[:4])


def test_a_soak_tells_a_leak_from_caches_that_fill() -> None:
    def sample(number: int, mb: float) -> Sample:
        rest = {"descriptors": {}, "threads": {}, "connections": {}, "tables": {}, "cpu_s": {}}
        numbers = {"redis_keys": 0, "redis_mb": 0.0, "wal_mb": 0.0, "to_task_p50_ms": None}
        return Sample(hours=number / 120, orders=number * 30, rss_mb={"worker0": mb}, **rest, **numbers)

    filling = [sample(number, 100 + min(number, 9)) for number in range(60)]
    leaking = [sample(number, 100 + number / 20) for number in range(60)]
    assert verdict(filling)["problems"] == []
    assert [text[:17] for text in verdict(leaking)["problems"]] == ["memory of worker0"]
    assert "cannot be judged" in verdict(filling[:15])["problems"][0]


def test_counts_may_swing_but_not_rise() -> None:
    assert not rose([10, 13, 11, 12, 10, 13, 12, 11, 13], by=3)
    assert rose([10, 11, 10, 12, 13, 14, 15, 16, 17], by=3)


def test_growth_per_order_is_seen_in_both_halves() -> None:
    orders = [0, 10, 20, 30, 40]
    assert per_order(orders, [0, 100, 200, 300, 400]) == (10, 10)
    assert per_order(orders, [0, 100, 200, 500, 800]) == (10, 30)
