"""The frame around every page, and the one way in which pages are rendered."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, current_app, g, make_response, render_template, request, url_for
from sqlalchemy import select

from app.access import csrf_token, current_deps, seconds_left
from app.domain.actors import ROLE_NAMES, Role
from app.domain.masking import mask_person
from app.persistence.areas import Area
from app.persistence.people import User
from app.unit_of_work import read
from app.web.assets import DESIGNER_ENTRY, PAGE_ENTRY, SHEETS, Assets
from app.web.help_topics import help_topic
from app.web.notices import Notice, notice_for
from app.web.pages.teamwork.work_filters import asked
from app.web.pages.teamwork.work_list import view_rows
from app.web.reader import Reader, current_reader
from app.web.site import ADDRESSES
from app.web.texts import Sentence, Texts
from app.web.views.frame import Frame, Link, LinkGroup

ASSETS_KEY: Final = "yizhan_assets"
_ITEM: Final = re.compile(r"W-\d{4}-\d{1,9}")


# (group, sentence, endpoint, icon, action, letter after "g"); a reader sees what the role may do.
_RAIL: Final = (
    (Sentence("Intake"), Sentence("My desk"), "web.desk", "home", "order.submit", "d"),
    (Sentence("Intake"), Sentence("New order"), "web.new_order", "plus", "order.submit", "n"),
    (Sentence("Intake"), Sentence("Orders"), "web.orders", "list", "order.view", "o"),
    (Sentence("Intake"), Sentence("Customers"), "web.customers", "user", "customer.view", "c"),
    (Sentence("Intake"), Sentence("Quotes"), "web.quotes", "file", "order.submit", "u"),
    (Sentence("Intake"), Sentence("Order sheets"), "web.sheets", "grid", "order.submit", "s"),
    (Sentence("Work"), Sentence("Visits"), "web.field", "nav", "item.visit", "v"),
    (Sentence("Work"), Sentence("Work list"), "web.work_list", "table", "item.view", "q"),
    (Sentence("Work"), Sentence("Team board"), "web.board", "team", "item.assign", "l"),
    (Sentence("Work"), Sentence("Trouble tickets"), "web.tickets", "chat", "ticket.view", "t"),
    (Sentence("Operations"), Sentence("Control room"), "web.control_room", "gauge", "ops.view", "r"),
    (Sentence("Operations"), Sentence("Exceptions"), "web.exceptions", "alert", "ops.view", "e"),
    (Sentence("Operations"), Sentence("Bulk runs"), "web.bulk_runs", "loop", "bulk.run", "b"),
    (Sentence("Operations"), Sentence("Process heat map"), "web.heat_maps", "heat", "ops.view", "f"),
    (Sentence("Operations"), Sentence("Reconciliation"), "web.operations", "diff", "ops.view", "m"),
    (Sentence("Operations"), Sentence("Audit"), "web.audit", "shield", "audit.view", "a"),
    (Sentence("Processes"), Sentence("Processes"), "web.processes", "flow", "process.view", "p"),
    (
        Sentence("Processes"),
        Sentence("Operations of neighbours"),
        "web.operation_catalogue",
        "wifi",
        "process.view",
        "y",
    ),
    (Sentence("Processes"), Sentence("Migrations"), "web.migrations", "right", "process.migrate", "x"),
    (Sentence("Processes"), Sentence("Deployments"), "web.deployments", "done", "process.view", "z"),
    (Sentence("Processes"), Sentence("Forms"), "web.form_catalogue", "file", "process.view", ""),
    (Sentence("Processes"), Sentence("Decision tables"), "web.decision_catalogue", "table", "process.view", ""),
    (Sentence("Operations"), Sentence("Promises"), "web.sla_policies", "clock", "ops.view", "s"),
    (Sentence("Operations"), Sentence("Stops"), "web.sla_stops_list", "pause", "sla.decide", ""),
    (Sentence("Operations"), Sentence("Neighbours"), "web.admin_neighbours", "wifi", "ops.view", "i"),
    (Sentence("Processes"), Sentence("Dispatch"), "web.admin_dispatch", "nav", "process.view", "v"),
    (Sentence("Processes"), Sentence("Catalogue"), "web.catalogue", "box", "catalogue.view", "k"),
    (Sentence("Administration"), Sentence("Users and rights"), "web.admin_users", "user", "admin.view", "u"),
    (Sentence("Administration"), Sentence("Teams and areas"), "web.admin_teams", "team", "admin.view", "w"),
    (Sentence("Administration"), Sentence("Parameters"), "web.admin_parameters", "gauge", "admin.view", "y"),
)
#: Who may see any of this has something to search for.
_FINDERS: Final = ("order.view", "customer.view", "ticket.view", "item.view")
_HOMES: Final = (
    ({Role.FIELD}, "web.field"),
    ({Role.BACK_OFFICE, Role.TEAM_LEADER, Role.BILLING_CLERK}, "web.work_list"),
    ({Role.DESIGNER}, "web.processes"),
    ({Role.ADMIN}, "web.admin_users"),
    ({Role.OPERATIONS, Role.OPERATIONS_MANAGER}, "web.control_room"),
    ({Role.FRONT_DESK, Role.ACCOUNT_MANAGER}, "web.desk"),
)


def home_of(role: str) -> str:
    """Where a role starts the day."""
    for roles, endpoint in _HOMES:
        if role in roles:
            return url_for(endpoint)
    return url_for("web.orders")


def language_href(language: str) -> str:
    """This page in the other language, filters kept."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name not in ("lang", "done")]
    path = request.path
    if request.method not in ("GET", "HEAD"):
        # The answer to a form: its page is the one it was sent from, with the filters that page had.
        came_from = urlsplit(request.referrer or path)
        path = came_from.path
        arguments = [pair for pair in parse_qsl(came_from.query) if pair[0] not in ("lang", "done")]
    return f"{path}?{urlencode([*arguments, ('lang', language)])}"


def current_assets() -> Assets:
    """The files of the running application."""
    assets = current_app.extensions[ASSETS_KEY]
    if not isinstance(assets, Assets):
        raise TypeError("register_web was not called")
    return assets


def render(template: str, page: object, *, fragment: str = "", status: int = 200, **more: Any) -> Response:
    """The whole page, or only ``fragment`` when htmx asks for it from the same address."""
    reader = current_reader()
    is_part = bool(fragment) and request.headers.get("HX-Request") == "true"
    values = {"page": page, "frame": _frame(reader), **basics(reader.t), "may": reader.may, **more}
    response = make_response(render_template(fragment if is_part else template, **values), status)
    response.headers["Vary"] = "HX-Request, Cookie"
    response.headers["Content-Language"] = "en" if reader.language == "en" else "zh-CN"
    if is_part and status == 200:
        # A part that fetches itself every few seconds is sent only when it has changed.
        response.add_etag(weak=True)
        response.make_conditional(request)
    if (left := seconds_left()) is not None:
        response.headers["X-Session-Left"] = str(left)
    response.headers["X-Data-As-Of"] = f"{reader.now.isoformat()}|{reader.f.seconds(reader.now)}"
    return response


def basics(t: Texts) -> dict[str, Any]:
    """What every template may call: the sentences, the addresses of files, the token of forms."""
    return {"t": t, "t_about": t.about, "static": current_assets().address, "csrf_token": csrf_token}


def _frame(reader: Reader) -> Frame:
    settings = current_deps().settings
    assets = current_assets()
    area, person = _who(reader)
    works = reader.may("item.view")
    return Frame(
        language=reader.language,
        home=home_of(reader.actor.role),
        account=url_for("web.account"),
        search=url_for("web.find") if any(reader.may(right) for right in _FINDERS) else "",
        query=request.form.get("q", "")[:100] if request.endpoint == "web.find" else "",
        area=area,
        person=person,
        role=reader.words(ROLE_NAMES[Role(reader.actor.role)]),
        queue_href=url_for("web.work_list") if works else "",
        queue_count=g.get("yizhan_queue_count", 0) if works else 0,
        help_href=url_for("web.help_page", topic=help_topic(request.endpoint or "")),
        other_language_href=language_href("zh" if reader.language == "en" else "en"),
        logout=url_for("web.logout"),
        navigation=_navigation(reader),
        notice=_notice(reader),
        now_iso=reader.now.isoformat(),
        now_text=reader.f.seconds(reader.now),
        session_left=seconds_left() or 0,
        demo_scale=f"{settings.wait_scale:,.0f}" if settings.wait_scale != 1.0 else "",
        sheets=SHEETS,
        scripts=assets.scripts(PAGE_ENTRY),
        designer_sheets=assets.sheets(DESIGNER_ENTRY),
        designer_scripts=assets.scripts(DESIGNER_ENTRY),
    )


def _notice(reader: Reader) -> Notice | None:
    """What has just been done; a to-do that was given back can be had again, as long as nobody else has it."""
    word, number = request.args.get("done", ""), request.args.get("item", "")
    notice = notice_for(word, reader.t)
    if notice is None or word != "released" or not _ITEM.fullmatch(number):
        return notice
    return replace(notice, undo_href=url_for("web.claim_item", number=number))


def _who(reader: Reader) -> tuple[str, str]:
    with read(current_deps().read_sessions) as session:
        area = session.scalar(select(Area).where(Area.code == reader.actor.area))
        user = session.get(User, reader.actor.login)
        place = reader.said(area) if area else reader.actor.area
        name = (user.name_en if reader.language == "en" else mask_person(user.name_zh)) if user else ""
        return place, name or reader.actor.login


def _navigation(reader: Reader) -> tuple[LinkGroup, ...]:
    groups: dict[Sentence, list[Link]] = {}
    for group, text, endpoint, icon, action, go in _RAIL:
        if reader.may(action):
            here = request.endpoint == endpoint or endpoint == _section()
            groups.setdefault(group, []).append(Link(reader.t(text), url_for(endpoint), icon, here, go=go))
    found = [LinkGroup(reader.t(group), tuple(links)) for group, links in groups.items()]
    if "web.work_list" in (request.endpoint, _section()) and reader.may("item.view"):
        found += _starred(reader)
    return tuple(found)


def _starred(reader: Reader) -> list[LinkGroup]:
    """The views of the work list that somebody has given a star, counted; beside the work list only."""
    with read(current_deps().read_sessions) as session:
        here = asked(request.args, 0) if request.endpoint == "web.work_list" else None
        views = [view for view in view_rows(session, reader, ADDRESSES, here) if view.starred]
    links = tuple(Link(view.name, view.href, "star", view.current, count=view.count) for view in views)
    return [LinkGroup(reader.t("Starred views"), links)] if links else []


# Pages that are not in the rail themselves belong to one that is.
_SECTIONS: Final = {
    "web.team_board": "web.board",
    "web.move_cards": "web.board",
    "web.balance": "web.board",
    "web.apply_balance": "web.board",
    "web.note_team_absence": "web.board",
    "web.order": "web.orders",
    "web.promise_look": "web.orders",
    "web.visit_look": "web.orders",
    "web.move_visit": "web.orders",
    "web.share_look": "web.orders",
    "web.make_link": "web.orders",
    "web.revoke_link": "web.orders",
    "web.amend_look": "web.orders",
    "web.amend_order": "web.orders",
    "web.decide_amendment": "web.orders",
    "web.cancel_look": "web.orders",
    "web.cancel_order": "web.orders",
    "web.decide_cancel": "web.orders",
    "web.hold_look": "web.orders",
    "web.hold_order": "web.orders",
    "web.order_diagram": "web.orders",
    "web.pause_order": "web.orders",
    "web.resume_order": "web.orders",
    "web.customer": "web.customers",
    "web.batch": "web.customers",
    "web.new_customer": "web.customers",
    "web.take_in_customer": "web.customers",
    "web.edit_customer": "web.customers",
    "web.correct_customer": "web.customers",
    "web.choose_twin": "web.customers",
    "web.merge_customer": "web.customers",
    "web.order_batch": "web.customers",
    "web.sheet": "web.sheets",
    "web.quote": "web.quotes",
    "web.confirmation": "web.orders",
    "web.mend_sheet": "web.sheets",
    "web.submit_sheet": "web.sheets",
    "web.bring_sheet": "web.sheets",
    "web.report_fault": "web.customers",
    "web.task": "web.work_list",
    "web.complete_item": "web.work_list",
    "web.questions": "web.work_list",
    "web.work_bulk": "web.work_list",
    "web.save_view": "web.work_list",
    "web.answer_question": "web.work_list",
    "web.attach_files": "web.work_list",
    "web.hand_over_item": "web.work_list",
    "web.send_item_back": "web.work_list",
    "web.send_item_again": "web.work_list",
    "web.ask_about_item": "web.work_list",
    "web.follow_item_up": "web.work_list",
    "web.hold_item": "web.work_list",
    "web.ticket": "web.tickets",
    "web.bulk_run": "web.bulk_runs",
    "web.heat_map": "web.heat_maps",
    "web.repair": "web.exceptions",
    "web.repair_act": "web.exceptions",
    "web.decide_repair": "web.exceptions",
    "web.process": "web.processes",
    "web.process_version": "web.processes",
    "web.new_process": "web.processes",
    "web.upload_process": "web.processes",
    "web.operation": "web.operation_catalogue",
    "web.attempt_operation": "web.operation_catalogue",
    "web.plan_migration": "web.migrations",
    "web.make_migration": "web.migrations",
    "web.migration": "web.migrations",
    "web.draft": "web.processes",
    "web.running_instances": "web.processes",
    "web.process_folders_page": "web.processes",
    "web.change_folders": "web.processes",
    "web.imported": "web.processes",
    "web.make_draft": "web.processes",
    "web.draft_texts": "web.processes",
    "web.compare_versions": "web.processes",
    "web.compare_draft": "web.processes",
    "web.deploy_report": "web.deployments",
    "web.deploy_drafts": "web.deployments",
    "web.deployment": "web.deployments",
    "web.decide_deployment": "web.deployments",
    "web.admin_neighbour": "web.admin_neighbours",
    "web.catalogue_product": "web.catalogue",
    "web.sla_policy": "web.sla_policies",
    "web.sla_test": "web.sla_policies",
    "web.sla_calendars": "web.sla_policies",
    "web.sla_load_holidays": "web.sla_policies",
    "web.sla_override_day": "web.sla_policies",
    "web.sla_breaches": "web.sla_policies",
    "web.sla_compensation": "web.sla_policies",
    "web.admin_rights": "web.admin_users",
    "web.admin_tokens": "web.admin_users",
    "web.admin_issue_token": "web.admin_users",
    "web.admin_team": "web.admin_teams",
    "web.admin_new_team": "web.admin_teams",
    "web.admin_make_team": "web.admin_teams",
    "web.admin_change_team": "web.admin_teams",
    "web.admin_note_absence": "web.admin_teams",
    "web.admin_areas": "web.admin_teams",
    "web.admin_user": "web.admin_users",
    "web.admin_new_user": "web.admin_users",
    "web.admin_make_user": "web.admin_users",
    "web.admin_change_user": "web.admin_users",
    "web.admin_act_on_user": "web.admin_users",
}


def _section() -> str:
    return _SECTIONS.get(request.endpoint or "", "")
