"""Each invariant of orders, queues, books, histories, areas and alarms: silent when all is well, red when it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.persistence.promises.sla_clocks import SlaClock
from app.running.chores import Chores
from app.services import truth
from app.services.truth.books import Books
from processes.invariants import FarBooks, Look, Violation
from tests.api.world import ORDERS
from tests.services.whole import Whole, whole

pytestmark = pytest.mark.slow
CANCEL = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"


@dataclass
class Scene:
    """A quiet system: orders that have ended, are cancelled, wait for people, and are late; and a ticket."""

    whole: Whole
    done: str
    waiting: str

    def damaged(self, rule: str, damage: str) -> list[Violation]:
        """What a rule finds with this damage, which is taken back after."""
        with self.whole.deps.sessions() as session, closing(FarBooks(self.whole.neighbours.effects())) as far:
            assert session.execute(text(damage)).rowcount  # type: ignore[attr-defined]
            # Two minutes on, so that nothing is too young to be called left over.
            look = Look(session=session, now=self.whole.deps.clock(session) + timedelta(minutes=2), far=far)
            real = replace(self.whole.deps, settings=replace(self.whole.deps.settings, demo=False))
            found = list(truth.found_by(look, rule, Books(real)))
            session.rollback()
        return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    with whole(make_database(request.param, migrated=True), tmp_path_factory.mktemp("truth")) as running:
        done = running.place("home-bundle.json", externalId="done")
        running.play(done)
        waiting = running.place("leased-line-shanghai-nanjing.json", externalId="waiting")
        running.play(waiting, leave=1)
        gone = running.place("home-bundle.json", externalId="gone")
        running.play(gone, leave=0)
        running.call("POST", CANCEL, {"productOrder": {"id": gone}, "cancellationReason": "moves"})
        running.play(gone)
        late = running.place("home-bundle.json", externalId="late")
        running.play(late, leave=0)
        product = running.call("GET", f"/api/v1/orders/{done}")["items"][0]["product_id"]
        report = {"product_id": product, "description": "no light", "severity": "normal", "ticket_type": "fault"}
        running.call("POST", "/api/v1/tickets", report)
        running.work()
        with running.deps.sessions.begin() as session:
            for clock in session.scalars(select(SlaClock).where(SlaClock.order_id == late)):
                clock.started_at -= timedelta(days=60)
                clock.next_check_at = running.deps.clock(session)
        Chores(running.deps).round()
        yield Scene(running, done, waiting)


def test_a_quiet_system_breaks_no_rule_and_it_is_said_what_was_looked_at(scene: Scene) -> None:
    tally = truth.Tally()
    assert scene.whole.violations(tally=tally) == []
    assert set(tally.seen) == set(truth.RULES)
    assert tally.left_out == {}
    assert tally.seen["I1"]["open orders"] == 2
    assert tally.seen["I1"]["open work items"] > 0
    assert tally.seen["I2"]["operations counted by neighbours"] > 20
    assert tally.seen["I4"]["products in service"] > 10
    assert tally.seen["I6"]["running instances"] > 1
    assert tally.seen["I8"]["alarms"] > 1


#: Rule, what is broken, and a word of the sentence that has to say so.
PLANTED = [
    ("I1", "UPDATE product_order SET process_instance_id = NULL WHERE state = 'inProgress'", "it has no process"),
    ("I1", "UPDATE process_instance SET state = 'completed' WHERE parent_id IS NULL", "nobody moves it"),
    ("I1", "UPDATE process_instance SET state = 'running' WHERE parent_id IS NULL", "the order is completed, but"),
    ("I1", "UPDATE product_order_item SET state = 'inProgress' WHERE state = 'completed'", "but item 1 is inProgress"),
    ("I1", "UPDATE product_order SET state = 'pendingCancellation' WHERE state = 'inProgress'", "nobody moves it"),
    ("I1", "DELETE FROM work_item WHERE state = 'open'", "lies in no queue"),
    ("I1", "UPDATE work_item SET team_code = NULL WHERE state = 'open'", "lies with no team"),
    ("I1", "UPDATE cancel_request SET state = 'inProgress'", "never answered"),
    (
        "I1",
        "UPDATE process_instance SET state = 'cancelled' WHERE business_key LIKE 'ticket:%'",
        "no process moves it",
    ),
    ("I2", "UPDATE effect SET state = 'confirmed' WHERE state = 'undone'", "everything it belongs to is cancelled"),
    ("I2", "DELETE FROM effect WHERE state = 'confirmed'", "not in our ledger"),
    ("I3", "UPDATE user_task SET state = 'cancelled' WHERE state = 'open'", "what it was for is over"),
    (
        "I3",
        "UPDATE product_order SET state = 'failed', completed_at = ordered_at WHERE state = 'inProgress'",
        "has ended",
    ),
    ("I5", "DELETE FROM order_event WHERE kind = 'state' AND to_state = 'inProgress'", "begins in inProgress"),
    (
        "I5",
        "UPDATE order_event SET to_state = 'failed' WHERE kind = 'item_state' AND to_state = 'completed'",
        "ends in",
    ),
    ("I5", "UPDATE product_order SET state = 'held' WHERE state = 'inProgress'", "its history ends in inProgress"),
    ("I5", "UPDATE work_item SET state = 'paused' WHERE state = 'open'", "is paused, but its history ends in open"),
    ("I5", "UPDATE work_order SET state = 'failed' WHERE state = 'completed'", "ends in completed"),
    ("I5", "UPDATE trouble_ticket SET state = 'closed'", "the ticket is closed"),
    ("I5", "DELETE FROM activity_log WHERE seq = 3", "should have"),
    (
        "I6",
        "UPDATE user_task SET state = 'cancelled' WHERE state = 'open'",
        "waits for a user task that does not exist",
    ),
    ("I7", "UPDATE product_order_item SET area = 'SC-CD'", "but item 1 of it in SC-CD"),
    ("I7", "UPDATE work_order SET area = 'SC-CD'", "of it in SC-CD, where it has no place"),
    ("I7", "UPDATE work_item SET area = 'SC-CD'", "where it has no place"),
    ("I7", "UPDATE work_item SET team_code = 'counter.sc-cd' WHERE state = 'open'", "with counter.sc-cd of SC-CD"),
    ("I7", "UPDATE sla_clock SET area = 'SC-CD'", "a clock of it lies in SC-CD"),
    ("I7", "UPDATE order_event SET area = 'SC-CD'", "a line of the history of it lies in SC-CD"),
    ("I7", "UPDATE order_event SET who = 'cd.front' WHERE who = 'front'", "cd.front of SC-CD changed it"),
    ("I7", "UPDATE cancel_request SET requested_by = 'cd.front'", "asked to cancel orders of SH-SH"),
    ("I7", "UPDATE process_instance SET area = 'SC-CD' WHERE parent_id IS NULL", "a process of it lies in SC-CD"),
    ("I8", "UPDATE jeopardy_alert SET fallen_at = at", "nobody was alarmed"),
    ("I8", "UPDATE sla_clock SET started_at = (SELECT max(ordered_at) FROM product_order)", "was alarmed at"),
    ("I8", "DELETE FROM order_event WHERE kind = 'jeopardy'", "alarms, 0 lines"),
    ("I8", "UPDATE sla_clock SET next_check_at = NULL WHERE state = 'running'", "nobody will look at it again"),
    ("I8", "UPDATE sla_clock SET item_id = NULL", "no clock counts"),
]


@pytest.mark.parametrize(("rule", "damage", "words"), PLANTED)
def test_damage_is_found_and_named(scene: Scene, rule: str, damage: str, words: str) -> None:
    found = scene.damaged(rule, damage)
    assert [one for one in found if one.rule == rule and words in one.message], found


def test_each_thing_is_called_as_people_call_it(scene: Scene) -> None:
    with scene.whole.deps.sessions.begin() as session:
        session.execute(text("UPDATE job SET ended_at = NULL WHERE kind = 'operation'"))
    try:
        found = scene.whole.violations("I5")
    finally:
        with scene.whole.deps.sessions.begin() as session:
            session.execute(text("UPDATE job SET ended_at = created_at WHERE kind = 'operation' AND state = 'done'"))
    number = scene.whole.call("GET", f"{ORDERS}/{scene.done}")["orderNumber"]
    assert f"{number} #1" in {one.subject for one in found}
    assert {one.subject[:2] for one in found} <= {"O-", "T-"}


def test_what_neighbours_have_and_we_have_not_is_found_both_ways(scene: Scene) -> None:
    neighbours: Any = scene.whole.neighbours
    product = scene.whole.call("GET", f"/api/v1/orders/{scene.done}")["items"][0]["product_id"]
    with neighbours.database.transaction() as store:
        key, bill = next(row for row in store.find("subscriptions") if row[1].get("product_id") == product)
    neighbours.plant("subscriptions", key, {"merge": {"state": "terminated"}})
    neighbours.plant("services", "stray", {"merge": {"state": "active", "product_id": "P-stray", "kind": "access"}})
    found = scene.whole.violations("I4")
    neighbours.plant("subscriptions", key, {"merge": {"state": bill["state"]}})
    neighbours.plant("services", "stray", {"delete": True})
    assert {"P-stray", product} <= {one.subject for one in found}
    assert scene.whole.violations("I4") == []
