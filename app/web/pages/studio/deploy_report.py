"""The report before a deployment, with the form that deploys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.persistence.studio.deployment_requests import requests
from app.persistence.studio.drafts import ProcessDraft, drafts
from app.services.studio.deploy_parts import Part
from app.services.studio.deploy_reports import Report
from app.web.addresses import Addresses
from app.web.pages.studio.report_panels import Panels, Typed
from app.web.reader import Reader
from app.web.views.deployments import OtherDraft, ReportPage
from app.web.views.parts import Fault


class DeployReport(Panels):
    """Builds the page of a report."""

    def __init__(
        self, session: Session, reader: Reader, addresses: Addresses, rows: Sequence[ProcessDraft], report: Report
    ) -> None:
        super().__init__(reader, addresses, rows, report)
        self.session = session

    def page(self, typed: Typed, *, second_person: bool) -> ReportPage:
        """Everything, with what was typed."""
        t, report, main = self.reader.t, self.report, self.rows[0]
        changed = [part for part in report.parts if part.what != "same"]
        title = self._title()
        version = f"v{report.parts[0].version}" if len(report.parts) == 1 else ""
        waiting = self._waiting()
        return ReportPage(
            title=title,
            heading=" ".join(word for word in (t("Deploy"), title, version) if word),
            action=f"/processes/drafts/{main.id}/deploy",
            board_href=f"/processes/drafts/{main.id}",
            compare_href=f"/processes/drafts/{main.id}/compare" if main.kind == "bpmn" and main.base_version else "",
            checked=self.reader.f.seconds(self.reader.now),
            **self.said(typed),
            others=self._others(),
            button=self._button(version, second_person),
            why_not=self._why_not(changed, waiting),
            may_deploy=self.reader.may("process.deploy"),
            second_person=second_person,
            way_back=report.way_back,
            token=typed.token,
            seen=report.digest,
            release_note=typed.release_note,
            when=typed.when,
            at=typed.at,
            at_fault=typed.faults.get("at", ""),
            zone=self.reader.zone,
            waiting_href=waiting,
            faults=tuple(Fault(name if name != "" else "", text) for name, text in self._faults(typed)),
        )

    def _faults(self, typed: Typed) -> list[tuple[str, str]]:
        found = [("", typed.refused)] if typed.refused else []
        return [*found, *typed.faults.items()]

    def _button(self, version: str, second_person: bool) -> str:
        if second_person:
            return self.reader.t("Ask a second person")
        return self.reader.t("Deploy {version}", version=version) if version else self.reader.t.about("act", "Deploy")

    def _why_not(self, changed: Sequence[Part], waiting: str) -> str:
        t, report = self.reader.t, self.report
        errors, failed = len(report.errors), len(report.failed_cases)
        if errors or not report.stored:
            return t("{n} errors have to be mended first, then check again.", n=max(errors, 1))
        if failed and not report.way_back:
            return t("{n} cases fail. Mend the process, or what they expect.", n=failed)
        if waiting:
            return t("This waits to be deployed already.")
        if not changed:
            return t("Nothing differs from what is in force.")
        return ""

    def _waiting(self) -> str:
        mine = {(part.kind, part.key) for part in self.report.parts}
        for row in requests(self.session, only_open=True):
            if any((part["kind"], part["key"]) in mine for part in row.parts):
                return f"/processes/deployments/{row.id}"
        return ""

    def _others(self) -> tuple[OtherDraft, ...]:
        chosen = {row.id for row in self.rows}
        others = [row for row in drafts(self.session) if row.id != self.rows[0].id][:30]
        return tuple(OtherDraft(id=row.id, name=row.name, chosen=row.id in chosen) for row in others)
