"""Moving running instances to another version: a verdict for each before anything moves, then each whole or not."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from processes import bulk, migration_places, queries
from processes.store.bulk import Repair
from processes.store.instances import Timer, UserTask
from processes.store.migrations import Migration, MigrationItem
from tests.engine.migration_scene import ONE, TWO, carry_out, items, moved, plan, results, run_all, verdicts, version_of
from tests.engine.rig import Rig


def test_a_waiting_person_moves_with_task_and_due_time_and_goes_on_in_the_new_version(rig: Rig) -> None:
    rig.deploy(ONE)
    root = rig.start("line")
    task = rig.user_tasks(root)[0]
    with rig.sessions() as session:
        timer = session.scalars(select(Timer).where(Timer.element_id == "late")).one()
    rig.deploy(TWO)
    rig.clock.move(timedelta(minutes=5))
    migration_id = plan(rig)
    assert verdicts(rig, migration_id) == {root: ("safe", [])}
    assert {note["code"] for note in items(rig, migration_id)[root].notes} == {"timer-kept", "event-armed"}
    assert version_of(rig, root) == 1
    carry_out(rig, migration_id)
    run_all(rig)
    assert version_of(rig, root) == 2
    with rig.sessions() as session:
        kept = session.get_one(Timer, timer.id)
        assert (kept.due_at, kept.state, kept.element_id) == (timer.due_at, "waiting", "late")
        same = session.get_one(UserTask, task.id)
        assert (same.state, same.task_id, same.opened_at) == ("open", task.task_id, task.opened_at)
        assert {wait.element_id for wait in queries.waiting_summary(session, root)} == {"survey", "late", "called_off"}
    rig.complete(root, "survey")
    rig.complete(root, "visit")
    rig.complete(root, "hand_over")
    rig.complete(root, "rate_us")
    assert rig.instance(root).state == "completed"
    rig.check()


def test_a_migrated_instance_says_so_in_its_history_and_in_the_audit(rig: Rig) -> None:
    rig.deploy(ONE)
    root = rig.start("line")
    rig.deploy(TWO)
    migration_id = moved(rig)
    with rig.sessions() as session:
        line = next(row for row in queries.history(session, root) if row.event == "migrated")
        audit = session.scalars(select(Repair).where(Repair.action == "migrate")).one()
    assert (line.detail["from_version"], line.detail["to_version"]) == (1, 2)
    assert line.detail["migration_id"] == migration_id
    assert (audit.actor, audit.reason, audit.before, audit.after) == (
        "ops",
        "the model was wrong",
        {"version": 1},
        {"version": 2, "mapping": {}},
    )
    assert [event.kind for event in rig.events].count("instance_migrated") == 1


def test_three_hundred_instances_ten_of_which_need_a_mapping_and_fourteen_are_blocked(rig: Rig) -> None:
    rig.deploy(ONE)
    roots = [rig.start("line") for _ in range(300)]
    for root in roots[:24]:
        rig.complete(root, "survey")  # on to old_visit, which the new version does not have
    for root in roots[10:24]:
        rig.complete(root, "old_visit")  # on to a call that is out, and that the new version does not make
    rig.deploy(TWO)
    migration_id = plan(rig)
    found = verdicts(rig, migration_id)
    assert Counter(word for word, _ in found.values()) == {"safe": 276, "needs_mapping": 10, "blocked": 14}
    assert all(found[root] == ("needs_mapping", ["element-gone"]) for root in roots[:10])
    assert all(found[root] == ("blocked", ["call-under-way"]) for root in roots[10:24])
    assert versions(rig, roots) == {1: 300}
    # A pilot, a look, and the rest.
    run_id = carry_out(rig, migration_id, pilot=20)
    run_all(rig)
    assert versions(rig, roots) == {1: 280, 2: 20}
    with rig.work() as session:
        assert bulk.counts(session, [run_id])[run_id].states == {"applied": 20, "waiting": 256}
        bulk.resume(session, run_id, now=rig.clock.at)
    run_all(rig)
    assert versions(rig, roots) == {1: 24, 2: 276}
    # What needed a mapping gets one.
    again = moved(rig, mapping={"old_visit": "visit"})
    assert versions(rig, roots) == {1: 14, 2: 286}
    with rig.sessions() as session:
        audit = session.execute(select(Repair.instance_id, Repair.run_id).where(Repair.action == "migrate")).all()
        kept = session.scalars(select(MigrationItem).where(MigrationItem.moved_at.is_not(None))).all()
    assert {row.instance_id for row in audit} == set(roots[:10] + roots[24:])
    assert len(audit) == len(kept) == 286
    assert {row.migration_id for row in kept} == {migration_id, again}
    assert {item.outcome for item in results(rig, again)} == {"succeeded"}
    # Nobody has lost anything: all come to their end.
    for root in (roots[0], roots[30]):
        for element in ("survey", "visit", "hand_over", "rate_us"):
            if any(task.element_id == element for task in rig.user_tasks(root)):
                rig.complete(root, element)
        assert rig.instance(root).state == "completed"
    rig.check()


def versions(rig: Rig, roots: list[str]) -> Counter[int]:
    return Counter(version_of(rig, root) for root in roots)


def test_where_they_stand_is_counted_by_verdict_before_and_after_the_move(rig: Rig) -> None:
    rig.deploy(ONE)
    at_survey, at_visit = rig.start("line"), rig.start("line")
    rig.complete(at_visit, "survey")
    run_all(rig)
    rig.deploy(TWO)
    migration_id = plan(rig)

    def places(moved: bool) -> dict[tuple[str, str], int]:
        with rig.sessions() as session:
            found = migration_places.standing(session, migration_id)
        return {(one.element_id, one.verdict): one.instances for one in found if one.moved == moved}

    judged = verdicts(rig, migration_id)
    waits = {instance: {wait.element_id for wait in waiting(rig, instance)} for instance in (at_survey, at_visit)}
    expected = Counter((element, judged[instance][0]) for instance, found in waits.items() for element in found)
    assert places(moved=False) == expected and len(expected) >= 2
    with rig.sessions() as session:
        migration = session.get_one(Migration, migration_id)
        assert migration_places.running_now(session, migration) == len(judged) == 2
        at = session.scalars(migration_places.standing_at(migration_id, "survey")).all()
    assert set(at) == {at_survey}
    carry_out(rig, migration_id)
    run_all(rig)
    assert ("survey", "safe") in places(moved=True) and ("survey", "safe") not in places(moved=False)
    with rig.sessions() as session:
        assert migration_places.running_now(session, session.get_one(Migration, migration_id)) < 2


def waiting(rig: Rig, instance_id: str) -> list[queries.Waiting]:
    with rig.sessions() as session:
        return list(queries.waiting_summary(session, instance_id))
