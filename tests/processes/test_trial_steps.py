"""What a trial keeps of its steps: data in and out, what was done and how it is undone, the time it took."""

from __future__ import annotations

import pytest

from adapters.operations import OperationRegistry
from processes.trial import TrialError, try_files
from processes.trial_box import TrialBox, TrialTooLong
from processes.trial_steps import undo_plan
from tests.processes.drawing import boundary, bpmn, end, flows, io, service, start, timer, user


def row(code, **more):
    return {
        "code": code,
        "adapter": "net",
        "name_zh": code,
        "name_en": code,
        "mode": "sync",
        "effect": "write",
        "inputs": ["item"],
        "outputs": ["port"],
        "timeout_s": 5,
        "retry": "sync",
        "idempotency": "keyed",
        "median_s": 30,
        **more,
    }


REGISTRY = OperationRegistry.from_data(
    {
        "retry_policies": [{"code": "sync", "attempts": 3, "first_wait_s": 10, "factor": 2, "cap_s": 60}],
        "adapters": [{"code": "net", "name_zh": "网络", "name_en": "network"}],
        "operations": [
            row("net.reserve", undo="net.release"),
            row("net.release", inputs=["port"], outputs=[], only_as_undo=True),
            row("net.burn", irreversible=True),
        ],
    }
)
BACK = bpmn(start(), user("take_out"), end(), flows("s>take_out take_out>e"), key="back")
MAIN = bpmn(
    start(),
    service("reserve", io({"item": "item"}, {"port": "result.port"}), operation="net.reserve"),
    user("visit", io({"port": "port"}), yz_undoneBy="back", yz_duration="PT4H", yz_pointOfNoReturn="soft"),
    service("burn", io({"item": "item"}), operation="net.burn", yz_pointOfNoReturn="hard"),
    end(),
    flows("s>reserve reserve>visit visit>burn burn>e"),
    key="main",
)
FILES = {"main.bpmn": MAIN, "back.bpmn": BACK}
ANSWERS = {"operations": {"net.reserve": [{"fail": "no line"}, {"return": {"port": "P7"}}]}}


def tried(**more):
    answers = {**ANSWERS, **more}
    return try_files(FILES, process="main", data={"item": "x"}, answers=answers, registry=REGISTRY)


def test_each_step_says_what_went_in_and_came_out_and_how_often_it_was_tried():
    result = tried()
    reserve, visit, burn = result["steps"]
    assert (reserve["inputs"], reserve["result"], reserve["wrote"]) == ({"item": "x"}, {"port": "P7"}, {"port": "P7"})
    assert [one["message"] for one in reserve["tries"]] == ["no line"]
    assert (visit["kind"], visit["inputs"], visit["state"], burn["operation"]) == (
        "user", {"port": "P7"}, "done", "net.burn"
    )  # fmt: skip


def test_the_undo_plan_of_any_moment_is_read_from_one_trial():
    result = tried()
    reserve, visit, _ = result["steps"]
    after_reserve, after_visit, at_the_end = (
        undo_plan(result, tick) for tick in (reserve["ended"], visit["ended"], None)
    )
    assert [(one["undo"], one["inputs"]) for one in after_reserve["undo"]] == [("net.release", {"port": "P7"})]
    assert [one["undo"] for one in after_visit["undo"]] == ["back", "net.release"]
    assert [one["level"] for one in after_visit["points"]] == ["soft"]
    assert [one["level"] for one in at_the_end["points"]] == ["soft", "hard"]
    assert [one["does"] for one in at_the_end["stays"]] == ["net.burn"]
    tried_back = at_the_end["undo"][0]["tried"]
    assert (tried_back["state"], [one["element"] for one in tried_back["steps"]]) == ("completed", ["take_out"])


def test_what_people_did_cannot_be_undone_by_a_process_that_is_not_there():
    result = try_files({"main.bpmn": MAIN}, data={"item": "x"}, answers=ANSWERS, registry=REGISTRY)
    assert (result["state"], [row["code"] for row in result["incidents"]]) == ("failed", ["unknown-process"])


def test_a_pace_gives_everything_its_time():
    at_once, usual = tried(), tried(pace="usual")
    assert at_once["steps"][1]["from"] == at_once["steps"][1]["to"]
    reserve, visit, _ = usual["steps"]
    assert (reserve["to"][11:19], visit["from"][11:19], visit["to"][11:19]) == ("01:01:10", "01:01:10", "03:01:10")


def test_a_reply_may_come_late_and_a_timer_before_it():
    waiting = bpmn(
        start(),
        service("ask", io({"item": "item"}), operation="net.reserve"),
        boundary("late", "ask", timer("PT1H")),
        end(),
        flows("s>ask ask>e late>e"),
        key="main",
    )
    late = {"operations": {"net.reserve": [{"ok": True, "after": "PT2H"}]}}
    result = try_files({"m": waiting}, data={"item": "x"}, answers=late, registry=REGISTRY)
    assert [one["state"] for one in result["steps"] if one["id"] == "ask"] == ["cancelled"]
    soon = {"operations": {"net.reserve": [{"ok": True, "after": "PT2M"}]}}
    result = try_files({"m": waiting}, data={"item": "x"}, answers=soon, registry=REGISTRY)
    assert [one["state"] for one in result["steps"] if one["id"] == "ask"] == ["done"]


def test_a_trial_stops_at_people_after_so_many_steps_and_says_what_is_due_next():
    result = tried(userTasks={"*": None})
    assert (result["state"], [one["element"] for one in result["waiting"]]) == ("waiting", ["visit"])
    plain = {"process": "main", "data": {"item": "x"}, "registry": REGISTRY}
    ready = {"operations": {"net.reserve": [{"return": {"port": "P7"}}]}}
    one_step = try_files(FILES, **plain, answers=ready, most=1)
    assert (one_step["stimuli"], one_step["more"], len(one_step["steps"])) == (1, True, 2)
    bounded = try_files(FILES, **plain, answers={**ready, "pace": "usual", "until": "2026-01-05T01:00:10+00:00"})
    assert (bounded["next"][:19], len(bounded["steps"])) == ("2026-01-05T01:00:30", 1)
    with pytest.raises(TrialError, match="pace"):
        tried(pace="quick")
    with pytest.raises(TrialError, match="after"):
        tried(operations={"net.reserve": [{"ok": True, "after": "P1M"}]})


def test_a_process_of_its_own_runs_trials_and_is_ended_when_it_takes_too_much():
    asked = {"process": "main", "data": {"item": "x"}, "answers": {}}
    result = TrialBox().trial(FILES, REGISTRY, None, asked)
    assert (result["state"], result["data"]["port"]) == ("completed", "PORT-1")
    with pytest.raises(TrialTooLong, match="after"):
        TrialBox(wall_s=0.02).trial(FILES, REGISTRY, None, asked)
    with pytest.raises(TrialTooLong):
        TrialBox(memory_bytes=30_000_000).trial(FILES, REGISTRY, None, {**asked, "data": {"item": "x" * 30_000_000}})
