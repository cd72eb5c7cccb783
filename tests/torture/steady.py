"""A steady load under which something is done to a system: clients, people, and the judge at the end."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.torture.cluster import Cluster
from tests.torture.crews import Crews
from tests.torture.experiment import Watch, asked_for
from tests.torture.judge import Verdict, judge
from tests.torture.load import Load
from tests.torture.order_book import orders

ENDLESS = 1_000_000
REST_WITHIN_S = 180.0


@dataclass
class Steady:
    """A load that goes on until its block ends; ``verdict`` is there after it."""

    cluster: Cluster
    seed: int
    load: Load
    crews: Crews
    watch: Watch
    began: float
    verdict: Verdict | None = None
    seconds: float = 0.0
    counters: dict[str, int] = field(default_factory=dict)

    def wait_for_orders(self, final: int, within_s: float = 300.0) -> None:
        """Wait until so many orders are final, so that there is traffic of every kind."""
        deadline = time.monotonic() + within_s
        while self.watch.final < final:
            assert time.monotonic() < deadline, f"{self.watch.final} of {final} orders are final after {within_s} s"
            time.sleep(0.1)

    def figures(self) -> dict[str, Any]:
        """What it came to, for printing."""
        assert self.verdict is not None
        return {
            "seed": self.seed,
            "orders": len(self.load.sent),
            "acked": len(self.load.of("acked")),
            "states": self.verdict.orders,
            "effects": self.verdict.effects,
            "duplicates": self.verdict.duplicates,
            "invariants": "hold" if not self.verdict.problems else f"{len(self.verdict.problems)} problems",
            "answers": dict(self.load.answers.most_common()),
            "answers_to_people": dict(self.crews.answers.most_common()),
            "counters": self.counters,
            "seconds": self.seconds,
        }

    def check(self) -> None:
        """Fail with everything that is not as it must be."""
        assert self.verdict is not None
        assert self.verdict.problems == []
        assert self.load.of("refused") == []
        assert self.load.of("acked")
        assert "500" not in self.load.answers
        assert "500" not in self.crews.answers


@contextmanager
def steady_load(
    cluster: Cluster, *, prefix: str, window: int = 12, count: int = ENDLESS, rest_within_s: float = REST_WITHIN_S
) -> Iterator[Steady]:
    """Send orders while the block runs (``count`` at most), then wait for rest and judge."""
    seed = asked_for("SEED", random.SystemRandom().randrange(1, 10**6))
    print(f"seed {seed}, journal {cluster.journal.path}", flush=True)
    cluster.journal.write("begun", seed=seed)
    crews = Crews(cluster.urls)
    watch = Watch(cluster, lambda: f"  there {watch.there}  final {watch.final}  work items {crews.done}")
    load = Load(
        cluster.urls,
        orders(prefix, seed),
        count=count,
        seed=seed + 1,
        journal=cluster.journal,
        window=lambda: watch.moving < window,
    )
    steady = Steady(cluster, seed, load, crews, watch, time.monotonic())
    with watch.watching():
        crews.start()
        load.start()
        try:
            yield steady
        finally:
            load.stop()
            load.join()
            cluster.journal.write("no more orders", sent=len(load.sent))
        cluster.wait_all_ready()
        steady.verdict = judge(cluster, load.sent, within_s=rest_within_s, at_rest=crews.stop)
    steady.counters = {name: number for name, number in cluster.counters().items() if number}
    steady.seconds = round(time.monotonic() - steady.began, 1)
    cluster.journal.write("judged", problems=steady.verdict.problems)
