"""The catalogue of operations: what our neighbours can do for a process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from adapters.operations import Operation, OperationRegistry
from app.domain.counter.found_by import found_by, plain
from app.persistence.products.operation_uses import Use, uses
from app.persistence.promises import control_figures
from app.persistence.repairs.neighbour_figures import gates
from app.web.addresses import with_arguments
from app.web.pages.administration.admin_neighbours import state_tag, system_name
from app.web.pages.studio.operation_words import EFFECTS, MODES, seconds, undo_words
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid
from app.web.views.parts import Choice, Pages, Tab, Tag
from processes.holding import held

OPERATIONS: Final = "/processes/operations"
PAGE_SIZE: Final = 50


def operation_list(
    session: Session,
    reader: Reader,
    registry: OperationRegistry,
    *,
    query: str = "",
    adapter: str = "",
    only: str = "",
    offset: int = 0,
) -> BlockPage:
    """Some operations; ``only`` is ``used``, ``unused``, or nothing."""
    t = reader.t
    rows = sorted(registry.rows()[0], key=lambda row: row.code)
    known = {row.code: row for row in rows}
    used = uses(session)
    wanted = plain(query)
    of_query = [row for row in rows if not wanted or wanted in f"{row.code}{found_by(row.name_zh, row.name_en)}"]
    of_query = [row for row in of_query if not only or (row.code in used) == (only == "used")]
    fitting = [row for row in of_query if not adapter or row.adapter == adapter]
    states = neighbour_states(session, reader, {row.adapter for row in rows})

    def at(**more: str) -> str:
        return with_arguments(OPERATIONS, {"q": query, "system": adapter, "only": only, **more})

    shown = fitting[offset : offset + PAGE_SIZE]
    tabs = [Tab(t.about("tab", "All"), at(system=""), not adapter, len(of_query))]
    for code in sorted({row.adapter for row in rows}):
        number = sum(row.adapter == code for row in of_query)
        tabs.append(Tab(system_name(code, reader), at(system=code), code == adapter, number))
    return BlockPage(
        title=t("Operations of neighbours"),
        crumbs=(Crumb(t("Processes"), "/processes"), Crumb(t("Operations of neighbours"))),
        tabs=tuple(tabs),
        tabs_label=t("Systems"),
        search=_search(reader, query, adapter, only),
        clear=OPERATIONS if query or adapter or only else "",
        blocks=(
            Block(
                id="operations",
                title=t("What a process can ask for"),
                note=t("The registry is the truth: the drawing board offers exactly this."),
                grid=Grid(
                    caption=t("Operations of neighbours"),
                    columns=(
                        Column(t("Operation")),
                        Column(t("System")),
                        Column(t("Effect")),
                        Column(t("Undone by")),
                        Column(t("Time-out"), num=True),
                        Column(t("Tries"), num=True),
                        Column(t("Processes that call it"), num=True),
                    ),
                    rows=tuple(_row(row, known, registry, used.get(row.code, ()), states, reader) for row in shown),
                    empty=t("No operation fits “{q}”.", q=query) if query else t("No operation fits."),
                    icon="search",
                    pages=Pages.of(
                        lambda start: at(offset=str(start or "")),
                        offset=offset,
                        shown=len(shown),
                        total=len(fitting),
                        size=PAGE_SIZE,
                    ),
                ),
            ),
        ),
    )


def _search(reader: Reader, query: str, adapter: str, only: str) -> Form:
    t = reader.t
    choices = (Choice("used", t("called by a process")), Choice("unused", t("called by none")))
    return Form(
        action=OPERATIONS,
        method="get",
        submit=t("Search"),
        hidden=(("system", adapter),) if adapter else (),
        fields=(
            Field(name="q", label=t("Name, initials or code"), kind="search", value=query, longest=100),
            Field(name="only", label=t("Used"), kind="select", value=only, choices=choices, empty=t("used or not")),
        ),
    )


def neighbour_states(session: Session, reader: Reader, codes: set[str]) -> Mapping[str, Tag]:
    """How each neighbour does now, in a word."""
    standing = gates(session, reader.now)
    holds = {one.adapter: one for one in held(session)}
    again = {one.adapter: one.again for one in control_figures.neighbours(session)}
    return {code: state_tag(holds.get(code), standing.get(code, []), again.get(code, 0), reader) for code in codes}


def _row(
    row: Operation,
    known: Mapping[str, Operation],
    registry: OperationRegistry,
    used: Sequence[Use],
    states: Mapping[str, Tag],
    reader: Reader,
) -> tuple[Cell, ...]:
    t = reader.t
    processes = {one.definition.key for one in used}
    return (
        Cell(reader.said(row), href=f"{OPERATIONS}/{row.code}", sub=row.code, wrap=True),
        Cell(system_name(row.adapter, reader), sub=states[row.adapter].text),
        Cell(t(EFFECTS[row.effect]), sub=t(MODES[row.mode]), wrap=True),
        Cell(undo_words(row, known, reader), wrap=True),
        Cell(seconds(row.timeout_s, reader), num=True),
        Cell(str(registry.policy(row.retry).attempts), num=True),
        Cell(str(len(processes)), num=True),
    )
