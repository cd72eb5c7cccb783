"""What differs between two versions of a process, element by element, with all that a picture does not show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from processes.spiff.counterparts import specs
from processes.spiff.definition import ElementInfo
from processes.spiff.registry import LoadedSpec

#: What is compared of an element beside its attributes, inputs, outputs and outgoing flows.
FACTS: Final = (
    *("event", "interrupting", "message", "message_key", "called", "called_expression", "business_key"),
    *("decision", "send"),
)
LOOP: Final = ("mode", "items", "cardinality", "item", "collect", "output", "until", "while", "test_before", "max")


@dataclass(frozen=True)
class FieldChange:
    """One thing about an element: what it was and is; none where it was or is not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """One element that was ``added``, ``removed`` or ``changed``."""

    element_id: str
    type: str
    name: str
    name_en: str
    what: str
    fields: tuple[FieldChange, ...] = field(default=())


def differences(
    old: LoadedSpec, old_elements: Mapping[str, ElementInfo], new: LoadedSpec, new_elements: Mapping[str, ElementInfo]
) -> list[Difference]:
    """Every element that is not the same in both versions, by id."""
    before, after = described(old, old_elements), described(new, new_elements)
    found = []
    for element_id in sorted(before.keys() | after.keys()):
        info = new_elements.get(element_id) or old_elements[element_id]
        head = (element_id, info.type, info.name, info.name_en)
        if element_id not in before or element_id not in after:
            found.append(Difference(*head, "added" if element_id in after else "removed"))
            continue
        was, now = before[element_id], after[element_id]
        changed = tuple(
            FieldChange(name, was.get(name), now.get(name))
            for name in sorted(was.keys() | now.keys())
            if was.get(name) != now.get(name)
        )
        if changed:
            found.append(Difference(*head, "changed", changed))
    return found


def described(loaded: LoadedSpec, elements: Mapping[str, ElementInfo]) -> dict[str, dict[str, Any]]:
    """What there is to say of each element, in words that can be compared: name of the thing and its value."""
    found = {element_id: _info(info) for element_id, info in elements.items()}
    for _scope, name, facts in specs(loaded):
        here = found.get(str(facts.get("el") or name.partition("~")[0]))
        if here is None:
            continue
        if facts.get("el"):
            here |= {key: facts[key] for key in FACTS if facts.get(key) is not None}
        loop = facts.get("loop")
        if loop:
            here["repeat"] = {key: loop[key] for key in LOOP if loop.get(key) is not None}
        for flow_id, target, condition, *_ in facts.get("flows", ()):
            if "~" not in flow_id:
                here[f"flow {flow_id}"] = {"to": target.partition("~")[0], "condition": condition}
    return found


def _info(info: ElementInfo) -> dict[str, Any]:
    found: dict[str, Any] = {"type": info.type, "name": info.name, "nameEn": info.name_en, "parent": info.parent}
    found |= {f"yizhan:{name}": value for name, value in info.attributes.items()}
    found |= {f"input {name}": value for name, value in info.inputs}
    found |= {f"output {name}": "result" if value is None else value for name, value in info.outputs}
    return {name: value for name, value in found.items() if value is not None}
