"""Trouble tickets, and fault reports from an installed product."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.commands import OpenTicket
from app.errors import InvalidInput
from app.services.counter.trouble_desk import open_ticket
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.tickets import SEVERITIES, fault_report, ticket_list, ticket_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see
from app.web.views.parts import Fault


@bp.get("/tickets")
@requires("ticket.view")
def tickets() -> Response:
    """One tab of the tickets."""
    with read(current_deps().read_sessions) as session:
        page = ticket_list(
            session,
            current_reader(),
            ADDRESSES,
            tab=request.args.get("tab", "open"),
            query=request.args.get("q", "").strip()[:100],
            offset=offset_of_request(),
        )
    return render("tickets/list.html", page)


@bp.get("/tickets/<number>")
@requires("ticket.view")
def ticket(number: str) -> Response:
    """One ticket."""
    with read(current_deps().read_sessions) as session:
        page = ticket_page(session, current_reader(), ADDRESSES, number)
    return render("tickets/page.html", page, fragment="tickets/_live.html")


@bp.get("/products/<product_id>/fault")
@requires("ticket.open")
def report_fault(product_id: str) -> Response:
    """The form for a fault of an installed product."""
    with read(current_deps().read_sessions) as session:
        page = fault_report(session, current_reader(), ADDRESSES, product_id)
    return render("tickets/report.html", page)


@bp.post("/products/<product_id>/fault")
@requires("ticket.open")
def open_fault(product_id: str) -> Response:
    """Accept the report and go to its ticket."""
    reader = current_reader()
    description = request.form.get("description", "").strip()[:1000]
    severity = request.form.get("severity", "normal")
    severity = severity if severity in {code for code, _ in SEVERITIES} else "normal"
    faults = [] if description else [Fault("description", reader.t("Describe what does not work."))]
    if not faults:
        try:
            command = OpenTicket(product_id=product_id, severity=severity, description=description)
            made = open_ticket(command, current_actor(), current_deps())
            return see(ADDRESSES.ticket(made.number), "reported")
        except InvalidInput as refusal:
            faults = [Fault("description", refusal.message(reader.language))]
    with read(current_deps().read_sessions) as session:
        page = fault_report(
            session, reader, ADDRESSES, product_id, description=description, severity=severity, faults=faults
        )
    return render("tickets/report.html", page, status=422)
