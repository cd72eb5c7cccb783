"""Check 12: a second version while fifty instances run on the first; the first is not taken back under them."""

from __future__ import annotations

from collections import Counter

import pytest

from processes import versions
from processes.versions import VersionInUse
from tests.engine.migration_scene import ONE, TWO, version_of
from tests.engine.rig import Rig

FIFTY = 50


def test_old_ones_finish_on_the_old_version_new_ones_begin_on_the_new_and_both_are_seen(rig: Rig) -> None:
    rig.deploy(ONE)
    old = [rig.start("line") for _ in range(FIFTY)]
    rig.deploy(TWO)
    new = rig.start("line")
    assert Counter(version_of(rig, root) for root in [*old, new]) == {1: FIFTY, 2: 1}
    with rig.sessions() as session:
        assert versions.running_by_version(session, "line") == {1: FIFTY, 2: 1}
    with rig.work() as session, pytest.raises(VersionInUse, match=f"{FIFTY} instances run on it"):
        versions.withdraw(session, "line", 1, actor="designer", now=rig.clock.at)
    for root in old[:3]:
        rig.complete(root, "survey")
        assert [task.element_id for task in rig.user_tasks(root)] == ["old_visit"]  # only the first version has it
    rig.complete(new, "survey")
    assert [task.element_id for task in rig.user_tasks(new)] == ["visit"]
    rig.check()


def test_a_version_on_which_nothing_runs_is_taken_back_and_the_one_before_is_in_force_again(rig: Rig) -> None:
    rig.deploy(ONE)
    rig.deploy(TWO)
    with rig.work() as session:
        versions.withdraw(session, "line", 2, actor="designer", now=rig.clock.at)
    assert version_of(rig, rig.start("line")) == 1
