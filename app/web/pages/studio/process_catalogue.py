"""The catalogue of processes: what runs on which version, what is being worked on, how much of it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.domain.counter.found_by import found_by, initials, plain
from app.persistence.studio.drafts import ProcessDraft, drafts
from app.persistence.studio.process_figures import failures, running_by_version, running_rows
from app.services.ordering.subject_names import names_of
from app.services.studio.process_folders import folders, places
from app.web.addresses import Addresses
from app.web.charts.small import Part, pieces
from app.web.pages.names import Names
from app.web.pages.studio.decision_table import QUOTED, stored_table
from app.web.pages.studio.drafts import draft_rows
from app.web.pages.studio.processes import live_version, said, versions_of
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Choice, Pages, Tab
from app.web.views.process_catalogue import Catalogue, ProcessRow, RunningPage, RunningPart, RunningRow
from processes.errors import UnknownDecision
from processes.ids import first_made_at, made_at
from processes.store.definitions import ProcessDefinition

PAGE_SIZE: Final = 30
#: So many drafts stand above the processes, those saved last.
FIRST_DRAFTS: Final = 6
RUNNING_SIZE: Final = 50
BAR_PX: Final = 96
PLAN: Final = "work_plan"
PERIOD: Final = timedelta(days=7)
#: Clocks of machines differ; what is a little older than the period is read and left out by its time.
SLACK: Final = timedelta(hours=1)
#: So many products are named in a row.
NAMED: Final = 2
#: In no folder, and what is taken back as a whole.
NOWHERE, ARCHIVE = "none", "archive"
STATES: Final[Mapping[str, Sentence]] = {
    "running": Sentence("under way"),
    "cancelling": Sentence("being cancelled"),
}


@dataclass(frozen=True)
class Asked:
    """What somebody looks for. ``folder``: a code, ``none``, ``archive``, or empty for all."""

    query: str = ""
    folder: str = ""
    offset: int = 0
    every_draft: bool = False


@dataclass
class _Known:
    """What is read once for all rows."""

    names: Names
    running: Mapping[str, Mapping[int, int]]
    failed: Mapping[str, tuple[int, int]]
    products: Mapping[str, Sequence[str]]
    folder_of: Mapping[str, str]
    folder_names: Mapping[str, str]
    drafts: Mapping[str, Sequence[ProcessDraft]] = field(default_factory=dict)


def catalogue_page(
    session: Session, reader: Reader, addresses: Addresses, asked: Asked, *, now: datetime, newest_id: str
) -> Catalogue:
    """One page of processes.

    :param newest_id: an id made at this moment: ids tell where the last seven days begin.
    """
    by_key = versions_of(session)
    every_draft = drafts(session)
    known = _known(session, reader, now, newest_id)
    live = {key: live_version(rows) for key, rows in by_key.items()}
    known.names.know_people(row.deployed_by for row in live.values())
    inside = {key: ARCHIVE if row.withdrawn_at else known.folder_of.get(key, NOWHERE) for key, row in live.items()}
    wanted = plain(asked.query)
    found = [
        key
        for key in sorted(live, key=lambda key: _by_name(said(live[key], reader)))
        if _fits(live[key], wanted, known)
    ]
    fitting = [key for key in found if (inside[key] == asked.folder if asked.folder else inside[key] != ARCHIVE)]
    shown = fitting[asked.offset : asked.offset + PAGE_SIZE]
    of_processes: dict[str, list[ProcessDraft]] = {}
    for draft in every_draft:
        if draft.kind == "bpmn" and draft.key in shown:
            of_processes.setdefault(draft.key, []).append(draft)
    known.drafts = of_processes
    fitting_drafts = [draft for draft in every_draft if _draft_fits(draft, wanted, asked.folder, inside)]
    return Catalogue(
        rows=tuple(_row(by_key[key], live[key], known, reader, addresses, now) for key in shown),
        folders=_tabs(found, inside, known, reader, addresses, asked),
        folder=asked.folder,
        query=asked.query,
        pages=Pages.of(
            lambda at: addresses.processes(q=asked.query, folder=asked.folder, offset=str(at or "")),
            offset=asked.offset,
            shown=len(shown),
            total=len(fitting),
            size=PAGE_SIZE,
        ),
        drafts=draft_rows(fitting_drafts[: None if asked.every_draft else FIRST_DRAFTS], reader, known.names, now),
        drafts_total=len(fitting_drafts),
        all_drafts_href=""
        if asked.every_draft or len(fitting_drafts) <= FIRST_DRAFTS
        else addresses.processes(q=asked.query, folder=asked.folder, drafts="all"),
        choices=tuple(Choice(code, name) for code, name in known.folder_names.items()),
        may_edit=reader.may("process.edit"),
        is_archive=asked.folder == ARCHIVE,
    )


def _by_name(name: str) -> tuple[str, str]:
    """Names in the order of their letters, Chinese ones by how they are spoken."""
    return next(iter(initials(name)), plain(name)), name


def _known(session: Session, reader: Reader, now: datetime, newest_id: str) -> _Known:
    return _Known(
        names=Names(session, reader),
        running=running_by_version(session, reader.actor),
        failed=failures(
            session, reader.actor, since=now - PERIOD, first_id=first_made_at(made_at(newest_id) - PERIOD - SLACK)
        ),
        products=products_by_plan(session),
        folder_of=places(session),
        folder_names={row.code: reader.said(row) for row in folders(session)},
    )


def products_by_plan(session: Session) -> Mapping[str, Sequence[str]]:
    """For which products the orders run on a process, as the decision on plans says; by the key of the process."""
    try:
        table = stored_table(session, PLAN)
    except UnknownDecision:
        return {}
    found: dict[str, dict[str, None]] = {}
    for rule in table.rules:
        for plan in QUOTED.findall(rule.cells[-1]):
            found.setdefault(plan, {}).update(dict.fromkeys(QUOTED.findall(rule.cells[0])))
    return {plan: tuple(products) for plan, products in found.items()}


def _fits(row: ProcessDefinition, wanted: str, known: _Known) -> bool:
    if not wanted:
        return True
    products = [known.names.product(code) for code in known.products.get(row.key, ())]
    return wanted in f"{row.key}{found_by(row.name, row.name_en, *products)}"


def _draft_fits(draft: ProcessDraft, wanted: str, folder: str, inside: Mapping[str, str]) -> bool:
    if folder and (inside.get(draft.key) or draft.folder or NOWHERE) != folder:
        return False
    return not wanted or wanted in f"{draft.key} {plain(draft.name)}{found_by(draft.title, draft.title_en)}"


def _tabs(
    found: Sequence[str], inside: Mapping[str, str], known: _Known, reader: Reader, addresses: Addresses, asked: Asked
) -> tuple[Tab, ...]:
    t = reader.t
    counts: dict[str, int] = {}
    for key in found:
        counts[inside[key]] = counts.get(inside[key], 0) + 1
    named = [("", t("All folders"), len(found) - counts.get(ARCHIVE, 0))]
    named += [(code, name, counts.get(code, 0)) for code, name in known.folder_names.items()]
    named += [(NOWHERE, t("In no folder"), counts[NOWHERE])] if counts.get(NOWHERE) else []
    named += [(ARCHIVE, t("Archived"), counts.get(ARCHIVE, 0))]
    return tuple(
        Tab(name, addresses.processes(q=asked.query, folder=code), asked.folder == code, count)
        for code, name, count in named
    )


def _row(
    versions: Sequence[ProcessDefinition],
    live: ProcessDefinition,
    known: _Known,
    reader: Reader,
    addresses: Addresses,
    now: datetime,
) -> ProcessRow:
    key, t = live.key, reader.t
    running = known.running.get(key, {})
    own = tuple(
        RunningPart(version=version, count=running[version], href=f"{addresses.process(key)}/running?version={version}")
        for version in sorted(running, reverse=True)
    )
    begun, failed = known.failed.get(key, (0, 0))
    products = [known.names.product(code) for code in known.products.get(key, ())]
    some = (", " if reader.language == "en" else "、").join(products[:NAMED])
    mine = known.drafts.get(key, ())
    rows = draft_rows(mine, reader, known.names, now)
    before = sorted((row.version for row in versions if row.version != live.version), reverse=True)
    return ProcessRow(
        key=key,
        name=said(live, reader),
        href=addresses.version(key, live.version),
        products=t("{names} and {n} more", names=some, n=len(products) - NAMED) if len(products) > NAMED else some,
        folder=known.folder_of.get(key, ""),
        version=live.version,
        archived=live.withdrawn_at is not None,
        deployed=reader.f.moment(live.deployed_at),
        by=known.names.person(live.deployed_by),
        running=own,
        pieces=pieces(
            [Part(f"v{part.version}", part.count, f"v{min(at, 2)}", part.href) for at, part in enumerate(own)], BAR_PX
        ),
        total=sum(running.values()),
        total_href=f"{addresses.process(key)}/running",
        drafts=rows,
        own_draft=next((f"/processes/drafts/{row.id}" for row in rows if row.mine and not row.writer), ""),
        begun=begun,
        failed=failed,
        rate=f"{failed / begun:.1%}" if begun else "–",
        rate_href=f"/heat/{key}?mode=failed&period=7" if begun and reader.may("ops.view") else "",
        compare_href=f"{addresses.process(key)}/compare?old={before[0]}&new={live.version}" if before else "",
        try_href=f"{addresses.version(key, live.version)}/try",
    )


def running_page(
    session: Session, reader: Reader, addresses: Addresses, key: str, version: int | None, offset: int
) -> RunningPage:
    """What has not ended on a process, or on one version of it: the rows behind the numbers of the catalogue.

    :raises NotFound: no such process.
    """
    versions = versions_of(session, key)[key]
    counts = running_by_version(session, reader.actor).get(key, {})
    rows, total = running_rows(session, reader.actor, key, version, offset=offset, limit=RUNNING_SIZE)
    about, names = names_of(session, {row.business_key for row, _ in rows}), Names(session, reader)
    here = f"{addresses.process(key)}/running"
    part = f"version={version}&" if version is not None else ""
    return RunningPage(
        key=key,
        name=said(live_version(versions), reader),
        version=version,
        versions=(
            Tab(reader.t("All versions"), here, version is None, sum(counts.values())),
            *(
                Tab(f"v{number}", f"{here}?version={number}", version == number, counts[number])
                for number in sorted(counts, reverse=True)
            ),
        ),
        rows=tuple(
            RunningRow(
                name=about[row.business_key],
                href=_order_href(about[row.business_key], reader, addresses),
                version=number,
                state=reader.t(STATES[row.state]) if row.state in STATES else row.state,
                area=names.area(row.area),
                since=reader.time(row.started_at),
            )
            for row, number in rows
        ),
        pages=Pages.of(
            lambda at: f"{here}?{part}offset={at}", offset=offset, shown=len(rows), total=total, size=RUNNING_SIZE
        ),
    )


def _order_href(name: str, reader: Reader, addresses: Addresses) -> str:
    number = name.partition(" ")[0]
    return addresses.order(number) if number.startswith("O-") and reader.may("order.view") else ""
