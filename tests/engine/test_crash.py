"""A worker killed at each fault point: another takes over, and each operation is in force exactly once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from processes import faults
from processes.clock import SystemClock
from processes.queries import jobs_of_tree
from processes.store.instances import ProcessInstance
from tests.engine.diagrams import call, end, process, service, start, user, wait_for
from tests.engine.rig import Rig
from tests.engine.supervised import Supervised, until

pytestmark = pytest.mark.slow

# The nth hit of each point is deadly.
DEADLY = {
    "claim.after_commit": 2,
    "op.before_sent_commit": 2,
    "op.after_sent_commit": 2,
    "http.before": 2,
    "http.after_reply": 2,
    "advance.loaded": 2,
    "advance.before_commit": 2,
    "advance.after_commit": 2,
    "timer.claimed": 1,
    "timer.before_commit": 1,
    "audit.before_append": 2,
    "comp.before": 1,
    "comp.after": 1,
}
INNER = process(
    "inner",
    start(),
    service("second", "net.reserve", {"what": "'B'"}),
    wait_for("pause", "PT0.3S"),
    service("third", "net.reserve", {"what": "'C'"}),
    user("install"),
    end(),
    flows="begin > second > pause > third > install > done",
)
OUTER = process(
    "outer",
    start(),
    service("first", "net.reserve", {"what": "'A'"}),
    call("inside", "inner", {}),
    end(),
    flows="begin > first > inside > done",
)


@pytest.fixture
def real_rig(database: str, tmp_path: Path) -> Iterator[Rig]:
    built = Rig(database, tmp_path)
    built.real_time()
    yield built
    built.close()


def test_killed_at_each_fault_point_once_nothing_is_lost_or_done_twice(real_rig: Rig, tmp_path: Path) -> None:
    rig = real_rig
    rig.deploy(INNER, OUTER)
    program = Supervised(rig, tmp_path, "\n".join(f"{point}:{nth}:kill" for point, nth in DEADLY.items()))
    with rig.work() as session:
        root = rig.engine.start(
            session, "outer", business_key="k", area="SH", data={}, now=rig.parts.clock.now(session), actor="x"
        ).id
    until(rig, root, user_task=True)
    with rig.work() as session:
        rig.engine.cancel(session, root, reason="test", actor="x", now=rig.parts.clock.now(session))
    until(rig, root, state="cancelled")
    code, said = program.stop()
    assert code == 0
    assert program.hits() >= set(DEADLY.items())
    # two points may be passed at the same instant, in two threads
    assert len(DEADLY) - 2 <= said.count("killed") <= len(DEADLY)
    effects = [(row["operation"], row["inputs"]) for row in rig.far.effects()]
    assert effects == [
        *(("net.reserve", {"what": what}) for what in "ABC"),
        *(("net.release", {"id": f"net.reserve:{what}"}) for what in "CBA"),
    ]
    rig.check()


def test_sigterm_finishes_what_is_under_way_and_leaves_no_lease(real_rig: Rig, tmp_path: Path) -> None:
    rig = real_rig
    rig.deploy(INNER)
    program = Supervised(rig, tmp_path, "", slow_s=1.0)
    assert program.process.stdout is not None
    with rig.work() as session:
        root = rig.engine.start(
            session, "inner", business_key="k", area="SH", data={}, now=rig.parts.clock.now(session), actor="x"
        ).id
    assert [program.process.stdout.readline().strip() for _ in range(2)] == ["ready", "called"]
    began = time.monotonic()
    assert program.stop()[0] == 0
    assert time.monotonic() - began < 10
    with rig.sessions() as session:
        assert [job.lease_owner for job in jobs_of_tree(session, root) if job.lease_owner] == []
        assert session.get_one(ProcessInstance, root).state == "running"
    assert [row["operation"] for row in rig.far.effects()] == ["net.reserve"]


def test_every_point_of_the_list_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(DEADLY) <= set(faults.POINTS)
    monkeypatch.setenv("YIZHAN_TEST_FAULTS", "1")
    monkeypatch.setenv("YIZHAN_ENV", "production")
    with pytest.raises(faults.FaultsRefused):
        faults.fault("http.before")
    monkeypatch.setenv("YIZHAN_ENV", "test")
    monkeypatch.setenv("YIZHAN_TEST_FAULT_LOG", str(tmp_path / "hits"))
    monkeypatch.setenv("YIZHAN_TEST_FAULT_FILE", str(tmp_path / "rules"))
    (tmp_path / "rules").write_text("http.before:2:raise\n", encoding="utf-8")
    faults.fault("http.before")
    with pytest.raises(faults.InjectedFault):
        faults.fault("http.before")
    monkeypatch.delenv("YIZHAN_TEST_FAULTS")
    faults.fault("http.before")


def test_the_real_clock_is_near_the_time_of_this_machine(real_rig: Rig) -> None:
    with real_rig.sessions() as session:
        first, second = SystemClock().now(session), SystemClock().now(session)
    assert timedelta(0) <= second - first < timedelta(seconds=5)
