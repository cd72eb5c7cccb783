"""Collects what is found while files are read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field

from processes.findings import Finding
from processes.spiff.messages import RULES


@dataclass
class Report:
    """Collects findings about one file."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def add(self, rule: str, element_id: str = "", name: str = "", detail: str = "") -> None:
        """Note that a rule is broken; the same finding is noted once."""
        row, detail = RULES[rule], detail[:300]
        zh, en, fix_zh, fix_en = (
            text.replace("{detail}", detail).replace("{{", "{").replace("}}", "}")
            for text in (row.zh, row.en, row.fix_zh, row.fix_en)
        )
        found = Finding(rule, row.severity, self.file, element_id, name, zh, en, fix_zh, fix_en)
        if found not in self.findings:
            self.findings.append(found)

    @property
    def ok(self) -> bool:
        """Whether no error has been found so far."""
        return all(found.severity != "error" for found in self.findings)
