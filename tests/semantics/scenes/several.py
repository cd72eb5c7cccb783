"""Events with several definitions: any of them, or all of them."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import catch, condition, end, event, io, sub, throw, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.scenes.undoing import comp, undo
from tests.semantics.sketch import begin, edge, gives, handler, inside, job, model

PAID: Final = event("message", "paid")
GONG: Final = event("signal", "gong")
BELL: Final = event("signal", "bell")
ALL: Final = "true"


def hears(id: str, *inner: str, together: bool = False) -> str:
    """An event that waits for a message ``paid`` with the key ``k``, and more."""
    more = {"parallelMultiple": ALL} if together else {}
    return catch(id, PAID + "".join(inner) + io(outputs={"n": "get(result, 'v')"}), yz_messageKey="'k'", **more)


SCENES: Final[list[Scene]] = [
    scene(
        "several: the message comes first",
        model("s > c > a > e", hears("c", timer("PT1H"), GONG)),
        ":c,c,c ~paid:k=5 :a +PT2H ^gong :a a",
        "s c +a a e",
        holds={"n": 5},
    ),
    scene(
        "several: the time comes first", model("s > c > a > e", hears("c", timer("PT1H"))), "+PT1H :a a", "s c +a a e"
    ),
    scene(
        "several: a condition comes first",
        model("s > +f > c > a > e; f > b > e1", hears("c", condition("x > 3")), gives("b", "x")),
        ":b,c b=4 :a a",
        "s f +b b c e1 +a a e",
        data={"x": 0},
    ),
    scene(
        "several: all, in whatever order",
        model("s > c > a > e", hears("c", timer("PT1H"), GONG, together=True)),
        ":c,c,c ^gong=7 :c,c +PT1H :c ~paid:k=5 :a a",
        "s c +a a e",
        holds={"n": 5},
    ),
    scene(
        "several: behind an event-based gateway",
        model("s > !g > c > a > e; g > t > b > e1", hears("c", GONG), catch("t", timer("PT1H"))),
        ":c,c,t ^gong :a +PT1H :a a",
        "s g -t c +a a e",
    ),
    scene(
        "several: another event of the gateway takes all of them away",
        model("s > !g > c > a > e; g > t > b > e1", hears("c", GONG, together=True), catch("t", timer("PT1H"))),
        "^gong :c,t +PT1H :b b",
        "s g -c t +b b e1",
    ),
    scene(
        "several: any at the edge stops the activity",
        model("s > a > e; x > b > e1", edge("x", "a", PAID + timer("PT1H"), yz_messageKey="'k'")),
        ":a,x,x ~paid:k :b b",
        "s +a -a x +b b e1",
    ),
    scene(
        "several: each at the edge for itself, where they leave it",
        model(
            "s > a > e; x > e1", edge("x", "a", PAID + timer("PT1H") + BELL, interrupting=False, yz_messageKey="'k'")
        ),
        "~paid:k ~paid:k ^bell +PT3H :a,x,x a",
        "s +a x e1 x e1 x e1 x e1 a e",
    ),
    scene(
        "several: all at the edge, once and again",
        model(
            "s > a > e; x > e1",
            edge("x", "a", PAID + BELL, interrupting=False, yz_messageKey="'k'", parallelMultiple=ALL),
        ),
        "^bell ^bell :a,x ~paid:k :a,x,x ~paid:k :a,x ^bell :a,x,x a",
        "s +a x e1 x e1 a e",
    ),
    scene(
        "several: all at the edge, with a time, once",
        model(
            "s > a > e; x > e1",
            edge("x", "a", timer("PT1H") + BELL, interrupting=False, parallelMultiple=ALL),
        ),
        "+PT1H :a,x ^bell :a a",
        "s +a x e1 a e",
    ),
    scene(
        "several: an error or a message at the edge",
        model("s > a > e; x > b > e1", job("a"), edge("x", "a", event("error", "no") + BELL)),
        "a!no b",
        "s +a !a x +b b e1",
    ),
    scene(
        "several: any begins the handler",
        model("s > a > e", handler("h", inside("t > b > e1", begin("t", GONG + timer("PT1H"))))),
        "+PT1H :b b",
        "s +a -a t +h +b b e1 h",
    ),
    scene(
        "several: each begins the handler again",
        model("s > a > e", handler("h", inside("t > b > e1", begin("t", GONG + BELL, interrupting=False)))),
        "^bell ^gong :a,b,b,t,t b b a",
        "s +a t +h +b t +h +b b e1 h b e1 h a e",
    ),
    scene(
        "several: all begin the handler",
        model("s > a > e", handler("h", inside("t > b > e1", begin("t", GONG + BELL, parallelMultiple=ALL)))),
        "^bell :a,t ^gong :b b",
        "s +a -a t +h +b b e1 h",
    ),
    scene(
        "several: what was waited for ends with the process",
        model("s > a > e", handler("h", inside("t > b > e1", begin("t", GONG + BELL, parallelMultiple=ALL)))),
        "^bell a :",
        "s +a a e",
    ),
    scene(
        "several: all that is thrown is heard",
        model("s > +f > c > a > e; f > d > e1; f > b > t > e2", hears("c"), catch("d", GONG), throw("t", PAID + GONG)),
        "b :c",
        "s f +b b t d e1 e2",
        outcome="waiting",
    ),
    scene(
        "several: thrown, then ended with an error",
        model(
            "s > u > e; x > e3; y > e4",
            sub(
                "u", inside("s1 > c > f; s1 > b > e1", end("f", event("error", "no") + BELL), catch("c", timer("PT1H")))
            ),
            edge("y", "u", BELL, interrupting=False),
            edge("x", "u", event("error", "no")),
        ),
        "+PT1H :",
        "s +u s1 +b c f y -u -b x e4 e3",
    ),
    scene(
        "several: undone before the rest is thrown",
        model("s > a > b > t > z > e", job("a", inputs={"what": "'a'"}), throw("t", BELL + comp("a"))),
        "a b z",
        "s +a a +b b *a t +z z e",
        undone="a",
    ),
    scene(
        "several: an end that undoes and terminates",
        model("s > +f > a > x; f > b > e", undo("a"), end("x", comp() + "<bpmn:terminateEventDefinition/>")),
        "a :b,ua ua :",
        "s f +a +b a +ua ua *a -b x",
        outcome="terminated",
    ),
]
