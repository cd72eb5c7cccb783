"""A worker killed while people undo: the process that asks them begins once, and what it answers counts once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from processes import faults, queries
from tests.engine.rig import Rig
from tests.engine.supervised import Supervised, until
from tests.engine.test_undone_by_people import ITEM, ORDER, PLAN, REMOVAL, UNPATCHING, released

DEADLY = {"undo.people_asked": 1, "undo.people_answered": 1, "comp.before": 1, "comp.after": 1}


@pytest.mark.slow
def test_killed_while_people_undo_everything_is_undone_once(database: str, tmp_path: Path) -> None:
    rig = Rig(database, tmp_path)
    rig.real_time()
    rig.deploy(REMOVAL, UNPATCHING, PLAN, ORDER)
    program = Supervised(rig, tmp_path, "\n".join(f"{point}:{nth}:kill" for point, nth in DEADLY.items()))
    with rig.work() as session:
        now = rig.parts.clock.now(session)
        root = rig.engine.start(
            session, "order", business_key="k", area="SH", data={"item": ITEM}, now=now, actor="x"
        ).id
    for element in ("patch", "visit"):
        hand_in(rig, root, element)
    until_asked(rig, root, "last")
    with rig.work() as session:
        rig.engine.cancel(session, root, reason="test", actor="x", now=rig.parts.clock.now(session))
    for element in ("remove", "unpatch"):
        hand_in(rig, root, element)
    until(rig, root, state="cancelled")
    assert set(faults.PEOPLE_POINTS) <= set(DEADLY)
    code, _said = program.stop()
    assert code == 0
    assert program.hits() >= set(DEADLY.items())
    assert released(rig) == ["net.reserve:C", "net.reserve:B", "net.reserve:A"]
    with rig.sessions() as session:
        undos = [one.process_key for one in queries.tree(session, root) if one.parent_id and not one.parent_task_id]
    assert undos == ["removal", "unpatching"]
    rig.check()
    rig.close()


def until_asked(rig: Rig, root: str, element: str) -> Any:
    for _ in range(600):
        for task in rig.user_tasks(root):
            if task.element_id == element:
                return task
        time.sleep(0.05)
    raise AssertionError(f"nobody is asked for {element}")


def hand_in(rig: Rig, root: str, element: str) -> None:
    task = until_asked(rig, root, element)
    with rig.work() as session:
        rig.engine.complete_user_task(session, task.id, {}, actor="field", now=rig.parts.clock.now(session))
