"""What a check found in the files somebody wants to deploy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
Group = Literal["notation", "execution", "references", "business"]


@dataclass(frozen=True)
class Finding:
    """One thing found in one file, said in Chinese and English, with a suggested way to mend it.

    ``rule`` is a kebab word for machines; ``element_id`` is empty when the whole file is meant.
    A finding of severity ``error`` keeps the files from being deployed, a ``warning`` asks a person to look, a
    ``note`` says what was made of something. ``path`` names the element with what is around it
    (``home_install/visit/fit``): the process, the embedded sub-processes, the element. ``group`` is what it is about:
    the drawing, whether it can run, what it refers to, or how we want to work. ``place`` is the field of the element
    (``yizhan:team``, ``input:port``, ``output:port``, ``condition``; empty where none is to blame). ``fixes``: what a
    machine can do about it (:mod:`processes.spiff.fixes`).
    """

    rule: str
    severity: Severity
    file: str
    element_id: str
    element_name: str
    message_zh: str
    message_en: str
    fix_zh: str = ""
    fix_en: str = ""
    path: str = ""
    group: Group = "execution"
    place: str = ""
    fixes: tuple[dict[str, Any], ...] = field(default=(), compare=False)


def deployable(findings: Iterable[Finding]) -> bool:
    """Whether nothing found is an error."""
    return all(found.severity != "error" for found in findings)


def finding_id(finding: Finding | Mapping[str, Any]) -> str:
    """A short name that stays the same as long as the finding does; a note of a person goes with it."""
    row = vars(finding) if isinstance(finding, Finding) else finding
    said = "|".join(str(row.get(name, "")) for name in ("rule", "file", "path", "element_id", "message_en"))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
