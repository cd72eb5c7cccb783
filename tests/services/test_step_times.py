"""A step with a time of its own, or with a level: the to-do, its clock, the plan and the dry run count the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.domain.promises.calendar import ZONE
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.work_items import WorkItem
from app.running.chores import Chores
from app.unit_of_work import read, transaction
from processes.clock import set_offset
from tests.servers import ROOT
from tests.services.whole import Whole, whole

#: The last working day before New Year, a Friday: what is left of it, and the whole of Monday.
THURSDAY = datetime(2026, 12, 31, 16, 0, tzinfo=ZONE)
MONDAY = datetime(2027, 1, 4, tzinfo=ZONE)
#: What is said of the step, and when it has to be done after the holiday; None is usual for its kind.
SAID = {
    'yizhan:duration="P1D" yizhan:calendar="office_5x8"': MONDAY.replace(hour=18),
    'yizhan:duration="PT4H" yizhan:calendar="office_5x8"': MONDAY.replace(hour=10, minute=30),
    'yizhan:sla="step-urgent"': THURSDAY + timedelta(hours=1),
    "": THURSDAY + timedelta(hours=6),  # nine of ten calls are made within six hours
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def running(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    with whole(make_database(request.param, migrated=True), tmp_path_factory.mktemp("times")) as one:
        yield one


def move_to(running: Whole, moment: datetime) -> None:
    """Let the clock of the product show that moment, and run on from there."""
    with transaction(running.deps.sessions) as tx:
        set_offset(tx.session, 0.0)
    with transaction(running.deps.sessions) as tx:
        set_offset(tx.session, (moment - running.deps.clock(tx.session)).total_seconds())


def drawn(said: str) -> dict[str, str]:
    """The plan of a home with other words about the time of the call to the customer."""
    text = (ROOT / "bpmn" / "home_install.bpmn").read_text(encoding="utf-8")
    changed = re.sub(r'(<bpmn:userTask id="book_appointment"[^>]*?) yizhan:duration="[^"]*"', rf"\1 {said}", text)
    assert changed != text
    return {"home_install.bpmn": changed}


@pytest.mark.parametrize("said", SAID)
def test_the_to_do_and_its_clock_are_due_when_the_drawing_says(running: Whole, said: str) -> None:
    try:
        move_to(running, THURSDAY - timedelta(hours=1) + timedelta(minutes=5) * list(SAID).index(said))
        running.call("POST", "/api/v1/process-definitions/deploy", {"files": drawn(said)}, login="designer")
        move_to(running, THURSDAY)
        order_id = running.place("home-bundle.json", externalId=f"TIMES-{running.deps.new_id()}")
        running.play(order_id, leave=0)
        move_to(running, THURSDAY + timedelta(minutes=10))
        Chores(running.deps).round()
        plan = running.call("GET", f"/api/v1/orders/{order_id}/plan")["items"][0]["steps"]
    finally:
        move_to(running, THURSDAY + timedelta(minutes=20))
    with read(running.deps.read_sessions) as session:
        step = session.scalars(
            select(WorkOrder).where(WorkOrder.order_id == order_id, WorkOrder.element_id == "book_appointment")
        ).one()
        item = session.scalars(select(WorkItem).where(WorkItem.work_order_id == step.id)).one()
        clock = session.scalars(select(SlaClock).where(SlaClock.work_order_id == step.id)).one()
        assert step.started_at is not None and item.due_at is not None
        seconds = timedelta(seconds=90)  # since the clock was set
        late = timedelta() if "P1D" in said else seconds  # the end of a day is the end of a day
        assert SAID[said] <= item.due_at <= SAID[said] + late
        assert abs(clock.due_at - item.due_at) < timedelta(seconds=2)
        assert clock.ladder == "step"
    planned = next(one for one in plan if one["element_id"] == "book_appointment")
    if "sla" in said:
        assert (planned["p90_min"], planned["calendar"]) == (60.0, "noc_24x7")  # the plan keeps to it, too


def test_a_level_that_is_not_in_the_book_keeps_the_drawing_from_being_deployed(running: Whole) -> None:
    answer = running.client.open(
        "/api/v1/process-definitions/deploy",
        method="POST",
        json={"files": drawn('yizhan:sla="step-fats"')},
        headers=running.headers("designer"),
    )
    (finding,) = [row for row in answer.get_json()["findings"] if row["rule"] == "unknown-value"]
    assert answer.status_code == 422
    assert (finding["element_id"], finding["place"]) == ("book_appointment", "yizhan:sla")
    assert finding["group"] == "references"
