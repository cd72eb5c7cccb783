"""T19: answers come three times, shuffled, before the reply to the call and after a cancel; some are plainly wrong."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.signing import signed_headers
from tests.torture.cluster import AMPLE, Cluster, distributed
from tests.torture.experiment import asked_for, run_load
from tests.torture.neighbours import clear_up, far_rows, set_weather

pytestmark = pytest.mark.slow
SECRET = b"development-only-callback-secret"
COPIES = 3
ENDED = "SELECT operation_id, adapter FROM job WHERE adapter IS NOT NULL AND state = 'done' ORDER BY id DESC LIMIT 50"


class Forger:
    """Sends answers nobody asked for among the real ones: of unknown, ended and foreign operations, unsigned ones."""

    def __init__(self, cluster: Cluster, *, every_s: float, seed: int = 19) -> None:
        self.sent: Counter[str] = Counter()
        self.told: dict[str, set[int]] = {}
        self._cluster, self._every_s = cluster, every_s
        self._rng = random.Random(seed)
        self._stop, self._each_once = threading.Event(), threading.Event()

    @contextmanager
    def forging(self) -> Iterator[None]:
        """Go on while the block runs, and until one of each kind has been sent."""
        thread = threading.Thread(target=self._run, name="forger")
        thread.start()
        try:
            yield
        finally:
            self._each_once.wait(60)  # few orders may all be sent before the first operation has ended
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            found = self._cluster.sql_patiently(ENDED)
            self.send("unknown", "provisioning", "00000000-0000-7000-8000-000000000000", "done")
            if found:
                operation_id, adapter = self._rng.choice(found)
                self.send("ended", adapter, operation_id, "done")
                self.send("contradicts", adapter, operation_id, "rejected")
                self.send("foreign", "fault" if adapter != "fault" else "billing", operation_id, "done")
                self.send("unsigned", adapter, operation_id, "done", secret=b"somebody else's")
                self.send("nonsense", adapter, operation_id, "perhaps")
                self._each_once.set()

    def send(self, kind: str, adapter: str, operation_id: str, status: str, *, secret: bytes = SECRET) -> None:
        """Post one answer."""
        self.sent[kind] += 1
        event_id = f"forged-{kind}-{self.sent[kind]}"
        body: dict[str, Any] = {
            "event_id": event_id,
            "operation_id": operation_id,
            "occurred_at": "2026-11-21T08:00:00+08:00",
            "status": status,
            "outputs": {"forged": True},
        }
        if status == "rejected":
            body |= {"code": "no-free-port", "message": "forged"}
        raw = json.dumps(body).encode()
        headers = {**signed_headers([secret], event_id, int(time.time()), raw), "Content-Type": "application/json"}
        url = f"{self._cluster.urls[0]}/api/v1/callbacks/{adapter}"
        self.told.setdefault(kind, set()).add(httpx.post(url, content=raw, headers=headers, timeout=30).status_code)


def test_t19_callbacks_in_disorder(full: bool, figures: Callable[..., None], tmp_path: Path, filled: Path) -> None:
    """2,000 promised answers in full: each is in force once, what is illegal is written down and harms nothing."""
    with distributed(tmp_path, filled=filled, far=(*AMPLE, "--callback-delay", "0.5")) as cluster:
        set_weather(cluster, seed=19, copies=COPIES, shuffle_s=2.0, early=0.1)
        forger = Forger(cluster, every_s=1.0)
        run = run_load(
            cluster,
            orders_count=asked_for("ORDERS", 760 if full else 12),
            cancel_share=0.05 if full else 0.2,
            beside=forger.forging,
        )
        wait_for_the_post(cluster)
        promised = far_rows(cluster, "callbacks")
        notes = inbox_notes(cluster)
        figures(
            "T19",
            promised=len({row["event_id"] for row in promised}),
            delivered=sum(row["attempts"] for row in promised),
            callbacks=dict(Counter(row["state"] for row in promised)),
            inbox={" ".join(key): count for key, count in notes.items()},
            forged=dict(forger.sent),
            answers_to_forged={kind: sorted(codes) for kind, codes in forger.told.items()},
            problems=run.verdict.problems,
            **run.figures(),
        )
        run.check()
        assert len(promised) >= (COPIES * 2000 if full else COPIES * 20)
        assert {row["state"] for row in promised} == {"taken"}, "every copy is acknowledged"
        assert cluster.sql_patiently(TWICE) == [], "no operation adopts two answers"
        assert forger.told.pop("unsigned") == {401}
        assert forger.told.pop("nonsense") == {422}
        assert set().union(*forger.told.values()) == {200}, "what is well formed and signed is kept, then judged"
        assert cluster.sql_patiently(FORGED_IN_FORCE) == []
        kept = dict(
            cluster.sql_patiently("SELECT state, count(*) FROM inbox_message WHERE note IS NOT NULL GROUP BY 1")
        )
        assert kept.get("ignored", 0) >= forger.sent["ended"] + forger.sent["contradicts"] + forger.sent["foreign"]
        assert kept.get("unmatched", 0) >= forger.sent["unknown"]


TWICE = """
    SELECT operation_id FROM inbox_message WHERE kind = 'answer' AND state = 'delivered'
    GROUP BY operation_id HAVING count(*) > 1"""
FORGED_IN_FORCE = "SELECT event_id FROM inbox_message WHERE event_id LIKE 'forged-%' AND state = 'delivered'"


def inbox_notes(cluster: Cluster) -> dict[tuple[str, str], int]:
    """What became of the answers that came, and why."""
    query = "SELECT state, coalesce(note, ''), count(*) FROM inbox_message GROUP BY 1, 2"
    return {(state, note): count for state, note, count in cluster.sql_patiently(query)}


def wait_for_the_post(cluster: Cluster, within_s: float = 60.0) -> None:
    """Wait until the last copy has arrived and been looked at."""
    clear_up(cluster)
    deadline = time.monotonic() + within_s
    unread = "SELECT count(*) FROM inbox_message WHERE state = 'received'"
    while (
        any(row["state"] == "waiting" for row in far_rows(cluster, "callbacks")) or cluster.sql_patiently(unread)[0][0]
    ):
        assert time.monotonic() < deadline, "the neighbours still have answers to send"
        time.sleep(0.3)
