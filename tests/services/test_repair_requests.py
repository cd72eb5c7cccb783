"""Repairs with a second person: both agree at once, the order has moved on meanwhile, the engine refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.domain.actors import Actor
from app.domain.repair_requests import RepairAct, RequestState
from app.errors import AppError, Conflict, Forbidden, NotFound
from app.persistence.ordering.element_times import sample
from app.persistence.repairs.repair_requests import RepairRequest
from app.services.ordering.order_diagrams import marks_of, runs_of, worth_showing
from app.services.repairs import fallout_desk, repair_requests
from app.services.repairs.repair_requests import Wanted
from processes.store.bulk import Repair
from processes.store.instances import Incident
from tests.services.desk import Desk, desk

OPS = Actor(login="ops", role="operations", area="SH", area_path="CN/SH")
MANAGER = Actor(login="sh.manager", role="operations_manager", area="SH", area_path="CN/SH")
FAR = Actor(login="bj.manager", role="operations_manager", area="BJ", area_path="CN/BJ")
GIVEN = {"verdict": "approved", "arrears_cny": "0.00", "oldest_due_date": "", "credit_left_cny": "500.00"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def office(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """A product in which nothing else is stuck."""
    with desk(make_database(request.param, migrated=True), tmp_path_factory.mktemp("repairs")) as one:
        yield one


@pytest.fixture
def stuck(office: Desk) -> Iterator[tuple[str, Wanted]]:
    """The number of an order that is stuck at its first step, and the wish to skip that."""
    office.break_credit_checks()
    number = str(office.place(externalId=f"repair-{uuid4().hex}")["number"])
    incident = office.until_incident()
    wanted = Wanted(
        act=RepairAct.SKIP,
        subject=incident["id"],
        instance_id=incident["instance_id"],
        element_id=incident["element_id"],
        how={"result": GIVEN},
    )
    yield number, wanted
    office.mend()
    if _state(office, incident["id"]) == "open":
        fallout_desk.retry(incident["id"], OPS, office.whole.deps)
        office.work()


def _state(office: Desk, incident_id: str) -> str:
    with office.whole.deps.sessions() as session:
        return session.get_one(Incident, incident_id).state


def test_two_who_agree_at_once_skip_once(office: Desk, stuck: tuple[str, Wanted]) -> None:
    number, wanted = stuck
    deps = office.whole.deps
    with pytest.raises(NotFound):
        repair_requests.ask(number, wanted, "x", FAR, deps)
    request = repair_requests.ask(number, wanted, "seen the slip", OPS, deps)
    with pytest.raises(Conflict):
        repair_requests.ask(number, wanted, "again", OPS, deps)
    with pytest.raises(Forbidden):
        repair_requests.decide(number, request.id, "mine", OPS, deps, agree=True)
    with pytest.raises(NotFound):
        repair_requests.decide(number, request.id, "far", FAR, deps, agree=True)
    said: list[Any] = []
    start = threading.Barrier(2)

    def agree() -> None:
        start.wait()
        try:
            said.append(repair_requests.decide(number, request.id, "checked", MANAGER, deps, agree=True).state)
        except AppError as refusal:
            said.append(type(refusal).__name__)

    both = [threading.Thread(target=agree) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(said) == ["IllegalTransition", "agreed"]
    with deps.sessions() as session:
        lines = (
            select(func.count()).select_from(Repair).where(Repair.action == "skip", Repair.subject == wanted.subject)
        )
        assert session.scalar(lines) == 1
        about = select(Repair.action, Repair.actor).where(Repair.subject == request.id).order_by(Repair.id)
        assert [tuple(row) for row in session.execute(about)] == [("ask", "ops"), ("agree", "sh.manager")]
    office.mend()
    office.work()


def test_what_is_over_meanwhile_is_not_carried_out_and_stays_to_be_decided(
    office: Desk, stuck: tuple[str, Wanted]
) -> None:
    number, wanted = stuck
    deps = office.whole.deps
    request = repair_requests.ask(number, wanted, "no time", OPS, deps)
    office.mend()
    fallout_desk.retry(wanted.subject, OPS, deps, reason="it is back")
    office.work()
    with pytest.raises(Conflict):
        repair_requests.decide(number, request.id, "go", MANAGER, deps, agree=True)
    with deps.sessions() as session:
        assert session.get_one(RepairRequest, request.id).state == RequestState.WAITING
    refused = repair_requests.decide(number, request.id, "over", MANAGER, deps, agree=False)
    assert refused.state == RequestState.REFUSED


def test_a_cancel_that_was_looked_at_before_more_was_done_is_not_carried_out(
    office: Desk, stuck: tuple[str, Wanted]
) -> None:
    number, wanted = stuck
    deps = office.whole.deps
    cancel = Wanted(
        act=RepairAct.CANCEL, subject=wanted.instance_id, instance_id=wanted.instance_id, how={"digest": "0"}
    )
    request = repair_requests.ask(number, cancel, "customer left", OPS, deps)
    with pytest.raises(Conflict):
        repair_requests.decide(number, request.id, "ok", MANAGER, deps, agree=True)
    assert repair_requests.withdraw(number, request.id, OPS, deps).state == RequestState.WITHDRAWN
    with pytest.raises(Forbidden):
        repair_requests.withdraw(number, request.id, MANAGER, deps)


def test_figures_and_marks_are_the_same_on_both_databases(office: Desk, stuck: tuple[str, Wanted]) -> None:
    number, wanted = stuck
    deps = office.whole.deps
    with deps.sessions() as session:
        now = deps.clock(session)
        run = worth_showing(runs_of(session, number, OPS))
        assert run is not None
        assert (run.id, run.incidents) == (wanted.instance_id, 1)
        assert runs_of(session, number, MANAGER)
        with pytest.raises(NotFound):
            runs_of(session, number, FAR)
        kinds = dict.fromkeys(("order_received", "check_credit", "decompose"), "serviceTask")
        marks = marks_of(session, run, kinds, now)
        assert (marks["check_credit"].state, marks["check_credit"].tokens) == ("failed", 1)
        assert marks["order_received"].state == "done"
        assert "decompose" not in marks
        week = sample(session, OPS, [run.definition_id], since=now - timedelta(days=7), now=now)
        times = week.elements["check_credit"]
        assert times.entered >= len(times.open) >= 1
        assert times.failures >= 1
        assert not sample(session, FAR, [run.definition_id], since=now - timedelta(days=7), now=now).runs
