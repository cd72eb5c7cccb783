"""Process definitions: the catalogue, one version, and findings of a check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.persistence.studio.drafts import drafts
from app.persistence.studio.process_figures import running_by_version
from app.services.studio.process_folders import folders, places
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.studio.drafts import draft_rows
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Choice, Pair, Tag
from app.web.views.processes import FindingRow, VersionPage, VersionRow
from processes import queries
from processes.definitions import elements_of
from processes.spiff.pins import pin_of
from processes.store.definitions import DecisionDefinition, Deployment, ProcessDefinition

#: What the deployment of the product itself says.
BUNDLED_NOTE: Final = "bundled"
#: Which elements are listed as steps, and what readers call them.
STEP_KINDS: Final[Mapping[str, Sentence]] = {
    "userTask": Sentence("step of a person"),
    "serviceTask": Sentence("automatic step"),
    "businessRuleTask": Sentence("decision table"),
    "callActivity": Sentence("called process"),
    "receiveTask": Sentence("waits for a message"),
    "startEvent": Sentence("start"),
    "endEvent": Sentence("end"),
    "intermediateCatchEvent": Sentence("wait"),
    "intermediateThrowEvent": Sentence("signal to others"),
    "boundaryEvent": Sentence("exception at a step"),
    "subProcess": Sentence("sub-process"),
}


def versions_of(session: Session, key: str = "") -> Mapping[str, Sequence[ProcessDefinition]]:
    """Every version by key; of one process only, if given. :raises NotFound: there is none of that key."""
    by_key: dict[str, list[ProcessDefinition]] = {}
    for row in queries.definitions(session):
        if not key or row.key == key:
            by_key.setdefault(row.key, []).append(row)
    if key and not by_key:
        raise NotFound(f"there is no process {key}", f"没有流程 {key}")
    return by_key


def live_version(versions: Sequence[ProcessDefinition]) -> ProcessDefinition:
    """The version new instances start on: the one made active last."""
    return max(versions, key=lambda row: (row.withdrawn_at is None, row.active_since, row.version))


def version_page(
    session: Session, reader: Reader, addresses: Addresses, key: str, version: int | None, now: datetime
) -> VersionPage:
    """One version, the live one if none is named. :raises NotFound: there is no such version."""
    versions = versions_of(session, key)[key]
    live = live_version(versions)
    shown = live if version is None else next((row for row in versions if row.version == version), None)
    if shown is None:
        raise NotFound(f"{key} has no version {version}", f"{key} 没有版本 {version}")
    names = Names(session, reader)
    names.know_people(login for row in versions for login in (row.deployed_by, row.withdrawn_by))
    running = running_by_version(session, reader.actor).get(key, {})
    notes = _notes(session, versions)
    t = reader.t
    return VersionPage(
        key=key,
        name=said(shown, reader),
        version=shown.version,
        is_live=shown.id == live.id,
        facts=(
            Pair(t("Key"), key, code=True),
            Pair(t("Deployed"), f"{reader.f.full(shown.deployed_at)} {names.person(shown.deployed_by)}"),
            Pair(t("Running"), str(running.get(shown.version, 0))),
            Pair(t("Content hash"), shown.content_hash[:12], code=True),
        ),
        versions=tuple(
            VersionRow(
                version=row.version,
                href=addresses.version(key, row.version),
                source_href=addresses.source(key, row.version),
                deployed=reader.f.moment(row.deployed_at),
                by=names.person(row.deployed_by),
                running=running.get(row.version, 0),
                content_hash=row.content_hash[:12],
                current=row.id == shown.id,
                live=row.id == live.id and row.withdrawn_at is None,
                note=notes.get(row.deployment_id, ""),
                withdrawn=_withdrawn(row, names, reader),
                running_href=f"{addresses.process(key)}/running?version={row.version}",
                compare_href=_compare_href(addresses, key, row.version, [each.version for each in versions]),
                try_href=f"{addresses.version(key, row.version)}/try",
                heat_href=f"/heat/{key}?version={row.version}" if reader.may("ops.view") else "",
            )
            for row in sorted(versions, key=lambda row: -row.version)
        ),
        steps=_steps(shown, names, reader),
        source_href=addresses.source(key, shown.version),
        file_name=f"{key}.bpmn",
        may_edit=reader.may("process.edit"),
        may_deploy=reader.may("process.deploy"),
        folder=places(session).get(key, ""),
        folders=tuple(Choice(row.code, reader.said(row)) for row in folders(session)),
        drafts=draft_rows(
            [row for row in drafts(session) if row.key == key and row.kind == "bpmn"], reader, names, now
        ),
    )


def _notes(session: Session, versions: Sequence[ProcessDefinition]) -> Mapping[str, str]:
    """What was said at the deployments of these versions, by deployment; those of the product itself say nothing."""
    ids = {row.deployment_id for row in versions}
    rows = session.execute(select(Deployment.id, Deployment.note).where(Deployment.id.in_(ids)))
    return {each: note for each, note in rows if note != BUNDLED_NOTE}


def _withdrawn(row: ProcessDefinition, names: Names, reader: Reader) -> str:
    if row.withdrawn_at is None:
        return ""
    return f"{reader.f.moment(row.withdrawn_at)} {names.person(row.withdrawn_by or '')}"


def _compare_href(addresses: Addresses, key: str, version: int, versions: Iterable[int]) -> str:
    """Where a version is compared with the one before it; empty for the first."""
    before = max((number for number in versions if number < version), default=0)
    return f"{addresses.process(key)}/compare?old={before}&new={version}" if before else ""


def said(row: ProcessDefinition | DecisionDefinition, reader: Reader) -> str:
    """The name of a definition in the reader's language."""
    return (row.name_en or row.name) if reader.language == "en" else row.name


def finding_rows(findings: Iterable[Mapping[str, Any]], reader: Reader) -> tuple[FindingRow, ...]:
    """Findings as rows, errors first, notes last."""
    t, tail = reader.t, "_en" if reader.language == "en" else "_zh"
    tags = {
        "error": Tag(t("error"), "alert", "bad"),
        "warning": Tag(t("warning"), "warn", "warn"),
        "note": Tag(t.about("finding", "note"), "info", ""),
    }
    ordered = sorted(findings, key=lambda row: list(tags).index(str(row.get("severity"))))
    return tuple(
        FindingRow(
            tag=tags[str(row.get("severity"))],
            file=str(row.get("file", "")),
            element=str(row.get("element_name") or row.get("element_id") or "–"),
            element_id=str(row.get("element_id", "")),
            text=str(row.get(f"message{tail}", "")),
            fix=str(row.get(f"fix{tail}", "")),
            rule=str(row.get("rule", "")),
        )
        for row in ordered
    )


def _called(xml: bytes) -> dict[str, str]:
    """Which process each call activity calls, by element id; a standard attribute that the elements do not keep."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?callActivity\b[^>]*>", xml.decode("utf-8", "replace")):
        attributes = dict(re.findall(r'\s([\w:]+)="([^"]*)"', tag))
        if "id" in attributes and "calledElement" in attributes:
            found[attributes["id"]] = attributes["calledElement"]
    return found


def _decision(given: Mapping[str, str]) -> str:
    """The decision of a step, with the version if it is pinned to one."""
    pin = pin_of(given)
    return given.get("decision", "") + (f" v{pin}" if pin is not None else "")


def _steps(row: ProcessDefinition, names: Names, reader: Reader) -> tuple[tuple[str, str, str], ...]:
    rows = []
    called = _called(row.xml)
    for element in elements_of(row).values():
        if element.type not in STEP_KINDS:
            continue
        given = element.attributes
        what = (
            given.get("operation")
            or names.team_role(given.get("team"))
            or called.get(element.id)
            or _decision(given)
            or given.get("calledExpression")
            or ""
        )
        name = (element.name_en if reader.language == "en" else element.name) or element.name or element.id
        rows.append((name, reader.t(STEP_KINDS[element.type]), what))
    return tuple(rows)
