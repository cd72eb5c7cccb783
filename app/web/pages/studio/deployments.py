"""Requests to deploy: the list, and one with everything that was looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy.orm import Session

from app.domain.studio.deployments import AGREE, STATE_NAMES, DeploymentState
from app.domain.words import Words
from app.persistence.studio.deployment_requests import WITHDRAW, DeploymentRequest, requests, unpacked
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio.report_record import report_of
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.studio.report_panels import KIND_NAMES, WHAT, Panels, Typed, names_in
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.deployments import FindingLine, PartLine, ReportPanels, RequestList, RequestPage, RequestRow
from app.web.views.parts import Fault, Tag, Tone

LOOKS: Final[Mapping[DeploymentState, tuple[str, Tone]]] = {
    DeploymentState.WAITING: ("user", "warn"),
    DeploymentState.SCHEDULED: ("clock", "run"),
    DeploymentState.DONE: ("done", "ok"),
    DeploymentState.REFUSED: ("x", ""),
    DeploymentState.WITHDRAWN: ("undo", ""),
    DeploymentState.OUTDATED: ("loop", ""),
    DeploymentState.FAILED: ("alert", "bad"),
}


NOTHING_LEFT: Final = Sentence("is taken back; nothing begins on it any more")


def request_list(session: Session, reader: Reader) -> RequestList:
    """Everything that waits, and what was, the newest first."""
    rows, names = requests(session), Names(session, reader)
    names.know_people(row.asked_by for row in rows)
    return RequestList(
        waiting=tuple(_row(row, reader, names) for row in rows if row.is_open),
        past=tuple(_row(row, reader, names) for row in rows if not row.is_open),
    )


def request_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    request: DeploymentRequest,
    since: Sequence[Words],
    faults: Sequence[str],
) -> RequestPage:
    """One request, with the report it was asked for with, and what has changed ``since``."""
    t, names = reader.t, Names(session, reader)
    files = unpacked(request.content)
    known = names_in(files)
    facts = [
        (t.about("deployment", "Asked"), f"{reader.f.full(request.asked_at)} {names.person(request.asked_by)}"),
        (t("Comes into force"), _when(request, reader)),
    ]
    if request.decided_at is not None:
        told = f"{reader.f.full(request.decided_at)} {names.person(request.decided_by)} {request.decision_note}"
        facts.append((t("Decided"), told))
    if request.alone:
        facts.append((t("Second person"), t("told afterwards: it could not wait")))
    if request.cases.get("run"):
        facts.append((t("Cases"), t("all {n} passed", n=request.cases["run"])))
    waits = request.state == DeploymentState.WAITING
    report = _kept_report(session, reader, addresses, request, files)
    mine = request.asked_by == reader.actor.login
    done = tuple(_part(part, reader, request) for part in request.parts)
    return RequestPage(
        title=title_of(request, reader),
        tag=tag_of(request, reader),
        said=reader.words(Words(request.said_zh, request.said_en)),
        facts=tuple(facts),
        parts=report.parts if report and request.is_open else done,
        report=report,
        since=tuple(reader.words(one) for one in since),
        warnings=tuple(_warning(row, reader, known) for row in request.warnings),
        files=tuple(
            (name, hashlib.sha256(body).hexdigest()[:16], f"/processes/deployments/{request.id}/files/{quote(name)}")
            for name, body in sorted(files.items())
        ),
        release_note=request.release_note,
        may_decide=waits and not mine and reader.may(AGREE),
        may_withdraw=request.is_open and (reader.may(AGREE) or mine),
        why_not=t("You have asked for it yourself: somebody else has to agree.") if waits and mine else "",
        faults=tuple(Fault("", text) for text in faults),
    )


def _kept_report(
    session: Session, reader: Reader, addresses: Addresses, request: DeploymentRequest, files: Mapping[str, bytes]
) -> ReportPanels | None:
    """The report as it was when it was asked for; there is none of before reports were kept."""
    if not request.report:
        return None
    rows = [row for one in request.drafts if (row := session.get(ProcessDraft, one["id"])) is not None]
    rows = rows if len(rows) == len(request.drafts) else []
    return Panels(reader, addresses, rows, report_of(request.report, files, request.digest)).shown(Typed())


def title_of(request: DeploymentRequest, reader: Reader) -> str:
    """What is deployed or taken back, with its versions."""
    if request.act == WITHDRAW:
        part = request.parts[0]
        return reader.t("Take back {name} v{n}", name=reader.said_in(part), n=part["withdrawn"])
    parts = [f"{reader.said_in(part)} v{part.get('version')}" for part in request.parts]
    separator = ", " if reader.language == "en" else "、"
    return separator.join(parts[:3]) + (f" +{len(parts) - 3}" if len(parts) > 3 else "")


def tag_of(request: DeploymentRequest, reader: Reader) -> Tag:
    """The state of a request."""
    state = DeploymentState(request.state)
    return Tag(reader.words(STATE_NAMES[state]), *LOOKS[state])


def _when(request: DeploymentRequest, reader: Reader) -> str:
    if request.done_at is not None:
        return reader.f.full(request.done_at)
    return reader.f.full(request.activate_at) if request.activate_at else reader.t("as soon as somebody agrees")


def _row(request: DeploymentRequest, reader: Reader, names: Names) -> RequestRow:
    shown = request.done_at or request.activate_at
    return RequestRow(
        href=f"/processes/deployments/{request.id}",
        what=title_of(request, reader),
        tag=tag_of(request, reader),
        asked=reader.f.moment(request.asked_at),
        by=names.person(request.asked_by),
        when=reader.f.moment(shown) if shown else "–",
        note=request.release_note[:200],
    )


def _part(part: Mapping[str, Any], reader: Reader, request: DeploymentRequest) -> PartLine:
    before, version = part.get("before"), part.get("version")
    if request.act == WITHDRAW:
        return PartLine(
            kind=reader.t(KIND_NAMES[part["kind"]]),
            name=reader.said_in(part),
            key=part["key"],
            version=f"v{part['withdrawn']}",
            text=reader.t("is taken back, v{n} is in force then", n=version) if version else reader.t(NOTHING_LEFT),
        )
    what = "first" if before is None else "same" if before == version else "new"
    # Of several drafts it is not known which became what.
    alone = request.drafts[0]["id"] if len(request.drafts) == 1 and len(request.parts) == 1 and before else ""
    return PartLine(
        kind=reader.t(KIND_NAMES[part["kind"]]),
        name=reader.said_in(part),
        key=part["key"],
        version=f"v{version}",
        text=reader.t(WHAT[what], n=before or 0),
        compare_href=f"/processes/drafts/{alone}/compare" if alone and request.is_open else "",
    )


def _warning(row: Mapping[str, Any], reader: Reader, known: Mapping[str, Words]) -> FindingLine:
    name = known.get(row.get("element_id", ""), Words(row.get("element_name", ""), row.get("element_name", "")))
    return FindingLine(
        tag=Tag(reader.t("warning"), "warn", "warn"),
        file=row.get("file", ""),
        element=reader.words(name) or row.get("element_id", ""),
        text=row.get("message_en" if reader.language == "en" else "message_zh", ""),
        fix="",
        rule=row.get("rule", ""),
        note=row.get("note", ""),
    )
