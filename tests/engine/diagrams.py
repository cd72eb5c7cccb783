"""Small processes for the engine's tests, written as code."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from xml.sax.saxutils import quoteattr

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:yizhan="urn:yizhan:bpmn:1" '
    'id="file" targetNamespace="urn:test">'
)


def process(key: str, *elements: str, flows: str, data: Iterable[str] = (), codes: Iterable[str] = ()) -> bytes:
    """A file with one process. ``flows``: ``"a > b > c; b > d"``; ``codes``: error codes its events catch or throw."""
    names = "".join(f'<bpmn:property id="{name}" name="{name}"/>' for name in data)
    errors = "".join(f'<bpmn:error id="error_{code}" name="{code}" errorCode="{code}"/>' for code in codes)
    messages = '<bpmn:message id="message_line_ready" name="line_ready"/>'
    return (
        f'{HEAD}{errors}{messages}<bpmn:process id="{key}" name="{key}" yizhan:nameEn="{key}" isExecutable="true">'
        f"{names}{''.join(elements)}{''.join(flows_of(flows))}</bpmn:process></bpmn:definitions>"
    ).encode()


def flows_of(text: str) -> Iterable[str]:
    for chain in text.split(";"):
        stops = [stop.strip() for stop in chain.split(">")]
        for start, end in pairwise(stops):
            yield f'<bpmn:sequenceFlow id="{start}_to_{end}" sourceRef="{start}" targetRef="{end}"/>'


def node(kind: str, name: str, body: str = "", **attributes: str) -> str:
    """One element; attributes with a leading ``y_`` are ours."""
    given = "".join(
        f" {'yizhan:' + key[2:] if key.startswith('y_') else key}={quoteattr(value)}"
        for key, value in attributes.items()
    )
    return f'<bpmn:{kind} id="{name}" name="{name}" yizhan:nameEn="{name}"{given}>{body}</bpmn:{kind}>'


def io(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """The data mappings of a step."""
    parts = [f'<yizhan:input name="{name}" value={quoteattr(value)}/>' for name, value in (inputs or {}).items()]
    parts += [f'<yizhan:output name="{name}" value={quoteattr(value)}/>' for name, value in (outputs or {}).items()]
    return f"<bpmn:extensionElements>{''.join(parts)}</bpmn:extensionElements>" if parts else ""


def start(name: str = "begin") -> str:
    return node("startEvent", name)


def end(name: str = "done", body: str = "") -> str:
    return node("endEvent", name, body)


def service(
    name: str,
    operation: str,
    inputs: dict[str, str] | None = None,
    outputs: dict[str, str] | None = None,
    loop: str = "",
    **attributes: str,
) -> str:
    return node("serviceTask", name, io(inputs, outputs) + loop, y_operation=operation, **attributes)


def user(name: str, outputs: dict[str, str] | None = None, **attributes: str) -> str:
    return node("userTask", name, io({}, outputs), y_team="home_field", **attributes)


def call(name: str, key: str, inputs: dict[str, str], outputs: dict[str, str] | None = None) -> str:
    return node("callActivity", name, io(inputs, outputs), calledElement=key)


def each(items: str, item: str) -> str:
    """Once for each entry of a list, side by side."""
    return (
        f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>{items}</bpmn:loopDataInputRef>"
        f'<bpmn:inputDataItem id="{item}_item" name="{item}"/></bpmn:multiInstanceLoopCharacteristics>'
    )


def wait_for(name: str, duration: str) -> str:
    body = (
        f'<bpmn:timerEventDefinition id="{name}_timer"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">'
        f"{duration}</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    return node("intermediateCatchEvent", name, body)


def hear(name: str, key: str, outputs: dict[str, str] | None = None) -> str:
    body = f'<bpmn:messageEventDefinition id="{name}_message" messageRef="message_line_ready"/>'
    return node("intermediateCatchEvent", name, io({}, outputs) + body, y_messageKey=key)


def on_error(name: str, at: str, code: str) -> str:
    body = f'<bpmn:errorEventDefinition id="{name}_error" errorRef="error_{code}"/>'
    return node("boundaryEvent", name, body, attachedToRef=at)


def on_timer(name: str, at: str, duration: str) -> str:
    body = (
        f'<bpmn:timerEventDefinition id="{name}_timer"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">'
        f"{duration}</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    return node("boundaryEvent", name, body, attachedToRef=at)


def fail(name: str, code: str) -> str:
    return end(name, f'<bpmn:errorEventDefinition id="{name}_error" errorRef="error_{code}"/>')
