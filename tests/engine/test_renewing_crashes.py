"""Killed at each fault point of a renewal, and while what no longer holds is undone: each effect is there once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from processes import faults
from processes.store.renewals import Renewal
from tests.engine.rig import Rig
from tests.engine.supervised import ROOT, Supervised, until
from tests.engine.test_renewing import ITEM, ORDER, PLAN, PREPARE, in_force, plan_of

pytestmark = pytest.mark.slow

#: Killed while the transaction runs in which somebody amends; nothing has to be undone first.
AT_ONCE = ("renew.frozen:1", "renew.begun:1", "renew.taken_over:1", "renew.taken_over:3")
#: Killed while workers undo, and then begin the fresh plan.
LATER = ("renew.frozen:1", "comp.before:1", "comp.after:1", "renew.begun:1", "renew.taken_over:1", "renew.taken_over:3")
#: Every one of these, each alone, where all experiments are run in full.
EACH = [
    *("renew.frozen:1", "renew.begun:1", *(f"renew.taken_over:{nth}" for nth in (1, 2, 3))),
    *(f"{point}:{nth}" for point in ("comp.before", "comp.after") for nth in (1, 2)),
]
OLD = {"Road 1": 1, "cable to net.reserve:Road 1": 1}
NEW = {"Road 2": 1, "cable to net.reserve:Road 2": 1}


@pytest.fixture
def real_rig(database: str, tmp_path: Path) -> Iterator[Rig]:
    built = Rig(database, tmp_path)
    built.real_time()
    yield built
    built.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the other one where all are run in full
def test_killed_in_the_amendment_itself_nothing_of_it_is_kept(real_rig: Rig, tmp_path: Path) -> None:
    killed = Scene(real_rig, tmp_path, AT_ONCE).amended(speed="300")
    assert killed == len(AT_ONCE)
    judged_changed(real_rig)


@pytest.mark.torture
def test_killed_in_the_amendment_itself_on_both_databases(real_rig: Rig, tmp_path: Path) -> None:
    assert Scene(real_rig, tmp_path, AT_ONCE).amended(speed="300") == len(AT_ONCE)
    judged_changed(real_rig)


def judged_changed(rig: Rig) -> None:
    assert in_force(rig, killed_root(rig)) == [
        "net.reserve Road 1",
        "net.reserve cable to net.reserve:Road 1",
        "net.reserve 100",
        "net.reserve card Li",
        "net.adjust 300",
    ]
    assert done(rig, "net.reserve", "what") == {**OLD, "100": 1, "card Li": 1}
    assert done(rig, "net.adjust", "what") == {"300": 1}
    assert done(rig, "net.release", "id") == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_killed_while_it_is_undone_and_begun_anew_each_effect_is_there_once(real_rig: Rig, tmp_path: Path) -> None:
    Scene(real_rig, tmp_path, LATER).amended(place="Road 2")
    judged_moved(real_rig)


@pytest.mark.torture
@pytest.mark.parametrize("rule", EACH)
def test_killed_at_each_of_them_alone(real_rig: Rig, tmp_path: Path, rule: str) -> None:
    Scene(real_rig, tmp_path, (rule,)).amended(place="Road 2")
    judged_moved(real_rig)


def test_every_point_of_a_renewal_is_tried() -> None:
    assert {rule.partition(":")[0] for rule in EACH} >= set(faults.RENEWAL_POINTS)


def judged_moved(rig: Rig) -> None:
    assert in_force(rig, killed_root(rig)) == [
        "net.reserve 100",
        "net.reserve card Li",
        "net.reserve Road 2",
        "net.reserve cable to net.reserve:Road 2",
    ]
    assert done(rig, "net.reserve", "what") == {**OLD, **NEW, "100": 1, "card Li": 1}
    assert done(rig, "net.release", "id") == {f"net.reserve:{what}": 1 for what in OLD}
    assert done(rig, "net.adjust", "what") == {}


class Scene:
    """An order that has come as far as the visit, a worker that may be killed, and somebody who amends."""

    def __init__(self, rig: Rig, folder: Path, rules: tuple[str, ...]) -> None:
        self.rig, self.folder, self.rules = rig, folder, rules
        self.worker = Supervised(rig, folder, "")

    def amended(self, **item: Any) -> int:
        """Amend until it is done, and hand in the visit; returns how often the one who amended was killed."""
        rig = self.rig
        rig.deploy(PREPARE)
        rig.deploy(PLAN)
        rig.deploy(ORDER)
        with rig.work() as session:
            now = rig.parts.clock.now(session)
            root = rig.engine.start(
                session, "order", business_key="k", area="SH", data={"item": ITEM}, now=now, actor="x"
            ).id
        until(rig, root, user_task=True)
        (self.folder / "rules").write_text("".join(f"{rule}:kill\n" for rule in self.rules), encoding="utf-8")
        (self.folder / "hits").write_text("", encoding="utf-8")
        (visit,) = rig.user_tasks(root)
        killed = self.amend(plan_of(rig, root), {**ITEM, **item})
        until(rig, root, user_task=True)
        assert [task.id for task in rig.user_tasks(root)] == [visit.id]  # the same, as it was in hand
        with rig.work() as session:
            now = rig.parts.clock.now(session)
            rig.engine.complete_user_task(session, visit.id, {}, actor="field", now=now)
        until(rig, root, state="completed")
        code, _said = self.worker.stop()
        assert code == 0
        reached = {f"{name}:{nth}" for name, nth in self.worker.hits()}
        assert reached >= set(self.rules), "a point where it was to be killed was never passed"
        rig.check()
        return killed

    def amend(self, plan: str, item: dict[str, Any]) -> int:
        """In a process of its own; returns how often that was killed."""
        program = [sys.executable, "-m", "tests.engine.renew_program", self.rig.url, str(self.folder / "far.sqlite")]
        told = subprocess.run(
            [*program, plan, json.dumps(item)], env=self.worker.faulty, cwd=ROOT, timeout=60, text=True,
            check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        return int(told.stdout)


def killed_root(rig: Rig) -> str:
    with rig.sessions() as session:
        return str(session.scalars(select(Renewal.root_id)).one())


def done(rig: Rig, operation: str, name: str) -> dict[str, int]:
    """How often the far side did an operation, by one of its inputs."""
    found: dict[str, int] = {}
    for row in rig.far.effects():
        if row["operation"] == operation:
            found[row["inputs"][name]] = found.get(row["inputs"][name], 0) + 1
    return found
