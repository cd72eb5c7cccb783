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
    return [(row["path"], row.get("index")) for row in result["trace"] if row["event"] == event_name]


def test_runs_through_linked_calls_with_answers_by_path():
    result = try_files(
        FILES,
        data={"items": ["a", "b"]},
        answers={"each/reserve": [{"port": "P1"}, {"port": "P2"}], "each/visit/install": {"ont": "O"}},
    )
    assert result["state"] == "completed"
    assert result["data"]["ports"] == ["P1", "P2"]
    assert ("each/visit/install", None) in paths(result)
    assert [index for path, index in paths(result) if path == "each"] == [0, 1, None]
    assert result["failures"] == result["waits"] == []
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
    result = try_files({"p": PARENT, "c": child}, data={"items": [1]}, answers={"each/reserve": {"$error": "no-port"}})
    assert result["state"] == "completed"
    assert ("repair", None) in paths(result)


def test_an_error_nobody_catches_is_reported():
    result = try_files(
        {"p": bpmn(start(), service("a"), flows("s>a"))}, answers={"a": {"$error": "boom", "$message": "no line"}}
    )
    assert result["state"] == "failed"
    assert result["failures"] == [{"path": "a", "code": "boom", "message": "no line"}]


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
    result = try_files({"p": drawing}, answers={"a": {"$never": True}})
    assert result["state"] == "completed"
    times = {row["path"]: row["at"] for row in result["trace"] if row["event"] == "completed"}
    assert times["grace"].startswith("2026-01-06T01:00") and times["late"].startswith("2026-01-06T05:00")


def test_messages_come_only_if_answered():
    drawing = bpmn(
        start(), catch("m", event("message", "go") + io(outputs={"v": "result.v"}), yz_messageKey="'k'"), flows("s>m")
    )
    assert try_files({"p": drawing}, answers={"m": {"v": 1}})["data"] == {"v": 1}
    silent = try_files({"p": drawing})
    assert silent["state"] == "waiting"
    assert silent["waits"] == [{"path": "m", "kind": "message", "index": None, "due_at": None, "message": "go"}]


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
    assert result["failures"][0]["path"] == "a"
    assert "nothing" in result["failures"][0]["message"]


def test_an_error_end_is_a_state_of_its_own():
    assert try_files({"p": bpmn(start(), end("bad", event("error", "x")), flows("s>bad"))})["state"] == "error"


def test_findings_are_reported_instead_of_running():
    result = try_files({"p": b"nonsense"})
    assert (result["state"], result["findings"][0]["rule"]) == ("refused", "xml-broken")


def test_which_process_is_tried():
    one, two = bpmn(start(), flows(""), user("x"), flows("s>x")), bpmn(start(), user("y"), flows("s>y"), key="q")
    with pytest.raises(TrialError, match="p, q"):
        try_files({"1": one, "2": two})
    assert paths(try_files({"1": one, "2": two}, process="q"))[-1] == ("y", None)
    with pytest.raises(TrialError):
        try_files({"1": one}, process="none")


def test_a_reminder_that_never_ends_is_stopped():
    drawing = bpmn(start(), user("a"), boundary("r", "a", timer("R/PT1M", "timeCycle"), False), end(), flows("s>a r>e"))
    result = try_files({"p": drawing}, answers={"a": {"$never": True}})
    assert result["state"] == "stopped"


def test_repeated_answers_are_used_up_then_made_up():
    drawing = bpmn(
        start(),
        user("a", io(outputs={"v": "get(result, 'v', 0)"}) + many("[1, 2, 3]", "i", collect="vs", output="v")),
        flows("s>a"),
    )
    assert try_files({"p": drawing}, answers={"a": [{"v": 1}, {"v": 2}]})["data"]["vs"] == [1, 2, 0]
