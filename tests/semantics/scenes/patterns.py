"""The workflow control-flow patterns 1 to 20."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import catch, event, many, sub, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, hear, inside, model, terminate

SCENES: Final[list[Scene]] = [
    scene("01 sequence", model("s > a > b > e"), ":a a :b b", "s +a a +b b e"),
    scene("02 parallel split", model("s > +f > a > e; f > b > e1"), ":a,b b a", "s f +a +b b e1 a e"),
    scene("03 synchronization", model("s > +f > a > +j > c > e; f > b > j"), "b :a a :c c", "s f +a +b b a j +c c e"),
    scene(
        "04 exclusive choice",
        model("s > a > ?x > b > e; x >> c > e1", gives("a", "n"), x_b="n > 5"),
        "a=6 :b b",
        "s +a a x +b b e",
        holds={"n": 6},
    ),
    scene("05 simple merge", model("s > ?x > a > ?m > c > e; x >> b > m", x_a="False"), "b c", "s x +b b m +c c e"),
    scene(
        "06 multi-choice",
        model("s > %o > a > e; o > b > e1; o >> c > e2", o_a="n > 1", o_b="n > 2"),
        ":a,b a b",
        "s o +a +b a e b e1",
        data={"n": 3},
    ),
    scene(
        "07 structured synchronizing merge",
        model("s > %o > a > %m > d > e; o > b > m; o > c > m", o_a="True", o_b="n > 1", o_c="n > 2"),
        ":a,b b :a a :d d",
        "s o +a +b b a m +d d e",
        data={"n": 2},
    ),
    scene("08 multi-merge", model("s > +f > a > c > e; f > b > c"), "a :b,c b :c,c c c", "s f +a +b a +c b +c c e c e"),
    scene(
        "08 multi-merge into a sub-process",
        model("s > +f > a > u > e; f > b > u", sub("u", inside("s1 > c > e1"))),
        "b :a,c c a :c c",
        "s f +a +b b +u s1 +c c e1 u e a +u s1 +c c e1 u e",
    ),
    scene(
        "10 arbitrary cycles",
        model("s > ?m > a > ?x > b > ?y > e; x >> m; y >> ?m2 > c > m; ", gives("a", "n"), x_b="n > 1", y_e="n > 2"),
        "a=1 :a a=2 b :c c a=3 b",
        "s m +a a x m +a a x +b b y m2 +c c m +a a x +b b y e",
    ),
    scene("11 implicit termination", model("s > +f > a; f > b"), "a :b b", "s f +a +b a b"),
    scene(
        "12 instances without synchronization",
        model("s > +f > a > ?m > c > e; f > b > m; f > d > m"),
        "d :a,b,c c :a,b a c b c",
        "s f +a +b +d d m +c c e a m +c c e b m +c c e",
    ),
    scene(
        "13 instances known when drawn",
        model("s > a > b > e", gives("a", inner=many(cardinality="3"))),
        ":a,a,a a#1 a#0 a#2 b",
        "s +a +a +a +a a a a a +b b e",
    ),
    scene(
        "14 instances known when begun",
        model("s > a > b > e", gives("a", "r", inner=many("rows", "row", collect="rs", output="r"))),
        'a#1="y" a#0="x" b',
        "s +a +a +a a a a +b b e",
        data={"rows": [1, 2]},
        holds={"rs": ["x", "y"]},
    ),
    scene(
        "15 instances known only while running",
        model("s > a > b > e", gives("a", "more", inner=many(cardinality="99", sequential=True, until="not more"))),
        ":a a=true :a a=true :a a=false :b b",
        "s +a +a a +a a +a a a +b b e",
    ),
    scene(
        "16 deferred choice",
        model("s > !r > m > a > e; r > t > b > e1", hear("m", "paid"), catch("t", timer("PT1H"))),
        ":m,t ~paid:k :a +PT2H :a a",
        "s r -t m +a a e",
    ),
    scene(
        "16 deferred choice, the clock wins",
        model("s > !r > m > a > e; r > t > b > e1", hear("m", "paid"), catch("t", timer("PT1H"))),
        "+PT1H :b ~paid:k :b b",
        "s r -m t +b b e1",
    ),
    scene(
        "a sub-process without start events begins everywhere",
        model(
            "s > u > e",
            sub(
                "u",
                inside("a; b; c"),
            ),
        ),
        ":a,b,c b c a",
        "s +u +a +b +c b c a u e",
    ),
    scene(
        "18 milestone",
        model(
            "s > +f > u > ?m > +j > e; late > m; f > a > j",
            sub("u", inside("s1 > reach > open > e1")),
            edge("late", "u", event("message", "closed"), yz_messageKey="'k'"),
        ),
        "reach :a,late,open ~closed:k :a a",
        "s f +u +a s1 +reach reach +open -u -open late m a j e",
    ),
    scene(
        "19 cancel activity",
        model("s > a > b > e; stop > c > e1", edge("stop", "a", timer("PT1H"))),
        ":a,stop +PT1H :c c",
        "s +a -a stop +c c e1",
    ),
    scene(
        "20 cancel case",
        model("s > +f > a > b > e; f > c > k", terminate("k")),
        "a :b,c c",
        "s f +a +c a +b c -b k",
        outcome="terminated",
    ),
]
