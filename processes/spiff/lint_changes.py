"""What ``yizhan:change`` says, and rules for it and the attributes beside it."""

from __future__ import annotations

from processes.spiff.model import Node
from processes.spiff.report import Report


def change_of(text: str) -> tuple[str, dict[str, str]]:
    """The operation of ``code(name=expression; ...)``, and how those of its inputs are computed that are named."""
    code, _, given = text.strip().partition("(")
    pairs = (part.partition("=") for part in given.removesuffix(")").split(";") if part.strip())
    return code.strip(), {name.strip(): value.strip() for name, _, value in pairs}


def changes_of(text: str) -> dict[str, tuple[str, ...]]:
    """The inputs that can be changed in place, each with the parts of the answer that become others by that:
    ``profile address_code:port,vlan``."""
    words = (word.partition(":") for word in text.split())
    return {name: tuple(filter(None, renewed.split(","))) for name, _, renewed in words}


def lint_changes(node: Node, report: Report) -> None:
    """The inputs named exist, and what can be changed in place says which inputs and by what."""
    changes, change = node.attributes.get("changes", ""), node.attributes.get("change", "")
    if bool(changes) != bool(change) and node.type != "userTask":
        report.add("bad-value", node.id, node.name, "yizhan:change, yizhan:changes: one needs the other")
    known = {name for name, _ in node.inputs}
    for attribute in ("changes", "changeFree"):
        for name in changes_of(node.attributes.get(attribute, "")):
            if name not in known:
                report.add("bad-value", node.id, node.name, f"yizhan:{attribute}: {name!r} is no input of the step")
