"""One drawing with an element of every kind a designer can meet, each on a spot of its own."""

from __future__ import annotations

TASKS = [
    "task",
    "userTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "manualTask",
    "scriptTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "adHocSubProcess",
    "transaction",
]
GATEWAYS = ["exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"]
EVENTS = {
    "startEvent": ("", "message", "timer", "conditional", "signal"),
    "intermediateCatchEvent": ("message", "timer", "conditional", "signal", "link"),
    "intermediateThrowEvent": ("", "message", "signal", "escalation", "compensate", "link"),
    "endEvent": ("", "message", "error", "escalation", "compensate", "signal", "terminate"),
}
BOUNDARY = ("message", "timer", "error", "escalation", "conditional", "signal", "compensate")
DATA = ("dataObjectReference", "dataStoreReference", "textAnnotation")
SIZES = {"Event": (36, 36), "Gateway": (50, 50), "Data": (50, 60), "textAnnotation": (100, 40)}
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:yizhan="urn:yizhan:bpmn:1" id="d" targetNamespace="x">
"""


def every_kind(*, some: bool = False) -> tuple[str, list[str]]:
    """The BPMN and the ids of its steps; ``some``: a handful of them only."""
    wanted: list[tuple[str, str]] = [(tag, "") for tag in (*TASKS, *GATEWAYS, *DATA)]
    wanted += [(tag, kind) for tag, kinds in EVENTS.items() for kind in kinds]
    wanted += [("boundaryEvent", kind) for kind in BOUNDARY]
    if some:
        few = {"userTask", "serviceTask", "callActivity", "exclusiveGateway", "businessRuleTask"}
        wanted = [one for one in wanted if one[0] in few or one == ("boundaryEvent", "timer")]
    body, shapes, ids = "", "", []
    for at, (tag, kind) in enumerate(wanted):
        own = f"z{at}"
        x, y = 100 + at % 10 * 160, 100 + at // 10 * 140
        width, height = next((size for word, size in SIZES.items() if word.lower() in tag.lower()), (100, 80))
        if tag == "boundaryEvent":
            body += f'<bpmn:task id="{own}h" name="主"/>'
            shapes += _shape(f"{own}h", x, y, 100, 80)
            x, y = x + 30, y + 62
        body += _element(own, tag, kind)
        shapes += _shape(own, x, y, width, height)
        ids.append(own)
    body += (
        '<bpmn:exclusiveGateway id="g" name="走哪"/><bpmn:task id="t1" name="甲"/><bpmn:task id="t2" name="乙"/>'
        '<bpmn:sequenceFlow id="f1" name="是" sourceRef="g" targetRef="t1"/>'
        '<bpmn:sequenceFlow id="f2" name="否" sourceRef="g" targetRef="t2"/>'
    )
    shapes += _shape("g", 100, 900, 50, 50) + _shape("t1", 260, 880, 100, 80) + _shape("t2", 260, 1000, 100, 80)
    shapes += _edge("f1", (150, 925), (260, 925)) + _edge("f2", (125, 950), (260, 1040))
    plane = f'<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="p" bpmnElement="all">{shapes}</bpmndi:BPMNPlane>'
    process = f'<bpmn:process id="all" name="全部" isExecutable="true">{body}</bpmn:process>'
    return f"{HEAD}{process}{plane}</bpmndi:BPMNDiagram></bpmn:definitions>", ids


def _element(own: str, tag: str, kind: str) -> str:
    inner = f'<bpmn:{kind}EventDefinition id="{own}d"/>' if kind else ""
    if tag in ("userTask", "serviceTask"):
        inner += '<bpmn:multiInstanceLoopCharacteristics isSequential="true"/>'
    at = f' attachedToRef="{own}h"' if tag == "boundaryEvent" else ""
    if tag == "textAnnotation":
        return f'<bpmn:textAnnotation id="{own}"><bpmn:text>注</bpmn:text></bpmn:textAnnotation>'
    return f'<bpmn:{tag} id="{own}" name="名{own[1:]}"{at}>{inner}</bpmn:{tag}>'


def _shape(own: str, x: int, y: int, width: int, height: int) -> str:
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    wide = ' isExpanded="true"'
    return f'<bpmndi:BPMNShape id="{own}_s" bpmnElement="{own}"{wide}>{bounds}</bpmndi:BPMNShape>'


def _edge(own: str, *points: tuple[int, int]) -> str:
    way = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge id="{own}_e" bpmnElement="{own}">{way}</bpmndi:BPMNEdge>'


def many_steps(count: int) -> str:
    """A drawing of ``count`` steps in rows, each leading to the next."""
    body, shapes = '<bpmn:startEvent id="s" name="开始"/>', _shape("s", 60, 122, 36, 36)
    before, last = "s", (96, 140)
    for at in range(count):
        x, y = 140 + at % 30 * 150, 100 + at // 30 * 140
        names = f'name="第{at}步" yizhan:nameEn="Step {at}"'
        body += f'<bpmn:serviceTask id="n{at}" {names} yizhan:operation="resource.reserve"/>'
        body += f'<bpmn:sequenceFlow id="q{at}" sourceRef="{before}" targetRef="n{at}"/>'
        shapes += _shape(f"n{at}", x, y, 100, 80) + _edge(f"q{at}", last, (x, y + 40))
        before, last = f"n{at}", (x + 100, y + 40)
    body += f'<bpmn:endEvent id="e" name="完"/><bpmn:sequenceFlow id="qe" sourceRef="{before}" targetRef="e"/>'
    shapes += _shape("e", last[0] + 60, last[1] - 18, 36, 36) + _edge("qe", last, (last[0] + 60, last[1]))
    plane = f'<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="p" bpmnElement="many">{shapes}</bpmndi:BPMNPlane>'
    process = f'<bpmn:process id="many" name="很多步" isExecutable="true">{body}</bpmn:process>'
    return f"{HEAD}{process}{plane}</bpmndi:BPMNDiagram></bpmn:definitions>"
