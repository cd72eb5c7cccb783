"""What a file brings along that is not ours: kept as it is, and listed, so that nobody wonders what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from processes.canonical import BOUNDS, DIAGRAM, POINTS, XML, XSI
from processes.spiff.dialects import family_of
from processes.spiff.xmlsource import BPMN, YIZHAN, SourceRefused, read

#: What every tool writes: the notation itself, its drawing, ours.
KNOWN: Final = frozenset({"", BPMN, DIAGRAM, BOUNDS, POINTS, XSI, XML, YIZHAN})
#: Parts of namespaces that tools use for colours and the like, without a meaning for what runs.
DRAWN: Final = ("omg.org/spec/DMN", "omg.org/spec/DD", "omg.org/spec/BPMN/non-normative/color", "bpmn.io/schema")
#: So many places of a part are named.
MOST_PLACES: Final = 5


@dataclass
class ForeignPart:
    """One unknown element (``<camunda:field>``) or attribute (``camunda:class``), how often it occurs, and where.

    ``space``: its namespace; ``tool``: whose it is, empty if nobody knows; ``places``: id and name of the first few.
    """

    what: str
    space: str
    tool: str
    count: int = 0
    places: list[tuple[str, str]] = field(default_factory=list)


def foreign_parts(content: bytes) -> Sequence[ForeignPart]:
    """The parts of other namespaces, in the order of the file; none where it cannot be read."""
    try:
        root = read(content)
    except SourceRefused:
        return ()
    found: dict[str, ForeignPart] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if _space(element.tag) not in KNOWN:
            prefix = f"{element.prefix}:" if element.prefix else ""
            _note(found, f"<{prefix}{etree.QName(element).localname}>", _space(element.tag), element)
        prefixes = {uri: prefix for prefix, uri in element.nsmap.items() if prefix}
        for name in map(str, element.attrib):
            space = _space(name)
            if space not in KNOWN:
                prefix = prefixes.get(space, "")
                _note(found, f"{prefix}:{etree.QName(name).localname}".lstrip(":"), space, element)
    return tuple(part for part in found.values() if not any(known in part.space for known in DRAWN))


def made_with(content: bytes) -> str:
    """The tool that wrote the file, as the file says itself; empty if it says nothing."""
    try:
        root = read(content)
    except SourceRefused:
        return ""
    return f"{root.get('exporter', '')} {root.get('exporterVersion', '')}".strip()[:80]


def _note(found: dict[str, ForeignPart], what: str, space: str, element: etree._Element) -> None:
    part = found.setdefault(f"{what} {space}", ForeignPart(what, space, family_of(space)))
    part.count += 1
    owner: etree._Element | None = element
    while owner is not None and not (_space(str(owner.tag)) in KNOWN and owner.get("id")):
        owner = owner.getparent()
    place = ("", "") if owner is None else (owner.get("id", ""), owner.get("name", ""))
    if place[0] and place not in part.places and len(part.places) < MOST_PLACES:
        part.places.append(place)


def _space(name: str) -> str:
    return name[1:].partition("}")[0] if name.startswith("{") else ""
