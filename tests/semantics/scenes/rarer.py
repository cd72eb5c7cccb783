"""Complex gateways, ad-hoc sub-processes, quantities of tokens, and what repetitions tell."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import call, event, io, many, node
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import edge, gives, model


def complex_gateway(id: str, condition: str) -> str:
    """A gateway that goes on when its condition on the number of tokens holds."""
    text = condition.replace(">", "&gt;")
    return node("complexGateway", id, f"<bpmn:activationCondition>{text}</bpmn:activationCondition>")


def loose(*body: str, until: str = "", **more: str) -> str:
    """An ad-hoc sub-process."""
    text = until.replace(">", "&gt;")
    condition = f"<bpmn:completionCondition>{text}</bpmn:completionCondition>" if until else ""
    return node("adHocSubProcess", "h", "".join(body) + condition, **more)


def telling(behaviour: str) -> str:
    """Three instances, each (or the first) of which gives a signal when it is done."""
    marks = f' behavior="{behaviour}" {behaviour.lower()}BehaviorEventRef="ev">'
    return many(cardinality="3").replace(">", marks, 1)


THREE: Final = "s > +f > a > g > x > e; f > b > g; f > c > g"
TOLD: Final = '<bpmn:signalEventDefinition id="ev" signalRef="signal_one"/>'

KEPT: Final = io(outputs={"n": "result.n", "why": "result.why"})

SCENES: Final[list[Scene]] = [
    scene(
        "09 structured discriminator",
        model(THREE, complex_gateway("g", "activationCount == 1")),
        "b :a,c,x a c x",
        "s f +a +b +c b g +x a c x e",
    ),
    scene(
        "30 structured partial join",
        model(THREE, complex_gateway("g", "activationCount >= 2")),
        "b :a,c a :c,x x c",
        "s f +a +b +c b a g +x x e c",
    ),
    scene(
        "17 interleaved routing",
        model("s > h > z > e", loose(gives("a"), gives("b"), gives("c"), ordering="Sequential")),
        ":a a :b b c z",
        "s +h +a a +b b +c c h +z z e",
    ),
    scene(
        "ad-hoc: all at once",
        model("s > h > z > e", loose(gives("a"), gives("b"))),
        ":a,b b a :z z",
        "s +h +a +b b a h +z z e",
    ),
    scene(
        "ad-hoc: until it is enough",
        model("s > h > z > e", loose(gives("a", "n"), gives("b"), until="n > 3")),
        "a=4 :z z",
        "s +h +a +b a -b h +z z e",
        data={"n": 0},
    ),
    scene(
        "ad-hoc: enough, but what has begun is finished",
        model("s > h > z > e", loose(gives("a", "n"), gives("b"), until="n > 3", cancelRemainingInstances="false")),
        "a=4 :b b z",
        "s +h +a +b a b h +z z e",
        data={"n": 0},
    ),
    scene(
        "ad-hoc: one more by hand, and one again",
        model("s > h > z > e", loose(gives("a"), gives("b", "n"), yz_chosen="['a']")),
        ":a >b :a,b >a :a,a,b b=3 a :a a z",
        "s +h +a +b +a b a a h +z z e",
        holds={"n": 3},
    ),
    scene(
        "ad-hoc: by hand in a row, each in its turn",
        model("s > h > z > e", loose(gives("a"), gives("b"), yz_chosen="['a']", ordering="Sequential")),
        ">b >a :a a :b b :a a :z z",
        "s +h +a a +b b +a a h +z z e",
    ),
    scene(
        "ad-hoc: all by hand, until a person says that it is over",
        model("s > h > z > e", loose(KEPT, gives("a"), gives("b", "n"), gives("c"), yz_byHand="true")),
        ':h >b :b,h b=4 :h >a :a,h a >c h={"why":"done"} :z z',
        "s +h +b b +a a +c -c h +z z e",
        holds={"n": 4, "why": "done"},
    ),
    scene(
        "ad-hoc: all by hand, and what has begun is finished",
        model("s > h > z > e", loose(gives("a"), yz_byHand="true", cancelRemainingInstances="false")),
        ">a h :a a z",
        "s +h +a a h +z z e",
    ),
    scene(
        "ad-hoc: all by hand, until it is enough",
        model("s > h > z > e", loose(gives("a", "n"), gives("b"), until="n > 3", yz_byHand="true")),
        ">a a=1 :h >b >a a=4 :z z",
        "s +h +a a +b +a a -b h +z z e",
        data={"n": 0},
    ),
    scene(
        "ad-hoc: by hand, and stopped at its edge",
        model("s > h > z > e; x > e1", loose(gives("a"), yz_byHand="true"), edge("x", "h", event("signal", "one"))),
        ">a ^one :",
        "s +h +a -h -a x e1",
    ),
    scene(
        "quantity: several tokens leave, several are needed",
        model("s > a > b > e", gives("a", completionQuantity="4"), gives("b", startQuantity="2")),
        "a :b,b b b",
        "s +a a +b +b b e b e",
    ),
    scene(
        "a repetition tells of each instance",
        model(
            "s > a > z > e; x > e1",
            gives("a", inner=telling("None")),
            edge("x", "a", event("signal", "one"), False),
            root=TOLD,
        ),
        "a a a z",
        "s +a +a +a +a a x e1 a x e1 a x a e1 +z z e",
    ),
    scene(
        "a repetition tells of the first instance",
        model(
            "s > a > z > e; x > e1",
            gives("a", inner=telling("One")),
            edge("x", "a", event("signal", "one"), False),
            root=TOLD,
        ),
        "a a a z",
        "s +a +a +a +a a x e1 a a a +z z e",
    ),
    scene(
        "a global task is called",
        model("s > c > e", call("c", "look"), root='<bpmn:globalUserTask id="look" name="看"/>'),
        "look",
        "s +c c e",
        called=("+look look",),
    ),
]
