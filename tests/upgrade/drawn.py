"""A small process for every construct of the engine, as frozen databases hold them.

What is frozen keeps the drawing it was deployed with; add processes for a new release, do not change these.
"""

from __future__ import annotations

from typing import Final

from tests.processes.drawing import boundary, bpmn, call, catch, end, event, flows, io, many, service, start, sub, timer
from tests.processes.drawing import user as person


def reserve(name: str, what: str, *more: str) -> str:
    return service(name, io({"what": what}, {f"{name}_id": "result.id"}) + "".join(more), operation="net.reserve")


def gate(kind: str, name: str, **more: str) -> str:
    return f'<bpmn:{kind}Gateway id="{name}"' + "".join(f' {key}="{value}"' for key, value in more.items()) + "/>"


def heard(name: str, key: str) -> str:
    """A message event; the payload is kept."""
    return catch(name, io({}, {name: "result"}) + event("message", "line_ready"), **{"yz_messageKey": key})


EDGES = bpmn(
    start(),
    person("visit"),
    boundary("too_late", "visit", timer("PT8H")),
    boundary("reminder", "visit", timer("R3/PT2H", "timeCycle"), interrupting=False),
    person("call_again"),
    end(),
    end("reminded"),
    flows("s>visit visit>e too_late>call_again call_again>e reminder>reminded"),
    key="edges",
)
MANY = bpmn(
    start(),
    person(
        "each",
        io({"site": "site"}, {"answer": "result.answer"})
        + many("sites", "site", collect="answers", output="answer", until="numberOfCompletedInstances >= 3"),
    ),
    end(),
    flows("s>each each>e"),
    key="many",
)
ONE_BY_ONE = bpmn(
    start(),
    service(
        "reserve",
        io({"what": "port"}, {"port_id": "result.id"})
        + many("ports", "port", collect="port_ids", output="port_id", sequential=True),
        operation="net.reserve",
    ),
    end(),
    flows("s>reserve reserve>e"),
    key="one_by_one",
)
INSIDE = bpmn(
    start(),
    sub(
        "site",
        many("sites", "one")
        + start("s2")
        + reserve("port", "one")
        + person("visit")
        + end("e2")
        + flows("s2>port port>visit visit>e2")
        + sub(
            "worried",
            start("w_s", timer("PT3H"), isInterrupting="false")
            + person("look")
            + end("w_e")
            + flows("w_s>look look>w_e"),
            triggeredByEvent="true",
        ),
    ),
    end(),
    flows("s>site site>e"),
    key="inside",
)
RACE = bpmn(
    start(),
    gate("eventBased", "either"),
    heard("ready", "'R1'"),
    catch("patience", timer("PT90M")),
    person("ask"),
    end(),
    flows("s>either either>ready either>patience ready>e patience>ask ask>e"),
    key="race",
)
HALF_JOINED = bpmn(
    start(),
    gate("parallel", "fork"),
    reserve("quick", "'Q'"),
    person("slow"),
    gate("parallel", "join"),
    gate("inclusive", "choose"),
    person("left"),
    person("right"),
    gate("inclusive", "meet"),
    end(),
    flows(
        "s>fork fork>quick fork>slow fork>choose quick>join slow>join choose>left choose>right left>meet right>meet"
        " meet>join join>e",
        choose_left="true",
        choose_right="both",
    ),
    key="half_joined",
)
CHILD = bpmn(start(), reserve("port", "what"), person("fit"), end(), flows("s>port port>fit fit>e"), key="child")
CALLER = bpmn(
    start(),
    call("fitting", "child", io({"what": "'C'"}, {"child_port": "result.port_id"})),
    boundary("failed", "fitting", event("error")),
    person("talk"),
    end(),
    flows("s>fitting fitting>e failed>talk talk>e"),
    key="caller",
)
FAR = bpmn(
    start(),
    gate("parallel", "fork"),
    service("switch_on", io({"what": "'L'"}, {"line": "result.id"}), operation="net.activate"),
    reserve("busy", "'busy'"),
    service("refused", io({"what": "'no'"}, {"refused_id": "result.id"}), operation="net.announce"),
    gate("parallel", "join"),
    end(),
    flows("s>fork fork>switch_on fork>busy fork>refused switch_on>join busy>join refused>join join>e"),
    key="far",
)
STUCK = bpmn(
    start(),
    person("measure", io({}, {"level": "result.level"})),
    gate("exclusive", "good", default="good_weak"),
    reserve("strong", "get(level, 'name', 'x')"),
    person("weak"),
    end(),
    flows("s>measure measure>good good>strong good>weak strong>e weak>e", good_strong="level['db'] > 3"),
    key="stuck",
)
REGRETTED = bpmn(
    start(),
    reserve("first", "'1'"),
    reserve("second", "'2'"),
    person("visit"),
    end(),
    flows("s>first first>second second>visit visit>e"),
    key="regretted",
)
LATER = bpmn(
    start(),
    gate("parallel", "fork"),
    catch("day", timer("2026-11-05T09:00:00+08:00", "timeDate")),
    catch("beat", timer("R3/PT45M", "timeCycle")),
    heard("news", "concat('news-', number)"),
    end(),
    end("beaten"),
    flows("s>fork fork>day fork>beat fork>news day>e news>e beat>beaten"),
    key="later",
)
UNSURE = bpmn(
    start(),
    service("unsure", io({"what": "'?'"}, {"unsure_id": "result.id"}), operation="ask.poke"),
    end(),
    flows("s>unsure unsure>e"),
    key="unsure",
)
DYING = bpmn(start(), reserve("port", "'D'"), person("visit"), end(), flows("s>port port>visit visit>e"), key="dying")
ALL: Final = (
    EDGES,
    MANY,
    ONE_BY_ONE,
    INSIDE,
    RACE,
    HALF_JOINED,
    CHILD,
    CALLER,
    FAR,
    STUCK,
    REGRETTED,
    LATER,
    UNSURE,
    DYING,
)
