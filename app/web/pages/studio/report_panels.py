"""What a report says, for people: its five groups, what was found, what gets a version, cases, undo, references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from app.domain.words import Words
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio.deploy_cases import undo_tried
from app.services.studio.deploy_groups import Group
from app.services.studio.deploy_parts import Part
from app.services.studio.deploy_reports import Report
from app.web.addresses import Addresses
from app.web.pages.operation_values import all_in_full
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.deployments import (
    CaseRow,
    FindingLine,
    ForecastLine,
    GroupCell,
    PartLine,
    ReferenceLine,
    ReportPanels,
    UndoRow,
)
from app.web.views.parts import Tag
from processes.drawing_facts import things_of
from processes.findings import Finding, finding_id
from processes.spiff.groups import GROUPS

GROUP_NAMES: Final = {
    Group.NOTATION: Sentence("Notation"),
    Group.EXECUTION: Sentence("Engine"),
    Group.REFERENCES: Sentence("References"),
    Group.BUSINESS: Sentence("Business rules"),
    Group.IMPACT: Sentence("Impact"),
}
KIND_NAMES: Final = {
    "process": Sentence("process"),
    "decision": Sentence("decision table"),
    "form": Sentence("form"),
    "operation": Sentence("operation"),
    "team": Sentence("team"),
    "skill": Sentence("skill"),
    "sla": Sentence("SLA level"),
    "calendar": Sentence("SLA calendar"),
}
WHAT: Final = {
    "first": Sentence("the first version"),
    "new": Sentence("replaces v{n}"),
    "same": Sentence("is in force already"),
    "again": Sentence("an earlier version is in force again, after v{n}"),
}
VERDICTS: Final = (
    ("safe", Sentence("can be moved"), "ok"),
    ("needs_mapping", Sentence("need a counterpart"), "warn"),
    ("blocked", Sentence("cannot be moved"), "bad"),
)
LEFT_OUT: Final = {
    "many": Sentence("{n} cases of {process} were not run: there are more than are run at once."),
    "time": Sentence("{n} cases of {process} were not run: there was no time left."),
}
#: So many rules ask whether it is a drawing as the standard wants it.
NOTATION_RULES: Final = sum(group == "notation" for group in GROUPS.values())
#: So many rows of a kind are shown.
MOST: Final = 300


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What somebody has typed into the form so far, and what is wrong with it."""

    notes: Mapping[str, str] = field(default_factory=dict)
    release_note: str = ""
    when: str = "now"
    at: str = ""
    token: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


class Panels:
    """Builds what is shown of a report. ``rows``: the drafts its files come from, in their order; none if not known."""

    def __init__(self, reader: Reader, addresses: Addresses, rows: Sequence[ProcessDraft], report: Report) -> None:
        self.reader, self.addresses, self.rows, self.report = reader, addresses, rows, report
        self.names = names_in(report.files)
        self._drafts = dict(zip(report.files, rows, strict=False))

    def shown(self, typed: Typed) -> ReportPanels:
        """All of it, with the notes that were typed."""
        return ReportPanels(**self.said(typed))

    def said(self, typed: Typed) -> dict[str, Any]:
        """What every page of a report has."""
        report = self.report
        return {
            "groups": tuple(self._group(group) for group in Group),
            "to_do": tuple(self._finding(one, typed) for one in [*report.errors, *report.warnings][:MOST]),
            "said": tuple(self._finding(one, typed) for one in report.findings if one.severity == "note")[:MOST],
            "parts": tuple(self._part(part) for part in report.parts),
            "cases": tuple(self._case(index) for index in range(min(len(report.cases), MOST))),
            "cases_tag": self._cases_tag(),
            "left_out": self._left_out(),
            "references": tuple(self._references()),
            "undo": tuple(self._undo()),
            "forecasts": tuple(self._forecasts()),
        }

    def _title(self) -> str:
        if self.report.parts:
            first, more = self.report.parts[0], len(self.report.parts) - 1
            name = self.reader.words(first.name)
            return self.reader.t("{name} and {n} more", name=name, n=more) if more else name
        if not self.rows:
            return next(iter(self.report.files), "")
        main = self.rows[0]
        thing = next((row for row in things_of(main.content).values() if row.type in ("process", "decision")), None)
        if thing is None:
            return main.name
        return self.reader.words(Words(thing.name or main.name, thing.name_en or thing.name or main.name))

    def _group(self, group: Group) -> GroupCell:
        t, report = self.reader.t, self.report
        found = report.of_group(group)
        errors = sum(one.severity == "error" for one in found)
        warnings = sum(one.severity == "warning" for one in found)
        figure, text = self._figure(group, found, errors, warnings)
        name = t(GROUP_NAMES[group])
        is_bad = errors or (group is Group.EXECUTION and not report.stored)
        is_bad = is_bad or (group is Group.IMPACT and bool(report.failed_cases))
        if is_bad:
            return GroupCell(name=name, tag=Tag(name, "alert", "bad"), figure=figure, text=text)
        if warnings:
            return GroupCell(name=name, tag=Tag(name, "warn", "warn"), figure=figure, text=text)
        icon, tone = ("info", "") if group is Group.IMPACT else ("done", "ok")
        return GroupCell(name=name, tag=Tag(name, icon, "ok" if tone else ""), figure=figure, text=text)

    def _figure(self, group: Group, found: Sequence[Finding], errors: int, warnings: int) -> tuple[str, str]:
        t, report = self.reader.t, self.report
        said = t("{n} errors, this cannot be deployed", n=errors) if errors else ""
        said = said or (t("{n} to explain", n=warnings) if warnings else "")
        if group is Group.NOTATION:
            broken = {one.rule for one in found if one.severity != "note"}
            return f"{NOTATION_RULES - len(broken)} / {NOTATION_RULES}", said or t("all rules are kept")
        if group is Group.EXECUTION:
            if report.stored:
                return t("compiled"), said or t("read, compiled and stored on trial")
            return t("refused"), said or t("the engine has stored nothing")
        if group is Group.REFERENCES:
            total = len(report.references) + errors
            return f"{len(report.references)} / {total}", said or t("everything it names exists")
        if group is Group.BUSINESS:
            number = errors + warnings
            return (t("{n} remarks", n=number) if number else t("kept")), said or t("nothing to explain")
        if not report.stored:
            return "–", t("known once it is compiled")
        running = sum(sum(part.running.values()) for part in report.parts)
        failed = len(report.failed_cases)
        if failed:
            return t("{n} running", n=running), t("{n} cases fail", n=failed)
        return t("{n} running", n=running), t("they stay on their version")

    def _finding(self, finding: Finding, typed: Typed) -> FindingLine:
        t, english = self.reader.t, self.reader.language == "en"
        tags = {
            "error": Tag(t("error"), "alert", "bad"),
            "warning": Tag(t("warning"), "warn", "warn"),
            "note": Tag(t.about("finding", "note"), "info", ""),
        }
        name = self.names.get(finding.element_id, Words(finding.element_name, finding.element_name))
        field_name = f"note-{finding_id(finding)}" if finding.severity == "warning" else ""
        return FindingLine(
            tag=tags[finding.severity],
            file=finding.file if len(self.report.files) > 1 else "",
            element=self.reader.words(name) or finding.element_name or self._title(),
            text=finding.message_en if english else finding.message_zh,
            fix=finding.fix_en if english else finding.fix_zh,
            rule=finding.rule,
            href=self._at(finding.file, finding.element_id),
            field=field_name,
            note=typed.notes.get(field_name, ""),
            fault=typed.faults.get(field_name, ""),
        )

    def _at(self, file: str, element_id: str) -> str:
        if not self.rows:
            return ""
        draft = self._drafts.get(file, self.rows[0])
        return f"/processes/drafts/{draft.id}" + (f"?element={quote(element_id, safe='')}" if element_id else "")

    def _part(self, part: Part) -> PartLine:
        t = self.reader.t
        text = t(WHAT[part.what], n=part.before or 0)
        if part.open_tasks:
            text = "; ".join((text, t("{n} open to-dos ask it at once", n=part.open_tasks)))
        same = part.what in ("new", "again") and part.kind == "process"
        draft = next((row for row in self.rows if row.key == part.key and row.base_version), None)
        return PartLine(
            kind=t(KIND_NAMES[part.kind]),
            name=self.reader.words(part.name),
            key=part.key,
            version=f"v{part.version}",
            text=text,
            running=tuple((f"v{version}", number) for version, number in sorted(part.running.items())),
            compare_href=f"/processes/drafts/{draft.id}/compare" if same and draft else "",
        )

    def _case(self, index: int) -> CaseRow:
        t, case = self.reader.t, self.report.cases[index]
        tag = Tag(t("passed"), "done", "ok") if case.passed else Tag(t("fails"), "alert", "bad")
        problem = "" if case.passed else self.reader.words(case.problems[0])
        file = next((name for name, row in self._drafts.items() if row.key == case.key), "")
        href = "" if case.passed else self._at(file, case.element_id)
        if case.user and href:
            href = self.addresses.process(case.key)
        name = case.name if self.reader.language == "en" else case.name_zh or case.name
        of = t("of {process}, which uses this", process=self.reader.words(case.user)) if case.user else ""
        return CaseRow(name=name, of=of, tag=tag, problem=problem, href=href)

    def _left_out(self) -> tuple[str, ...]:
        reader = self.reader
        return tuple(
            reader.t(LEFT_OUT[one.why], n=one.count, process=reader.words(one.name)) for one in self.report.left_out
        )

    def _cases_tag(self) -> Tag | None:
        t, cases = self.reader.t, self.report.cases
        if not cases:
            return None
        failed = len(self.report.failed_cases)
        if failed:
            return Tag(t("{n} of {total} fail", n=failed, total=len(cases)), "alert", "bad")
        return Tag(t("all {n} passed", n=len(cases)), "done", "ok")

    def _references(self) -> list[ReferenceLine]:
        return [
            ReferenceLine(
                kind=self.reader.t(KIND_NAMES[one.kind]),
                name=self.reader.words(one.name),
                code=one.code,
                version=f"v{one.version}" if one.version else "–",
                used=one.used,
            )
            for one in self.report.references[:MOST]
        ]

    def _undo(self) -> list[UndoRow]:
        t = self.reader.t
        tags = {
            "operation": Tag(t("by the system"), "done", "ok"),
            "people": Tag(t("by people"), "user", ""),
            "none": Tag(t("cannot be undone"), "warn", "warn"),
        }
        points = {
            "hard": Tag(t("point of no return"), "alert", "bad"),
            "soft": Tag(t("soft point of no return"), "warn", "warn"),
        }
        files = {row.key: name for name, row in self._drafts.items()}
        known = undo_tried(self.report.cases)
        tried = {
            place: Tag(t("lacks {what}", what=all_in_full(one.problem[:200], self.reader)), "warn", "warn")
            if one.problem
            else Tag(t("{n} times", n=one.times), "done", "ok")
            for place, one in known.items()
        }
        return [
            UndoRow(
                step=self.reader.words(line.name),
                href=self._at(files.get(line.process_key, ""), line.element_id),
                tag=tags[line.how],
                by=self.reader.words(line.by_name),
                point=points.get(line.point),
                tried=tried.get((line.process_key, line.element_id)),
            )
            for line in self.report.undo[:MOST]
        ]

    def _forecasts(self) -> list[ForecastLine]:
        t, named = self.reader.t, {part.key: part for part in self.report.parts}
        found = []
        for one in self.report.forecasts:
            shares = tuple((t(word), one.verdicts.get(name, 0), tone) for name, word, tone in VERDICTS)
            judged = t("looked at {n} of {total}", n=one.judged, total=one.running)
            text = judged if one.judged < one.running else ""
            name = f"{self.reader.words(named[one.key].name)} v{one.from_version}"
            found.append(ForecastLine(name=name, text=text, running=one.running, shares=shares))
        return found


def names_in(files: Mapping[str, bytes]) -> dict[str, Words]:
    """What the elements of these files are called, by id."""
    return {
        thing.id: Words(thing.name, thing.name_en or thing.name)
        for content in files.values()
        for thing in things_of(content).values()
        if thing.name
    }
