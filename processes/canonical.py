"""One way of writing a drawing: the same content is always the same text, and a changed word is a changed line.

What a tool writes differently each time (order of attributes and shapes, prefixes, blanks, fractions of a pixel, its
own name) is made one; ids, names, texts, the order of elements, comments and everything unknown stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from processes.spiff.xmlsource import BPMN, YIZHAN, local_name, read

DIAGRAM: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
BOUNDS: Final = "http://www.omg.org/spec/DD/20100524/DC"
POINTS: Final = "http://www.omg.org/spec/DD/20100524/DI"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"
#: Prefixes of the namespaces every drawing has; others keep the one they came with.
PREFIXES: Final[Mapping[str, str]] = {
    BPMN: "bpmn",
    DIAGRAM: "bpmndi",
    BOUNDS: "dc",
    POINTS: "di",
    XSI: "xsi",
    YIZHAN: "yizhan",
}
#: Who wrote the file says nothing about the process.
NOISE: Final = frozenset({"exporter", "exporterVersion"})
#: These come first, in this order; all others follow by name.
FIRST: Final = ("id", "name", f"{{{YIZHAN}}}nameEn", "x", "y", "width", "height")
COORDINATES: Final = frozenset({"x", "y", "width", "height"})
PREFIX: Final = re.compile(r"([A-Za-z_][\w.-]*):[A-Za-z_]")
MADE_UP: Final = re.compile(r"ns\d+")


def canonical(content: bytes) -> bytes:
    """Write an XML file of a designer in the one way. Doing it twice changes nothing more.

    :raises SourceRefused: it is not XML we read.
    """
    read(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    old = etree.fromstring(content, parser)
    names = _prefixes(old)
    new = etree.Element(old.tag, nsmap=names)
    _copy(old, new, {**{prefix: prefix for prefix in names if prefix}, **_renamed(old, names)})
    _sort_shapes(new)
    _indent(new, "\n")
    # What stands outside the root says who made the file, and is not kept.
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(new, encoding="utf-8") + b"\n"


def _prefixes(root: etree._Element) -> dict[str | None, str]:
    """The namespaces in use with the prefixes they get, sorted; the one of the root may go without."""
    used = {uri for element in _elements(root) for uri in _namespaces(element)}
    given: dict[str, str | None] = {}
    for element in _elements(root):
        for prefix, uri in element.nsmap.items():
            if uri not in given or (MADE_UP.fullmatch(given[uri] or "") and prefix is not None):
                given[uri] = prefix
    own = root.nsmap.get(None)
    mentioned = {name for element in _elements(root) for text in _texts(element) for name in PREFIX.findall(text)}
    found: dict[str | None, str] = {}
    for uri in sorted(used | {uri for uri, prefix in given.items() if prefix in mentioned}):
        if uri == XML:
            continue
        if uri in PREFIXES:
            found[PREFIXES[uri]] = uri
        elif uri == own and root.tag == f"{{{uri}}}{local_name(root)}":
            found[None] = uri
        else:
            wanted = given.get(uri)
            if wanted is None or wanted in found or wanted in PREFIXES.values():
                wanted = next(f"n{at}" for at in range(1, 10_000) if f"n{at}" not in found)
            found[wanted] = uri
    return dict(sorted(found.items(), key=lambda pair: (pair[0] is not None, pair[0] or "")))


def _renamed(root: etree._Element, names: Mapping[str | None, str]) -> dict[str, str]:
    """Which prefix of the old text has become which."""
    new = {uri: prefix for prefix, uri in names.items() if prefix is not None}
    return {
        prefix: new[uri]
        for element in _elements(root)
        for prefix, uri in element.nsmap.items()
        if prefix is not None and uri in new
    }


def _copy(old: etree._Element, new: etree._Element, renamed: Mapping[str, str]) -> None:
    for name, value in sorted(old.attrib.items(), key=lambda pair: _rank(str(pair[0]))):
        if not (old.getparent() is None and name in NOISE):
            new.set(name, _value(old, str(name), str(value), renamed))
    new.text = old.text
    for child in old:
        if not isinstance(child.tag, str):
            made: etree._Element = etree.Comment(child.text or "")
            new.append(made)
        elif _says_nothing(child):
            continue
        else:
            made = etree.SubElement(new, child.tag)
            _copy(child, made, renamed)
        made.tail = child.tail


def _says_nothing(element: etree._Element) -> bool:
    """A label without a place: tools write it or not as they like."""
    return element.tag == f"{{{DIAGRAM}}}BPMNLabel" and not len(element) and not element.attrib


def _rank(name: str) -> tuple[int, bool, str]:
    at = FIRST.index(name) if name in FIRST else len(FIRST)
    return at, name.startswith("{"), name


def _value(element: etree._Element, name: str, value: str, renamed: Mapping[str, str]) -> str:
    if name == f"{{{XSI}}}type" and ":" in value:
        prefix, _, rest = value.partition(":")
        return f"{renamed.get(prefix, prefix)}:{rest}"
    if name in COORDINATES and element.tag in {f"{{{BOUNDS}}}Bounds", f"{{{POINTS}}}waypoint"}:
        return _rounded(value)
    return value


def _rounded(value: str) -> str:
    try:
        return str(round(float(value)))
    except (ValueError, OverflowError):
        return value


def _sort_shapes(root: etree._Element) -> None:
    """Put shapes, then edges, into the order of what they show, so that moving one moves no lines of the file."""
    order = {
        element.get("id", ""): at
        for at, element in enumerate(_elements(root))
        if not str(element.tag).startswith(f"{{{DIAGRAM}")
    }
    for plane in root.iter(f"{{{DIAGRAM}}}BPMNPlane"):
        rows = list(plane)
        if any(not isinstance(row.tag, str) for row in rows):
            continue
        kinds = (f"{{{DIAGRAM}}}BPMNShape", f"{{{DIAGRAM}}}BPMNEdge")
        rows.sort(
            key=lambda row: (
                kinds.index(row.tag) if row.tag in kinds else len(kinds),
                order.get(row.get("bpmnElement", ""), len(order)),
                row.get("id", ""),
            )
        )
        plane[:] = rows


def _indent(element: etree._Element, lead: str) -> None:
    """Two blanks for each level; an element with text of its own is left as it is."""
    rows = list(element)
    if not rows:
        if element.text is not None and not element.text.strip() and not element.attrib.get(f"{{{XML}}}space"):
            element.text = None
        return
    if any((text or "").strip() for text in (element.text, *(row.tail for row in rows))):
        return
    element.text = f"{lead}  "
    for row in rows:
        row.tail = f"{lead}  "
        if isinstance(row.tag, str):
            _indent(row, f"{lead}  ")
    rows[-1].tail = lead


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def _namespaces(element: etree._Element) -> Iterator[str]:
    for name in (str(element.tag), *map(str, element.attrib)):
        if name.startswith("{"):
            yield name[1:].partition("}")[0]


def _texts(element: etree._Element) -> Iterator[str]:
    yield from (str(value) for value in element.attrib.values())
    yield element.text or ""
