"""What a check found in the files somebody wants to deploy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing found in one file, said in Chinese and English, with a suggested way to mend it.

    ``rule`` is a kebab word for machines; ``element_id`` is empty when the whole file is meant.
    A finding of severity ``error`` keeps the files from being deployed, a ``warning`` asks a person to look, a
    ``note`` says what was made of something. ``path`` names the element with what is around it
    (``home_install/visit/fit``): the process, the embedded sub-processes, the element.
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


def deployable(findings: Iterable[Finding]) -> bool:
    """Whether nothing found is an error."""
    return all(found.severity != "error" for found in findings)
