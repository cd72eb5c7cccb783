"""Process definitions: the catalogue, one version, and findings of a check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.found_by import found_by, plain
from app.errors import NotFound
from app.persistence.drafts import drafts
from app.web.addresses import Addresses
from app.web.pages.drafts import draft_rows
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Pages, Pair, Tag
from app.web.views.processes import EditorPage, FindingRow, ProcessList, ProcessRow, VersionPage, VersionRow
from processes import queries
from processes.definitions import elements_of
from processes.store.definitions import DecisionDefinition, ProcessDefinition
from processes.store.instances import ProcessInstance

#: So many processes on a page.
PAGE_SIZE: Final = 40
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


def process_list(
    session: Session, reader: Reader, addresses: Addresses, now: datetime, *, query: str = "", offset: int = 0
) -> ProcessList:
    """Some processes, their live versions and what runs; ``query`` is a part of a name, its initials or the key."""
    names = Names(session, reader)
    rows = queries.definitions(session)
    names.know_people(row.deployed_by for row in rows)
    running = running_counts(session)
    by_key: dict[str, list[ProcessDefinition]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    wanted = plain(query)
    fitting = [key for key, versions in sorted(by_key.items()) if _fits(live_version(versions), wanted)]
    shown = fitting[offset : offset + PAGE_SIZE]
    return ProcessList(
        rows=tuple(_process_row(by_key[key], running, names, reader, addresses) for key in shown),
        decisions=(),
        query=query,
        pages=Pages.of(
            lambda at: addresses.processes(q=query, offset=str(at or "")),
            offset=offset,
            shown=len(shown),
            total=len(fitting),
            size=PAGE_SIZE,
        ),
        may_edit=reader.may("process.edit"),
        drafts=draft_rows(drafts(session), reader, names, now),
    )


def _fits(row: ProcessDefinition, wanted: str) -> bool:
    return not wanted or wanted in f"{row.key}{found_by(row.name, row.name_en)}"


def live_version(versions: Sequence[ProcessDefinition]) -> ProcessDefinition:
    """The version new instances start on: the one made active last."""
    return max(versions, key=lambda row: (row.withdrawn_at is None, row.active_since, row.version))


def running_counts(session: Session) -> Mapping[str, int]:
    """How many instances run on each definition, by definition id."""
    query = (
        select(ProcessInstance.definition_id, func.count())
        .where(ProcessInstance.ended_at.is_(None))
        .group_by(ProcessInstance.definition_id)
    )
    return Counter(dict(session.execute(query).all()))


def _process_row(
    versions: Sequence[ProcessDefinition],
    running: Mapping[str, int],
    names: Names,
    reader: Reader,
    addresses: Addresses,
) -> ProcessRow:
    live = live_version(versions)
    return ProcessRow(
        key=live.key,
        name=said(live, reader),
        href=addresses.version(live.key, live.version),
        edit_href=addresses.edit(live.key),
        version=live.version,
        deployed=reader.f.moment(live.deployed_at),
        by=names.person(live.deployed_by),
        versions=len(versions),
        running=tuple(
            (f"v{row.version}", running[row.id])
            for row in sorted(versions, key=lambda row: -row.version)
            if running.get(row.id)
        ),
    )


def version_page(
    session: Session, reader: Reader, addresses: Addresses, key: str, version: int | None = None
) -> VersionPage:
    """One version, the live one if none is named. :raises NotFound: there is no such version."""
    versions = [row for row in queries.definitions(session) if row.key == key]
    if not versions:
        raise NotFound(f"there is no process {key}", f"没有流程 {key}")
    live = live_version(versions)
    shown = live if version is None else next((row for row in versions if row.version == version), None)
    if shown is None:
        raise NotFound(f"{key} has no version {version}", f"{key} 没有版本 {version}")
    names = Names(session, reader)
    running = running_counts(session)
    t = reader.t
    return VersionPage(
        key=key,
        name=said(shown, reader),
        version=shown.version,
        is_live=shown.id == live.id,
        facts=(
            Pair(t("Key"), key, code=True),
            Pair(t("Deployed"), f"{reader.f.full(shown.deployed_at)} {names.person(shown.deployed_by)}"),
            Pair(t("Running"), str(running.get(shown.id, 0))),
            Pair(t("Content hash"), shown.content_hash[:12], code=True),
        ),
        versions=tuple(
            VersionRow(
                version=row.version,
                href=addresses.version(key, row.version),
                source_href=addresses.source(key, row.version),
                edit_href=addresses.edit(key, row.version),
                deployed=reader.f.moment(row.deployed_at),
                by=names.person(row.deployed_by),
                running=running.get(row.id, 0),
                content_hash=row.content_hash[:12],
                current=row.id == shown.id,
            )
            for row in sorted(versions, key=lambda row: -row.version)
        ),
        steps=_steps(shown, names, reader),
        source_href=addresses.source(key, shown.version),
        edit_href=addresses.edit(key, None if shown.id == live.id else shown.version),
        file_name=f"{key}.bpmn",
        may_edit=reader.may("process.edit"),
    )


def editor_page(
    session: Session, reader: Reader, addresses: Addresses, key: str = "", version: int | None = None
) -> EditorPage:
    """The drawing board for a process, or an empty one."""
    if not key:
        name = reader.t.about("name", "New process")
        can = reader.may("process.deploy")
        return EditorPage(
            key="", name=name, version=0, file_name="new_process.bpmn", source_href="", back_href="", can_deploy=can
        )
    page = version_page(session, reader, addresses, key, version)
    return EditorPage(
        key=key,
        name=page.name,
        version=page.version,
        file_name=page.file_name,
        source_href=page.source_href,
        back_href=addresses.version(key, page.version),
        can_deploy=reader.may("process.deploy"),
    )


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
            or given.get("decision")
            or given.get("calledExpression")
            or ""
        )
        name = (element.name_en if reader.language == "en" else element.name) or element.name or element.id
        rows.append((name, reader.t(STEP_KINDS[element.type]), what))
    return tuple(rows)
