"""New orders and changes of installed products, at the counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.commands import PlaceOrder
from app.errors import FieldProblem, InvalidInput, NotFound, OpenOrderConflict
from app.services.counter import quoting
from app.services.counter.order_intake import place_order
from app.services.form_drafts import drop, keep
from app.unit_of_work import read
from app.web.counter.counter_checks import CheckAnswer, ask_neighbours
from app.web.counter.order_draft import FIND, place_roles, read_draft
from app.web.form_drafts import OWN_FIELDS, restored
from app.web.frame import render
from app.web.pages.counter.new_order import Counter
from app.web.pages.counter.plans import Plans
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see

#: Taking one of the nearest addresses: the role of the place and the code of the address follow.
USE: Final = "use-"
#: What is done with the order as a whole; anything wrong is told then.
FINAL: Final = ("submit", "quote")


@bp.get("/orders/new")
@requires("order.submit")
def new_order() -> Response:
    """The page as far as the address says what is ordered."""
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        counter = _counter(session)
        if counter.spec is None or counter.customer is None:
            return render("orders/new.html", counter.page())
        page = counter.page()
        typed, draft = restored(
            session, reader, "order", counter.draft.key, title=f"{page.customer} {page.offering_name}"
        )
        if typed is not None:
            page = _counter(session, typed).page()
    return render("orders/new.html", page, draft=draft)


@bp.post("/orders/new")
@requires("order.submit")
def fill_in_order() -> Response:
    """Find a customer or an address, check, or place the order; everything typed comes back with the page."""
    wanted = request.form.get("do", "")
    with read(current_deps().read_sessions) as session:
        counter = _counter(session)
        if wanted.startswith(USE):
            role, _, code = wanted.removeprefix(USE).rpartition(":")
            counter.draft = replace(counter.draft, places={**counter.draft.places, role: code[:32]})
        if counter.spec is None or wanted.startswith((FIND, USE)) or wanted == "find-customer":
            return render("orders/new.html", counter.page())
        command, problems = counter.command()
        problems += _missing_places(counter)
        judgement = counter.judgement(command)
        problems += [each for each in judgement.problems if not (problems and each.code == "wrong-number-of-places")]
        if wanted not in FINAL or problems:
            checks = _checks(counter, command, problems) if wanted == "check" else ()
            page = counter.page(problems=problems if wanted in FINAL else (), checks=checks)
            return render("orders/new.html", page, status=422 if problems and wanted in FINAL else 200)
    return _quoted(command, counter.draft.key) if wanted == "quote" else _placed(command)


@bp.post("/orders/new/checks")
@requires("order.submit")
def ask_before_order() -> Response:
    """Credit and network for the order as it stands in the form, while somebody goes on filling it in."""
    with read(current_deps().read_sessions) as session:
        counter = _counter(session)
        if counter.spec is None or counter.customer is None:
            raise NotFound()
        command, _ = counter.command()
        judgement = counter.judgement(command)
        number = counter.customer.customer_no
    # The neighbours are asked when no transaction is open.
    answers = ask_neighbours(judgement, number, current_deps()) if judgement.items else []
    with read(current_deps().read_sessions) as session:
        rows = _counter(session).checked(judgement, answers)
    return render("orders/_checks.html", rows, fragment="orders/_checks.html")


def _placed(command: PlaceOrder) -> Response:
    try:
        order = place_order(command, current_actor(), current_deps(), body_hash=_draft_hash()).order
    except (InvalidInput, OpenOrderConflict) as refusal:
        problems = list(refusal.details) or [
            FieldProblem(path="", code=refusal.code, zh=refusal.message_zh, en=refusal.message_en)
        ]
        with read(current_deps().read_sessions) as session:
            page = _counter(session).page(problems=problems)
        return render("orders/new.html", page, status=refusal.http_status)
    drop("order", read_draft(request.args, None).key, current_actor(), current_deps())
    return see(ADDRESSES.order(order.number), "placed")


def _quoted(command: PlaceOrder, key: str) -> Response:
    """Make a quote, and keep what was typed, so that it can be ordered as it was quoted."""
    actor, deps = current_actor(), current_deps()
    try:
        _, kept = quoting.quote(command, actor, deps)
    except (InvalidInput, OpenOrderConflict) as refusal:
        with read(deps.read_sessions) as session:
            page = _counter(session).page(problems=refusal.details)
        return render("orders/new.html", page, status=refusal.http_status)
    content = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN_FIELDS]
    keep("order", key, kept.number, content, actor, deps)
    return see(ADDRESSES.quote(kept.number), "quoted")


def _counter(session: Session, typed: MultiDict[str, str] | None = None) -> Counter:
    # The schema depends on what is ordered, and reading the answers depends on the schema.
    form = request.form if request.method == "POST" else typed
    first = Counter(
        session, current_reader(), ADDRESSES, Plans(session, current_deps()), read_draft(request.args, form)
    )
    first.draft = read_draft(request.args, form, first.schema() if first.spec else None)
    return first


def _draft_hash() -> str:
    with read(current_deps().read_sessions) as session:
        return _counter(session).draft.body_hash()


def _missing_places(counter: Counter) -> list[FieldProblem]:
    spec, draft = counter.spec, counter.draft
    if spec is None or draft.product_id:
        return []
    roles = place_roles(spec)
    needed = roles[:1] if spec.places < 0 else roles
    return [
        FieldProblem(path="product.place", code="required", zh="请选择地址。", en="Choose an address.")
        for role in needed[:1]
        if not all(draft.places.get(each) for each in needed)
    ]


def _checks(counter: Counter, command: PlaceOrder, problems: Sequence[FieldProblem]) -> list[CheckAnswer]:
    judgement = counter.judgement(command)
    if not judgement.items:
        return []
    number = counter.customer.customer_no if counter.customer else ""
    return ask_neighbours(judgement, number, current_deps())
