"""Check 14: a version that deletes the element where tokens stand: a mapping is needed, for those instances only."""

from __future__ import annotations

from tests.engine.migration_scene import ONE, TWO, carry_out, items, moved, plan, run_all, verdicts, version_of
from tests.engine.rig import Rig


def test_without_a_mapping_those_instances_stay_and_with_one_they_move(rig: Rig) -> None:
    rig.deploy(ONE)
    standing, other = rig.start("line"), rig.start("line")
    rig.complete(standing, "survey")
    rig.deploy(TWO)
    migration_id = plan(rig)
    assert verdicts(rig, migration_id) == {standing: ("needs_mapping", ["element-gone"]), other: ("safe", [])}
    (reason,) = items(rig, migration_id)[standing].reasons
    assert reason["element_id"] == "old_visit" and "old_visit" in reason["zh"] and "old_visit" in reason["en"]
    carry_out(rig, migration_id)
    run_all(rig)
    assert (version_of(rig, standing), version_of(rig, other)) == (1, 2)
    moved(rig, mapping={"old_visit": "visit"})
    assert version_of(rig, standing) == 2
    assert [task.element_id for task in rig.user_tasks(standing)] == ["visit"]
    rig.complete(standing, "visit")
    assert rig.jobs(standing, operation="net.announce")  # on to the call as the new version draws it
    rig.check()
