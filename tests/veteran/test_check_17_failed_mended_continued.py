"""Check 17: three failures with back-off become an incident with all that is needed; mended, retried, it goes on."""

from __future__ import annotations

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from processes.mending import Correction
from processes.store.jobs import Job
from tests.engine.diagrams import end, process, service, start
from tests.engine.rig import Rig

ONE = process(
    "one",
    start(),
    service("reserve", "net.reserve", {"what": "port"}),
    end(),
    flows="begin > reserve > done",
    data=["port"],
)


def test_three_failures_an_incident_a_corrected_variable_and_on(rig: Rig) -> None:
    def down(_made: OperationCall) -> Answer:
        raise Unreachable("line to 10.0.0.7 down", maybe_done=False)

    rig.deploy(ONE)
    rig.far.script("net.reserve", down, down, down)
    root = rig.start("one", port="P-1/2/3")
    for _ in range(3):
        rig.later(minutes=2)
    (incident,) = rig.incidents(root)
    assert (incident.code, incident.operation) == ("unreachable", "net.reserve")
    assert incident.cause == "line to # down"
    with rig.sessions() as session:
        tries = session.get_one(Job, incident.job_id).payload["tries"]
    assert [line["attempt"] for line in tries] == [1, 2, 3]
    assert all(line["error"] == "line to 10.0.0.7 down" for line in tries)
    rig.retry(incident.id, correction=Correction(data={"port": "P-9"}))
    assert rig.instance(root).state == "completed"
    assert rig.far.effects()[-1]["inputs"] == {"what": "P-9"}
    rig.check()


def test_an_error_nobody_expected_is_an_incident_with_its_stack_and_the_worker_goes_on(rig: Rig) -> None:
    def broken(_session: object, _made: OperationCall, _now: object) -> dict[str, str]:
        raise ZeroDivisionError("a bug")

    rig.engine.handle("local.note", broken)
    rig.deploy(
        process("bug", start(), service("s", "local.note", {"what": "'x'"}), end(), flows="begin > s > done"), ONE
    )
    root = rig.start("bug")
    for _ in range(6):
        rig.later(minutes=2)
    (incident,) = rig.incidents(root)
    assert incident.code == "internal-error"
    with rig.sessions() as session:
        assert "in broken" in session.get_one(Job, incident.job_id).payload["tries"][-1]["stack"]
    assert rig.instance(rig.start("one", port="P-1")).state == "completed"
    rig.engine.handle("local.note", lambda _s, _m, _n: {"id": "n"})
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
