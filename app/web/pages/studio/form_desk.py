"""Forms for designers: list, version, builder and preview as pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.counter.found_by import found_by, plain
from app.domain.forms import FormField, form_field, walk
from app.domain.studio.form_schema import SchemaProblem, read_schema
from app.errors import FieldProblem, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.forms import FormDefinition
from app.services.studio.form_desk import form_version, form_versions, step_inputs, step_uses
from app.web.form_rendering import form_page
from app.web.pages.names import Names
from app.web.pages.studio.boards import catalogue_page, studio_page, uses_grid
from app.web.pages.studio.form_kinds import form_kinds, kind_name
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Form, Grid, PageLink
from app.web.views.parts import Pair, Tag
from app.web.views.studio import PreviewPage, StudioPage

HOME: Final = "/processes/forms"


def form_list(session: Session, reader: Reader, query: str) -> BlockPage:
    """Every form with its version in force and the steps that ask it."""
    t, names, wanted = reader.t, Names(session, reader), plain(query)
    uses, versions = step_uses(session, "form"), form_versions(session)
    names.know_people(rows[0].deployed_by for rows in versions.values())
    rows = []
    for key, kept in versions.items():
        body = kept[0].body
        zh, en = str(body.get("name", key)), str(body.get("nameEn", key))
        if wanted and wanted not in f"{key}{found_by(zh, en)}":
            continue
        questions = sum(1 for one in walk(body) if one.get("key"))
        used = uses.get(key, ())
        rows.append(
            (
                Cell(en if reader.language == "en" else zh, href=f"{HOME}/{key}"),
                Cell(key, code=True),
                Cell(f"v{kept[0].version}", num=True),
                Cell(str(questions), num=True),
                Cell(str(len(used)) if used else t("none"), num=True),
                Cell(reader.f.moment(kept[0].deployed_at)),
                Cell(names.person(kept[0].deployed_by)),
            )
        )
    columns = (
        Column(t("Name")),
        Column(t("Key")),
        Column(t("Live version"), num=True),
        Column(t.about("form", "Questions"), num=True),
        Column(t("Steps that ask it"), num=True),
        Column(t("Deployed")),
        Column(t("By")),
    )
    empty = t("No form fits “{q}”.", q=query) if query else t("No form is deployed yet.")
    grid = Grid(caption=t("Forms"), columns=columns, rows=tuple(rows), empty=empty, icon="file")
    return catalogue_page(
        session,
        reader,
        names,
        kind="form",
        title=t("Forms"),
        listed=Block(id="forms", title=t("Forms: {n}", n=len(rows)), grid=grid),
        ask=t("Name, initials or key of a form"),
        query=query,
        other=PageLink(t("Decision tables"), "/processes/decisions", "table"),
    )


def version_page(session: Session, reader: Reader, key: str, version: int | None) -> BlockPage:
    """One version. :raises NotFound: there is none."""
    t, names = reader.t, Names(session, reader)
    row = form_version(session, key, version)
    kept = form_versions(session, key)[key]
    names.know_people(one.deployed_by for one in kept)
    is_live = row.version == kept[0].version
    used = step_uses(session, "form").get(key, [])
    english = reader.language == "en"
    preview = preview_page(reader, "", row.body, (), language="en" if english else "zh")
    return BlockPage(
        title=str(row.body.get("nameEn" if english else "name") or key),
        crumbs=(Crumb(t("Processes"), "/processes"), Crumb(t("Forms"), HOME), Crumb(f"{key} v{row.version}")),
        tag=Tag(t("live"), "done", "ok") if is_live else Tag(t("older"), "clock"),
        links=(PageLink(t("Download"), f"{HOME}/{key}/{row.version}/source", "dl", download=True),),
        facts=(
            Pair(t("Key"), key, code=True),
            Pair(t("Version"), f"v{row.version}"),
            Pair(t("Deployed"), f"{reader.f.full(row.deployed_at)} {names.person(row.deployed_by)}"),
        ),
        blocks=(
            Block(
                id="look",
                title=t("As people see it"),
                note=t("nothing can be sent from here"),
                insert="forms/_look.html",
                data=preview,
            ),
            _questions(row.body, reader),
            _versions(kept, row, names, reader),
            Block(id="uses", title=t("Steps that ask it"), grid=uses_grid(used, reader), aside=True),
        ),
    )


def _questions(body: Mapping[str, Any], reader: Reader) -> Block:
    t = reader.t
    rows = []
    labels = {str(one["key"]): form_field(one) for one in walk(body) if one.get("key")}
    for one in walk(body):
        if one.get("type") == "group":
            continue
        rules = one.get("validate") or {}
        texts = [str(one.get(name) or "") for name in ("label", "text", "labelEn", "textEn", "descriptionEn")]
        rows.append(
            (
                Cell(texts[0] or texts[1], sub=str(one.get("description") or ""), wrap=True, lang="zh-CN"),
                Cell(texts[2] or texts[3], sub=texts[4], wrap=True, lang="en"),
                Cell(kind_name(str(one.get("type", "textfield")), reader), sub=str(one.get("key") or "")),
                Cell(t("required") if rules.get("required") else "–"),
                Cell(_asked(one.get("showWhen"), labels, reader), wrap=True),
            )
        )
    columns = (
        Column(t("Chinese")),
        Column(t("English")),
        Column(t("Type and key")),
        Column(t("Required")),
        Column(t.about("form", "Asked")),
    )
    grid = Grid(caption=t.about("form", "Questions"), columns=columns, rows=tuple(rows), icon="list")
    return Block(id="questions", title=t("Questions: {n}", n=len(rows)), grid=grid)


def _asked(when: Any, labels: Mapping[str, FormField], reader: Reader) -> str:
    """When a question is asked, in words."""
    t, english = reader.t, reader.language == "en"
    if not isinstance(when, Mapping):
        return t.about("form", "always")
    other, value = labels.get(str(when.get("key"))), when.get("equals")
    said = str(value)
    if isinstance(value, bool):
        said = t.about("form", "yes") if value else t.about("form", "no")
    if other is not None:
        said = next(((o.en if english else o.zh) for o in other.options if o.value == said), said)
    name = (other.en if english else other.zh) if other else str(when.get("key"))
    return t("when “{question}” is {value}", question=name, value=said)


def _versions(kept: Sequence[FormDefinition], shown: FormDefinition, names: Names, reader: Reader) -> Block:
    t = reader.t
    may_edit = reader.may("process.edit")
    rows = []
    for row in kept:
        edit = Form(
            action="/processes/drafts",
            submit=t("Edit"),
            tone="primary" if row.version == shown.version else "",
            hidden=(("from", "version"), ("kind", "form"), ("key", row.key), ("version", str(row.version))),
            id=f"e{row.version}",
        )
        rows.append(
            (
                Cell(f"v{row.version}", href=f"{HOME}/{row.key}/{row.version}"),
                Cell(reader.f.moment(row.deployed_at), sub=names.person(row.deployed_by)),
                Cell("", forms=(edit,)) if may_edit else Cell(""),
            )
        )
    columns = (Column(t("Version")), Column(t("Deployed")), Column(t("Actions"), hidden=True))
    grid = Grid(caption=t("Versions"), columns=columns, rows=tuple(rows))
    return Block(id="versions", title=t("Versions"), grid=grid, aside=True)


def board_page(session: Session, reader: Reader, draft_id: str) -> StudioPage:
    """The builder with a draft. :raises NotFound: there is no such draft of a form."""
    draft = session.get(ProcessDraft, draft_id)
    if draft is None or draft.kind != "form":
        raise NotFound()
    text = draft.content.decode("utf-8", "replace")
    body, problems = read_schema(draft.content)
    title = str(body.get("nameEn" if reader.language == "en" else "name") or draft.name)
    setting = {
        "kinds": form_kinds(reader),
        "checkUrl": f"{HOME}/check",
        "previewUrl": f"{HOME}/preview",
        "inputs": list(step_inputs(session, "form", draft.key)),
    }
    told = tuple((one["path"], one["en" if reader.language == "en" else "zh"]) for one in schema_problems(problems))
    return studio_page(
        reader, draft, title=title, text=text, setting=setting, home=HOME, home_text=reader.t("Forms"), problems=told
    )


def schema_problems(problems: Iterable[SchemaProblem]) -> list[dict[str, str]]:
    """Findings as the builder reads them."""
    return [{"path": one.path, "zh": one.zh, "en": one.en} for one in problems]


def preview_page(
    reader: Reader,
    text: str,
    body: Mapping[str, Any],
    problems: Sequence[SchemaProblem],
    *,
    language: str,
    answers: Mapping[str, Any] | None = None,
    faults: Sequence[FieldProblem] = (),
) -> PreviewPage:
    """The form in a language, with what somebody has filled in to try it."""
    told = tuple(f"{one.path}: {one.en}" if reader.language == "en" else f"{one.path}：{one.zh}" for one in problems)
    form = None if problems else form_page(body, language=language, answers=answers, problems=faults)
    return PreviewPage(
        language=language,
        schema=text,
        form=form,
        problems=told,
        accepted=answers is not None and not faults,
        checked=answers is not None,
    )
