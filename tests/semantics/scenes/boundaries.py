"""Events at the edge of an activity."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import event, io, many, sub, throw, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, inside, job, model

PAID: Final = event("message", "paid")
ERROR: Final = event("error", "no-port")
INNER: Final = inside("s1 > a > b > e1")

SCENES: Final[list[Scene]] = [
    scene(
        "error at a job: only its own boundary takes it",
        model(
            "s > +f > a > e; f > b > e1; x > c > e2; y > d > e3",
            job("a"),
            job("b"),
            edge("x", "a", ERROR),
            edge("y", "b", ERROR),
        ),
        ":a,b b!no-port :a,d d a",
        "s f +a +b !b y +d d e3 a e",
    ),
    scene(
        "error: the exact code goes before any code",
        model("s > a > e; any > b > e1; x > c > e2", job("a"), edge("any", "a", event("error")), edge("x", "a", ERROR)),
        "a!no-port c",
        "s +a !a x +c c e2",
    ),
    scene(
        "error: any code takes what no other does",
        model("s > a > e; any > b > e1; x > c > e2", job("a"), edge("any", "a", event("error")), edge("x", "a", ERROR)),
        "a!odd b",
        "s +a !a any +b b e1",
    ),
    scene(
        "error: code and message are left in the data",
        model("s > a > e; x > b > e1", job("a"), edge("x", "a", ERROR + io(outputs={"why": "result.code"}))),
        "a!no-port b",
        "s +a !a x +b b e1",
        holds={"why": "no-port"},
    ),
    scene(
        "error: nobody takes it",
        model("s > a > e; x > b > e1", job("a"), edge("x", "a", ERROR)),
        "a!odd",
        "s +a",
        outcome="failed:a",
    ),
    scene(
        "error of a job inside a sub-process: the sub-process ends",
        model(
            "s > u > e; x > c > e2", sub("u", inside("s1 > +f > a > e1; f > b > e3", job("a"))), edge("x", "u", ERROR)
        ),
        ":a,b a!no-port :c c",
        "s +u s1 f +a +b !a -u -b x +c c e2",
    ),
    scene(
        "error: the nearest boundary takes it",
        model(
            "s > u > e; y > d > e2",
            sub("u", inside("s1 > a > e1; x > c > e3", job("a"), edge("x", "a", ERROR))),
            edge("y", "u", ERROR),
        ),
        "a!no-port :c c",
        "s +u s1 +a !a x +c c e3 u e",
    ),
    scene(
        "timer at a task: interrupting",
        model("s > a > e; late > b > e1", edge("late", "a", timer("PT4H"))),
        ":a,late +PT3H :a,late +PT1H :b b",
        "s +a -a late +b b e1",
    ),
    scene(
        "timer: only reminds",
        model("s > a > e; late > b > e1", edge("late", "a", timer("PT4H"), False)),
        "+PT4H :a,b a b",
        "s +a late +b a e b e1",
    ),
    scene(
        "timer: done in time",
        model("s > a > c > e; late > b > e1", edge("late", "a", timer("PT4H"))),
        "a :c +PT5H :c c",
        "s +a a +c c e",
    ),
    scene(
        "timer: reminds three times",
        model("s > a > e; late > b > e1", edge("late", "a", timer("R3/PT1H", "timeCycle"), False)),
        "+PT5H :a,b,b,b b b b a",
        "s +a late +b late +b late +b b e1 b e1 b e1 a e",
    ),
    scene(
        "timer at a sub-process: nothing inside runs afterwards",
        model("s > u > e; late > c > e2", sub("u", INNER), edge("late", "u", timer("PT1H"))),
        "a :b,late +PT1H :c c",
        "s +u s1 +a a +b -u -b late +c c e2",
    ),
    scene(
        "timer at a sub-process in a sub-process: all of it goes",
        model(
            "s > u > e; late > c > e2",
            sub("u", inside("s2 > v > e4", sub("v", INNER), edge("soon", "v", timer("PT2H"), False))),
            edge("late", "u", timer("PT1H")),
        ),
        ":a,late,soon +PT1H :c +PT9H :c c",
        "s +u s2 +v s1 +a -u -v -a late +c c e2",
    ),
    scene(
        "message at a task: interrupting",
        model("s > a > e; x > b > e1", edge("x", "a", PAID, yz_messageKey="'k'")),
        ":a,x ~paid:other :a,x ~paid:k :b b",
        "s +a -a x +b b e1",
    ),
    scene(
        "message: again and again beside the activity",
        model(
            "s > a > e; x > b > e1", edge("x", "a", PAID + io(outputs={"n": "result.v"}), False, yz_messageKey="'k'")
        ),
        "~paid:k=1 ~paid:k=2 :a,b,b,x a b b",
        "s +a x +b x +b a e b e1 b e1",
        holds={"n": 2},
    ),
    scene(
        "signal: thrown in another branch",
        model(
            "s > +f > a > e; f > b > y > e1; x > c > e2",
            edge("x", "a", event("signal", "gong")),
            throw("y", event("signal", "gong")),
        ),
        "b :c c",
        "s f +a +b b y -a x +c e1 c e2",
    ),
    scene(
        "escalation: reminds the boss, the sub-process goes on",
        model(
            "s > u > e; x > c > e2",
            sub("u", inside("s1 > a > y > b > e1", throw("y", event("escalation", "late")))),
            edge("x", "u", event("escalation", "late"), False),
        ),
        "a :b,c b c",
        "s +u s1 +a a y x +c +b b e1 u e c e2",
    ),
    scene(
        "escalation: interrupting, what comes after it does not run",
        model(
            "s > u > e; x > c > e2",
            sub("u", inside("s1 > a > y > b > e1", throw("y", event("escalation", "late")))),
            edge("x", "u", event("escalation", "late")),
        ),
        "a :c c",
        "s +u s1 +a a y -u x +c c e2",
    ),
    scene(
        "several boundaries: the first that fires takes the others down",
        model(
            "s > a > e; late > b > e1; x > c > e2",
            edge("late", "a", timer("PT1H")),
            edge("x", "a", PAID, yz_messageKey="'k'"),
        ),
        "~paid:k :c +PT2H :c c",
        "s +a -a x +c c e2",
    ),
    scene(
        "an interrupting timer at a repeated activity ends all of it",
        model("s > a > e; late > b > e1", gives("a", inner=many(cardinality="3")), edge("late", "a", timer("PT1H"))),
        ":a,a,a,late a +PT1H :b b",
        "s +a +a +a +a a -a -a -a late +b b e1",
    ),
    scene(
        "a boundary event is armed again with each new activation",
        model(
            "s > ?m > a > ?x > e; x >> m; late > b > m", gives("a", "n"), edge("late", "a", timer("PT1H")), x_e="n > 1"
        ),
        "a=1 :a,late +PT1H :b b a=2",
        "s m +a a x m +a -a late +b b m +a a x e",
    ),
]
