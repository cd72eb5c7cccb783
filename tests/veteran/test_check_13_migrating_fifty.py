"""Check 13: fifty running instances migrated: each with yes or no and why before, each whole after, audit, and back."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from processes import migrations
from processes.store.bulk import Repair
from processes.store.instances import Timer, UserTask
from tests.engine.migration_scene import ONE, TWO, carry_out, items, judge, plan, results, run_all, verdicts, version_of
from tests.engine.rig import Rig

FIFTY = 50


def waits(rig: Rig) -> dict[str, tuple[str, str, str]]:
    """Every open task and timer by id, with what must not change: its instance, its state, since or until when."""
    with rig.sessions() as session:
        tasks = session.scalars(select(UserTask).where(UserTask.state == "open")).all()
        timers = session.scalars(select(Timer).where(Timer.state == "waiting", Timer.element_id == "late")).all()
    found = {task.id: (task.instance_id, task.state, task.opened_at.isoformat()) for task in tasks}
    return found | {timer.id: (timer.instance_id, timer.state, timer.due_at.isoformat()) for timer in timers}


def test_each_has_its_verdict_before_each_is_whole_after_and_what_went_wrong_touches_no_other(rig: Rig) -> None:
    rig.deploy(ONE)
    roots = [rig.start("line") for _ in range(FIFTY)]
    rig.deploy(TWO)
    before = waits(rig)
    migration_id = plan(rig)
    assert {word for word, _ in verdicts(rig, migration_id).values()} == {"safe"}
    assert len(items(rig, migration_id)) == FIFTY
    # Since then one has gone on to where the new version has nothing: it alone is refused, with the reason.
    rig.complete(roots[7], "survey")
    carry_out(rig, migration_id)
    run_all(rig)
    assert Counter(version_of(rig, root) for root in roots) == {2: FIFTY - 1, 1: 1}
    refused = [item for item in results(rig, migration_id) if item.state == "refused"]
    assert [(item.subject_id, item.code) for item in refused] == [(roots[7], "element-gone")]
    after = waits(rig)
    assert {key: after[key] for key in before if before[key][0] != roots[7]} == {
        key: row for key, row in before.items() if row[0] != roots[7]
    }
    with rig.sessions() as session:
        audit = session.scalars(select(Repair.instance_id).where(Repair.action == "migrate")).all()
    assert set(audit) == set(roots) - {roots[7]}
    rig.check()


def test_the_way_back_is_taken_with_a_verdict_for_each(rig: Rig) -> None:
    rig.deploy(ONE)
    roots = [rig.start("line") for _ in range(3)]
    rig.deploy(TWO)
    migration_id = plan(rig)
    carry_out(rig, migration_id)
    run_all(rig)
    rig.complete(roots[0], "survey")  # to visit, which the old version calls old_visit
    with rig.work() as session:
        back = migrations.back(rig.parts, session, migration_id, reason="it was right", actor="ops", now=rig.clock.at)
    judge(rig, back.id)
    assert Counter(word for word, _ in verdicts(rig, back.id).values()) == {"safe": 2, "needs_mapping": 1}
    carry_out(rig, back.id)
    run_all(rig)
    assert [version_of(rig, root) for root in roots] == [2, 1, 1]
    rig.complete(roots[1], "survey")
    assert [task.element_id for task in rig.user_tasks(roots[1])] == ["old_visit"]
    rig.check()
