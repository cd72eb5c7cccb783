"""Saved executions: small, complete, versioned; specifications: not changed by running."""

from __future__ import annotations

import json
import zlib

import pytest

from processes.errors import SnapshotTooOld
from processes.ids import CountingIds
from processes.spiff.bridge import Execution, StepContext, load_spec
from processes.spiff.expressions import ExpressionError
from processes.spiff.registry import dump_loaded
from tests.processes.drawing import bpmn, end, flows, io, many, node, service, start, sub, user
from tests.processes.driving import NOW, Drive, loaded, no_decision

CONTEXT = StepContext(now=NOW, ids=CountingIds(), decide=no_decision)
BIG = {"order": {"lines": [{"text": f"line {n} {'x' * 40}"} for n in range(100)]}}


def opened(blob: bytes) -> dict:
    return json.loads(zlib.decompress(blob))


def test_a_value_is_saved_once_however_many_tokens_carry_it():
    inner = start("s2") + user("a") + flows("s2>a")
    drawing = bpmn(start(), sub("u", many("[1, 2, 3, 4, 5, 6, 7, 8]", "i") + inner), flows("s>u"))
    run = Drive.begin("plain", drawing, BIG)
    body = zlib.decompress(run.execution.dump())
    assert body.count(b"line 42 ") == 1
    one = len(zlib.decompress(Drive.begin("plain", bpmn(start(), user("a"), flows("s>a")), BIG).execution.dump()))
    assert len(body) < one + 8 * 700


def test_size_of_a_typical_snapshot():
    drawing = bpmn(start(), node("parallelGateway", "f"), service("a"), user("b"), flows("s>f f>a f>b"))
    assert len(Drive.begin("plain", drawing, {"order": {"id": 1}}).execution.dump()) < 600


def test_two_saves_of_the_same_state_are_equal():
    run = Drive.begin("plain", bpmn(start(), user("a"), user("b"), flows("s>a a>b")), BIG)
    again = Execution.load(run.spec, run.execution.dump(), context=CONTEXT)
    assert again.dump() == run.execution.dump()
    assert again.data == run.data
    assert again.waits == run.execution.waits
    assert again.changes.opened == []


@pytest.mark.parametrize("change", [{"format": 99}, {"format": None}, {"key": "other"}])
def test_a_snapshot_of_another_kind_is_refused(change):
    run = Drive.begin("plain", bpmn(start(), user("a"), flows("s>a")))
    blob = zlib.compress(json.dumps(opened(run.execution.dump()) | change).encode())
    with pytest.raises(SnapshotTooOld):
        Execution.load(run.spec, blob, context=CONTEXT)


@pytest.mark.parametrize("blob", [b"", b"nonsense", zlib.compress(b"[]"), zlib.compress(b"{}"), zlib.compress(b"\xff")])
def test_what_is_no_snapshot_is_refused(blob):
    with pytest.raises(SnapshotTooOld):
        Execution.load(loaded(bpmn(start(), user("a"), flows("s>a"))), blob, context=CONTEXT)


def test_a_snapshot_needs_the_elements_it_stands_at():
    run = Drive.begin("plain", bpmn(start(), user("a"), flows("s>a")))
    with pytest.raises(SnapshotTooOld):
        Execution.load(loaded(bpmn(start(), user("b"), flows("s>b"))), run.execution.dump(), context=CONTEXT)


def test_a_specification_of_another_format_is_refused():
    with pytest.raises(SnapshotTooOld):
        load_spec(b'{"format": 99}')


def test_a_specification_restored_and_saved_is_the_same():
    drawing = bpmn(
        start(),
        node("exclusiveGateway", "x", default="x_b"),
        user("a", io(outputs={"n": "1"})),
        sub("b", start("s2") + end("e2") + flows("s2>e2")),
        flows("s>x x>a x>b", x_a="n > 1"),
    )
    spec = loaded(drawing)
    once = dump_loaded(spec)
    assert dump_loaded(load_spec(once)) == once


def test_values_that_are_not_json_are_refused_where_they_come_in():
    spec = loaded(bpmn(start(), user("a"), flows("s>a")))
    for value in ({1, 2}, object(), 2**70, "\ud800"):
        with pytest.raises(ExpressionError):
            Execution.new(spec, {"x": value}, context=CONTEXT)


def test_ended_instances_can_be_saved_and_loaded():
    run = Drive.begin("stimulus", bpmn(start(), user("a", io(outputs={"x": "1"})), end(), flows("s>a a>e"))).complete(
        "a"
    )
    again = Execution.load(run.spec, run.execution.dump(), context=CONTEXT)
    assert (again.is_completed, again.outcome, again.data, again.waits) == (True, "completed", {"x": 1}, [])
