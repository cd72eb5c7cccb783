"""``python -m tests.bench.soak``: half an hour of real orders at a steady rate; nothing may grow but the books.

One web server, two workers, PostgreSQL, Redis, the neighbours. A sample every 30 s is a JSON line; so is the verdict.
Exit code 1: memory surely grows faster than a megabyte an hour, descriptors, threads, connections or keys rise, a table
grows faster per order at the end than at the beginning or fills with dead rows, or an invariant does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.bench.driving import Driver
from tests.bench.figures import ms, note, percentile, tidy_up_when_ended
from tests.bench.home_bundle import ORDERS, on_postgresql
from tests.bench.meters import now
from tests.bench.samples import Observer, Sample
from tests.bench.trends import per_order, rose, slope
from tests.torture.cluster import Cluster

#: An order that failed has ended too; how many did is said at the end.
ENDED = ORDERS.replace("THEN o.state", "THEN 'completed'")
MEMORY_MB_PER_HOUR = 1.0
SLACK = 3
#: After so many orders memory was seen to be flat (docs/performance.md); before, caches fill and heaps find their size.
CACHES_FULL = 1300
FEWEST = 12
#: Tables that grow a little slower or faster than orders are no alarm; these factors are.
FASTER, DEAD_SHARE, DEAD_ROWS = 1.5, 0.4, 2000
#: The simulated neighbours keep books for ever, and PostgreSQL keeps files open as it sees fit: they are not ours.
OURS = ("web", "worker", "redis")


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=1.0, help="orders per second")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two samples")
    parser.add_argument("--warm-up", type=float, default=0.2, help="share of the time that is not judged")
    parser.add_argument("--orders", default="mix", choices=("mix", "home-bundle"))
    return parser.parse_args()


def samples_of(driver: Driver, observer: Observer, given: argparse.Namespace) -> Iterator[Sample]:
    """Submit at fixed instants and look in between."""
    began, submitted, looked, told = now(), 0, 0, 0
    while (passed := now() - began) < given.minutes * 60:
        due, look_at = submitted / given.rate, looked * given.every
        if passed >= look_at:
            recent = [order.to_task_s for order in driver.finished[told:] if order.task_at]
            told, looked = len(driver.finished), looked + 1
            yield observer.sample(hours=passed / 3600, orders=told, to_task_p50_ms=ms(percentile(recent, 50)))
        elif passed >= due:
            driver.submit(began + due)
            submitted += 1
        else:
            driver.turn(until=began + min(due, look_at))


def verdict(samples: Sequence[Sample]) -> dict[str, Any]:
    """What grew, and what of that is a problem."""
    memory, problems = memory_growth([one for one in samples if one.orders >= CACHES_FULL])
    for what in ("descriptors", "threads", "connections"):
        for name, values in by_name(samples, what).items():
            if rose(values, by=SLACK):
                problems.append(f"{what} of {name} rise: {values[0]:g} to {values[-1]:g}")
    if rose([one.redis_keys for one in samples], by=2 * SLACK):
        problems.append(f"keys in Redis rise: {samples[0].redis_keys} to {samples[-1].redis_keys}")
    tables, grown = table_growth(samples)
    return {
        "memory_mb_per_hour_low_best_high": memory,
        "tables_bytes_per_order": tables,
        "orders": samples[-1].orders,
        "wal_bytes_per_order": round((samples[-1].wal_mb - samples[0].wal_mb) * 2**20 / orders_between(samples)),
        "problems": problems + grown,
    }


def memory_growth(samples: Sequence[Sample]) -> tuple[dict[str, list[float]], list[str]]:
    """The slope of each process of ours, and what is wrong; too few samples are wrong as well."""
    if len(samples) < FEWEST:
        return {}, [f"memory cannot be judged: {len(samples)} samples after {CACHES_FULL} orders, {FEWEST} are needed"]
    told, problems = {}, []
    for name in [name for name in samples[0].rss_mb if name.startswith(OURS)]:
        found = slope([one.hours for one in samples], [one.rss_mb[name] for one in samples])
        told[name] = found.shown()
        if found.exceeds(MEMORY_MB_PER_HOUR):
            problems.append(f"memory of {name} grows by {found.per_hour:.2f} MB an hour, at least {found.low:.2f}")
    return told, problems


def by_name(samples: Sequence[Sample], what: str) -> dict[str, list[float]]:
    """The values of each name that is ours."""
    rows: list[Mapping[str, float]] = [getattr(one, what) for one in samples]
    names = sorted({name for row in rows for name in row if name.startswith((*OURS, "yizhan"))})
    return {name: [row.get(name, 0) for row in rows] for name in names}


def orders_between(samples: Sequence[Sample]) -> int:
    """Orders that ended between the first and the last sample."""
    return max(1, samples[-1].orders - samples[0].orders)


def table_growth(samples: Sequence[Sample]) -> tuple[dict[str, list[int]], list[str]]:
    """Bytes per order of each table, in the first and in the second half, and what is wrong."""
    orders = [one.orders for one in samples]
    told, problems = {}, []
    for name, (live, dead, size) in sorted(samples[-1].tables.items()):
        sizes = [one.tables[name][2] for one in samples]
        first, second = per_order(orders, sizes)
        if first or second:
            told[name] = [round(first), round(second)]
        # A table of a few pages grows by whole pages.
        if second > FASTER * first and second * orders_between(samples) / 2 > 2**20:
            problems.append(f"table {name} grows by {second:.0f} bytes per order, {first:.0f} before")
        if dead > DEAD_ROWS and dead > DEAD_SHARE * (live + dead):
            problems.append(f"table {name} has {dead} dead rows beside {live}, {size} bytes")
    return told, problems


def at_the_end(cluster: Cluster, driver: Driver) -> dict[str, Any]:
    """Let everything end, then ask the product whether all is well."""
    driver.until(lambda: driver.open_orders == 0)
    states = cluster.sql("SELECT state, count(*) FROM product_order GROUP BY state")
    asked = cluster.command("invariants", timeout_s=600)
    return {
        "states": {str(state): int(count) for state, count in states},
        "invariants_exit": asked.returncode,
        "invariants": asked.stdout.splitlines()[:20],
    }


def main() -> None:
    """Run, say, and leave with 1 if something is not flat."""
    given = options()
    tidy_up_when_ended()
    with tempfile.TemporaryDirectory(prefix="yizhan-soak-") as name:
        system_of = on_postgresql(Path(name) / "soak", workers=2, look=ENDED, orders=given.orders)
        with system_of as (cluster, system), closing(Observer(cluster)) as observer:
            samples: list[Sample] = []
            for sample in samples_of(system.driver, observer, given):
                samples.append(sample)
                print(json.dumps({"soak": "sample", **sample.line()}), flush=True)
            judged = verdict([one for one in samples if one.hours >= given.warm_up * given.minutes / 60])
            judged |= at_the_end(cluster, system.driver)
            deaths = [f"{name} ended with {code}" for name, _pid, code in cluster.deaths]
            judged["problems"] += deaths + (["an invariant does not hold"] if judged["invariants_exit"] else [])
            system.driver.close()
    print(json.dumps({"soak": "verdict", **judged, "flat": not judged["problems"]}, ensure_ascii=False), flush=True)
    for problem in judged["problems"]:
        note(problem)
    sys.exit(1 if judged["problems"] else 0)


if __name__ == "__main__":
    main()
