"""The pages: server-rendered HTML for people, whole or as fragments from the same address."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g
from werkzeug.wrappers import Response as AnyResponse

from app.access import current_caller, current_deps, public_machine
from app.deps import Deps
from app.domain.actors import can
from app.persistence.teamwork.work_item_search import list_items
from app.unit_of_work import read
from app.web import account, bell, form_drafts, gallery, handbook, login, search
from app.web.administration import admin_neighbours, admin_parameters, admin_rights, admin_teams, admin_users, audit
from app.web.amending import order_amend, order_cancel, order_hold
from app.web.assets import assets_at
from app.web.bulk import bring_in, sheets
from app.web.counter import (
    catalogue,
    customer_edit,
    customers,
    desk,
    my_order,
    order_entry,
    order_share,
    papers,
    reveals,
    tickets,
)
from app.web.error_pages import error_page
from app.web.frame import ASSETS_KEY
from app.web.ordering import diagrams, order_promise, order_visit, orders
from app.web.promises import sla_calendars, sla_desk, sla_rules
from app.web.repairs import control, exceptions, heat, operations, repairs
from app.web.site import bp
from app.web.studio import (
    board_help,
    compare,
    decision_desk,
    deployments,
    designer,
    draft_comments,
    drafts,
    form_desk,
    migrations,
    operation_catalogue,
    process_cases,
    process_catalogue,
    process_import,
    process_making,
    process_trials,
)
from app.web.teamwork import board, dispatch_box, field, field_app, task, task_acts, task_files, work_list, work_views
from app.web.views.parts import COUNTED_AT_MOST

#: Route modules; importing them hangs their routes on the blueprint.
PAGES: Final = (
    account,
    admin_neighbours,
    admin_parameters,
    admin_rights,
    admin_teams,
    admin_users,
    audit,
    bell,
    bring_in,
    catalogue,
    compare,
    board,
    board_help,
    control,
    customer_edit,
    customers,
    decision_desk,
    deployments,
    desk,
    designer,
    diagrams,
    dispatch_box,
    draft_comments,
    drafts,
    exceptions,
    field,
    field_app,
    form_desk,
    form_drafts,
    gallery,
    handbook,
    heat,
    login,
    migrations,
    my_order,
    operation_catalogue,
    operations,
    order_amend,
    order_cancel,
    order_entry,
    order_hold,
    order_promise,
    order_share,
    order_visit,
    orders,
    papers,
    process_catalogue,
    process_cases,
    process_trials,
    process_import,
    process_making,
    repairs,
    reveals,
    task,
    task_acts,
    task_files,
    sla_calendars,
    sla_desk,
    sla_rules,
    sheets,
    search,
    tickets,
    work_list,
    work_views,
)
#: No script and no style may be inline, nothing comes from elsewhere. The drawing board has a policy of its own.
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def register_web(app: Flask, deps: Deps) -> None:
    """Add the pages to ``app``; call it after :func:`app.access.install_access`."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    assets = assets_at(deps.settings.static_dist_dir)
    app.extensions[ASSETS_KEY] = assets
    app.extensions["yizhan_error_page"] = error_page

    def send_asset(path: str) -> Response:
        return assets.send(path)

    app.add_url_rule("/assets/<path:path>", "assets", public_machine(send_asset))
    app.register_blueprint(bp)


@bp.before_request
def count_queue() -> None:
    """How much work waits for the reader, for the bar of every page."""
    caller = current_caller()
    if caller is None or not can(caller.actor, "item.view"):
        return
    with read(current_deps().read_sessions) as session:
        g.yizhan_queue_count = list_items(session, caller.actor, "team", limit=0, count_at_most=COUNTED_AT_MOST)[1]


@bp.after_request
def set_policy(response: AnyResponse) -> AnyResponse:
    """The strict policy for every page that has none of its own."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    return response
