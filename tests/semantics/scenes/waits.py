"""Intermediate events, tasks that wait, and data."""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import catch, end, event, io, link, node, throw, timer
from tests.processes.test_decisions import table
from tests.semantics.scene import Scene, scene
from tests.semantics.sketch import gives, hear, job, model

GONG: Final = event("signal", "gong")

SCENES: Final[list[Scene]] = [
    scene(
        "timer: a duration", model("s > t > a > e", catch("t", timer("P1DT2H"))), "+PT25H :t +PT1H :a a", "s t +a a e"
    ),
    scene(
        "timer: a date long past",
        model("s > t > a > e", catch("t", timer("2020-03-02T10:00:00+08:00", "timeDate"))),
        "+PT1S :a a",
        "s t +a a e",
    ),
    scene(
        "timer: computed",
        model("s > t > a > e", catch("t", timer("wait"))),
        "+PT2H :a a",
        "s t +a a e",
        data={"wait": "PT2H"},
    ),
    scene(
        "timer: a token every hour, three times",
        model("s > t > a > e", catch("t", timer("R3/PT1H", "timeCycle"))),
        "+PT1H :a,t +PT5H :a,a,a a a a",
        "s t +a t +a t +a a e a e a e",
    ),
    scene(
        "timer: two in a row count from where they begin",
        model("s > t > t2 > a > e", catch("t", timer("PT1H")), catch("t2", timer("PT1H"))),
        "+PT1H :t2 +PT1H :a a",
        "s t t2 +a a e",
    ),
    scene(
        "timer: what is no duration stops there",
        model("s > t > a > e", catch("t", timer("wait"))),
        ":",
        "s !t",
        data={"wait": "soon"},
        outcome="failed:t",
    ),
    scene(
        "message: with a key",
        model("s > m > a > e", hear("m", "paid", "no", "n")),
        "~paid:1=5 :m ~paid:2=6 :a a",
        "s m +a a e",
        data={"no": "2"},
        holds={"n": 6},
    ),
    scene(
        "message: it may come first",
        model("s > a > m > e", hear("m", "paid", "'k'", "n")),
        "~paid:k=4 :a a",
        "s +a a m e",
        holds={"n": 4},
    ),
    scene(
        "message: one for each who waits",
        model("s > +f > m > +j > e; f > m2 > j", hear("m", "paid"), hear("m2", "paid")),
        "~paid:k :m2 ~paid:k",
        "s f m m2 j e",
    ),
    scene(
        "message: a receive task",
        model(
            "s > w > a > e",
            node("receiveTask", "w", io(outputs={"n": "result.v"}), messageRef="message_paid", yz_messageKey="'k'"),
        ),
        ":w ~paid:k=3 a",
        "s +w w +a a e",
        holds={"n": 3},
    ),
    scene(
        "signal: all who wait hear it",
        model(
            "s > +f > g > a > e; f > g2 > b > e1; f > c > y > e2", catch("g", GONG), catch("g2", GONG), throw("y", GONG)
        ),
        "c :a,b a b",
        "s f +c c y g g2 +a +b e2 a e b e1",
    ),
    scene(
        "signal: who comes later does not hear it",
        model("s > +f > a > g > e; f > c > y > e2", catch("g", GONG), throw("y", GONG)),
        "c a",
        "s f +a +c c y e2 a",
        outcome="waiting",
    ),
    scene(
        "signal: it carries data",
        model(
            "s > +f > g > a > e; f > y > e2",
            catch("g", GONG + io(outputs={"n": "result.n"})),
            throw("y", GONG + io(inputs={"n": "5"})),
        ),
        "a",
        "s f y g +a e2 a e",
        holds={"n": 5},
    ),
    scene(
        "link: from one end of the drawing to the other",
        model("s > a > l; k > b > e", throw("l", link("page 2")), catch("k", link("page 2"))),
        "a b",
        "s +a a l k +b b e",
    ),
    scene(
        "link: two lead to one",
        model(
            "s > ?x > l; x >> l2; k > b > e",
            throw("l", link("2")),
            throw("l2", link("2")),
            catch("k", link("2")),
            x_l="n > 1",
        ),
        "b",
        "s x l2 k +b b e",
        data={"n": 0},
    ),
    scene(
        "link: back to the beginning",
        model(
            "s > ?m > a > ?x > e; x >> l; k > m",
            gives("a", "n"),
            throw("l", link("again")),
            catch("k", link("again")),
            x_e="n > 1",
        ),
        "a=1 a=2",
        "s m +a a x l k m +a a x e",
    ),
    scene(
        "plain and manual tasks pass",
        model("s > t > w > a > e", node("task", "t"), node("manualTask", "w")),
        "a",
        "s +t t +w w +a a e",
    ),
    scene(
        "a plain task writes",
        model("s > t > a > e", node("task", "t", io(outputs={"m": "n * 2"}))),
        "a",
        "s +t t +a a e",
        data={"n": 4},
        holds={"m": 8},
    ),
    scene(
        "a job's answer is mapped",
        model("s > a > e", job("a", "n", inputs={"what": "'x'"})),
        "a=5",
        "s +a a e",
        holds={"n": 5},
    ),
    scene(
        "an answer that lacks something stops there",
        model("s > a > e", gives("a", "n")),
        "a",
        "s +a !a",
        outcome="failed:a",
    ),
    scene(
        "a send task is a job", model("s > a > e", node("sendTask", "a", yz_operation="far.tell")), ":a a", "s +a a e"
    ),
    scene(
        "a decision chooses the way",
        (
            model(
                "s > d > ?x > a > e; x >> b > e1",
                node("businessRuleTask", "d", io({"n": "n"}, {"w": "result.w"}), yz_decision="sla"),
                x_a="w == 1",
            ),
            table(["n"], ["w"], [(["> 5"], ["1"]), (["<= 5"], ["2"])]),
        ),
        "b",
        "s +d d x +b b e1",
        data={"n": 3},
        holds={"w": 2},
    ),
    scene(
        "a decision without an answer stops there",
        (
            model("s > d > e", node("businessRuleTask", "d", io({"n": "n"}, {"w": "result.w"}), yz_decision="sla")),
            table(["n"], ["w"], [(["> 5"], ["1"])]),
        ),
        ":",
        "s +d !d",
        data={"n": 3},
        outcome="failed:d",
    ),
    scene("an instance without start and end events", model("a > b"), "a b", "+a a +b b"),
    scene("an end in the middle of two", model("s > +f > a > e; f > b > e", end("e")), "a b", "s f +a +b a e b e"),
    scene(
        "Chinese names and odd values go round",
        model("s > a > b > e", gives("a", "名称"), gives("b", "x")),
        'a="O\'Brien<script>😀" b=null',
        "s +a a +b b e",
        holds={"名称": "O'Brien<script>😀", "x": None},
    ),
]
