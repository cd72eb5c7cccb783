"""One run under load: clients send, people work, a killer kills, and when all is at rest the judge looks."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from tests.torture.client_program import ClientProcesses
from tests.torture.cluster import Cluster
from tests.torture.crews import Crews
from tests.torture.judge import REST_WITHIN_S, Verdict, judge
from tests.torture.killer import CLASSES, LONGEST_S, Killer
from tests.torture.load import PATIENCE_S, Load
from tests.torture.order_book import orders

LOOK_S = 0.25
#: In a short run: a request cut off under its key may not be repeated for a minute, in which nothing else happens.
IN_A_HURRY_S = 6.0
TELL_S = 10.0
COUNTS = """
SELECT count(*),
       sum(CASE WHEN state IN ('completed', 'partial', 'failed', 'cancelled', 'rejected') THEN 1 ELSE 0 END),
       (SELECT count(*) FROM incident WHERE state = 'open')
FROM product_order
"""


def asked_for(name: str, usual: int) -> int:
    """A count that may be changed for one run: ``TORTURE_ORDERS=300 TORTURE_KILLS=40 pytest ...``."""
    return int(os.environ.get(f"TORTURE_{name}", usual))


class Watch:
    """Counts the orders from time to time, beside the system; while the database is away it knows the last count."""

    def __init__(self, cluster: Cluster, tell: Callable[[], str]) -> None:
        self.there = self.final = self.incidents = 0
        self._cluster, self._tell = cluster, tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    @property
    def moving(self) -> int:
        """Open orders, those with an incident left out."""
        return self.there - self.final - self.incidents

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block runs."""
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()

    def _run(self) -> None:
        told_at = time.monotonic()
        while not self._stop.wait(LOOK_S):
            try:
                ((there, final, incidents),) = self._cluster.sql(COUNTS)
            except SQLAlchemyError:  # the database is away, or does not answer in time
                continue
            self.there, self.final, self.incidents = int(there), int(final or 0), int(incidents)
            if time.monotonic() > told_at + TELL_S:
                told_at = time.monotonic()
                print(self._tell(), flush=True)


@dataclass
class Run:
    """What came of it."""

    seed: int
    load: Load | ClientProcesses
    crews: Crews
    killer: Killer
    verdict: Verdict
    seconds: float
    rested_after_s: float
    counters: dict[str, int]
    more: dict[str, Any] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """The figures of the run, for printing."""
        verdict, load = self.verdict, self.load
        kills = dict(sorted(self.killer.kills.items()))
        counted = {name: number for name, number in self.counters.items() if number and ":" not in name}
        return {
            "seed": self.seed,
            "orders": len(load.sent),
            "acked": len(load.of("acked")),
            "unknown": len(load.of("unknown")),
            "refused": len(load.of("refused")),
            "kills": sum(kills.values()),
            "kills_by_class": kills,
            "seconds": self.seconds,
            "orders_per_s": round(len(load.of("acked")) / self.seconds, 2),
            "last_kill_to_rest_s": self.rested_after_s,
            "states": verdict.orders,
            "at_a_person": verdict.at_a_person,
            "at_an_incident": verdict.at_an_incident,
            "work_items_done": self.crews.done,
            "effects": verdict.effects,
            "duplicates": verdict.duplicates,
            "invariants": "hold" if not verdict.problems else f"{len(verdict.problems)} problems",
            "answers": dict(load.answers.most_common()),
            "answers_to_people": dict(self.crews.answers.most_common()),
            "counters": counted,
            **self.more,
        }

    def check(self) -> None:
        """Fail with everything that is not as it must be."""
        assert not self.verdict.problems, "\n".join(self.verdict.problems)
        assert self.load.of("refused") == []
        assert self.load.of("acked")


def run_load(
    cluster: Cluster,
    *,
    orders_count: int,
    kills: int = 0,
    seed: int = 0,
    window: int = 40,
    clients: int = 8,
    people: int = 2,
    processes: int = 0,
    classes: Sequence[str] = CLASSES,
    cancel_share: float = 0.0,
    rest_within_s: float = 0.0,
    in_a_hurry: bool = False,
    beside: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Run:
    """Send orders and kill; returns when everything is at rest and has been judged.

    :param rest_within_s: seconds after the last kill; 0: what the experiment promises.
    :param in_a_hurry: clients give up, and the killer kills, after seconds in which nothing happens.
    :param window: orders under way at most; the system is busy and not drowned.
    :param processes: so many client processes, each with a person of its own; 0: threads of this one.
    :param beside: what else happens while orders are sent.
    """
    patience_s, longest_s = (IN_A_HURRY_S, IN_A_HURRY_S) if in_a_hurry else (PATIENCE_S, LONGEST_S)
    seed = seed or asked_for("SEED", random.SystemRandom().randrange(1, 10**6))
    rest_within_s = rest_within_s or asked_for("REST_S", REST_WITHIN_S)
    print(f"seed {seed}, journal {cluster.journal.path}", flush=True)
    cluster.journal.write("begun", seed=seed, orders=orders_count, kills=kills)
    watch = Watch(cluster, lambda: tell(began, watch, killer, crews))
    load: Load | ClientProcesses
    if processes:
        load = ClientProcesses(
            cluster.urls[0],
            cluster.folder,
            count=orders_count,
            seed=seed,
            processes=processes,
            window=window,
            patience_s=patience_s,
        )
    else:
        load = Load(
            cluster.urls,
            orders("T", seed),
            count=orders_count,
            seed=seed + 1,
            journal=cluster.journal,
            threads=clients,
            window=lambda: watch.moving < window,
            cancel_share=cancel_share,
            patience_s=patience_s,
        )
    crews = Crews(cluster.urls, people=people)
    killer = Killer(
        cluster,
        seed=seed + 2,
        count=kills,
        progress=lambda: progress(load, watch, orders_count),
        classes=classes,
        longest_s=longest_s,
    )

    def send_home() -> None:
        load.stop()
        crews.stop()

    began = time.monotonic()
    with watch.watching():
        crews.start()
        try:
            with beside():
                load.start()
                killer.start()
                load.join()
                killer.join()
            last = killer.last_at or time.monotonic()
            cluster.journal.write("last kill", seconds_ago=round(time.monotonic() - last, 1))
            cluster.wait_all_ready()
            left = max(rest_within_s - (time.monotonic() - last), 30.0)
            verdict = judge(cluster, load.sent, within_s=left, at_rest=send_home)
        finally:
            killer.stop()
            send_home()
    seconds = round(verdict.rested_at - began, 1)
    cluster.journal.write("judged", problems=verdict.problems)
    rested_after_s = round(verdict.rested_at - last, 1)
    return Run(seed, load, crews, killer, verdict, seconds, rested_after_s, cluster.counters())


def progress(load: Load | ClientProcesses, watch: Watch, count: int) -> float:
    """How much of the work is done, 0 to 1; an order that never arrived needs nothing more."""
    sent = max(len(load.sent), watch.there)
    return (sent + watch.final + sent - watch.there) / (2 * count)


def tell(began: float, watch: Watch, killer: Killer, crews: Crews) -> str:
    """One line of progress."""
    return (
        f"{time.monotonic() - began:6.0f} s  there {watch.there}  final {watch.final}"
        f"  incidents {watch.incidents}  kills {killer.total}  work items {crews.done}"
    )
