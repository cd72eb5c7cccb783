"""An approved amount goes onto the bill by a process, once, also when billing is down at first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.promises.compensation_lifecycle import CompensationState
from app.persistence.promises.compensations import Compensation
from app.services.promises import compensation_desk
from app.unit_of_work import transaction
from tests.services.whole import whole

pytestmark = pytest.mark.slow


def test_an_approved_amount_is_credited_once(make_database: Callable[..., str], tmp_path: Path) -> None:
    with whole(make_database("sqlite", migrated=True), tmp_path) as running:
        order_id = running.place("home-bundle.json")
        with transaction(running.deps.sessions) as tx:
            now = running.deps.clock(tx.session)
            row = Compensation(
                owner_id=order_id, order_id=order_id, group_code="home-order", rule="late-install-home",
                amount_cny="20.00", account_no="AC1000031", state=CompensationState.APPROVED, basis=[],
                proposed_at=now, payout_due_at=now + timedelta(days=30), area="SH-SH",
            )  # fmt: skip
            tx.session.add(row)
        for _ in range(2):
            with transaction(running.deps.sessions) as tx:
                compensation_desk.post_approved(tx.session, running.deps.engine, running.deps.clock(tx.session))
            running.work()
        with running.deps.read_sessions() as session:
            stored = session.scalars(select(Compensation)).one()
        assert (stored.state, bool(stored.entry_no), stored.credited_at is not None) == ("credited", True, True)
        credits = [one for one in running.neighbours.effects() if one["operation"] == "billing.post_credit"]
        assert len(credits) == 1
        listed = running.call("GET", f"/api/v1/compensations?about={order_id}", login="ops2")["compensations"]
        assert [(one["amount_cny"], one["state"]) for one in listed] == [("20.00", "credited")]
        with transaction(running.deps.sessions) as tx:
            wrong = tx.session.scalars(select(Compensation)).one()
            wrong.move_to(CompensationState.TAKE_BACK, running.deps.clock(tx.session))
        agreed = running.call("POST", f"/api/v1/compensations/{stored.id}/approve", {"note": ""}, login="sla.approver")
        assert agreed["state"] == "toReverse"
        for _ in range(2):
            with transaction(running.deps.sessions) as tx:
                compensation_desk.post_approved(tx.session, running.deps.engine, running.deps.clock(tx.session))
            running.work()
        with running.deps.read_sessions() as session:
            back = session.scalars(select(Compensation)).one()
        assert (back.state, bool(back.reversal_no), back.reversed_at is not None) == ("reversed", True, True)
        effects = [one["operation"] for one in running.neighbours.effects()]
        assert effects.count("billing.reverse_credit") == 1
