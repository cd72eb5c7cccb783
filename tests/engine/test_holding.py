"""A held adapter: nothing goes out to it, no attempt is burned, others go on; when it is let go, its jobs follow."""

from __future__ import annotations

from processes import holding
from processes.repairs import Why
from tests.engine.diagrams import end, node, process, service, start
from tests.engine.rig import Rig

WHY = Why(actor="ops2", reason="the net is being upgraded")


def test_jobs_wait_without_burning_attempts_and_follow_when_it_is_let_go(rig: Rig) -> None:
    rig.deploy(
        process(
            "both",
            start(),
            node("parallelGateway", "fork"),
            service("one", "net.reserve", {"what": "'A'"}),
            service("other", "ask.poke", {"what": "'B'"}),
            node("parallelGateway", "join"),
            end(),
            flows="begin > fork > one > join > done; fork > other > join",
        )
    )
    with rig.work() as session:
        assert holding.hold(session, "net", why=WHY, now=rig.clock.at)
        assert not holding.hold(session, "net", why=WHY, now=rig.clock.at)
    root = rig.start("both")
    rig.later(hours=3)
    assert [call.name for call in rig.far.calls] == ["ask.poke"]
    (job,) = rig.jobs(root, operation="net.reserve")
    assert (job.state, job.attempts) == ("ready", 0)
    with rig.sessions() as session:
        (held,) = holding.held(session)
        assert (held.adapter, held.by, held.parked) == ("net", "ops2", 1)
    rig.check()
    with rig.work() as session:
        assert holding.release(session, "net")
        assert not holding.release(session, "net")
    rig.drain()
    assert rig.instance(root).state == "completed"
    rig.check()
