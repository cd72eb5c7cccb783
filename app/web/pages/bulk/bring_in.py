"""Files that are brought in whole: what each changes is seen before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.errors import AppError
from app.services.products.catalogue_desk import Change
from app.web.block_forms import faults_of, filled, with_errors
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid, PageLink

MOST_SHOWN: Final = 500


@dataclass(frozen=True)
class Kind:
    """One kind of file: the right to bring it in, where its page lies, and where the file is taken out."""

    title: Sentence
    right: str
    home: str
    export: str
    reader: str


KINDS: Final[Mapping[str, Kind]] = {
    "goods": Kind(Sentence("Catalogue"), "catalogue.edit", "/catalogue", "/api/v1/catalogue/export", "goods"),
    "teams": Kind(Sentence("Teams"), "admin.users", "/admin/teams", "/api/v1/teams/export", "teams"),
    "sla": Kind(Sentence("Promises"), "sla.rules", "/sla", "/api/v1/rules/sla/export", "rules"),
    "stop_reasons": Kind(
        Sentence("Reasons to stop a clock"), "sla.rules", "/sla/stops", "/api/v1/rules/stop_reasons/export", "rules"
    ),
    "calendars": Kind(
        Sentence("Calendars"), "calendar.edit", "/sla/calendars", "/api/v1/rules/calendars/export", "rules"
    ),
}
ENTRIES: Final[Mapping[str, Sentence]] = {
    "segment": Sentence("Segment"),
    "channel": Sentence("Channel"),
    "order_type": Sentence("Order type"),
    "product_spec": Sentence("Product"),
    "offering": Sentence("Offering"),
    "price": Sentence("Price"),
    "fee": Sentence("Fee"),
    "resource_spec": Sentence("Kind of resource"),
    "cfs_spec": Sentence("Service of the customer"),
    "rfs_spec": Sentence("Service of the network"),
    "retry_policy": Sentence("Retry policy"),
    "operation": Sentence("Operation"),
    "skill": Sentence("Skill"),
    "team_role": Sentence("Kind of team"),
    "team": Sentence("Team"),
}


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A file that was looked at. ``changes`` is None where it was refused."""

    form: Mapping[str, Sequence[str]]
    content: str = ""
    changes: Sequence[Change] | None = None
    begins: datetime | None = None
    error: AppError | None = None


def bring_in_page(reader: Reader, what: str, brought: Brought | None) -> BlockPage:
    """The form for a file, and what a file would change."""
    t, kind = reader.t, KINDS[what]
    form = _form(reader, what)
    if brought:
        form = with_errors(filled(form, brought.form), brought.error, reader)
    blocks = [
        Block(
            id="file",
            title=t("Which file?"),
            note=t("It is taken whole, or not at all; what it does not mention stays."),
            forms=(form,),
        )
    ]
    if brought is not None and brought.changes is not None:
        blocks.insert(0, _preview(reader, what, brought, brought.changes))
    return BlockPage(
        title=t("Bring in a file"),
        about=t(kind.title),
        crumbs=(Crumb(t(kind.title), kind.home), Crumb(t("Bring in a file"))),
        links=(PageLink(t("As it is now"), kind.export, "dl", download=True),),
        faults=faults_of(brought.error, form, reader) if brought else (),
        faults_title=t("The file is not taken"),
        blocks=tuple(blocks),
    )


def changed_rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between two books of rules: by section, and by row where rows have codes."""
    found: list[Change] = []
    for section in sorted({*before, *after}):
        old, new = _rows(before.get(section)), _rows(after.get(section))
        for code in [*new, *(code for code in old if code not in new)]:
            if old.get(code) == new.get(code):
                continue
            was, now = old.get(code), new.get(code)
            fields = (
                sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
                if isinstance(was, dict) and isinstance(now, dict)
                else []
            )
            found.append(Change(section, code, code not in old, tuple(fields)))
    return found


def _rows(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {str(_code(row, n)): row for n, row in enumerate(value)}
    return {} if value is None else {"": value}


def _code(row: Any, number: int) -> Any:
    if not isinstance(row, dict):
        return row
    return row.get("code") or " ".join(str(row[name]) for name in ("area", "date", "year") if name in row) or number


def _form(reader: Reader, what: str) -> Form:
    t = reader.t
    return Form(
        id="file",
        action=f"/bring-in/{what}",
        submit=t("Look at what would change"),
        icon="eye",
        tone="primary",
        has_file=True,
        fields=(
            Field(name="file", label=t("File (YAML)"), kind="file", required=True),
            Field(name="begins", label=t("Counts from"), kind="moment", hint=t("Empty: at once.")),
            Field(name="note", label=t("Reason"), required=True, width=12, longest=300),
        ),
    )


def _preview(reader: Reader, what: str, brought: Brought, changes: Sequence[Change]) -> Block:
    t = reader.t
    hidden = [(name, "".join(brought.form.get(name, ()))) for name in ("begins", "note")]
    confirm = Form(
        id="confirm",
        action=f"/bring-in/{what}",
        submit=t("Bring it in"),
        icon="done",
        tone="primary",
        hidden=(*hidden, ("content", brought.content), ("do", "keep")),
    )
    return Block(
        id="preview",
        title=t("What would change: {n}", n=len(changes)),
        note=t("Counts from {at}", at=reader.f.full(brought.begins)) if brought.begins else t("Counts at once"),
        grid=Grid(
            caption=t("What would change"),
            icon="diff",
            columns=(Column(t("Kind")), Column(t("Code")), Column(t("What")), Column(t("Fields"))),
            rows=tuple(
                (
                    Cell(t(ENTRIES[one.kind]) if one.kind in ENTRIES else one.kind),
                    Cell(one.code or "–", code=True),
                    Cell(t("new") if one.is_new else t("changed")),
                    Cell(", ".join(one.fields) or "–", wrap=True),
                )
                for one in changes[:MOST_SHOWN]
            ),
            empty=t("Nothing would change."),
        ),
        forms=(confirm,) if changes else (),
    )
