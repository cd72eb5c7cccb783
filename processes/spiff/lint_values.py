"""Rules for what ``yizhan:`` attributes say: teams, forms and retry policies have to exist where the file is to run."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Container, Mapping
from typing import Final

from processes.retries import written_policy
from processes.spiff.fixes import set_attribute
from processes.spiff.model import Node, ProcessModel
from processes.spiff.report import Report

MOST_HINTS: Final = 20


def lint_values(model: ProcessModel, values: Mapping[str, Container[str]], report: Report) -> None:
    """Check the attributes whose possible values are known."""
    for _, node in model.root.walk():
        if "team" in values and not node.attributes.get("team") and _is_for_people(node):
            report.add("no-team", node.id, node.name, place="yizhan:team")
        for name, known in values.items():
            value = node.attributes.get(name, "")
            if value and value not in known and not (name == "retry" and written_policy(value) is not None):
                _unknown(node, name, value, known, report)


def _is_for_people(node: Node) -> bool:
    return node.type == "userTask" or (node.ad_hoc is not None and node.ad_hoc.by_hand)


def _unknown(node: Node, name: str, value: str, known: Container[str], report: Report) -> None:
    found = close_to(value, known, report)
    fixes = [set_attribute(node.id, f"yizhan:{name}", other) for other in found]
    detail = f'yizhan:{name}="{value[:100]}"{asked(found)}'
    report.add("unknown-value", node.id, node.name, detail, place=f"yizhan:{name}", fixes=fixes)


def close_to(value: str, known: Container[str] | None, report: Report) -> list[str]:
    """What may have been meant; looking for it costs, so only a few times per file."""
    if not isinstance(known, Collection) or len(report.findings) > MOST_HINTS or len(value) > 100:
        return []
    return difflib.get_close_matches(value, [str(name) for name in known], n=2, cutoff=0.6)


def asked(found: Collection[str]) -> str:
    """`` (resource.assign?)``, or nothing."""
    return f" ({', '.join(found)}?)" if found else ""
