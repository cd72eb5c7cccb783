"""Orders that are stuck, for tests of the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import update

from processes.bulk_runner import BulkRunner
from processes.store.jobs import Job
from tests.services.desk import Broken
from tests.web.site import Site, ordered


@dataclass(frozen=True)
class Stuck:
    """What is stuck: the key of the cause, and what takes the cause away."""

    cause: str
    mend: Callable[[], None]


@contextmanager
def stuck_orders(site: Site) -> Iterator[Stuck]:
    """Two orders whose first step fails for good."""
    parts = site.world.deps.engine.parts
    kept = dict(parts.ports)
    parts.ports["billing"] = Broken()
    ordered(site, "C100001", "A0001")
    ordered(site, "C100002", "A0002")
    yield Stuck(cause_after_all_tries(site), lambda: parts.ports.update(kept))
    parts.ports.update(kept)


def cause_after_all_tries(site: Site) -> str:
    """Until both steps are given up: a breaker may let one of them wait where the other had its last try."""
    for _ in range(30):
        hurry(site)
        page = site.visitor("ops").get("/exceptions").get_data(as_text=True)
        if (found := re.findall(r'id="cause-([0-9a-f]+)"', page)) and "2 单 2 个步骤" in " ".join(page.split()):
            return str(found[0])
    raise AssertionError("no two steps of one cause")


def hurry(site: Site) -> None:
    """Let everything be due that waits for its next try, and be done."""
    deps = site.world.deps
    with deps.sessions.begin() as session:
        session.execute(update(Job).where(Job.state == "ready").values(run_at=deps.clock(session)))
    site.work()
    BulkRunner(deps.engine.parts, deps.sessions).round()
