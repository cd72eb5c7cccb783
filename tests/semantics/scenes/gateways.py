"""Splits, joins and conditions."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import catch, event, sub, throw, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, hear, inside, model

FIFTY_BACK: Final = " ".join(f"a{n}" for n in reversed(range(50)))
FIFTY: Final = "; ".join(f"f > a{n} > j" for n in range(50))

SCENES: Final[list[Scene]] = [
    scene(
        "exclusive: the first condition that holds",
        model("s > ?x > a > e; x > b > e1; x >> c > e2", x_a="n > 10", x_b="n > 5"),
        ":b b",
        "s x +b b e1",
        data={"n": 7},
    ),
    scene(
        "exclusive: the default only if none holds",
        model("s > ?x > a > e; x >> b > e1", x_a="n > 10"),
        "b",
        "s x +b b e1",
        data={"n": 7},
    ),
    scene(
        "exclusive: no condition holds and no default is there",
        model("s > ?x > a > e; x > b > e1", x_a="n > 10", x_b="n < 0"),
        ":",
        "s !x",
        data={"n": 7},
        outcome="failed:x",
    ),
    scene(
        "exclusive: a condition that cannot be computed stops there",
        model("s > ?x > a > e; x >> b > e1", x_a="n > 'x'"),
        ":",
        "s !x",
        data={"n": 7},
        outcome="failed:x",
    ),
    scene(
        "conditions and default at a task: a condition",
        model("s > t > a > e; t >> b > e1", t_a="n > 1"),
        "t a",
        "s +t t +a a e",
        data={"n": 2},
    ),
    scene(
        "conditions and default at a task: the default",
        model("s > t > a > e; t >> b > e1", t_a="n > 1"),
        "t b",
        "s +t t +b b e1",
        data={"n": 0},
    ),
    scene(
        "several flows from a task, one of them conditional",
        model("s > t > a > e; t > b > e1; t > c > e2", t_c="n > 1"),
        "t :a,b b a",
        "s +t t +a +b b e1 a e",
        data={"n": 0},
    ),
    scene("several flows from a start event", model("s > a > e; s > b > e1"), ":a,b b a", "s +a +b b e1 a e"),
    scene(
        "parallel: a join of fifty",
        model("s > +f > a0 > +j > z > e; " + FIFTY.replace("f > a0 > j; ", "")),
        FIFTY_BACK + " :z z",
        "s f " + " ".join(f"+a{n}" for n in range(50)) + " " + FIFTY_BACK + " j +z z e",
    ),
    scene(
        "parallel: two tokens of one flow do not complete the join",
        model("s > +f > a > ?m > b > +j > z > e; f > c > m; f > d > j"),
        "a b c b :d d :z z",
        "s f +a +c +d a m +b b c m +b b d j +z z e !j",
        outcome="failed:j",
    ),
    scene(
        "parallel: a fork inside a fork",
        model("s > +f > a > +k > b > +j > e; k > c > j; f > d > j"),
        "d a c b",
        "s f +a +d d a k +b +c c b j e",
    ),
    scene(
        "parallel: what one branch wrote, the other sees after the join",
        model("s > +f > a > +j > z > e; f > b > j", gives("a", "x"), gives("b", "y")),
        "b=2 a=1 z",
        "s f +a +b b a j +z z e",
        holds={"x": 1, "y": 2},
    ),
    scene(
        "parallel: the later write of a name wins",
        model("s > +f > a > +j > ?q > z > e; f > b > c > j; q >> e1", gives("a", "x"), gives("b", "x"), q_z="x == 2"),
        "b=1 a=2 c :z z",
        "s f +a +b b +c a c j q +z z e",
        holds={"x": 2},
    ),
    scene(
        "inclusive: one way, and the join waits for nobody else",
        model("s > %o > a > %m > z > e; o >> b > m", o_a="n > 1"),
        "a :z z",
        "s o +a a m +z z e",
        data={"n": 2},
    ),
    scene(
        "inclusive: the default when no condition holds",
        model("s > %o > a > %m > z > e; o > b > m; o >> c > m", o_a="n > 1", o_b="n > 2"),
        ":c c z",
        "s o +c c m +z z e",
        data={"n": 0},
    ),
    scene(
        "inclusive: a flow without condition is always taken",
        model("s > %o > a > %m > z > e; o > b > m; o > c > m", o_a="n > 1", o_b="n > 2"),
        ":a,c c a z",
        "s o +a +c c a m +z z e",
        data={"n": 2},
    ),
    scene(
        "inclusive: a join without a split waits for those who can still come",
        model("s > +f > a > ?x > b > %m > z > e; x >> c > e1; f > d > m", x_b="n > 1"),
        "d :a a :c,z z c",
        "s f +a +d d a x +c m +z z e c e1",
        data={"n": 0},
    ),
    scene(
        "inclusive: a join in a loop",
        model(
            "s > ?l > %o > a > %m > ?x > z > e; o > b > m; x >> l",
            gives("a", "n"),
            o_a="True",
            o_b="n < 2",
            x_z="n > 2",
        ),
        "b a=2 :a a=3 z",
        "s l o +a +b b a m x l o +a a m x +z z e",
        data={"n": 0},
    ),
    scene(
        "inclusive: a boundary event may still send a token",
        model("s > +f > a > e1; late > %m > z > e; f > b > m", edge("late", "a", timer("PT1H"))),
        "b :a,late +PT1H :z z",
        "s f +a +b b -a late m +z z e",
    ),
    scene(
        "inclusive: a boundary event that cannot come any more",
        model("s > +f > a > e1; late > %m > z > e; f > b > m", edge("late", "a", timer("PT1H"))),
        "b a :z z",
        "s f +a +b b a e1 m +z z e",
    ),
    scene(
        "inclusive: a token that goes round is waited for",
        model("s > +f > a > ?x > %m > z > e; x >> g > a; f > b > m", gives("a", "n"), x_m="n > 1"),
        "b a=1 :g g :a a=2 :z z",
        "s f +a +b b a x +g g +a a x m +z z e",
    ),
    scene(
        "event-based: any number of timers, the soonest wins",
        model(
            "s > !r > t1 > a > e; r > t2 > b > e1; r > m > c > e2",
            catch("t1", timer("PT2H")),
            catch("t2", timer("PT1H")),
            hear("m", "paid"),
        ),
        ":m,t1,t2 +PT3H :b b",
        "s r -t1 -m t2 +b b e1",
    ),
    scene(
        "event-based: a receive task and a message",
        model(
            "s > !r > w > a > e; r > m > b > e1",
            hear("m", "paid"),
            '<bpmn:receiveTask id="w" messageRef="message_got" yizhan:messageKey="\'k\'"/>',
        ),
        ":m,w ~got:k :a a",
        "s r +w -m w +a a e",
    ),
    scene(
        "event-based: a signal wins",
        model(
            "s > +f > !r > g > a > e; r > t > b > e1; f > c > y > e2",
            catch("g", event("signal", "gong")),
            catch("t", timer("PT1H")),
            throw("y", event("signal", "gong")),
        ),
        "c :a a",
        "s f r +c c y -t g +a e2 a e",
    ),
    scene(
        "event-based: again after a round",
        model("s > ?l > !r > m > a > l; r > t > b > e", hear("m", "paid"), catch("t", timer("PT1H"))),
        "~paid:k a :m,t ~paid:k a +PT1H b",
        "s l r -t m +a a l r -t m +a a l r -m t +b b e",
    ),
    scene(
        "joins inside a sub-process know only their own tokens",
        model(
            "s > +f > u > e; f > v > e1",
            sub("u", inside("s1 > +f1 > a > +j1 > c > e2; f1 > b > j1")),
            sub("v", inside("s2 > d > e3")),
        ),
        "a :b,d d b c",
        "s f +u +v s1 s2 f1 +d +a +b a d e3 v e1 b j1 +c c e2 u e",
    ),
]
