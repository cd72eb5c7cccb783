"""What each role may do, and the tokens of machines."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.access.token_desk import issue, revoke
from app.errors import InvalidInput
from app.unit_of_work import read
from app.web.block_forms import whole_number
from app.web.frame import render
from app.web.pages.administration.admin_rights import rights_page
from app.web.pages.administration.admin_tokens import TOKENS, tokens_page
from app.web.pages.administration.admin_user import Entered
from app.web.reader import current_reader
from app.web.site import bp, offset_of_request, see


@bp.get("/admin/rights")
@requires("admin.view")
def admin_rights() -> Response:
    """The table of rights."""
    with read(current_deps().read_sessions) as session:
        page = rights_page(session, current_reader())
    return render("blocks/page.html", page)


@bp.get("/admin/tokens")
@requires("admin.settings")
def admin_tokens() -> Response:
    """The tokens."""
    return _page()


@bp.post("/admin/tokens")
@requires("admin.settings")
def admin_issue_token() -> Response:
    """Issue a token; the answer shows it, once."""
    form = request.form
    login, label, days = form.get("login", "")[:64], form.get("label", ""), whole_number(form.get("days", ""), 0)
    try:
        token = issue(login, label, days, current_actor(), current_deps())
    except InvalidInput as error:
        return _page(entered=Entered(form=form.to_dict(flat=False), error=error))
    return _page(token=token)


@bp.post("/admin/tokens/<token>/revoke")
@requires("admin.settings")
def admin_revoke_token(token: str) -> Response:
    """End a token."""
    revoke(token, request.form.get("reason", ""), current_actor(), current_deps())
    return see(TOKENS, "saved")


def _page(*, entered: Entered | None = None, token: str = "") -> Response:
    with read(current_deps().read_sessions) as session:
        page = tokens_page(session, current_reader(), offset_of_request(), entered=entered, token=token)
    return render("blocks/page.html", page, status=entered.error.http_status if entered else 200)
