"""Compensation: what was done is made good again, the newest first."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import end, event, many, node, sub, throw, timer
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, handler, inside, job, model


def comp(ref: str = "", wait: bool = True) -> str:
    """The definition of a compensation event."""
    named = f' activityRef="{ref}"' if ref else ""
    return f'<bpmn:compensateEventDefinition{named} waitForCompletion="{str(wait).lower()}"/>'


def undo(host: str, by: str = "", inner: str = "") -> str:
    """A compensation boundary with its handler, a person's task ``u`` + host."""
    by = by or f"u{host}"
    tie = f'<bpmn:association id="{host}_tie" sourceRef="{host}_undo" targetRef="{by}"/>'
    return edge(f"{host}_undo", host, comp()) + node("userTask", by, inner, isForCompensation="true") + tie


BOTH: Final = (undo("a"), undo("b"))
CANCEL: Final = event("cancel")

SCENES: Final[list[Scene]] = [
    scene(
        "handlers run newest first",
        model("s > a > b > t > z > e", throw("t", comp()), *BOTH),
        "a b :ub ub :ua ua :z z",
        "s +a a +b b +ub ub *b +ua ua *a t +z z e",
    ),
    scene(
        "in the order of completion, not of the drawing",
        model("s > +f > a > +j > t > z > e; f > b > j", throw("t", comp()), *BOTH),
        "b a :ua ua :ub ub z",
        "s f +a +b b a j +ua ua *a +ub ub *b t +z z e",
    ),
    scene(
        "what was not done is not undone",
        model("s > a > ?x > b > t > e; x >> t", throw("t", comp()), *BOTH, x_b="False"),
        "a :ua ua",
        "s +a a x +ua ua *a t e",
    ),
    scene(
        "nothing to undo",
        model("s > ?x > a > t > z > e; x >> t", throw("t", comp()), undo("a"), x_a="False"),
        ":z z",
        "s x t +z z e",
    ),
    scene(
        "one activity by name",
        model("s > a > b > t > z > e", throw("t", comp("a")), *BOTH),
        "a b :ua ua :z z",
        "s +a a +b b +ua ua *a t +z z e",
    ),
    scene(
        "each only once",
        model("s > a > t > t2 > z > e", throw("t", comp("a")), throw("t2", comp()), undo("a")),
        "a ua :z z",
        "s +a a +ua ua *a t t2 +z z e",
    ),
    scene(
        "as often as it was done",
        model("s > ?m > a > ?x > t > e; x >> m", gives("a", "n"), throw("t", comp()), undo("a"), x_t="n > 1"),
        "a=1 a=2 ua :ua ua",
        "s m +a a x m +a a x +ua ua *a +ua ua *a t e",
    ),
    scene(
        "an end event undoes, then ends",
        model("s > a > t", end("t", comp()), undo("a")),
        "a :ua ua",
        "s +a a +ua ua *a t",
    ),
    scene(
        "without waiting the throw goes on at once",
        model("s > a > t > z > e", throw("t", comp(wait=False)), undo("a")),
        "a :ua,z z ua",
        "s +a a t +z +ua z e ua *a",
    ),
    scene(
        "the instances of a repeated activity",
        model("s > a > t > z > e", gives("a", inner=many(cardinality="2")), throw("t", comp()), undo("a")),
        "a#1 a#0 ua ua :z z",
        "s +a +a +a a a a +ua ua *a +ua ua *a t +z z e",
    ),
    scene(
        "a sub-process without a handler: what was done in it",
        model("s > u > t > z > e", sub("u", inside("s1 > a > b > e1", *BOTH)), throw("t", comp())),
        "a b :ub ub :ua ua :z z",
        "s +u s1 +a a +b b e1 u +ub ub *b +ua ua *a t +z z e",
    ),
    scene(
        "a sub-process with a handler: only that",
        model("s > u > t > z > e", sub("u", inside("s1 > a > e1", undo("a"))), undo("u"), throw("t", comp())),
        "a :uu uu :z z",
        "s +u s1 +a a e1 u +uu uu *u t +z z e",
    ),
    scene(
        "a throw inside knows only its own scope",
        model("s > a > u > z > e", undo("a"), sub("u", inside("s1 > b > t > e1", undo("b"), throw("t", comp())))),
        "a b :ub ub :z z",
        "s +a a +u s1 +b b +ub ub *b t e1 u +z z e",
    ),
    scene(
        "a compensation event sub-process",
        model(
            "s > u > t > z > e",
            sub(
                "u",
                inside(
                    "s1 > a > e1", handler("h", inside("hs > ha > he", node("startEvent", "hs", comp()), end("he")))
                ),
            ),
            throw("t", comp()),
        ),
        "a :ha ha :z z",
        "s +u s1 +a a e1 u +ha ha he *u t +z z e",
    ),
    scene(
        "a cancelled transaction undoes what was done in it, then leaves",
        model(
            "s > u > e; y > c > e2",
            node("transaction", "u", inside("s1 > a > b > n", *BOTH, end("n", CANCEL))),
            edge("y", "u", CANCEL),
        ),
        "a b :ub ub :ua ua :c c",
        "s +u s1 +a a +b b +ub ub *b +ua ua *a n -u y +c c e2",
    ),
    scene(
        "an error inside leaves what was done as it is",
        model(
            "s > u > e; y > c > e2",
            sub("u", inside("s1 > a > b > e1", undo("a"), job("b"))),
            edge("y", "u", event("error", "bad")),
        ),
        "a b!bad :c c",
        "s +u s1 +a a +b !b -u y +c c e2",
    ),
    scene(
        "undone from the boundary of an error",
        model(
            "s > a > b > e; y > t > c > e2",
            undo("a"),
            job("b"),
            edge("y", "b", event("error", "bad")),
            throw("t", comp()),
        ),
        "a b!bad :ua ua :c c",
        "s +a a +b !b y +ua ua *a t +c c e2",
    ),
    scene(
        "interrupted in the middle of undoing",
        model(
            "s > u > e; late > c > e2",
            sub("u", inside("s1 > a > b > t > e1", *BOTH, throw("t", comp()))),
            edge("late", "u", timer("PT1H")),
        ),
        "a b ub :late,ua +PT1H :c c",
        "s +u s1 +a a +b b +ub ub *b +ua -u -t -ua late +c c e2",
    ),
    scene(
        "effects at far systems are undone through the ledger",
        model(
            "s > a > b > t > z > e",
            job("a", inputs={"what": "'first'"}),
            job("b", inputs={"what": "'second'"}),
            throw("t", comp()),
        ),
        "a b :z z",
        "s +a a +b b *b *a t +z z e",
        undone="second first",
    ),
    scene(
        "a cancelled transaction undoes its effects and no others",
        model(
            "s > o > u > e; y > c > e2",
            job("o", inputs={"what": "'outside'"}),
            node(
                "transaction",
                "u",
                inside(
                    "s1 > a > b > n",
                    job("a", inputs={"what": "'a'"}),
                    job("b", inputs={"what": "'b'"}),
                    end("n", CANCEL),
                ),
            ),
            edge("y", "u", CANCEL),
        ),
        "o a b :c c",
        "s +o o +u s1 +a a +b b *b *a n -u y +c c e2",
        undone="b a",
    ),
]
