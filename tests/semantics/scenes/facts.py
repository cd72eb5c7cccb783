"""Conditional events, messages thrown, and the ways a process begins."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import catch, end, event, io, node, sub, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import begin, edge, gives, handler, hear, inside, model


def when(condition: str) -> str:
    """The definition of a conditional event."""
    text = condition.replace("<", "&lt;").replace(">", "&gt;")
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"


PAID: Final = event("message", "paid")
GONG: Final = event("signal", "gong")

SCENES: Final[list[Scene]] = [
    scene(
        "condition: true already when it is reached",
        model("s > c > z > e", catch("c", when("n > 1"))),
        ":z z",
        "s c +z z e",
        data={"n": 2},
    ),
    scene(
        "condition: becomes true in another branch",
        model("s > +f > c > z > e; f > a > b > e1", gives("a", "n"), gives("b", "n"), catch("c", when("n > 1"))),
        "a=1 :b b=2 :z z",
        "s f +a a +b b c e1 +z z e",
        data={"n": 0},
    ),
    scene(
        "condition: at an activity, interrupting",
        model("s > +f > w > e; x > z > e2; f > a > e1", edge("x", "w", when("n > 1")), gives("a", "n")),
        ":a,w a=2 :z z",
        "s f +w +a a -w x e1 +z z e2",
        data={"n": 0},
    ),
    scene(
        "condition: beside an activity, each time it becomes true",
        model(
            "s > +f > w > e; x > z > e2; f > ?m > a > ?y > e1; y >> m",
            edge("x", "w", when("n > 1"), False),
            gives("a", "n"),
            y_e1="n > 8",
        ),
        "a=2 :a,w,z a=3 :a,w,z a=0 a=5 :a,w,z,z a=9 z z w",
        "s f +w m +a a x y +z m +a a y m +a a y m +a a x y +z m +a a y e1 z e2 z e2 w e",
        data={"n": 0},
    ),
    scene(
        "condition: of an event sub-process",
        model(
            "s > a > b > e", gives("a", "n"), handler("h", inside("hs > w > he", begin("hs", when("n > 1")), end("he")))
        ),
        "a=2 :w w",
        "s +a a -b hs +h +w w he h",
        data={"n": 0},
    ),
    scene(
        "condition: behind an event-based gateway",
        model(
            "s > +f > !r > c > z > e; r > t > y > e2; f > a > e1",
            catch("c", when("n > 1")),
            catch("t", timer("PT1H")),
            gives("a", "n"),
        ),
        "a=2 :z +PT2H :z z",
        "s f r +a a -t c e1 +z z e",
        data={"n": 0},
    ),
    scene(
        "condition: never true, and the sub-process is done",
        model("s > u > b > e; x > z > e2", sub("u", inside("s1 > a > e1")), edge("x", "u", when("n > 1"))),
        "a :b b",
        "s +u s1 +a a e1 u +b b e",
        data={"n": 0},
    ),
    scene(
        "message: thrown to somebody in the same instance",
        model(
            "s > +f > m > z > e; f > a > y > e1",
            hear("m", "paid", "'k'", "n"),
            node("intermediateThrowEvent", "y", PAID + io(inputs={"v": "5"}), yz_messageKey="'k'"),
        ),
        "a :z z",
        "s f +a a y e1 m +z z e",
        holds={"n": 5},
    ),
    scene(
        "message: thrown before anybody waits for it",
        model(
            "s > y > a > m > e",
            hear("m", "paid", "'k'", "n"),
            node("intermediateThrowEvent", "y", PAID + io(inputs={"v": "7"}), yz_messageKey="'k'"),
        ),
        "a",
        "s y +a a m e",
        holds={"n": 7},
    ),
    scene(
        "message: thrown by an end event",
        model("s > +f > m > z > e; f > a > y", hear("m", "paid"), node("endEvent", "y", PAID, yz_messageKey="'k'")),
        "a :z z",
        "s f +a a y m +z z e",
    ),
    scene(
        "message: thrown by a send task",
        model(
            "s > +f > m > z > e; f > a > y > e1",
            hear("m", "paid"),
            node("sendTask", "y", messageRef="message_paid", yz_messageKey="'k'"),
        ),
        "a :z z",
        "s f +a a +y y e1 m +z z e",
    ),
    scene(
        "message: with another key it reaches nobody",
        model(
            "s > +f > m > z > e; f > a > y > e1",
            hear("m", "paid"),
            node("intermediateThrowEvent", "y", PAID, yz_messageKey="'other'"),
        ),
        "a :m",
        "s f +a a y e1",
        outcome="waiting",
    ),
    scene(
        "signal from outside: all who wait hear it",
        model("s > +f > g > z > e; f > a > e1; x > b > e2", catch("g", GONG), edge("x", "a", GONG, False)),
        "^gong :a,b,x,z z b ^gong :a,b,x b a",
        "s f +a g +z x +b z e b e2 x +b b e2 a e1",
    ),
    scene(
        "signal from outside: it carries data",
        model("s > g > z > e", catch("g", GONG + io(outputs={"n": "result.v"}))),
        "^other ^gong=4 :z z",
        "s g +z z e",
        holds={"n": 4},
    ),
    scene(
        "signal from outside: interrupts a sub-process, and who comes later does not hear it",
        model("s > u > e; x > g > z > e2", sub("u", inside("s1 > a > e1")), edge("x", "u", GONG), catch("g", GONG)),
        "^gong :g ^gong :z z",
        "s +u s1 +a -u -a x g +z z e2",
    ),
]
