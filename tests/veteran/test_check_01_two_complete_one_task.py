"""Check 1: two sessions complete the same user task at once, 200 rounds: one wins, the other is told."""

from __future__ import annotations

import threading
from collections import Counter

from processes import queries
from processes.errors import StaleTask
from tests.engine.diagrams import end, process, start, user
from tests.engine.rig import Rig

ROUNDS = {"postgresql": 200, "sqlite": 25}


def test_exactly_one_of_two_wins_in_every_round(rig: Rig) -> None:
    rig.deploy(process("two", start(), user("first"), user("second"), end(), flows="begin > first > second > done"))
    for _ in range(ROUNDS[rig.database.dialect.name]):
        root = rig.start("two")
        (task,) = rig.user_tasks(root)
        outcomes: list[str] = []
        together = threading.Barrier(2)

        def complete(task_id: str, who: str, together: threading.Barrier, outcomes: list[str]) -> None:
            together.wait()
            try:
                with rig.work() as session:
                    rig.engine.complete_user_task(session, task_id, {}, actor=who, now=rig.clock.at)
                outcomes.append("won")
            except StaleTask as refusal:
                assert "is completed since" in str(refusal)
                outcomes.append("told")

        pair = [threading.Thread(target=complete, args=(task.id, who, together, outcomes)) for who in ("a", "b")]
        for one in pair:
            one.start()
        for one in pair:
            one.join()
        assert Counter(outcomes) == {"won": 1, "told": 1}
        with rig.sessions() as session:
            lines = [line.event for line in queries.history(session, root) if line.element_id == "first"]
        assert lines == ["entered", "completed"]
        assert [left.element_id for left in rig.user_tasks(root)] == ["second"]
    rig.check()
