"""Decision tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from processes.spiff.messages import Report


@dataclass(frozen=True)
class CompiledDecision:
    """One decision of a DMN file."""

    key: str
    name: str
    name_en: str
    content_hash: str
    xml: bytes


def compile_decisions(root: etree._Element, data: bytes, report: Report) -> list[CompiledDecision]:
    """Read the decisions of a file."""
    return []


def load_decision(xml: bytes, key: str | None = None) -> Any:
    """Read a decision to evaluate it."""
    raise NotImplementedError
