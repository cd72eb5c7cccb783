"""The audit: reading it is for those who may, and it is read only."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_deps, requires
from app.unit_of_work import read
from app.web.exports import MOST, as_csv
from app.web.frame import render
from app.web.pages.administration.audit import BOOKS, audit_lines, audit_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request


@bp.get("/audit")
@requires("audit.view")
def audit() -> Response:
    """One book, as a page or as a file."""
    book, login = request.args.get("book", "reveals"), request.args.get("login", "")[:64]
    book = book if book in BOOKS else "reveals"
    with read(current_deps().read_sessions) as session:
        if request.args.get("format") == "csv":
            return _as_file(session, book, login)
        page = audit_page(session, current_reader(), ADDRESSES, book=book, login=login, offset=offset_of_request())
    return render("audit/page.html", page)


def _as_file(session: Session, book: str, login: str) -> Response:
    reader = current_reader()
    t = reader.t
    lines, total, _ = audit_lines(session, reader, ADDRESSES, book=book, login=login, offset=0, limit=MOST)
    head = (t("At"), t("Who"), t("What"), t("About"), t("Reason"))
    rows = [(line.at, line.who, line.what, line.about, line.why) for line in lines]
    cut = t("The list goes on; only its first {n} rows are here.", n=MOST) if total > MOST else ""
    return as_csv(f"audit-{book}", head, rows, cut=cut)
