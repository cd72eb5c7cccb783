"""Sub-processes, transactions, and the ways a process ends."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import end, event, io, node, sub, throw, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, inside, job, model, terminate

BAD: Final = event("error", "bad")

SCENES: Final[list[Scene]] = [
    scene(
        "a sub-process ends when all in it has",
        model("s > u > b > e", sub("u", inside("s1 > +f > a > e1; f > c > e2"))),
        "c :a a :b b",
        "s +u s1 f +a +c c e2 a e1 u +b b e",
    ),
    scene("an empty sub-process", model("s > u > b > e", sub("u", inside("s1 > e1"))), "b", "s +u s1 e1 u +b b e"),
    scene(
        "five levels deep",
        model(
            "s > u > e",
            sub(
                "u",
                inside(
                    "s1 > v > e1",
                    sub("v", inside("s2 > w > e2", sub("w", inside("s3 > x > e3", sub("x", inside("s4 > a > e4")))))),
                ),
            ),
        ),
        "a",
        "s +u s1 +v s2 +w s3 +x s4 +a a e4 x e3 w e2 v e1 u e",
    ),
    scene(
        "what is written inside is known outside",
        model("s > u > b > e", sub("u", inside("s1 > a > e1", gives("a", "n"))), gives("b", "m", inner="")),
        "a=3 b=4",
        "s +u s1 +a a e1 u +b b e",
        holds={"n": 3, "m": 4},
    ),
    scene(
        "inputs of a sub-process are its own",
        model(
            "s > u > b > e", sub("u", io(inputs={"n": "n + 1"}) + inside("s1 > ?x > a > e1; x >> c > e2", x_a="n > 1"))
        ),
        "a b",
        "s +u s1 x +a a e1 u +b b e",
        data={"n": 1},
        holds={"n": 1},
    ),
    scene(
        "what is written to an input of a sub-process stays in it",
        model("s > u > b > e", sub("u", io(inputs={"n": "n + 1"}) + inside("s1 > a > c > e1", gives("a", "n")))),
        "a=9 c b",
        "s +u s1 +a a +c c e1 u +b b e",
        data={"n": 1},
        holds={"n": 1},
    ),
    scene(
        "with outputs nothing else gets out",
        model("s > u > b > e", sub("u", io(outputs={"m": "result.n"}) + inside("s1 > a > e1", gives("a", "n")))),
        "a=3 b",
        "s +u s1 +a a e1 u +b b e",
        holds={"m": 3, "n": None},
    ),
    scene(
        "an error end nobody catches ends the process",
        model("s > +f > a > x; f > b > e", end("x", BAD)),
        "a",
        "s f +a +b a x -b",
        outcome="error:bad",
    ),
    scene(
        "an error end in a sub-process",
        model(
            "s > u > e; y > c > e2", sub("u", inside("s1 > +f > a > x; f > b > e1", end("x", BAD))), edge("y", "u", BAD)
        ),
        "a :c c",
        "s +u s1 f +a +b a x -u -b y +c c e2",
    ),
    scene(
        "terminate ends the process",
        model("s > +f > a > k; f > b > e", terminate("k")),
        "a :",
        "s f +a +b a -b k",
        outcome="terminated",
    ),
    scene(
        "terminate in a sub-process ends only that",
        model("s > +f > u > c > e; f > d > e1", sub("u", inside("s1 > +g > a > k; g > b > e2", terminate("k")))),
        "a :c,d c d",
        "s f +u +d s1 g +a +b a -b k u +c c e d e1",
    ),
    scene(
        "terminate takes what is called along",
        (
            model("s > +f > a > k; f > c > e", terminate("k"), node("callActivity", "c", calledElement="q")),
            model("s > x > e", key="q"),
        ),
        ":a,x a :",
        "s f +a +c a -c k",
        outcome="terminated",
        called=("s +x -x",),
    ),
    scene(
        "several ends: the last one counts",
        model("s > +f > a > e; f > b > e1; f > c > e2"),
        "b c :a a",
        "s f +a +b +c b e1 c e2 a e",
    ),
    scene(
        "an escalation end that nobody hears",
        model("s > a > x", end("x", event("escalation", "late"))),
        "a",
        "s +a a x",
    ),
    scene(
        "an escalation end at a sub-process",
        model(
            "s > u > b > e; y > c > e2",
            sub("u", inside("s1 > a > x", end("x", event("escalation", "late")))),
            edge("y", "u", event("escalation", "late"), False),
        ),
        "a :b,c b c",
        "s +u s1 +a a x y u +c +b b e c e2",
    ),
    scene(
        "a signal end",
        model(
            "s > +f > a > x; f > b > e; y > c > e1",
            end("x", event("signal", "gong")),
            edge("y", "b", event("signal", "gong")),
        ),
        "a :c c",
        "s f +a +b a x -b y +c c e1",
    ),
    scene(
        "a transaction that is not cancelled",
        model(
            "s > u > b > e; y > c > e2",
            node("transaction", "u", inside("s1 > a > e1")),
            edge("y", "u", event("cancel")),
        ),
        "a :b b",
        "s +u s1 +a a e1 u +b b e",
    ),
    scene(
        "a transaction that is cancelled leaves by its cancel boundary",
        model(
            "s > u > b > e; y > c > e2",
            node(
                "transaction",
                "u",
                inside(
                    "s1 > +f > a > ?x > e1; x >> n; f > d > e3", gives("a", "ok"), end("n", event("cancel")), x_e1="ok"
                ),
            ),
            edge("y", "u", event("cancel")),
        ),
        "a=false :c c",
        "s +u s1 f +a +d a x -d n -u y +c c e2",
    ),
    scene(
        "a timer at a sub-process that is done in time",
        model("s > u > b > e; late > c > e2", sub("u", inside("s1 > a > e1")), edge("late", "u", timer("PT1H"))),
        "a +PT2H :b b",
        "s +u s1 +a a e1 u +b b e",
    ),
    scene(
        "a job in a sub-process in a loop of the drawing",
        model("s > ?m > u > ?x > e; x >> m", sub("u", inside("s1 > a > e1", job("a", "n"))), x_e="n > 1"),
        "a=1 a=2",
        "s m +u s1 +a a e1 u x m +u s1 +a a e1 u x e",
    ),
    scene("an intermediate event of no kind passes", model("s > y > a > e", throw("y")), "a", "s y +a a e"),
]
