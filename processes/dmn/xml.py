"""Small helpers to walk a DMN file; namespaces differ between its versions, so only local names count."""

from __future__ import annotations

from lxml import etree

from processes.spiff.xmlsource import local_name

__all__ = ["child", "children", "local_name", "text_in"]


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """The direct children of these names, in the order of the file."""
    return [found for found in element if local_name(found) in names]


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first direct child of that name."""
    if element is None:
        return None
    return next(iter(children(element, name)), None)


def text_in(element: etree._Element | None) -> str:
    """What stands in the ``text`` of an element, or in the element itself."""
    if element is None:
        return ""
    text = child(element, "text")
    return "".join(str(part) for part in (text if text is not None else element).itertext()).strip()
