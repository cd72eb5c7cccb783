"""What people have done is undone by people: a process in its place in the reverse order, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from processes import queries
from processes.cancel_plans import cancel_plan
from processes.repairs import Why
from processes.store.definitions import ProcessDefinition
from tests.engine.diagrams import call, end, fail, io, node, process, service, start, user
from tests.engine.far_side import refuse
from tests.engine.rig import Rig

#: On PostgreSQL it is tried while workers are killed (``test_undone_by_people_crash``).
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WHY = Why(actor="front", reason="another address")
PLACE = {"place": "item.place", "port": "'port 1'"}


def person(name: str, undone_by: str, inputs: dict[str, str] = PLACE, **attributes: str) -> str:
    return node("userTask", name, io(inputs), y_team="home_field", y_undoneBy=undone_by, **attributes)


REMOVAL = process(
    "removal",
    start(),
    user("remove"),
    service("back_in_stock", "net.reserve", {"what": "'returned ' + port"}),
    end(),
    flows="begin > remove > back_in_stock > done",
    data=("place", "port"),
)
UNPATCHING = process(
    "unpatching",
    start(),
    node("userTask", "unpatch", io({"place": "'cabinet'", "port": "port"}), y_team="home_field", y_undoneBy="removal"),
    end(),
    flows="begin > unpatch > done",
    data=("port",),
)
PLAN = process(
    "plan",
    start(),
    service("reserve", "net.reserve", {"what": "'A'"}),
    person("patch", "unpatching"),
    service("configure", "net.reserve", {"what": "'B'"}),
    person("visit", "removal", y_pointOfNoReturn="soft"),
    service("bind", "net.reserve", {"what": "'C'"}),
    user("last"),
    end(),
    flows="begin > reserve > patch > configure > visit > bind > last > done",
    data=("item",),
)
ORDER = process("order", start(), call("plan", "plan", {"item": "item"}), end(), flows="begin > plan > done")
ITEM = {"place": "Road 1"}


@pytest.fixture(autouse=True)
def nothing_is_broken(rig: Rig) -> Iterator[None]:
    yield
    rig.check()


def begun(rig: Rig, *done: str, removal: bytes = REMOVAL, plan: bytes = PLAN) -> str:
    rig.deploy(removal, UNPATCHING, plan, ORDER)
    root = rig.start("order", item=ITEM)
    for element in done:
        rig.complete(root, element)
    return root


def begin(rig: Rig, root: str, element: str) -> None:
    (task,) = [task for task in rig.user_tasks(root) if task.element_id == element]
    with rig.work() as session:
        rig.engine.begin_user_task(session, task.id, actor="field", now=rig.clock.at)


def waiting(rig: Rig, root: str) -> list[str]:
    return [task.element_id for task in rig.user_tasks(root)]


def released(rig: Rig) -> list[str]:
    return [row["inputs"]["id"] for row in rig.far.effects() if row["operation"] == "net.release"]


def test_people_undo_in_their_place_of_the_reverse_order(rig: Rig) -> None:
    root = begun(rig, "patch", "visit")
    assert rig.cancel(root).effects == 5
    rig.drain()
    assert (released(rig), waiting(rig, root)) == (["net.reserve:C"], ["remove"])
    rig.complete(root, "remove")
    assert (released(rig), waiting(rig, root)) == (["net.reserve:C", "net.reserve:B"], ["unpatch"])
    assert rig.instance(root).state == "cancelling"
    rig.complete(root, "unpatch")
    assert released(rig) == ["net.reserve:C", "net.reserve:B", "net.reserve:A"]
    assert rig.instance(root).state == "cancelled"
    # what the undo itself has brought about stays
    stays = [effect.inputs["what"] for effect in rig.effects(root) if effect.state == "irreversible"]
    assert stays == ["returned port 1"]
    assert rig.kinds().count("undo_completed") == 1


def test_the_undo_knows_what_was_asked_and_what_was_answered(rig: Rig) -> None:
    root = begun(rig)
    rig.complete(root, "patch", port="port 7", note="wrong label")
    rig.cancel(root)
    rig.drain()
    (task,) = rig.user_tasks(root)
    assert task.inputs == {"place": "cabinet", "port": "port 7"}
    with rig.sessions() as session:
        (undo,) = [one for one in queries.tree(session, root) if one.process_key == "unpatching"]
    assert undo.inputs == {"place": "Road 1", "port": "port 7", "note": "wrong label"}
    rig.complete(root)
    assert rig.instance(root).state == "cancelled"


def test_who_has_begun_may_have_been_there(rig: Rig) -> None:
    root = begun(rig, "patch")
    begin(rig, root, "visit")
    begin(rig, root, "visit")  # by somebody else, after it was given back
    rig.cancel(root)
    rig.drain()
    assert waiting(rig, root) == ["remove"]
    rig.complete(root)
    rig.complete(root)
    assert rig.instance(root).state == "cancelled"


def test_what_nobody_has_begun_or_no_point_was_passed_of_needs_nobody(rig: Rig) -> None:
    root = begun(rig)
    begin(rig, root, "patch")
    rig.cancel(root)
    rig.drain()
    assert (waiting(rig, root), rig.instance(root).state) == ([], "cancelled")


def test_a_plan_of_a_cancel_shows_what_people_will_have_to_do(rig: Rig) -> None:
    root = begun(rig, "patch")
    with rig.sessions() as session:
        shown = cancel_plan(session, root)
    lines = [(line.operation, line.undo_operation) for line in shown.undo]
    assert lines == [("net.reserve", "net.release"), ("patch", "unpatching"), ("net.reserve", "net.release")]


def test_a_process_that_is_not_there_is_an_incident_of_the_undo_until_it_is(rig: Rig) -> None:
    root = begun(rig, "patch")
    with rig.work() as session:
        session.query(ProcessDefinition).filter_by(key="unpatching").update({"key": "elsewhere"})
    rig.cancel(root)
    rig.drain()
    (incident,) = rig.incidents(root)
    assert incident.code == "unknown-process"
    assert released(rig) == ["net.reserve:B", "net.reserve:A"]  # the others go on meanwhile
    assert rig.instance(root).state == "cancelling"
    rig.deploy(UNPATCHING)
    rig.retry(incident.id)
    assert waiting(rig, root) == ["unpatch"]
    rig.complete(root)
    assert rig.instance(root).state == "cancelled"


def test_an_undo_that_ends_in_an_error_is_tried_again_or_written_off(rig: Rig) -> None:
    refusing = process(
        "unpatching", start(), user("unpatch"), fail("locked", "cabinet-locked"),
        flows="begin > unpatch > locked", codes=("cabinet-locked",), data=("port",),
    )  # fmt: skip
    rig.deploy(REMOVAL, refusing, PLAN, ORDER)
    root = rig.start("order", item=ITEM)
    rig.complete(root, "patch")
    rig.cancel(root)
    rig.drain()
    rig.complete(root, "unpatch")
    (incident,) = rig.incidents(root)
    assert (incident.code, rig.instance(root).state) == ("cabinet-locked", "cancelling")
    rig.retry(incident.id)
    rig.complete(root, "unpatch")
    (incident,) = rig.incidents(root)
    with rig.work() as session:
        rig.engine.skip_incident(session, incident.id, result={}, actor="ops", reason="written off", now=rig.clock.at)
    rig.drain()
    assert rig.instance(root).state == "cancelled"
    assert {effect.state for effect in rig.effects(root)} == {"undone"}


def test_a_step_that_fails_inside_the_undo_is_an_incident_there(rig: Rig) -> None:
    broken = process(
        "unpatching", start(), service("refused", "net.reserve", {"what": "'D'"}), user("unpatch"), end(),
        flows="begin > refused > unpatch > done", data=("port",),
    )  # fmt: skip
    rig.deploy(REMOVAL, broken, PLAN, ORDER)
    root = rig.start("order", item=ITEM)
    rig.complete(root, "patch")
    rig.far.script("net.reserve", refuse("no"))
    rig.cancel(root)
    rig.drain()
    (incident,) = rig.incidents(root)
    assert incident.element_id == "refused"
    with rig.work() as session:
        rig.engine.skip_incident(
            session, incident.id, result={}, effect_happened=False, actor="ops", reason="x", now=rig.clock.at
        )
    rig.drain()
    rig.complete(root, "unpatch")
    assert rig.instance(root).state == "cancelled"


def renew(rig: Rig, root: str, **item: Any) -> None:
    with rig.sessions() as session:
        plans = [one for one in queries.tree(session, root) if one.process_key == "plan"]
    (plan,) = [one.id for one in plans if one.state == "running"]
    with rig.work() as session:
        rig.engine.renew(session, plan, {"item": {**ITEM, **item}}, why=WHY, now=rig.clock.at)
    rig.drain()


def test_begun_anew_elsewhere_people_undo_first_and_do_it_there(rig: Rig) -> None:
    root = begun(rig, "patch")
    renew(rig, root, place="Road 2")
    assert waiting(rig, root) == ["unpatch"]
    rig.complete(root, "unpatch")
    assert waiting(rig, root) == ["patch"]
    rig.complete(root, "patch")
    assert waiting(rig, root) == ["visit"]
    rig.cancel(root)
    rig.drain()
    assert waiting(rig, root) == ["unpatch"]
    rig.complete(root)
    assert rig.instance(root).state == "cancelled"
    in_order = [row["inputs"] for row in rig.far.effects() if row["operation"] == "net.reserve"]
    assert in_order == [{"what": "A"}, {"what": "B"}]  # nothing else was touched


def test_where_doing_it_once_more_is_enough_nothing_is_undone_first(rig: Rig) -> None:
    rig.deploy(REMOVAL, UNPATCHING, PLAN.replace(b'yizhan:undoneBy="removal"', b'yizhan:undoneBy="removal" '
                                                 b'yizhan:changes="place"'), ORDER)  # fmt: skip
    root = rig.start("order", item=ITEM)
    rig.complete(root, "patch")
    rig.complete(root, "visit")
    renew(rig, root, place="Road 2")
    assert waiting(rig, root) == ["unpatch"]
    rig.complete(root, "unpatch")
    rig.complete(root, "patch")
    assert waiting(rig, root) == ["visit"]
    rig.complete(root, "visit")
    rig.cancel(root)
    rig.drain()
    assert waiting(rig, root) == ["unpatch"]  # what was done last
    rig.complete(root, "unpatch")
    assert (waiting(rig, root), released(rig)) == (["remove"], ["net.reserve:C"])  # one removal for both visits
    rig.complete(root, "remove")
    assert rig.instance(root).state == "cancelled"


def test_a_compensation_waits_for_people_too(rig: Rig) -> None:
    undo_all = node("intermediateThrowEvent", "undo_all", "<bpmn:compensateEventDefinition/>")
    plan = process(
        "plan",
        start(),
        service("reserve", "net.reserve", {"what": "'A'"}),
        person("patch", "unpatching"),
        undo_all,
        user("last"),
        end(),
        flows="begin > reserve > patch > undo_all > last > done",
        data=("item",),
    )
    root = begun(rig, "patch", plan=plan)
    assert waiting(rig, root) == ["unpatch"]
    rig.complete(root, "unpatch")
    assert (released(rig), waiting(rig, root)) == (["net.reserve:A"], ["last"])
    rig.complete(root, "last")
    assert rig.instance(root).state == "completed"


def test_a_drawing_that_names_a_process_nobody_knows_is_refused(rig: Rig) -> None:
    with pytest.raises(Exception, match="elsewhere"):
        rig.deploy(PLAN.replace(b"unpatching", b"elsewhere"), REMOVAL)
