"""Collects what is found while files are read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from processes.findings import Finding, Severity
from processes.spiff.messages import RULES
from processes.spiff.rules import Rule

# A file somebody made to break the check could have a hundred thousand.
MOST: Final = 500


@dataclass
class Report:
    """Collects findings about one file: at most 500 errors and 500 others, then one that says there are more."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    _seen: set[Finding] = field(default_factory=set)
    _errors: int = 0

    def add(
        self, rule: str, element_id: str = "", name: str = "", detail: str = "", detail_zh: str | None = None
    ) -> None:
        """Note that a rule is broken; the same finding is noted once. ``detail_zh``: where the detail is a sentence."""
        row = RULES[rule]
        in_english, in_chinese = detail[:300], (detail if detail_zh is None else detail_zh)[:300]
        en, fix_en = (_said(text, in_english) for text in (row.en, row.fix_en))
        zh, fix_zh = (_said(text, in_chinese) for text in (row.zh, row.fix_zh))
        self._keep(Finding(rule, row.severity, self.file, element_id[:200], name[:200], zh, en, fix_zh, fix_en))

    def _keep(self, found: Finding) -> None:
        if found in self._seen:
            return
        is_error = found.severity == "error"
        so_far = self._errors if is_error else len(self._seen) - self._errors
        if so_far >= MOST:
            self._say_there_are_more()
            return
        self._errors += is_error
        self._seen.add(found)
        self.findings.append(found)

    def _say_there_are_more(self) -> None:
        row: Rule = RULES["more-findings"]
        severity: Severity = row.severity
        found = Finding("more-findings", severity, self.file, "", "", row.zh, row.en, row.fix_zh, row.fix_en)
        if found not in self._seen:
            self._seen.add(found)
            self.findings.append(found)

    @property
    def ok(self) -> bool:
        """Whether no error has been found so far."""
        return not self._errors


def _said(text: str, detail: str) -> str:
    return text.replace("{detail}", detail)
