"""What a rule of the check is made of."""

from __future__ import annotations

from dataclasses import dataclass

from processes.findings import Severity


@dataclass(frozen=True)
class Rule:
    """One rule; ``severity`` error keeps a file from being deployed. Texts may use ``{detail}``."""

    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""
    severity: Severity = "error"


def warned(zh: str, en: str, fix_zh: str = "", fix_en: str = "") -> Rule:
    """A rule that leaves the file deployable but asks a person to look."""
    return Rule(zh, en, fix_zh, fix_en, "warning")


def noted(zh: str, en: str, fix_zh: str = "", fix_en: str = "") -> Rule:
    """Something worth knowing that asks for nothing."""
    return Rule(zh, en, fix_zh, fix_en, "note")
