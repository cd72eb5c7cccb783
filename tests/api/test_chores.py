"""What the running parts do by themselves every few seconds."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.persistence.idempotency import IdempotentRequest
from app.running.chores import Chores
from app.unit_of_work import transaction
from tests.api.world import World


def test_answers_to_repeated_requests_are_forgotten_after_three_days(world: World) -> None:
    with transaction(world.deps.sessions) as tx:
        now = world.deps.clock(tx.session)
        for key, age_h in (("old", 73), ("young", 71)):
            tx.session.add(
                IdempotentRequest(
                    client="front", key=key, route="r", body_hash="h", status=200, at=now - timedelta(hours=age_h)
                )
            )
    Chores(world.deps).round()
    assert world.look(lambda session: session.scalars(select(IdempotentRequest.key)).all()) == ["young"]
