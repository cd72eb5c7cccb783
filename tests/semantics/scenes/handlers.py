"""Event sub-processes."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import end, event, io, many, sub, throw, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import begin, gives, handler, inside, job, model

PAID: Final = event("message", "paid")


def on(definition: str, interrupting: bool = True, what: str = "hs > h > he", *elements: str, **more: str) -> str:
    """A handler of that event with one task in it."""
    return handler("hd", inside(what, begin("hs", definition, interrupting, **more), end("he"), *elements))


SCENES: Final[list[Scene]] = [
    scene(
        "message for a handler: interrupting",
        model("s > a > e", on(PAID, yz_messageKey="'k'")),
        ":a,hs ~paid:k :h h",
        "s +a -a hs +hd +h h he hd",
    ),
    scene(
        "message for a handler: beside it, twice at once",
        model("s > a > e", on(PAID, False, yz_messageKey="'k'")),
        "~paid:k ~paid:k :a,h,h,hs h a h",
        "s +a hs +hd +h hs +hd +h h he hd a e h he hd",
    ),
    scene(
        "message for a handler: nobody sends it", model("s > a > e", on(PAID, yz_messageKey="'k'")), "a :", "s +a a e"
    ),
    scene(
        "timer for a handler: interrupting",
        model("s > a > e", on(timer("PT2H"))),
        "+PT2H :h h",
        "s +a -a hs +hd +h h he hd",
    ),
    scene(
        "timer for a handler: beside it",
        model("s > a > e", on(timer("PT2H"), False)),
        "+PT2H :a,h a :h h",
        "s +a hs +hd +h a e h he hd",
    ),
    scene(
        "timer for a handler: every hour",
        model("s > a > e", on(timer("R/PT1H", "timeCycle"), False)),
        "+PT3H :a,h,h,h,hs h h h a",
        "s +a hs +hd +h hs +hd +h hs +hd +h h he hd h he hd h he hd a e",
    ),
    scene(
        "signal for a handler: interrupting",
        model("s > +f > a > e; f > b > y > c > e1", throw("y", event("signal", "gong")), on(event("signal", "gong"))),
        "b :h h",
        "s f +a +b b y -a hs +hd +h h he hd",
    ),
    scene(
        "error for a handler: of a job in its scope",
        model("s > a > e", job("a"), on(event("error", "no-port"))),
        "a!no-port :h h",
        "s +a !a hs +hd +h h he hd",
    ),
    scene(
        "error for a handler: of an end event inside",
        model("s > u > e", sub("u", inside("s1 > a > x", end("x", event("error", "bad")))), on(event("error", "bad"))),
        "a :h h",
        "s +u s1 +a a x -u hs +hd +h h he hd",
    ),
    scene(
        "error for a handler: the handler of the sub-process, not the one around it",
        model(
            "s > u > b > e",
            sub("u", inside("s1 > a > e1", job("a"), on(event("error", "no-port")))),
            handler("hd2", inside("hs2 > h2 > he2", begin("hs2", event("error", "no-port")), end("he2"))),
        ),
        "a!no-port :h h :b b",
        "s +u s1 +a !a hs +hd +h h he hd u +b b e",
    ),
    scene(
        "escalation for a handler: beside it",
        model("s > a > y > b > e", throw("y", event("escalation", "late")), on(event("escalation", "late"), False)),
        "a :b,h b h",
        "s +a a y hs +hd +b +h b e h he hd",
    ),
    scene(
        "escalation for a handler: interrupting",
        model("s > a > y > b > e", throw("y", event("escalation", "late")), on(event("escalation", "late"))),
        "a :h h",
        "s +a a y hs +hd +h h he hd",
    ),
    scene(
        "in a sub-process: only that is interrupted",
        model("s > +f > u > c > e; f > d > e2", sub("u", inside("s1 > a > e1", on(PAID, yz_messageKey="'k'")))),
        "~paid:k :d,h h :c,d c d",
        "s f +u +d s1 +a -a hs +hd +h h he hd u +c c e d e2",
    ),
    scene(
        "in a repeated sub-process: one for each instance",
        model(
            "s > u > e",
            sub("u", many("rows", "row") + inside("s1 > a > e1", on(PAID, yz_messageKey="row"))),
        ),
        ":a,a,hs,hs ~paid:y :a,h,hs h a",
        "s +u +u +u s1 s1 +a +a -a hs +hd +h h he hd u a e1 u u e",
        data={"rows": ["x", "y"]},
    ),
    scene(
        "the data of the event goes into the handler",
        model("s > a > e", on(PAID + io(outputs={"n": "result.v"}), False, yz_messageKey="'k'")),
        "~paid:k=7 a h",
        "s +a hs +hd +h a e h he hd",
        holds={"n": 7},
    ),
    scene(
        "an error inside the handler goes outwards",
        model(
            "s > u > e; ",
            sub("u", inside("s1 > a > e1", on(PAID, True, "hs > h > he", job("h"), yz_messageKey="'k'"))),
            handler("hd2", inside("hs2 > h2 > he2", begin("hs2", event("error", "no-port")), end("he2"))),
        ),
        "~paid:k h!no-port :h2 h2",
        "s +u s1 +a -a hs +hd +h !h -u -hd hs2 +hd2 +h2 h2 he2 hd2",
    ),
    scene(
        "the scope waits for what runs in its handler",
        model("s > u > b > e", sub("u", inside("s1 > a > e1", gives("a", "n"), on(PAID, False, yz_messageKey="'k'")))),
        "~paid:k a=1 :h,hs h :b b",
        "s +u s1 +a hs +hd +h a e1 h he hd u +b b e",
    ),
]
