"""Check 6: `kill -9` of a worker in the middle of a service task: tried again with the same key, one effect at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.diagrams import end, process, service, start
from tests.engine.rig import Rig
from tests.engine.supervised import Supervised, until

pytestmark = pytest.mark.slow
#: The first worker dies with the call not yet out, the next one with the answer in hand and not written down.
DEADLY = "http.before:1:kill\nhttp.after_reply:1:kill"
ONE_STEP = process(
    "one_step", start(), service("reserve", "net.reserve", {"what": "'A'"}), end(), flows="begin > reserve > done"
)


def test_the_attempt_is_counted_the_key_is_kept_and_the_effect_is_one(rig: Rig, tmp_path: Path) -> None:
    rig.real_time()
    rig.deploy(ONE_STEP)
    program = Supervised(rig, tmp_path, DEADLY)
    with rig.work() as session:
        now = rig.parts.clock.now(session)
        root = rig.engine.start(session, "one_step", business_key="k", area="SH", data={}, now=now, actor="x").id
    until(rig, root, state="completed")
    code, said = program.stop()
    assert code == 0
    assert said.count("killed") == 2
    assert program.hits() >= {("http.before", 1), ("http.after_reply", 1)}
    (job,) = rig.jobs(root, kind="operation")
    assert job.attempts == 3
    assert said.count("called") == 2  # by the second worker, and by the third under the same key
    assert [(row["operation_id"], row["count"]) for row in rig.far.counts()] == [(job.operation_id, 1)]
    rig.check()
