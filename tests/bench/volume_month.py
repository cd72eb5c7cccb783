"""The oldest month of a year goes, by the command for it, while people go on asking and taking work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import text

from app.services.repairs import history_keeping
from app.services.teamwork import work_list
from tests import servers
from tests.bench.figures import line
from tests.bench.meters import now
from tests.bench.volume_asks import DATABASE, WORKS, Asker, spread

KEEP_DAYS: Final = 335  # of a year of orders, a month goes
QUEUE: Final = "/api/v1/work-items?tab=team&limit=30"
WAITING: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def summed_up(deps: Any) -> dict[str, Any]:
    """The sums per element, which workers keep as they go, made of everything at once."""
    began, stretches = now(), 1
    while history_keeping.add_up(deps):
        stretches += 1
    return line("volume", "history-summed-up", DATABASE, 0, stretches=stretches, took_s=round(now() - began, 1))


def month_goes(app: Any, deps: Any, url: str, actor: Any) -> Iterator[dict[str, Any]]:
    """How long the removal takes, and what reading a queue and taking an item from it take meanwhile.

    ``waits_seen`` counts looks at the server that found anybody waiting for a lock.
    """
    asker, read, taken, waits_seen = Asker(app, deps), [], [], 0
    command = [sys.executable, "-m", "app.cli", "history", "remove", "--days", str(KEEP_DAYS), "--json"]
    began = now()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        cwd=servers.ROOT,
        env={**os.environ, "YIZHAN_DATABASE_URL": url},
        preexec_fn=servers.end_with_us,
    ) as removal:
        while removal.poll() is None:
            read.append(asker.ask(WORKS, QUEUE)[0])
            at = now()
            work_list.claim_next(actor, deps)
            taken.append(now() - at)
            with deps.read_sessions() as session:
                waits_seen += session.scalar(WAITING) > 0
                session.commit()
        done = json.loads(removal.communicate()[0])
    if removal.returncode != 0:
        raise RuntimeError(f"the removal ended with {removal.returncode}")
    figures = {"trees": done["trees"], "rows_removed": done["rows"], "removed_s": round(now() - began, 1)}
    yield line("volume", "remove-a-month", DATABASE, 0, **figures, waits_seen=waits_seen)
    yield line("volume", "queue_page_meanwhile", DATABASE, 0, **spread(read))
    yield line("volume", "claim_next_meanwhile", DATABASE, 0, **spread(taken))
