"""Check 7: workers killed again and again while instances run: each ends as it does when nobody is killed.

With web servers, neighbours, Redis and the database killed as well, and whole orders: ``tests/torture/test_t01_*``.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.engine.diagrams import end, process, service, start, wait_for
from tests.engine.rig import Rig
from tests.engine.supervised import Supervised

pytestmark = pytest.mark.slow
MANY = 8
DEADLY = "\n".join(
    f"{point}:{nth}:kill"
    for point, nth in (
        ("claim.after_commit", 3),
        ("http.before", 4),
        ("http.after_reply", 7),
        ("advance.before_commit", 9),
    )
)
FLOW = process(
    "order",
    start(),
    service("reserve", "net.reserve", {"what": "what"}, {"reserved": "result.id"}),
    wait_for("pause", "PT0.2S"),
    service("announce", "net.announce", {"what": "reserved"}, {"told": "result.id"}),
    end(),
    flows="begin > reserve > pause > announce > done",
)


def started(rig: Rig) -> list[str]:
    with rig.work() as session:
        now, how = rig.parts.clock.now(session), {"area": "SH", "actor": "x"}
        return [
            rig.engine.start(session, "order", business_key=f"k{n}", data={"what": str(n)}, now=now, **how).id
            for n in range(MANY)
        ]


def wait_for_all(rig: Rig, roots: list[str]) -> None:
    deadline = time.monotonic() + 90
    while {rig.instance(root).state for root in roots} != {"completed"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def outcome(rig: Rig, roots: list[str]) -> list[list[tuple[str, str, dict[str, str]]]]:
    return [[(row.element_id, row.operation, row.outputs) for row in rig.effects(root)] for root in roots]


def test_each_ends_as_in_a_run_in_which_nobody_was_killed(rig: Rig, tmp_path: Path) -> None:
    rig.real_time()
    rig.deploy(FLOW)
    control = started(rig)
    quiet = rig.another_worker()
    deadline = time.monotonic() + 60
    while {rig.instance(root).state for root in control} != {"completed"}:
        quiet.drain()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    roots = started(rig)
    program = Supervised(rig, tmp_path, DEADLY)
    wait_for_all(rig, roots)
    code, said = program.stop()
    assert (code, said.count("killed") >= 3) == (0, True)
    assert outcome(rig, roots) == outcome(rig, control)
    assert len(rig.far.effects()) == 2 * 2 * MANY
    assert rig.incidents(roots[0]) == []
    rig.check()
