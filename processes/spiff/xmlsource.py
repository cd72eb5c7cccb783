"""Read XML that may be hostile: bounded, without DOCTYPE, entities or network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

MAX_BYTES: Final = 2_000_000
MAX_XML_DEPTH: Final = 100
# Elements and closing tags; a drawing of two thousand elements with all its shapes has sixty thousand, the largest
# decision table more.
MAX_TAGS: Final = 250_000
MAX_BPMN_TAGS: Final = 100_000
# Looking an attribute or a prefix up costs more the more of them there are.
MAX_ATTRIBUTES: Final = 200
MAX_PREFIXES: Final = 5000
BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
YIZHAN: Final = "urn:yizhan:bpmn:1"


class SourceRefused(Exception):
    """The bytes are not XML we read; ``rule`` says why."""

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(detail)
        self.rule, self.detail = rule, detail


def read(data: bytes) -> etree._Element:
    """Parse; :raises SourceRefused: too large, broken, with a DOCTYPE, nested too deeply, or made to take long."""
    if len(data) > MAX_BYTES:
        raise SourceRefused("too-large", f"{len(data)}")
    if data.count(b"<") > MAX_TAGS or data.replace(b"\x00", b"").count(b"xmlns:") > MAX_PREFIXES:
        raise SourceRefused("too-many-elements")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as problem:
        if b"<!DOCTYPE" in data.replace(b"\x00", b"").upper():
            raise SourceRefused("doctype") from None
        raise SourceRefused("xml-broken", str(problem)[:200]) from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise SourceRefused("doctype")
    if root.tag == bpmn("definitions") and data.count(b"<") > MAX_BPMN_TAGS:
        raise SourceRefused("too-many-elements")
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise SourceRefused("too-deep", str(MAX_XML_DEPTH))
        if any(len(element.attrib) > MAX_ATTRIBUTES for element in level):
            raise SourceRefused("too-many-attributes")
        # The parser lets some prefixes through that nothing declares; no name can be read of those.
        if unbound := [name for element in level for name in _names(element) if ":" in name and name[0] != "{"]:
            raise SourceRefused("xml-broken", f"Namespace prefix of {str(unbound[0])[:150]} is not defined")
        level = [child for element in level for child in element if isinstance(child.tag, str)]
    return root


def _names(element: etree._Element) -> Iterator[str]:
    yield str(element.tag)
    yield from map(str, element.attrib)


def local_name(element: etree._Element) -> str:
    """The tag without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    """The namespace of the tag."""
    tag = element.tag
    return tag[1:].rpartition("}")[0] if isinstance(tag, str) else ""


def bpmn(name: str) -> str:
    """The full tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def text_in(element: etree._Element, child: str) -> str | None:
    """The text of a BPMN child element; None if there is no such child."""
    found = element.find(bpmn(child))
    return None if found is None else "".join(str(part) for part in found.itertext()).strip()
