"""Writes a drawing down in one line: ``"s > +fork > a > +join > e; fork > b > join"``.

A word alone is a person's task, ``s`` and ``s1`` are start events, ``e`` and ``e1`` end events. A mark in front of the
first mention makes a gateway: ``?`` exclusive, ``+`` parallel, ``%`` inclusive, ``*`` complex, ``!`` event-based.
``>>`` is the default flow. Whatever needs more than that is given as an element of :mod:`tests.processes.drawing`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from tests.processes.drawing import bpmn, event, flows, io, node, service, user

GATEWAYS: Final = {
    "?": "exclusiveGateway",
    "+": "parallelGateway",
    "%": "inclusiveGateway",
    "*": "complexGateway",
    "!": "eventBasedGateway",
}


def inside(text: str, *elements: str, **conditions: str) -> str:
    """The nodes and flows of a scope; ``conditions`` by flow id, which is ``from_to``."""
    drawn = {found for element in elements for found in re.findall(r'^<bpmn:\w+ id="([^"]+)"', element)}
    body, pairs, defaults, marks = list(elements), [], {}, {}
    for chain in text.split(";"):
        before, arrow = "", ">"
        for word in re.findall(r">>|>|[^\s>]+", chain):
            if word in (">", ">>"):
                arrow = word
                continue
            name = word.lstrip("?+%*!")
            marks.setdefault(name, "")
            marks[name] = marks[name] or word[: len(word) - len(name)]
            if before:
                pairs.append(f"{before}>{name}")
                if arrow == ">>":
                    defaults[before] = f"{before}_{name}"
            before = name
    for name, mark in marks.items():
        if name not in drawn:
            body.append(_node(name, mark, defaults.get(name)))
    return "".join(body) + flows(" ".join(pairs), **conditions)


def model(text: str, *elements: str, key: str = "p", root: str = "", **conditions: str) -> bytes:
    """A file with one process."""
    return bpmn(inside(text, *elements, **conditions), key=key, root=root)


def _node(name: str, mark: str, default: str | None) -> str:
    more: dict[str, str] = {} if default is None else {"default": default}
    if mark:
        return node(GATEWAYS[mark], name, **more)
    if re.fullmatch(r"s\d*", name):
        return node("startEvent", name, **more)
    if re.fullmatch(r"e\d*", name):
        return node("endEvent", name, **more)
    return node("userTask", name, **more)


def gives(id: str, *names: str, inner: str = "", **more: Any) -> str:
    """A person's task that writes what it is handed in: ``v`` into the one name given, else each name into itself."""
    return user(id, io(outputs=_outputs(names)) + inner, **more)


def job(id: str, *names: str, inner: str = "", inputs: dict[str, str] | None = None, **more: Any) -> str:
    """A step of a far system; it answers when the script says so."""
    return service(id, io(inputs, _outputs(names)) + inner, **{"operation": "far.do", **more})


def edge(id: str, host: str, inner: str, interrupting: bool = True, **more: str) -> str:
    """A boundary event."""
    return node("boundaryEvent", id, inner, attachedToRef=host, cancelActivity=str(interrupting).lower(), **more)


def hear(id: str, name: str, key: str = "'k'", *outputs: str) -> str:
    """An intermediate event that waits for a message."""
    return node("intermediateCatchEvent", id, event("message", name) + io(outputs=_outputs(outputs)), yz_messageKey=key)


def begin(id: str, inner: str, interrupting: bool = True, **more: str) -> str:
    """The start event of an event sub-process."""
    return node("startEvent", id, inner, isInterrupting=str(interrupting).lower(), **more)


def handler(id: str, inner: str) -> str:
    """An event sub-process."""
    return node("subProcess", id, inner, triggeredByEvent="true")


def terminate(id: str) -> str:
    """An end event that takes the rest of its scope away."""
    return node("endEvent", id, "<bpmn:terminateEventDefinition/>")


def _outputs(names: tuple[str, ...]) -> dict[str, str | None]:
    if len(names) == 1:
        return {names[0]: "result.v"}
    return {name: f"result.{name}" for name in names}
