"""Orders by the sheet: brought, checked, mended in place, submitted, watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from flask import Response as FlaskResponse
from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.domain.bulk.bulk_columns import COLUMNS, NEEDED
from app.domain.sheets.csv_file import write_csv
from app.errors import AppError, Conflict, InvalidInput
from app.persistence.products.catalogue_reader import load_catalogue
from app.services.bulk import bulk_mending, bulk_orders, bulk_views
from app.services.bulk.bulk_mending import CellChange
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.bulk.sheets import PAGE_SIZE, SHOWN, Asked, lines_shown, sheet_list, sheet_page
from app.web.reader import Reader, current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see
from app.web.views.parts import Fault

CELL: Final = "cell-"
WAS: Final = "was-"


@bp.get("/sheets")
@requires("order.view")
def sheets() -> Response:
    """The sheets of my area, and where to bring another one."""
    return _list()


@bp.post("/sheets")
@large_body
@requires("order.submit")
def bring_sheet() -> Response:
    """Check a sheet line by line; nothing is ordered yet."""
    reader = current_reader()
    upload = request.files.get("file")
    content = upload.read() if upload is not None else b""
    if upload is None or not upload.filename:
        return _list([Fault("sheet-file", reader.t("Choose a file first."))], 422)
    channel = "account_manager" if reader.actor.role == "account_manager" else "counter"
    try:
        order = bulk_orders.check_sheet(
            content, file_name=upload.filename, channel=channel, actor=current_actor(), deps=current_deps()
        )
    except InvalidInput as refusal:
        return _list(_told(refusal, reader, "sheet-file"), 422)
    return see(f"{ADDRESSES.sheets(order.number)}?show={'bad' if order.bad else ''}", "sheet-checked")


@bp.get("/sheets/template.csv")
@requires("order.submit")
def sheet_template() -> Response:
    """An empty sheet: the columns of every sheet, and those of a product."""
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        spec = load_catalogue(session).products.get(request.args.get("product", ""))
    head = [reader.words(column.name) + ("*" if column.code in NEEDED else "") for column in COLUMNS]
    head += [reader.words(part.name) for part in spec.characteristics.values()] if spec is not None else []
    return _file([list(dict.fromkeys(head))], "orders.csv")


@bp.get("/sheets/<number>")
@requires("order.view")
def sheet(number: str) -> Response:
    """One sheet; while its lines are ordered, the same address answers htmx with the part that changes."""
    edit = request.args.get("edit", "")
    return _sheet(number, Asked(*_asked(), edit=int(edit) if edit.isascii() and edit.isdigit() else 0))


@bp.get("/sheets/<number>/errors.csv")
@requires("order.view")
def sheet_errors(number: str) -> Response:
    """The lines that were not ordered with the reasons; once corrected, the file is taken as a sheet again."""
    return _file(bulk_views.faulty(number, current_actor(), current_deps()), f"{number}-errors.csv")


@bp.post("/sheets/<number>/mend")
@requires("order.submit")
def mend_sheet(number: str) -> Response:
    """Take over the cells that were changed, and check the whole sheet again."""
    given = {name.removeprefix(CELL): text for name, text in request.form.items() if name.startswith(CELL)}
    changes = [
        CellChange(cell=cell, was=request.form.get(f"{WAS}{cell}", ""), now=text)
        for cell, text in given.items()
        if text.strip() != request.form.get(f"{WAS}{cell}", "")
    ]
    try:
        bulk_mending.mend(number, changes, current_actor(), current_deps())
    except (InvalidInput, Conflict) as refusal:
        faults = _told(refusal, current_reader(), "", prefix=CELL)
        return _sheet(number, Asked(*_asked(), typed=given, faults=faults), refusal.http_status)
    show, offset = _asked()
    return see(f"{ADDRESSES.sheets(number)}?show={show}&offset={offset}", "sheet-checked")


@bp.post("/sheets/<number>/submit")
@requires("order.submit")
def submit_sheet(number: str) -> Response:
    """Let the good lines become orders, one after another."""
    try:
        bulk_orders.submit(
            number,
            current_actor(),
            current_deps(),
            max_failures=None,
            rate_per_s=bulk_orders.USUAL_RATE_PER_S,
            again=bool(request.form.get("again")),
        )
    except Conflict as refusal:
        if bulk_views.get(number, current_actor(), current_deps()).run is not None:
            return see(ADDRESSES.sheets(number))  # sent twice: it is under way
        twin = str(refusal.facts.get("number", ""))
        faults = [] if twin else _told(refusal, current_reader(), "")
        return _sheet(number, Asked(*_asked(), faults=faults, twin=twin), refusal.http_status)
    return see(ADDRESSES.sheets(number), "sheet-submitted")


@bp.post("/sheets/<number>/pause")
@requires("order.submit")
def pause_sheet(number: str) -> Response:
    """Order no further line until it goes on."""
    return _changed(number, bulk_orders.pause)


@bp.post("/sheets/<number>/resume")
@requires("order.submit")
def resume_sheet(number: str) -> Response:
    """Go on with the next line."""
    return _changed(number, bulk_orders.resume)


@bp.post("/sheets/<number>/stop")
@requires("order.submit")
def stop_sheet(number: str) -> Response:
    """Order no further line, ever; what was ordered stays ordered."""
    return _changed(number, bulk_orders.stop)


def _changed(number: str, act: Callable[[Session, str, datetime], object]) -> Response:
    try:
        bulk_orders.change(number, current_actor(), current_deps(), act)
    except Conflict as refusal:
        return _sheet(number, Asked(faults=_told(refusal, current_reader(), "")), refusal.http_status)
    return see(ADDRESSES.sheets(number))


def _asked() -> tuple[str, int]:
    show = request.args.get("show", "")
    return show if show in SHOWN else "", offset_of_request()


def _list(faults: Sequence[Fault] = (), status: int = 200) -> Response:
    offset = offset_of_request()
    views, total = bulk_views.page(current_actor(), current_deps(), offset=offset, limit=PAGE_SIZE)
    with read(current_deps().read_sessions) as session:
        page = sheet_list(session, current_reader(), ADDRESSES, views, total, offset=offset, faults=faults)
    return render("sheets/list.html", page, status=status)


def _sheet(number: str, asked: Asked, status: int = 200) -> Response:
    actor, deps = current_actor(), current_deps()
    view = bulk_views.get(number, actor, deps)
    limit = lines_shown(view.order.headings)
    lines = bulk_views.lines(number, actor, deps, state=asked.show or None, offset=asked.offset, limit=limit)
    with read(deps.read_sessions) as session:
        page = sheet_page(session, current_reader(), ADDRESSES, view, lines, asked)
    return render("sheets/page.html", page, fragment="sheets/_live.html", status=status)


def _told(refusal: AppError, reader: Reader, where: str, prefix: str = "") -> list[Fault]:
    """What a refusal says, each sentence with the cell or field it is about."""
    english = reader.language == "en"
    faults = [
        Fault(
            f"{prefix}{one.path}" if prefix else where,
            (f"{one.path}: " if one.path != "file" else "") + (one.en if english else one.zh),
        )
        for one in refusal.details
    ]
    return faults or [Fault(where, refusal.message(reader.language))]


def _file(rows: Sequence[Sequence[str]], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return FlaskResponse(write_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)
