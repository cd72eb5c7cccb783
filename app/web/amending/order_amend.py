"""Amending an order in flight: fill in what is to be different, see what it means, confirm it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import AppError, Conflict, FieldProblem, Forbidden, InvalidInput
from app.persistence.ordering.orders import ProductOrderItem
from app.services.amending import amendments
from app.services.amending.amend_items import ItemChange
from app.services.amending.amend_previews import Preview
from app.unit_of_work import read
from app.web.amending.amend_draft import FIND, AmendDraft, amend_schema, read_amend_draft
from app.web.frame import render
from app.web.pages.amending.amend_page import Amending
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see

MOST_LETTERS = 500


@bp.get("/orders/<number>/amend")
@requires("order.view")
def amend_look(number: str) -> Response:
    """One item as it is, to be changed, and the amendments there were."""
    return _page(number)


@bp.post("/orders/<number>/amend")
@requires("order.amend")
def amend_order(number: str) -> Response:
    """Find an address, look at what a change would mean, or confirm what was shown."""
    wanted = request.form.get("do", "preview")
    if wanted.startswith(FIND) or wanted == "offering":
        return _page(number)
    change, problems = _change(number)
    if problems:
        return _page(number, problems=problems, status=422)
    actor, deps = current_actor(), current_deps()
    try:
        if wanted == "confirm":
            reason = request.form.get("reason", "").strip()[:MOST_LETTERS]
            digest = request.form.get("digest", "")
            row, _ = amendments.confirm(number, [change], reason, digest, actor, deps)
            return see(ADDRESSES.order(number), "amend-asked" if row.state == "awaitingApproval" else "amended")
        shown = amendments.preview(number, [change], actor, deps)
    except (Conflict, InvalidInput) as refusal:
        return _page(number, problems=_problems(refusal), status=refusal.http_status)
    return _page(number, preview=shown)


@bp.post("/orders/<number>/amendments/<amendment_id>/decision")
@requires("order.approve")
def decide_amendment(number: str, amendment_id: str) -> Response:
    """Agree to an amendment, or refuse it, with a reason."""
    reason = request.form.get("reason", "").strip()
    agreed = request.form.get("agreed") == "yes"
    if not reason:
        missing = FieldProblem(path="", code="required", zh="请填写理由。", en="Give a reason.")
        return _page(number, problems=[missing], status=422)
    try:
        amendments.decide(amendment_id, agreed, reason[:MOST_LETTERS], current_actor(), current_deps())
    except (Conflict, InvalidInput, Forbidden) as refusal:
        return _page(number, problems=_problems(refusal), status=refusal.http_status)
    return see(ADDRESSES.order(number), "amended" if agreed else "amend-refused")


def _change(number: str) -> tuple[ItemChange, list[FieldProblem]]:
    with read(current_deps().read_sessions) as session:
        amending = Amending(session, current_reader(), number, request.args.get("item", ""), ADDRESSES)
        draft = _draft(amending)
        schema = amend_schema(amending.item, draft.offering, amending.catalogue)
        return draft.change(amending.item, schema, amending.catalogue), draft.problems(schema)


def _draft(amending: Amending) -> AmendDraft:
    item: ProductOrderItem = amending.item
    offering = request.form.get("offering", "")[:64] or item.offering or ""
    known = offering in amending.catalogue.offerings
    return read_amend_draft(item, request.form, amending.catalogue, offering if known else item.offering or "")


def _problems(refusal: AppError) -> list[FieldProblem]:
    if refusal.details:
        return list(refusal.details)
    return [FieldProblem(path="", code=refusal.code, zh=refusal.message_zh, en=refusal.message_en)]


def _page(
    number: str, *, problems: Sequence[FieldProblem] = (), preview: Preview | None = None, status: int = 200
) -> Response:
    deps = current_deps()
    with read(deps.read_sessions) as session:
        amending = Amending(session, current_reader(), number, request.args.get("item", ""), ADDRESSES)
        draft = _draft(amending)
        page = amending.page(draft, problems=problems, preview=preview, registry=deps.registry)
    return render("orders/amend.html", page, status=status)
