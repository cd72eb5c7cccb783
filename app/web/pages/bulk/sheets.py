"""Sheets of orders: what was brought, line by line, what is wrong at which cell, and what has become of the lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.bulk.bulk_columns import is_note, read_headings
from app.domain.masking import mask_address
from app.domain.sheets import SheetRefused, cell_name
from app.persistence.counter.customers import Address, Customer
from app.persistence.products.catalogue_reader import load_catalogue
from app.persistence.scope import scoped
from app.services.bulk.bulk_views import BulkView, LineView
from app.web.addresses import Addresses
from app.web.charts.small import Part, pieces
from app.web.pages.names import Names
from app.web.pages.repairs.bulk_runs import STATES
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Choice, Fault, Pages, Tab, Tag, Tone
from app.web.views.sheets import Cell, LineRow, Progress, SheetList, SheetPage, SheetRow
from processes.lifecycle import BulkItemState, BulkState

#: Sheets on a page of the list.
PAGE_SIZE: Final = 50
#: Lines on a page: so many cells together, and never fewer or more lines than this.
CELLS_SHOWN: Final = 360
FEWEST: Final = 10
MOST: Final = 50
BAR_PX: Final = 480
SHOWN: Final = ("", "bad", "ready", "placed", "refused")
LINE_STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "bad": (Sentence("to be mended"), "alert", "bad"),
    "ready": (Sentence("in order"), "done", "ok"),
    "placed": (Sentence("ordered"), "flag", "run"),
    "refused": (Sentence("refused"), "slash", "bad"),
}


@dataclass(frozen=True)
class Asked:
    """What of a sheet is shown, and what was just typed into it. ``typed``: by name of the cell."""

    show: str = ""
    offset: int = 0
    edit: int = 0
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    twin: str = ""


def sheet_list(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    views: Sequence[BulkView],
    total: int,
    *,
    offset: int,
    faults: Sequence[Fault] = (),
) -> SheetList:
    """The page with the sheets."""
    names = Names(session, reader)
    catalogue = load_catalogue(session)
    return SheetList(
        rows=tuple(_row(view, names, reader, addresses) for view in views),
        pages=_pages(f"{addresses.sheets()}?", offset, len(views), total),
        may_upload=reader.may("order.submit"),
        products=tuple(
            Choice(spec.code, reader.words(spec.name)) for spec in catalogue.products.values() if not spec.internal
        ),
        faults=tuple(faults),
    )


def sheet_page(
    session: Session, reader: Reader, addresses: Addresses, view: BulkView, lines: Sequence[LineView], asked: Asked
) -> SheetPage:
    """One sheet and the lines that were asked for."""
    order, run = view.order, view.run
    row = _row(view, Names(session, reader), reader, addresses)
    may_mend = run is None and reader.may("order.submit")
    shown = [place for place, text in enumerate(order.headings) if not is_note(text)]
    notes = _notes(session, reader, order.headings, lines)
    base = f"{row.href}?show={asked.show}"
    drawn = tuple(_line(line, order.headings, shown, notes, asked, reader, addresses, may_mend, base) for line in lines)
    numbers = _numbers(row, view)
    texts = {"": Sentence("All", "tab"), **{state: text for state, (text, *_) in LINE_STATES.items()}}
    names = [state for state in SHOWN if state in ("", "bad", "ready") or run is not None]
    return SheetPage(
        row=row,
        headings=tuple(order.headings[place] for place in shown),
        lines=drawn,
        tabs=tuple(
            Tab(reader.t(texts[state]), f"{row.href}?show={state}", state == asked.show, numbers[state], state == "bad")
            for state in names
        ),
        pages=_pages(f"{base}&", asked.offset, len(lines), numbers[asked.show], lines_shown(order.headings)),
        progress=_progress(view, row, reader),
        mend_href=f"{row.href}/mend?show={asked.show}&offset={asked.offset}" if may_mend else "",
        submit_href=f"{row.href}/submit" if may_mend and row.good else "",
        errors_href=f"{row.href}/errors.csv" if row.bad + row.refused else "",
        has_inputs=any(cell.name for line in drawn for cell in line.cells),
        is_moving=run is not None and run.state == BulkState.RUNNING,
        faults=tuple(asked.faults),
        twin=asked.twin,
        twin_href=addresses.sheets(asked.twin) if asked.twin else "",
    )


def _row(view: BulkView, names: Names, reader: Reader, addresses: Addresses) -> SheetRow:
    order, states = view.order, view.counts.states if view.counts is not None else {}
    if view.run is None:
        state = Tag(reader.t("checked, not submitted"), "draft", "")
    else:
        text, icon, tone = STATES[view.run.state]
        state = Tag(reader.t(text), icon, tone)
    return SheetRow(
        number=order.number,
        href=addresses.sheets(order.number),
        file_name=order.file_name or "–",
        state=state,
        lines=order.lines,
        good=order.lines - order.bad,
        bad=order.bad,
        placed=states.get(BulkItemState.APPLIED, 0),
        refused=states.get(BulkItemState.REFUSED, 0),
        who=names.person(order.login),
        at=reader.time(order.created_at),
    )


def _numbers(row: SheetRow, view: BulkView) -> dict[str, int]:
    """How many lines each tab has."""
    ready = row.good - row.placed - row.refused if view.run is not None else row.good
    return {"": row.lines, "bad": row.bad, "ready": ready, "placed": row.placed, "refused": row.refused}


def _progress(view: BulkView, row: SheetRow, reader: Reader) -> Progress | None:
    run = view.run
    if run is None:
        return None
    waiting = row.good - row.placed - row.refused
    parts = (Part("placed", row.placed, "f-ok"), Part("refused", row.refused, "f-bad"), Part("rest", waiting, "f-mut"))
    may = reader.may("order.submit")
    is_on = run.state in (BulkState.RUNNING, BulkState.PAUSED)
    return Progress(
        state=row.state,
        done=row.placed + row.refused,
        total=row.good,
        placed=row.placed,
        refused=row.refused,
        waiting=waiting,
        pieces=pieces(parts, BAR_PX),
        width=BAR_PX,
        pause_href=f"{row.href}/pause" if may and run.state == BulkState.RUNNING else "",
        resume_href=f"{row.href}/resume" if may and run.state == BulkState.PAUSED else "",
        stop_href=f"{row.href}/stop" if may and is_on else "",
    )


def _line(
    line: LineView,
    headings: Sequence[str],
    shown: Sequence[int],
    notes: Mapping[tuple[int, str], str],
    asked: Asked,
    reader: Reader,
    addresses: Addresses,
    may_mend: bool,
    base: str,
) -> LineRow:
    blamed: dict[str, list[str]] = {}
    for problem in line.problems:
        cell = problem["cell"] if line.state == "bad" else ""
        blamed.setdefault(cell, []).append(problem["en" if reader.language == "en" else "zh"])
    text, icon, tone = LINE_STATES[line.state]
    is_open = may_mend and line.line == asked.edit
    cells = []
    for place in shown:
        name = cell_name(place, line.line)
        is_input = may_mend and (is_open or name in blamed or name in asked.typed)
        cells.append(
            Cell(
                heading=headings[place],
                text=asked.typed.get(name, line.cells[place]),
                note=notes.get((place, line.cells[place]), ""),
                name=f"cell-{name}" if is_input else "",
                was=line.cells[place],
                problem="；".join(blamed.get(name, ())) if reader.language != "en" else "; ".join(blamed.get(name, ())),
            )
        )
    return LineRow(
        number=line.line,
        state=Tag(reader.t(text), icon, tone),
        problems=tuple(blamed.get("", ())),
        cells=tuple(cells),
        order_number=line.order_number or "",
        order_href=addresses.order(line.order_number) if line.order_number else "",
        edit_href=f"{base}&offset={asked.offset}&edit={line.line}#l{line.line}" if may_mend and not is_open else "",
    )


def _notes(
    session: Session, reader: Reader, headings: Sequence[str], lines: Sequence[LineView]
) -> dict[tuple[int, str], str]:
    """By column and code, what the codes of the grid mean to people; of others' customers nothing is told."""
    try:
        named = read_headings(headings, load_catalogue(session), line=1).named
    except SheetRefused:
        return {}  # the catalogue has changed since; the grid shows what was sent
    names = Names(session, reader)

    def texts(code: str) -> set[str]:
        place = named.get(code)
        return {line.cells[place] for line in lines} - {""} if place is not None else set()

    customers = _mine(session, reader, Customer, Customer.customer_no, texts("customer_no"))
    places = _mine(session, reader, Address, Address.code, texts("address_code") | texts("address_code_2"))
    said = {
        "customer_no": {row.customer_no: names.customer(row) for row in customers},
        "offering": {code: names.offering(code) for code in texts("offering")},
        "product": {code: names.product(code) for code in texts("product")},
        "order_type": {code: names.order_type(code) for code in texts("order_type")},
    }
    said["address_code"] = {row.code: mask_address(reader.said(row, "text")) for row in places}
    said["address_code_2"] = said["address_code"]
    return {
        (named[code], value): text
        for code, found in said.items()
        if code in named
        for value, text in found.items()
        if text != value
    }


def _mine(session: Session, reader: Reader, entity: type[Any], key: Any, wanted: Iterable[str]) -> Sequence[Any]:
    codes = set(wanted)
    return session.scalars(scoped(select(entity), entity, reader.actor).where(key.in_(codes))).all() if codes else ()


def lines_shown(headings: Sequence[str]) -> int:
    """How many lines a page of a sheet with these headings has: a wide sheet has fewer, so that it stays quick."""
    return min(MOST, max(FEWEST, CELLS_SHOWN // len(headings)))


def _pages(address: str, offset: int, shown: int, total: int, size: int = PAGE_SIZE) -> Pages:
    return Pages.of(lambda at: f"{address}offset={at}", offset=offset, shown=shown, total=total, size=PAGE_SIZE)
