"""What a phone sends counts once, whatever is lost on the way: on SQLite, and in full runs on PostgreSQL too."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.errors import AppError, KeyReused
from app.persistence.people import actor_for
from app.persistence.teamwork.phone_reports import PhoneReport, forget_reports
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.field_visits import Report, arrive, hand_in
from app.unit_of_work import read, transaction
from tests.persistence.orders import make_item
from tests.services.desk import Desk

EAST = "home_field.sh-sh.east"


class LineCut(RuntimeError):
    """The connection to the database is gone in the middle."""


@pytest.fixture
def number(office: Desk) -> Iterator[str]:
    """A to-do of the crew that no process waits for."""
    deps = office.whole.deps
    with transaction(deps.sessions) as tx:
        item = make_item(tx.session, deps.clock(tx.session), team_code=EAST, form_key=None)
        found = item.number
    yield found
    with transaction(deps.sessions) as tx:
        row = tx.session.scalars(select(WorkItem).where(WorkItem.number == found)).one()
        tx.session.delete(row)


@pytest.fixture
def crew(office: Desk) -> Actor:
    with read(office.whole.deps.sessions) as session:
        return actor_for(session, "field")


def report(key: str, said: str = "") -> Report:
    return Report(key=key, at=None, body_hash=said.ljust(64, "0"))


def reports(office: Desk, key: str) -> int:
    with read(office.whole.deps.sessions) as session:
        return session.scalar(select(func.count()).where(PhoneReport.key == key)) or 0


def state(office: Desk, number: str) -> str:
    with read(office.whole.deps.sessions) as session:
        return session.scalars(select(WorkItem.state).where(WorkItem.number == number)).one()


def test_of_many_sendings_at_once_one_counts(office: Desk, crew: Actor, number: str) -> None:
    deps, told = office.whole.deps, []
    arrive(number, report(f"arrive-{number}"), crew, deps)

    def send() -> None:
        told.append(hand_in(number, {"remark": "done"}, report(f"result-{number}"), crew, deps))

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, False, False, False, True]
    assert (state(office, number), reports(office, f"result-{number}")) == ("completed", 1)


def test_what_was_not_committed_is_sent_again_and_counts_then(office: Desk, crew: Actor, number: str) -> None:
    deps = office.whole.deps
    arrive(number, report(f"arrive-{number}"), crew, deps)

    def cut(_session: Session) -> None:
        raise LineCut

    event.listen(deps.sessions, "before_commit", cut)
    try:
        with pytest.raises(LineCut):
            hand_in(number, {}, report(f"result-{number}"), crew, deps)
    finally:
        event.remove(deps.sessions, "before_commit", cut)
    assert (state(office, number), reports(office, f"result-{number}")) == ("claimed", 0)
    assert hand_in(number, {}, report(f"result-{number}"), crew, deps) is True
    assert state(office, number) == "completed"


def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_happens_twice(
    office: Desk, crew: Actor, number: str
) -> None:
    deps = office.whole.deps
    arrive(number, report(f"arrive-{number}"), crew, deps)

    def cut(_session: Session) -> None:
        raise LineCut

    event.listen(deps.sessions, "after_commit", cut)
    try:
        with pytest.raises(LineCut):
            hand_in(number, {"remark": "first"}, report(f"result-{number}"), crew, deps)
    finally:
        event.remove(deps.sessions, "after_commit", cut)
    assert state(office, number) == "completed"
    assert hand_in(number, {"remark": "first"}, report(f"result-{number}"), crew, deps) is False
    assert reports(office, f"result-{number}") == 1


def test_a_key_stands_for_one_thing(office: Desk, crew: Actor, number: str) -> None:
    deps = office.whole.deps
    arrive(number, report(f"arrive-{number}"), crew, deps)
    with pytest.raises(KeyReused):
        hand_in(number, {}, report(f"arrive-{number}"), crew, deps)
    with pytest.raises(KeyReused):
        arrive(number, report(f"arrive-{number}", "another"), crew, deps)
    with pytest.raises(AppError):
        arrive(number, report("short"), crew, deps)
    assert state(office, number) == "claimed"
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        assert forget_reports(tx.session, before=now) >= 1
