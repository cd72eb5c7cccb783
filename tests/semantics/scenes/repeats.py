"""Activities that are repeated."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from tests.processes.drawing import call, event, io, many, sub, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, inside, job, model


def again(condition: str = "", first: bool = False, maximum: int | None = None) -> str:
    """A standard loop."""
    most = "" if maximum is None else f' loopMaximum="{maximum}"'
    inner = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    tag = "bpmn:standardLoopCharacteristics"
    return f'<{tag} testBefore="{str(first).lower()}"{most}>{inner}</{tag}>'


ROWS: Final = {"rows": ["x", "y", "z"]}

SCENES: Final[list[Scene]] = [
    scene(
        "side by side: results in the order of the rows",
        model("s > a > e", gives("a", "r", inner=many("rows", "row", collect="rs", output="r"))),
        "a#2=3 a#0=1 a#1=2",
        "s +a +a +a +a a a a a e",
        data=ROWS,
        holds={"rs": [1, 2, 3]},
    ),
    scene(
        "in turn: one after the other",
        model("s > a > e", gives("a", "r", inner=many("rows", "row", collect="rs", output="r", sequential=True))),
        ":a a=1 :a a=2 :a a=3",
        "s +a +a a +a a +a a a e",
        data=ROWS,
        holds={"rs": [1, 2, 3]},
    ),
    scene(
        "side by side: nothing to repeat",
        model("s > a > b > e", gives("a", inner=many("rows", "row"))),
        "b",
        "s +a a +b b e",
        data={"rows": []},
    ),
    scene(
        "in turn: nothing to repeat",
        model("s > a > b > e", gives("a", inner=many("rows", "row", sequential=True))),
        "b",
        "s +a a +b b e",
        data={"rows": []},
    ),
    scene(
        "side by side: enough of them end it",
        model("s > a > b > e", gives("a", inner=many("rows", "row", until="numberOfCompletedInstances >= 2"))),
        "a#2 :a,a a#0 :b b",
        "s +a +a +a +a a a -a a +b b e",
        data=ROWS,
    ),
    scene(
        "side by side: a share of them ends it",
        model(
            "s > a > b > e",
            gives("a", inner=many(cardinality="5", until="nrOfCompletedInstances / nrOfInstances >= 0.8")),
        ),
        "a a a :a,a a :b b",
        "s +a +a +a +a +a +a a a a a -a a +b b e",
    ),
    scene(
        "in turn: a result ends it",
        model("s > a > b > e", gives("a", "ok", inner=many("rows", "row", sequential=True, until="ok"))),
        "a=false a=true b",
        "s +a +a a +a a a +b b e",
        data=ROWS,
    ),
    scene(
        "a number computed when it begins",
        model("s > n > a > e", gives("n", "n"), gives("a", inner=many(cardinality="n + 1"))),
        "n=1 :a,a a a",
        "s +n n +a +a +a a a a e",
    ),
    scene(
        "a repeated sub-process",
        model("s > u > e", sub("u", many("rows", "row") + inside("s1 > a > b > e1"))),
        "a#1 :a,a,b b#1 a#0 a#2 b b",
        "s +u +u +u +u s1 s1 s1 +a +a +a a +b b e1 u a +b a +b b e1 u b e1 u u e",
        data=ROWS,
    ),
    scene(
        "a repeated sub-process, in turn",
        model("s > u > e", sub("u", many("rows", "row", sequential=True) + inside("s1 > a > e1"))),
        "a a a",
        "s +u +u s1 +a a e1 u +u s1 +a a e1 u +u s1 +a a e1 u u e",
        data=ROWS,
    ),
    scene(
        "repeated in a repetition",
        model(
            "s > u > e", sub("u", many("rows", "row") + inside("s1 > a > e1", gives("a", inner=many("row", "cell"))))
        ),
        ":a,a,a a a a",
        "s +u +u +u s1 s1 +a +a +a +a +a a a a e1 u a a e1 u u e",
        data={"rows": [[1, 2], [3]]},
    ),
    scene(
        "a repeated call",
        (
            model(
                "s > c > e",
                call("c", "q", io({"row": "row"}, {"r": "result.r"}) + many("rows", "row", collect="rs", output="r")),
            ),
            model("s > a > e", gives("a", "r"), key="q"),
        ),
        ":a,a,a a=1 a=2 a=3",
        "s +c +c +c +c c c c c e",
        data=ROWS,
        holds={"rs": [1, 2, 3]},
        called=("s +a a e",) * 3,
    ),
    scene(
        "an error in one of them leaves by the boundary of the whole",
        model("s > a > e; x > b > e1", job("a", inner=many("rows", "row")), edge("x", "a", event("error", "no-port"))),
        "a#0 a#1!no-port :b b",
        "s +a +a +a +a a !a -a -a x +b b e1",
        data=ROWS,
    ),
    scene(
        "an error caught inside one of them does not stop the others",
        model(
            "s > u > e",
            sub(
                "u",
                many("rows", "row")
                + inside("s1 > a > ?m > e1; x > b > m", job("a"), edge("x", "a", event("error", "no-port"))),
            ),
        ),
        "a#1!no-port :a,a,b b a a",
        "s +u +u +u +u s1 s1 s1 +a +a +a !a x +b b m e1 u a m e1 u a m e1 u u e",
        data=ROWS,
    ),
    scene(
        "a reminder at a repeated activity",
        model(
            "s > a > e; late > b > e1", gives("a", inner=many(cardinality="2")), edge("late", "a", timer("PT1H"), False)
        ),
        "+PT1H :a,a,b a a b",
        "s +a +a +a late +b a a a e b e1",
    ),
    scene(
        "loop: asked before each round",
        model("s > a > b > e", gives("a", "n", inner=again("n < 2", True))),
        "a=1 a=2 b",
        "s +a +a a +a a a +b b e",
        data={"n": 0},
    ),
    scene(
        "loop: asked before, never begun",
        model("s > a > b > e", gives("a", "n", inner=again("n < 2", True))),
        "b",
        "s +a a +b b e",
        data={"n": 5},
    ),
    scene(
        "loop: asked after each round",
        model("s > a > b > e", gives("a", "n", inner=again("n < 2"))),
        "a=9 b",
        "s +a +a a a +b b e",
        data={"n": 0},
    ),
    scene(
        "loop: so often at most",
        model("s > a > b > e", gives("a", "n", inner=again("True", maximum=2))),
        "a=1 a=1 b",
        "s +a +a a +a a a +b b e",
    ),
    scene(
        "loop: without a condition, so often",
        model("s > a > b > e", gives("a", inner=again(maximum=3))),
        "a a a b",
        "s +a +a a +a a +a a a +b b e",
    ),
    scene(
        "a negative number of instances stops there",
        model("s > a > e", gives("a", inner=many(cardinality="n"))),
        ":",
        "s !a",
        data={"n": -1},
        outcome="failed:a",
    ),
    scene(
        "what is no list stops there",
        model("s > a > e", gives("a", inner=many("rows", "row"))),
        ":",
        "s !a",
        data={"rows": "xyz"},
        outcome="failed:a",
    ),
]
