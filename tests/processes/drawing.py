"""A few words to write BPMN in tests without drowning in XML."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:yizhan="urn:yizhan:bpmn:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:test">'
)


def node(tag: str, id: str, inner: str = "", **attributes: str) -> str:
    """Any element; ``yz_x`` becomes ``yizhan:x``."""
    text = "".join(f" {name.replace('yz_', 'yizhan:')}={quoteattr(value)}" for name, value in attributes.items())
    return f"<bpmn:{tag} id={quoteattr(id)}{text}>{inner}</bpmn:{tag}>"


def io(inputs: dict[str, str] | None = None, outputs: dict[str, str | None] | None = None) -> str:
    rows = [f"<yizhan:input name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in (inputs or {}).items()]
    for name, value in (outputs or {}).items():
        rows.append(f"<yizhan:output name={quoteattr(name)}{'' if value is None else f' value={quoteattr(value)}'}/>")
    return f"<bpmn:extensionElements>{''.join(rows)}</bpmn:extensionElements>"


def start(id: str = "s", inner: str = "", **more: str) -> str:
    return node("startEvent", id, inner, **more)


def end(id: str = "e", inner: str = "") -> str:
    return node("endEvent", id, inner)


def user(id: str, inner: str = "", **more: str) -> str:
    return node("userTask", id, inner, **more)


def service(id: str, inner: str = "", operation: str = "resource.assign", **more: str) -> str:
    return node("serviceTask", id, inner, yz_operation=operation, **more)


def call(id: str, target: str, inner: str = "", **more: str) -> str:
    return node("callActivity", id, inner, calledElement=target, **more)


def sub(id: str, inner: str, **more: str) -> str:
    return node("subProcess", id, inner, **more)


def boundary(id: str, host: str, inner: str, interrupting: bool = True) -> str:
    return node("boundaryEvent", id, inner, attachedToRef=host, cancelActivity=str(interrupting).lower())


def catch(id: str, inner: str, **more: str) -> str:
    return node("intermediateCatchEvent", id, inner, **more)


def throw(id: str, inner: str = "") -> str:
    return node("intermediateThrowEvent", id, inner)


def timer(value: str, kind: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(value)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def event(kind: str, name: str | None = None) -> str:
    """error, escalation, signal, message: the definition at the root of the file is added by :func:`bpmn`."""
    reference = "" if name is None else f' {kind}Ref="{kind}_{name}"'
    return f"<bpmn:{kind}EventDefinition{reference}/>"


def condition(text: str) -> str:
    return (
        f"<bpmn:conditionalEventDefinition><bpmn:condition>{escape(text)}</bpmn:condition>"
        "</bpmn:conditionalEventDefinition>"
    )


def link(name: str) -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def many(
    items: str | None = None,
    item: str | None = None,
    *,
    cardinality: str | None = None,
    collect: str | None = None,
    output: str | None = None,
    until: str | None = None,
    sequential: bool = False,
) -> str:
    parts = [
        f"<bpmn:loopCardinality>{escape(cardinality)}</bpmn:loopCardinality>" if cardinality else "",
        f"<bpmn:loopDataInputRef>{escape(items)}</bpmn:loopDataInputRef>" if items else "",
        f"<bpmn:loopDataOutputRef>{collect}</bpmn:loopDataOutputRef>" if collect else "",
        f'<bpmn:inputDataItem name="{item}"/>' if item else "",
        f'<bpmn:outputDataItem name="{output}"/>' if output else "",
        f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else "",
    ]
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return f'<{tag} isSequential="{str(sequential).lower()}">{"".join(parts)}</{tag}>'


def flows(text: str, **conditions: str) -> str:
    """``"a>b b>c"``; a flow's id is ``a_b``; conditions by flow id."""
    found = []
    for pair in text.split():
        source, target = pair.split(">")
        flow_id = f"{source}_{target}"
        inner = ""
        if flow_id in conditions:
            inner = f"<bpmn:conditionExpression>{escape(conditions[flow_id])}</bpmn:conditionExpression>"
        found.append(
            f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )
    return "".join(found)


def bpmn(*body: str, key: str = "p", process_attributes: str = 'isExecutable="true"', root: str = "") -> bytes:
    """A file with one process; errors, messages ... it refers to are added."""
    text = "".join(body)
    definitions = []
    for kind, name in sorted(set(re.findall(r'(error|escalation|signal|message)Ref="\1_([^"]+)"', text))):
        code = f' {kind}Code="{name}"' if kind in ("error", "escalation") else ""
        definitions.append(f'<bpmn:{kind} id="{kind}_{name}" name="{name}"{code}/>')
    process = f'<bpmn:process id="{key}" name="流程" {process_attributes}>{text}</bpmn:process>'
    return f"{HEAD}{''.join(definitions)}{root}{process}</bpmn:definitions>".encode()
