"""Trying a process offline."""

from __future__ import annotations

import json

import pytest

from processes.trial import TrialError, try_files
from tests.processes.drawing import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    event,
    flows,
    io,
    many,
    node,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.processes.test_decisions import table

CHILD = bpmn(
    start(),
    service("reserve", io({"item": "item"}, {"port": "result.port"})),
    sub("visit", start("s2") + user("install", io(outputs={"ont": "get(result, 'ont', '')"})) + flows("s2>install")),
    flows("s>reserve reserve>visit"),
    key="plan",
)
PARENT = bpmn(
    start(),
    call(
        "each",
        "plan",
        io({"item": "it"}, {"port": "result.port", "ont": "result.ont"})
        + many("items", "it", collect="ports", output="port"),
    ),
    boundary("failed", "each", event("error", "no-port")),
    user("repair", io({"code": "error.code"})),
    end(),
    flows("s>each each>e failed>repair"),
)
FILES = {"parent.bpmn": PARENT, "child.bpmn": CHILD}


def paths(result, event_name="completed"):
    return [(row["element"], row.get("index")) for row in result["path"] if row["event"] == event_name]


def test_runs_through_linked_calls_with_answers_by_path():
    result = try_files(
        FILES,
        data={"items": ["a", "b"]},
        answers={
            "operations": {"each/reserve": [{"return": {"port": "P1"}}, {"return": {"port": "P2"}}]},
            "userTasks": {"each/visit/install": {"ont": "O"}},
        },
    )
    assert result["state"] == "completed"
    assert result["data"]["ports"] == ["P1", "P2"]
    assert ("each/visit/install", None) in paths(result)
    assert [index for path, index in paths(result) if path == "each"] == [0, 1, None]
    assert result["incidents"] == result["waiting"] == []
    json.dumps(result)


def test_an_error_inside_a_called_process_comes_out_at_the_call():
    child = bpmn(
        start(),
        service("reserve"),
        boundary("b", "reserve", event("error", "no-port")),
        end("bad", event("error", "no-port")),
        flows("s>reserve b>bad"),
        key="plan",
    )
    result = try_files(
        {"p": PARENT, "c": child}, data={"items": [1]}, answers={"operations": {"each/reserve": {"error": "no-port"}}}
    )
    assert result["state"] == "completed"
    assert ("repair", None) in paths(result)


def test_an_error_nobody_catches_is_reported():
    result = try_files(
        {"p": bpmn(start(), service("a"), flows("s>a"))},
        answers={"operations": {"resource.assign": [{"error": "boom", "message": "no line"}]}},
    )
    assert result["state"] == "failed"
    assert [(row["element"], row["code"], row["message"]) for row in result["incidents"]] == [("a", "boom", "no line")]


def test_jobs_without_an_answer_echo_their_inputs_or_a_sample():
    drawing = bpmn(
        start(), service("a", io({"n": "1"}, {"n": "result.n", "more": "get(result, 'more', 0)"})), flows("s>a")
    )
    assert try_files({"p": drawing})["data"] == {"n": 1, "more": 0}
    sampled = try_files({"p": drawing}, sample=lambda operation, inputs: {"more": operation})
    assert sampled["data"] == {"n": 1, "more": "resource.assign"}


def test_the_clock_jumps_to_the_next_timer():
    drawing = bpmn(
        start(),
        catch("grace", timer("P1D")),
        user("a"),
        boundary("late", "a", timer("PT4H")),
        user("b"),
        flows("s>grace grace>a late>b"),
    )
    result = try_files({"p": drawing}, answers={"userTasks": {"a": None}})
    assert result["state"] == "completed"
    times = {row["element"]: row["at"] for row in result["path"] if row["event"] == "completed"}
    assert times["grace"].startswith("2026-01-06T01:00") and times["late"].startswith("2026-01-06T05:00")


def test_messages_come_only_if_answered():
    drawing = bpmn(
        start(), catch("m", event("message", "go") + io(outputs={"v": "result.v"}), yz_messageKey="'k'"), flows("s>m")
    )
    assert try_files({"p": drawing}, answers={"messages": [{"name": "go", "payload": {"v": 1}}]})["data"] == {"v": 1}
    silent = try_files({"p": drawing})
    assert silent["state"] == "waiting"
    facts = {"element": "m", "name": "", "type": "intermediateCatchEvent", "kind": "message"}
    assert silent["waiting"] == [{**facts, "message": "go", "key": "k"}]


def test_decisions_are_taken_from_the_files():
    drawing = bpmn(
        start(), node("businessRuleTask", "d", io({"n": "n"}, {"w": "result.w"}), yz_decision="sla"), flows("s>d")
    )
    result = try_files(
        {"p.bpmn": drawing, "d.dmn": table(["n"], ["w"], [(["> 5"], ["1"]), (["<= 5"], ["2"])])}, data={"n": 3}
    )
    assert result["data"] == {"n": 3, "w": 2}


def test_a_failing_expression_is_reported_where_it_is():
    result = try_files({"p": bpmn(start(), service("a", io(outputs={"x": "result.nothing"})), flows("s>a"))})
    assert result["state"] == "failed"
    assert result["incidents"][0]["element"] == "a"
    assert "nothing" in result["incidents"][0]["message"]


def test_an_error_end_nobody_catches_fails_the_process():
    result = try_files({"p": bpmn(start(), end("bad", event("error", "x")), flows("s>bad"))})
    assert result["state"] == "failed"
    assert [(row["element"], row["code"]) for row in result["incidents"]] == [("bad", "x")]


def test_findings_are_reported_instead_of_running():
    result = try_files({"p": b"nonsense"})
    assert (result["state"], result["findings"][0]["rule"]) == ("failed", "xml-broken")
    assert [row["code"] for row in result["incidents"]] == ["xml-broken"]


def test_which_process_is_tried():
    one, two = bpmn(start(), flows(""), user("x"), flows("s>x")), bpmn(start(), user("y"), flows("s>y"), key="q")
    with pytest.raises(TrialError, match="p, q"):
        try_files({"1": one, "2": two})
    assert paths(try_files({"1": one, "2": two}, process="q"))[-1] == ("y", None)
    with pytest.raises(TrialError):
        try_files({"1": one}, process="none")


def test_a_reminder_that_never_ends_is_stopped():
    drawing = bpmn(start(), user("a"), boundary("r", "a", timer("R/PT1M", "timeCycle"), False), end(), flows("s>a r>e"))
    result = try_files({"p": drawing}, answers={"userTasks": {"a": None}})
    assert (result["state"], [row["code"] for row in result["incidents"]]) == ("failed", ["too-long"])


def test_repeated_answers_are_used_up_then_made_up():
    drawing = bpmn(
        start(),
        user("a", io(outputs={"v": "get(result, 'v', 0)"}) + many("[1, 2, 3]", "i", collect="vs", output="v")),
        flows("s>a"),
    )
    assert try_files({"p": drawing}, answers={"userTasks": {"a": [{"v": 1}, {"v": 2}]}})["data"]["vs"] == [1, 2, 0]


RETRIED = bpmn(start(), service("a", io(outputs={"n": "result.n"})), end(), flows("s>a a>e"))


def test_a_far_system_that_gives_no_answer_is_asked_again_later():
    answers = {"operations": {"resource.assign": [{"fail": "no route", "times": 2}, {"return": {"n": 7}}]}}
    result = try_files({"p": RETRIED}, answers=answers)
    assert (result["state"], result["data"]) == ("completed", {"n": 7})
    first, last = result["path"][0]["at"], result["path"][-1]["at"]
    assert (first[11:19], last[11:19]) == ("01:00:00", "01:00:30")


def test_a_far_system_that_never_answers_in_the_end_needs_a_person():
    result = try_files({"p": RETRIED}, answers={"operations": {"resource.assign": {"fail": "no route"}}})
    assert result["state"] == "failed"
    assert [(row["element"], row["code"], row["message"]) for row in result["incidents"]] == [
        ("a", "unreachable", "no route")
    ]


def test_the_last_return_goes_on_answering_an_error_does_not():
    twice = bpmn(start(), service("a", io(outputs={"n": "get(result, 'n', 0)"}) + many(cardinality="3")), flows("s>a"))
    for replies, data in (([{"return": {"n": 7}}], 7), ([{"return": {"n": 7}}, {"return": {"n": 8}, "times": 2}], 8)):
        result = try_files({"p": twice}, answers={"operations": {"resource.assign": replies}})
        assert (result["state"], result["data"]["n"]) == ("completed", data)
    refused = {"operations": {"resource.assign": [{"return": {}, "times": 2}, {"error": "no-port"}]}}
    assert [row["code"] for row in try_files({"p": twice}, answers=refused)["incidents"]] == ["no-port"]


WAITING = bpmn(
    start(),
    user("a"),
    catch("m", event("message", "paid") + io(outputs={"v": "result.v"}), yz_messageKey="'k'"),
    user("b"),
    boundary("late", "b", timer("P2D")),
    end(),
    flows("s>a a>m m>b b>e"),
)


def test_messages_come_after_an_element_or_at_their_time_and_only_with_their_key():
    late = {"name": "paid", "key": "k", "payload": {"v": 2}, "at": "2026-01-06T01:00:00+00:00"}
    result = try_files({"p": WAITING}, answers={"messages": [{"name": "paid", "key": "other"}, late]})
    assert (result["state"], result["data"]) == ("completed", {"v": 2})
    assert result["path"][-1]["at"].startswith("2026-01-06T01:00")
    after = {"name": "paid", "payload": {"v": 3}, "after": "a"}
    assert try_files({"p": WAITING}, answers={"messages": [after]})["data"] == {"v": 3}
    never = {"name": "paid", "payload": {"v": 3}, "after": "b"}
    assert try_files({"p": WAITING}, answers={"messages": [never]})["state"] == "waiting"


def test_the_trial_ends_at_its_time():
    answers = {
        "userTasks": {"b": None},
        "messages": [{"name": "paid", "payload": {"v": 1}}],
        "until": "2026-01-06T00:00:00Z",
    }
    result = try_files({"p": WAITING}, answers=answers)
    assert result["state"] == "waiting"
    assert [(row["element"], row["kind"], row.get("due")) for row in result["waiting"]] == [
        ("b", "user", None),
        ("late", "timer", "2026-01-07T01:00:00+00:00"),
    ]


def test_signals_reach_whoever_waits():
    drawing = bpmn(start(), user("a"), boundary("g", "a", event("signal", "gong")), user("b"), flows("s>a g>b"))
    for signal in ("gong", {"name": "gong", "at": "2026-01-05T02:00:00Z"}, {"name": "gong", "after": "s"}):
        result = try_files({"p": drawing}, answers={"userTasks": {"a": None}, "signals": [signal]})
        assert [row["element"] for row in result["path"] if row["event"] == "completed"] == ["s", "g", "b"]


def test_a_call_can_be_answered_instead_of_made():
    answers = {"calls": {"each": [{"return": {"port": "P9", "ont": "O"}}]}}
    result = try_files(FILES, data={"items": ["a"]}, answers=answers)
    assert result["data"]["ports"] == ["P9"]
    assert "each/reserve" not in {row["element"] for row in result["path"]}


@pytest.mark.parametrize(
    "answers",
    [
        {"reserve": {}},
        {"userTasks": []},
        {"userTasks": {"a": 5}},
        {"operations": {"x": [{}]}},
        {"operations": {"x": [{"return": {}, "error": "e"}]}},
        {"operations": {"x": [{"return": 5}]}},
        {"operations": {"x": [{"fail": "no", "times": 0}]}},
        {"operations": {"x": [{"fail": "no", "time": 2}]}},
        {"messages": {}},
        {"messages": [{"key": "k"}]},
        {"messages": [{"name": "n", "at": "tomorrow"}]},
        {"until": "2026-01-06T00:00:00"},
    ],
)
def test_answers_that_are_not_understood_are_refused(answers):
    with pytest.raises(TrialError, match="answers"):
        try_files({"p": RETRIED}, answers=answers)


def test_what_is_waited_for_is_in_the_path_from_the_beginning():
    drawing = bpmn(start(), catch("t", timer("PT1H")), end(), flows("s>t t>e"))
    rows = [(row["element"], row["type"], row["event"]) for row in try_files({"p": drawing})["path"]]
    assert rows == [
        ("s", "startEvent", "completed"),
        ("t", "intermediateCatchEvent", "entered"),
        ("t", "intermediateCatchEvent", "completed"),
        ("e", "endEvent", "completed"),
    ]


def test_what_is_thrown_is_heard_by_others_of_the_trial():
    drawing = bpmn(
        start(),
        node("parallelGateway", "f"),
        catch("m", event("message", "paid") + io(outputs={"v": "result.v"}), yz_messageKey="'k'"),
        user("a"),
        node("intermediateThrowEvent", "t", event("message", "paid") + io({"v": "5"}), yz_messageKey="'k'"),
        end(),
        end("e2"),
        flows("s>f f>m f>a a>t t>e m>e2"),
    )
    result = try_files({"p": drawing})
    assert (result["state"], result["data"]) == ("completed", {"v": 5})


def test_a_terminated_process_says_so():
    drawing = bpmn(start(), user("a"), user("b"), end("e", "<bpmn:terminateEventDefinition/>"), flows("s>a s>b a>e"))
    result = try_files({"p": drawing}, answers={"userTasks": {"b": None}})
    assert result["state"] == "terminated"
    assert ("b", None) in paths(result, "cancelled")


def test_what_is_compensated_is_in_the_path():
    comp = "<bpmn:compensateEventDefinition/>"
    drawing = bpmn(
        start(),
        user("a"),
        boundary("a_undo", "a", comp),
        user("ua", isForCompensation="true"),
        '<bpmn:association id="tie" sourceRef="a_undo" targetRef="ua"/>',
        node("intermediateThrowEvent", "t", comp),
        end(),
        flows("s>a a>t t>e"),
    )
    result = try_files({"p": drawing})
    assert result["state"] == "completed"
    assert paths(result, "compensated") == [("a", None)]
    assert [path for path, _ in paths(result)] == ["s", "a", "ua", "t", "e"]
