"""The settings of this system: which may be changed while it runs, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy.orm import Session

from app.config import PREFIX, SECRET_FIELDS, Settings
from app.domain.administration.parameters import CHANGEABLE, Changeable
from app.errors import AppError
from app.persistence.administration.parameters import LiveSettings, Parameter
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Field, Form, Grid
from app.web.views.parts import Choice, Fault, Tag

PARAMETERS: Final = "/admin/parameters"


def parameters_page(
    session: Session, reader: Reader, live: LiveSettings, rows: Sequence[Parameter], error: AppError | None = None
) -> BlockPage:
    """Every setting with its value."""
    t, names = reader.t, Names(session, reader)
    changed = {row.name: row for row in rows}
    names.know_people(row.changed_by for row in rows)
    defaults = {one.name: one.default for one in fields(Settings)}
    faults = tuple(Fault("", one.en if reader.language == "en" else one.zh) for one in error.details) if error else ()
    return BlockPage(
        title=t("Parameters"),
        faults=faults,
        blocks=(
            Block(
                id="live",
                title=t("May be changed while the system runs"),
                note=t("A change counts in every process within a second."),
                grid=Grid(
                    caption=t("May be changed while the system runs"),
                    icon="gauge",
                    columns=(
                        Column(t("Parameter")),
                        Column(t("Counts now")),
                        Column(t("As installed")),
                        Column(t("Where it comes from")),
                        Column(t("Actions"), hidden=True),
                    ),
                    rows=tuple(
                        _live(name, one, live, changed.get(name), defaults, reader, names)
                        for name, one in CHANGEABLE.items()
                    ),
                ),
            ),
            Block(
                id="fixed",
                title=t("Fixed when the system is started"),
                note=t("They are changed in the environment of the installation."),
                grid=Grid(
                    caption=t("Fixed when the system is started"),
                    columns=(Column(t("Setting")), Column(t("Value")), Column(t("Where it comes from"))),
                    rows=tuple(
                        (
                            Cell(f"{PREFIX}{name.upper()}", code=True),
                            Cell(_shown(name, getattr(live.installed, name), reader), wrap=True),
                            Cell(_source(name, live.installed, defaults, reader)),
                        )
                        for name in defaults
                        if name not in CHANGEABLE
                    ),
                ),
            ),
        ),
    )


def _live(
    name: str,
    one: Changeable,
    live: LiveSettings,
    row: Parameter | None,
    defaults: Mapping[str, Any],
    reader: Reader,
    names: Names,
) -> tuple[Cell, ...]:
    t = reader.t
    value = str(getattr(live.installed, name)) if row is None else row.value
    if row is None:
        source = Cell(_source(name, live.installed, defaults, reader))
    else:
        who = f"{names.person(row.changed_by)} · {reader.f.full(row.changed_at)} · {row.reason}"
        source = Cell("", tag=Tag(t("changed here"), "draft", "warn"), sub=who, wrap=True)
    return (
        Cell(reader.words(one.name), sub=reader.words(one.about), wrap=True),
        Cell(value, code=True),
        Cell(str(getattr(live.installed, name)), code=True),
        source,
        Cell("", forms=_forms(name, one, value, row, reader) if reader.may("admin.settings") else ()),
    )


def _forms(name: str, one: Changeable, value: str, row: Parameter | None, reader: Reader) -> tuple[Form, ...]:
    t = reader.t
    why = Field(name="reason", label=t("Reason"), required=True, width=12, longest=300)
    new = Field(
        name="value",
        label=t("New value"),
        kind="select" if one.choices else "text",
        value=value,
        required=True,
        width=12,
        longest=20,
        choices=tuple(Choice(each, each) for each in one.choices),
    )
    change = Form(id=f"c-{name}", action=f"{PARAMETERS}/{name}", submit=t("Change"), fields=(new, why))
    reset = Form(id=f"r-{name}", action=f"{PARAMETERS}/{name}/reset", submit=t("As installed"), fields=(why,))
    return (change,) if row is None else (change, reset)


def _source(name: str, installed: Settings, defaults: Mapping[str, Any], reader: Reader) -> str:
    t = reader.t
    if name in defaults and getattr(installed, name) == defaults[name]:
        return t("came with the product")
    return t("set at installation")


def _shown(name: str, value: Any, reader: Reader) -> str:
    if name in SECRET_FIELDS:
        return reader.t("kept secret") if value else "–"
    if isinstance(value, bool):
        return reader.t("yes") if value else reader.t("no")
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value) or "–"
    return "–" if value == "" else str(value)
