"""Collects what is found while files are read and checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from processes.findings import Finding, Severity
from processes.spiff.fixes import Fix
from processes.spiff.groups import GROUPS
from processes.spiff.messages import RULES

# A file somebody made to break the check could have a hundred thousand.
MOST: Final = 500
MOST_FOREIGN: Final = 100_000


@dataclass
class Report:
    """Collects findings about one file: at most 500 errors and 500 others, then one that says there are more."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    _seen: set[Finding] = field(default_factory=set)
    _errors: int = 0
    _has_more: bool = False
    _to_read: int = MOST_FOREIGN

    def may_read(self, characters: int) -> bool:
        """Whether that much more of other engines' expressions may be read in this file; reading them takes long."""
        self._to_read -= characters
        return self._to_read >= 0

    def add(
        self,
        rule: str,
        element_id: str = "",
        name: str = "",
        detail: str = "",
        detail_zh: str | None = None,
        *,
        place: str = "",
        fixes: Iterable[Fix] = (),
    ) -> None:
        """Note that a rule is broken; the same finding is noted once. ``detail_zh``: where the detail is a sentence.

        ``place``: the field of the element it is about; ``fixes``: what can be done about it by a machine.
        """
        row = RULES[rule]
        if self._is_full(row.severity):
            self._say_there_are_more()
            return
        in_english, in_chinese = detail[:300], (detail if detail_zh is None else detail_zh)[:300]
        en, fix_en = (_said(text, in_english) for text in (row.en, row.fix_en))
        zh, fix_zh = (_said(text, in_chinese) for text in (row.zh, row.fix_zh))
        self._keep(
            Finding(
                rule=rule,
                severity=row.severity,
                file=self.file,
                element_id=element_id[:200],
                element_name=name[:200],
                message_zh=zh,
                message_en=en,
                fix_zh=fix_zh,
                fix_en=fix_en,
                group=GROUPS.get(rule, "execution"),
                place=place[:200],
                fixes=tuple(fixes),
            )
        )

    def _keep(self, found: Finding) -> None:
        if found not in self._seen:
            self._errors += found.severity == "error"
            self._seen.add(found)
            self.findings.append(found)

    def _is_full(self, severity: Severity) -> bool:
        return (self._errors if severity == "error" else len(self._seen) - self._errors) >= MOST

    def _say_there_are_more(self) -> None:
        if not self._has_more:
            self._has_more = True
            row = RULES["more-findings"]
            self._keep(
                Finding("more-findings", row.severity, self.file, "", "", row.zh, row.en, row.fix_zh, row.fix_en)
            )

    @property
    def ok(self) -> bool:
        """Whether no error has been found so far."""
        return not self._errors


def _said(text: str, detail: str) -> str:
    return text.replace("{detail}", detail)
