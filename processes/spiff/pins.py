"""Pins: a business rule task that takes one version of its decision for good, not whichever is in force.

Versions are counted by whoever keeps the decisions. Files alone have no numbers: there nothing is said of pins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from processes.spiff.decisions import CompiledDecision
from processes.spiff.fixes import fix, set_attribute
from processes.spiff.model import Node
from processes.spiff.report import Report

ATTRIBUTE: Final = "decisionVersion"
PLACE: Final = f"yizhan:{ATTRIBUTE}"
MOST_DIGITS: Final = 9


@dataclass(frozen=True)
class KeptVersion:
    """A version of a decision that is kept; one that was taken back cannot be taken any more."""

    version: int
    content_hash: str
    is_withdrawn: bool = False


#: The versions of each decision, by key, in the order in which they came into force.
Kept = Mapping[str, Sequence[KeptVersion]]


def pin_of(attributes: Mapping[str, str]) -> int | None:
    """The version a step is pinned to; None: it takes the one in force."""
    text = attributes.get(ATTRIBUTE, "")
    return int(text) if _is_number(text) else None


def pins_in(elements: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, int]]:
    """Decision and version of every pin; ``elements``: the attributes of each."""
    for attributes in elements:
        pin = pin_of(attributes)
        if pin is not None and attributes.get("decision"):
            yield attributes["decision"], pin


def numbered(kept: Sequence[KeptVersion], content_hash: str) -> int:
    """The version that content is, or would be the next time it is deployed."""
    same = (row.version for row in kept if row.content_hash == content_hash)
    return next(same, max((row.version for row in kept), default=0) + 1)


def takeable(kept: Kept, given: Iterable[CompiledDecision]) -> dict[str, tuple[int, ...]]:
    """By key the versions that can be taken once the given ones are deployed too, the one in force last."""
    found = {key: tuple(row.version for row in rows if not row.is_withdrawn) for key, rows in kept.items()}
    for decision in given:
        own = numbered(kept.get(decision.key, ()), decision.content_hash)
        others = (version for version in found.get(decision.key, ()) if version != own)
        found[decision.key] = (*others, own)
    return found


def lint_pin(node: Node, versions: Mapping[str, Sequence[int]] | None, report: Report) -> bool:
    """Check the version a business rule task names; false: it takes another one than the one in force."""
    text, decision = node.attributes.get(ATTRIBUTE, ""), node.attributes.get("decision", "")
    if not text:
        return True
    newest_again = set_attribute(node.id, PLACE, "", "改用最新版本", "Take the newest")
    if not _is_number(text):
        detail = f'{PLACE}="{text[:40]}" (1, 2, 3 …)'
        report.add("bad-value", node.id, node.name, detail, place=PLACE, fixes=[newest_again])
        return True
    there = versions.get(decision, ()) if versions is not None and decision else ()
    if not there:  # nothing is known, or the decision itself is missing, which is said already
        return True
    pinned, newest = int(text), there[-1]
    to_newest = fix(
        f"固定为版本 {newest}",
        f"Pin to version {newest}",
        {"do": "set", "element": node.id, "name": PLACE, "value": str(newest)},
    )
    rule = "old-decision-version" if pinned in there else "unknown-decision-version"
    if pinned != newest:
        detail = f"{decision} v{pinned}"
        detail += f" (v{newest})" if rule == "old-decision-version" else f" ({', '.join(f'v{one}' for one in there)})"
        report.add(rule, node.id, node.name, detail, place=PLACE, fixes=[newest_again, to_newest])
    return pinned == newest


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS and int(text) > 0
