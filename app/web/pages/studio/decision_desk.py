"""Decision tables for designers: list and editor as pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from app.domain.counter.found_by import found_by, plain
from app.errors import NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import cases_of
from app.services.studio.decision_desk import examined_file
from app.services.studio.form_desk import step_uses
from app.web.pages.names import Names
from app.web.pages.studio.boards import catalogue_page, studio_page
from app.web.pages.studio.decision_version import HOME, OWN_USES
from app.web.pages.studio.processes import said
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Grid, PageLink
from app.web.views.studio import StudioPage
from processes.decision_versions import all_versions, in_force
from processes.dmn.examining import ExaminedDecision
from processes.store.definitions import DecisionDefinition


def decision_list(session: Session, reader: Reader, query: str) -> BlockPage:
    """Every decision with its version in force and the steps that ask for it."""
    t, names, wanted = reader.t, Names(session, reader), plain(query)
    uses, live = step_uses(session, "decision"), in_force(session)
    kept: dict[str, list[DecisionDefinition]] = {}
    for row in all_versions(session):
        kept.setdefault(row.key, []).append(row)
    names.know_people(rows[0].deployed_by for rows in kept.values())
    rows = []
    for key, versions in sorted(kept.items()):
        row = versions[0]
        if wanted and wanted not in f"{key}{found_by(row.name, row.name_en)}":
            continue
        rows.append(
            (
                Cell(said(row, reader), href=f"{HOME}/{key}"),
                Cell(key, code=True),
                Cell(f"v{live[key]}" if key in live else t("withdrawn"), num=True),
                Cell(_used(len(uses.get(key, ())), key, reader), num=True),
                Cell(reader.f.moment(row.deployed_at)),
                Cell(names.person(row.deployed_by)),
            )
        )
    columns = (
        Column(t("Name")),
        Column(t("Key")),
        Column(t("Live version"), num=True),
        Column(t("Steps that ask it"), num=True),
        Column(t("Deployed")),
        Column(t("By")),
    )
    empty = t("No decision fits “{q}”.", q=query) if query else t("No decision is deployed yet.")
    grid = Grid(caption=t("Decision tables"), columns=columns, rows=tuple(rows), empty=empty, icon="table")
    return catalogue_page(
        session,
        reader,
        names,
        kind="dmn",
        title=t("Decision tables"),
        listed=Block(id="decisions", title=t("Decision tables: {n}", n=len(rows)), grid=grid),
        ask=t("Name, initials or key of a decision"),
        query=query,
        other=PageLink(t("Forms"), "/processes/forms", "file"),
    )


def _used(steps: int, key: str, reader: Reader) -> str:
    t = reader.t
    if key not in OWN_USES:
        return str(steps) if steps else t("none")
    return t("{n} and the system", n=steps) if steps else t("the system")


def board_page(session: Session, reader: Reader, draft_id: str) -> StudioPage:
    """The editor with a draft. :raises NotFound: there is no such draft of a decision."""
    draft = session.get(ProcessDraft, draft_id)
    if draft is None or draft.kind != "dmn":
        raise NotFound()
    found = examined_file(draft.content)
    first = next(iter(found), None)
    english = reader.language == "en"
    cases = {
        one.key: [{"name": row.name, **row.body} for row in cases_of(session, "decision", one.key, draft.id)]
        for one in found
    }
    setting = {
        "checkUrl": f"{HOME}/check",
        "tryUrl": f"{HOME}/try",
        "casesUrl": f"{HOME}/drafts/{draft.id}/cases",
        "cases": cases,
    }
    told = tuple(
        (one.name_en if english else one.name, problem.en if english else problem.zh)
        for one in found
        for problem in one.problems
    )
    return studio_page(
        reader,
        draft,
        title=(first.name_en if english else first.name) or draft.name if first else draft.name,
        text=draft.content.decode("utf-8", "replace"),
        setting=setting,
        home=HOME,
        home_text=reader.t("Decision tables"),
        problems=told,
    )


def examined_rows(found: Iterable[ExaminedDecision]) -> list[dict[str, Any]]:
    """What the check says, as the editor reads it."""
    return [
        {
            "key": one.key,
            "name": one.name,
            "name_en": one.name_en,
            "policy": one.policy,
            "inputs": one.inputs,
            "outputs": one.outputs,
            "rules": one.rule_ids,
            "columns": one.column_labels,
            "labels": one.labels,
            "problems": [
                {
                    "severity": "error" if problem.serious else "warning",
                    "element": problem.element,
                    "zh": problem.zh,
                    "en": problem.en,
                }
                for problem in one.problems
            ],
            "overlaps": one.overlaps,
            "gaps": one.coverage.gaps,
            "unreached": one.coverage.unreached,
            "unjudged": one.coverage.unjudged,
        }
        for one in found
    ]
