"""Processes that call others."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import call, end, event, io, node, sub, throw, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, inside, job, model

ONE: Final = model("s > a > e", gives("a", "n"), key="q")
BAD: Final = event("error", "bad")

SCENES: Final[list[Scene]] = [
    scene(
        "a called process",
        (model("s > c > b > e", call("c", "q")), ONE),
        "a=1 b",
        "s +c c +b b e",
        called=("s +a a e",),
    ),
    scene(
        "two calls one after the other",
        (model("s > c > d > e", call("c", "q"), call("d", "q")), ONE),
        "a=1 a=2",
        "s +c c +d d e",
        called=("s +a a e",) * 2,
    ),
    scene(
        "two calls side by side",
        (model("s > +f > c > +j > e; f > d > j", call("c", "q"), call("d", "q")), ONE),
        ":a,a a=1 a=2",
        "s f +c +d c d j e",
        called=("s +a a e",) * 2,
    ),
    scene(
        "what goes in and what comes out",
        (
            model("s > c > e", call("c", "q", io({"m": "k + 1"}, {"r": "result.n"}))),
            model("s > ?x > a > e; x >> b > e1", gives("a", "n"), x_a="m == 3", key="q"),
        ),
        "a=5",
        "s +c c e",
        data={"k": 2},
        holds={"r": 5, "n": None},
        called=("s x +a a e",),
    ),
    scene(
        "without outputs nothing comes out",
        (model("s > c > e", call("c", "q")), ONE),
        "a=5",
        "s +c c e",
        holds={"n": None},
        called=("s +a a e",),
    ),
    scene(
        "which process is computed",
        (model("s > c > e", node("callActivity", "c", yz_calledExpression="which")), ONE),
        "a=5",
        "s +c c e",
        data={"which": "q"},
        called=("s +a a e",),
    ),
    scene(
        "an error end below leaves by the boundary of the call",
        (
            model("s > c > e; x > b > e1", call("c", "q"), edge("x", "c", BAD)),
            model("s > +f > a > y; f > d > e", end("y", BAD), key="q"),
        ),
        "a :b b",
        "s +c !c x +b b e1",
        called=("s f +a +d a y -d",),
    ),
    scene(
        "an error below is caught two levels above",
        (
            model("s > c > e; x > b > e1", call("c", "q"), edge("x", "c", BAD)),
            model("s > d > e", call("d", "r"), key="q"),
            model("s > a > y", end("y", BAD), key="r"),
        ),
        "a :b b",
        "s +c !c x +b b e1",
        called=("s +d -d", "s +a a y"),
    ),
    scene(
        "a job that fails below leaves by the boundary of the call",
        (model("s > c > e; x > b > e1", call("c", "q"), edge("x", "c", BAD)), model("s > a > e", job("a"), key="q")),
        "a!bad :b b",
        "s +c !c x +b b e1",
        called=("s +a -a",),
    ),
    scene(
        "an escalation below reminds above",
        (
            model("s > c > e; x > b > e1", call("c", "q"), edge("x", "c", event("escalation", "late"), False)),
            model("s > y > a > e", throw("y", event("escalation", "late")), key="q"),
        ),
        ":a,b a b",
        "s +c x +b c e b e1",
        called=("s y +a a e",),
    ),
    scene(
        "a timer at the call takes everything below away",
        (
            model("s > c > e; late > b > e1", call("c", "q"), edge("late", "c", timer("PT1H"))),
            model("s > d > e", call("d", "r"), key="q"),
            model("s > a > e", edge("soon", "a", timer("PT9H"), False), key="r"),
        ),
        ":a,late,soon +PT1H :b +PT9H :b b",
        "s +c -c late +b b e1",
        called=("s +d -d", "s +a -a"),
    ),
    scene(
        "a call inside a sub-process that is interrupted",
        (
            model(
                "s > u > e; late > b > e1",
                sub("u", inside("s1 > c > e2", call("c", "q"))),
                edge("late", "u", timer("PT1H")),
            ),
            ONE,
        ),
        ":a,late +PT1H :b b",
        "s +u s1 +c -u -c late +b b e1",
        called=("s +a -a",),
    ),
]
