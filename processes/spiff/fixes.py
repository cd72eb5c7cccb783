"""Mending as data: what the drawing board, or whoever asks, may do about a finding, in one step that can be undone.

A fix is ``{"label_zh", "label_en", "steps": [...]}``; every step has ``do`` and ``element`` (an id):

``set`` (``name``, ``value``; an empty value takes the attribute away), ``input`` (``name``, ``value``), ``renameInput``
(``name``, ``to``), ``removeInput`` (``name``), ``output`` (``name``, ``value``), ``default`` (``flow``: it becomes the
default way, and loses its condition), ``timeLimit`` (``value``: after this time a person is asked, the wait goes on),
``field`` (``place``, ``value``), ``word`` (``place``, ``name``, ``to``: in that expression the name is another),
``event`` (``kind``: message or signal, ``value``: its name), ``replace`` (``type``), ``remove``.
"""

from __future__ import annotations

from typing import Any

Fix = dict[str, Any]


def fix(zh: str, en: str, *steps: dict[str, str]) -> Fix:
    """One way to mend a finding; ``zh`` and ``en`` are the words on its button."""
    return {"label_zh": zh, "label_en": en, "steps": list(steps)}


def set_attribute(element: str, name: str, value: str, zh: str = "", en: str = "") -> Fix:
    """Write an attribute, for example ``yizhan:team``."""
    step = {"do": "set", "element": element, "name": name, "value": value}
    return fix(zh or f"改为 {value}", en or f"Change to {value}", step)


def add_input(element: str, name: str, value: str) -> Fix:
    """Hand over one more input; an empty value is filled in by a person."""
    step = {"do": "input", "element": element, "name": name, "value": value}
    return fix(f"加输入 {name}", f"Add the input {name}", step)


def remove_input(element: str, name: str) -> Fix:
    """Hand over one input less."""
    return fix(f"去掉输入 {name}", f"Remove the input {name}", {"do": "removeInput", "element": element, "name": name})


def rename_input(element: str, name: str, to: str) -> Fix:
    """Call an input as the operation calls it."""
    return fix(f"改名为 {to}", f"Rename it to {to}", {"do": "renameInput", "element": element, "name": name, "to": to})


def default_flow(gateway: str, flow: str, name: str) -> Fix:
    """Make a flow the default one."""
    return fix(
        f"把“{name or flow}”设为默认",
        f"Make “{name or flow}” the default",
        {"do": "default", "element": gateway, "flow": flow},
    )


def time_limit(element: str, value: str, zh: str, en: str) -> Fix:
    """Ask a person when the wait takes longer than ``value`` (ISO 8601)."""
    return fix(f"加时限 {zh}", f"Add a time limit of {en}", {"do": "timeLimit", "element": element, "value": value})


def replace_with(element: str, type_: str, zh: str, en: str) -> Fix:
    """Make the element one of another kind."""
    return fix(zh, en, {"do": "replace", "element": element, "type": type_})


def set_field(element: str, place: str, value: str, zh: str, en: str) -> Fix:
    """Write a field that a finding names as its place."""
    return fix(zh, en, {"do": "field", "element": element, "place": place, "value": value})


def name_event(element: str, kind: str, kind_zh: str) -> Fix:
    """Let an event be about a message or signal of its own; its name is the id of the element."""
    step = {"do": "event", "element": element, "kind": kind, "value": element}
    return fix(f"新建{kind_zh} {element}", f"Make the {kind} {element}", step)


def rename_word(element: str, place: str, word: str, to: str) -> Fix:
    """Say another name in the expression of that field."""
    step = {"do": "word", "element": element, "place": place, "name": word, "to": to}
    return fix(f"改为 {to}", f"Change to {to}", step)


def remove(element: str) -> Fix:
    """Take the element out of the drawing."""
    return fix("删除", "Remove it", {"do": "remove", "element": element})
