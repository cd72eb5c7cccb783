"""What the pages of forms and of decision tables have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.persistence.studio.drafts import ProcessDraft, drafts
from app.services.studio.form_desk import StepUse
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid, PageLink
from app.web.views.studio import StudioPage

BOARDS: Final = {"form": "/processes/forms/drafts", "dmn": "/processes/decisions/drafts"}


def catalogue_page(
    session: Session,
    reader: Reader,
    names: Names,
    *,
    kind: str,
    title: str,
    listed: Block,
    ask: str,
    query: str,
    other: PageLink,
) -> BlockPage:
    """The list of what there is of a kind, with its drafts and how to begin a new one.

    ``title`` names the kind, ``ask`` is said at the search; ``other`` leads to the list of the other kind.
    """
    t, home = reader.t, "/processes/decisions" if kind == "dmn" else "/processes/forms"
    search = Field(name="q", label=ask, kind="search", value=query)
    blocks = [listed, draft_block(session, reader, names, kind)]
    blocks += [new_block(reader, kind)] if reader.may("process.edit") else []
    return BlockPage(
        title=title,
        crumbs=(Crumb(t("Processes"), "/processes"), Crumb(title)),
        links=(other,),
        search=Form(action=home, submit=t("Search"), method="get", fields=(search,)),
        clear=home if query else "",
        blocks=tuple(block for block in blocks if block is not None),
    )


def draft_block(session: Session, reader: Reader, names: Names, kind: str) -> Block | None:
    """What is being drawn of this kind; None where there is nothing."""
    t = reader.t
    kept = [row for row in drafts(session) if row.kind == kind]
    if not kept:
        return None
    names.know_people(row.saved_by for row in kept)
    rows = tuple(
        (
            Cell(row.name, href=f"{BOARDS[kind]}/{row.id}", wrap=True),
            Cell(str(row.errors), num=True),
            Cell(str(row.warnings), num=True),
            Cell(reader.f.moment(row.saved_at), sub=names.person(row.saved_by)),
        )
        for row in kept
    )
    columns = (
        Column(t("Name")),
        Column(t("Errors"), num=True),
        Column(t("Warnings"), num=True),
        Column(t("Saved")),
    )
    grid = Grid(caption=t("Drafts"), columns=columns, rows=rows)
    return Block(id="drafts", title=t("Drafts"), note=t("kept to be worked on; drafts never run"), grid=grid)


def new_block(reader: Reader, kind: str) -> Block:
    """The form that begins a new one."""
    t = reader.t
    made = Form(
        action="/processes/drafts",
        submit=t("Begin"),
        tone="primary",
        icon="plus",
        id="new",
        hidden=(("from", "blank"), ("kind", kind)),
        fields=(
            Field(
                name="new_key",
                label=t("Key"),
                required=True,
                longest=80,
                width=4,
                hint=t("an English word, such as check_site; it stays"),
            ),
            Field(name="name_zh", label=t("Chinese name"), required=True, longest=80, width=4),
            Field(name="name_en", label=t("English name"), required=True, longest=80, width=4),
        ),
    )
    title = t("New form") if kind == "form" else t("New decision table")
    return Block(id="new", title=title, forms=(made,))


def uses_grid(uses: Sequence[StepUse], reader: Reader, *, with_pins: bool = False) -> Grid:
    """The steps that name something, each with a link to its process, and the version they take where they may say."""
    t, english = reader.t, reader.language == "en"
    rows = tuple(
        (
            Cell(one.element_en if english else one.element_zh, wrap=True),
            Cell(
                (one.process_en or one.process_zh) if english else one.process_zh,
                href=f"/processes/{one.process}/{one.version}",
                sub=f"v{one.version}",
            ),
            *((Cell(t.about("version", "newest") if one.pinned is None else f"v{one.pinned}"),) if with_pins else ()),
        )
        for one in uses
    )
    columns = (Column(t("Step")), Column(t("Process")), *((Column(t("Takes")),) if with_pins else ()))
    return Grid(caption=t("Where it is used"), columns=columns, rows=rows, empty=t("No step names it."), icon="flow")


def studio_page(
    reader: Reader,
    draft: ProcessDraft,
    *,
    title: str,
    text: str,
    setting: Mapping[str, Any],
    home: str,
    home_text: str,
    problems: tuple[tuple[str, str], ...] = (),
) -> StudioPage:
    """The page around a draft: what its script is told, and what people without scripts get."""
    t = reader.t
    here = f"/processes/drafts/{draft.id}"
    links = [
        PageLink(t("Earlier texts"), f"{here}/history", "undo"),
        PageLink(t("Check and deploy"), f"{here}/deploy", "up", primary=True),
    ]
    based_on = t("draft after v{n}", n=draft.base_version) if draft.base_version else t("new")
    return StudioPage(
        title=title,
        key=draft.key,
        back_href=home,
        back_text=home_text,
        file_name=draft.name,
        source_href=f"{here}/source",
        text=text,
        links=tuple(links),
        based_on=based_on,
        problems=problems,
        setting={
            **setting,
            "language": "en" if reader.language == "en" else "zh",
            "draft": draft.id,
            "revision": draft.revision,
            "fileName": draft.name,
            "saveUrl": f"{here}/save",
            "lockUrl": f"{here}/lock",
            "mayEdit": reader.may("process.edit"),
        },
    )
