"""Namespaces of BPMN files and how to write a qualified name."""

from typing import Final

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
YIZHAN: Final = "urn:yizhan:bpmn:1"
PREFIXES: Final = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI, "yizhan": YIZHAN}


def q(name: str) -> str:
    """``bpmn:task`` as lxml writes it: ``{namespace}task``."""
    prefix, _, local = name.partition(":")
    return f"{{{PREFIXES[prefix]}}}{local}"


def local_name(tag: str) -> str:
    """The part of a tag behind its namespace."""
    return tag.rpartition("}")[2]
