"""A Flask application with the real templates and fixed data: pages without database, services or login."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask, render_template

from app.web.assets import SHEETS, Assets
from app.web.texts import Texts
from app.web.views.frame import Frame, Link, LinkGroup
from tests.web import samples

ENDPOINTS = [
    "bell",
    "orders",
    "new_customer",
    "new_order",
    "customers",
    "customer",
    "work_list",
    "questions",
    "save_view",
    "choose_columns",
    "tickets",
    "operations",
    "processes",
    "new_process",
    "import_files",
    "process_cases",
    "plan_migration",
    "process",
    "process_folders_page",
    "remove_draft",
    "draft_source",
    "withdraw_version",
    "move_process",
    "make_draft",
    "draft",
    "draft_texts",
    "draft_back",
    "describe_draft",
    "imported",
    "upload_process",
    "vocabulary",
    "check_process",
    "run_reconcile",
    "logout",
    "stay",
    "login_page",
]
WEB = Path(__file__).parents[2] / "app" / "web"


def make_app() -> Flask:
    """The templates with addresses that lead nowhere."""
    app = Flask("bench", template_folder=str(WEB / "templates"), static_folder=None)
    for name in ENDPOINTS:
        app.add_url_rule(f"/{name.replace('_', '-')}", f"web.{name}", lambda: "")
    assets = Assets(WEB / "static" / "dist")
    app.add_url_rule("/work-list/views/<view_id>", "web.change_view", lambda view_id: "")
    app.add_url_rule("/assets/<path:path>", "web.assets", assets.send)
    return app


def frame(language: str, *, role: str = "front_desk") -> Frame:
    """The frame around a page, as a member of staff sees it."""
    t = Texts(language)
    rail = (
        LinkGroup(
            t("Intake"),
            (
                Link(t("New order"), "/new-order", "plus", False),
                Link(t("Orders"), "/orders", "list", True),
                Link(t("Customers"), "/customers", "user", False),
            ),
        ),
        LinkGroup(
            t("Work"),
            (
                Link(t("Work list"), "/work-list", "table", False),
                Link(t("Trouble tickets"), "/tickets", "chat", False),
            ),
        ),
    )
    return Frame(
        language=language,
        home="/orders",
        search="/search",
        query="",
        area="上海本地网" if language == "zh" else "Shanghai local network",
        person="李*" if language == "zh" else "Demo front",
        role={"zh": "前台受理", "en": "Front desk"}[language],
        queue_href="/work-list",
        queue_count=3,
        help_href="/help/counter",
        other_language_href="?lang=en",
        logout="/logout",
        navigation=rail,
        notice=None,
        now_iso=samples.NOW.isoformat(),
        now_text="2026-11-24 14:32:05",
        session_left=1800,
        demo_scale="14,400",
        sheets=SHEETS,
        scripts=(),
        designer_sheets=(),
        designer_scripts=(),
    )


def draw(app: Flask, template: str, page: Any, language: str, **more: Any) -> str:
    """Render a template with the frame; ``more`` overrides what it may call."""
    values: dict[str, Any] = {
        "page": page,
        "frame": replace(frame(language), **more.pop("in_frame", {})),
        "t": Texts(language),
        "t_about": Texts(language).about,
        "static": Assets(WEB / "static" / "dist").address,
        "csrf_token": lambda: "token",
        "may": lambda action: True,
        "form": {},
        "draft": None,
        "faults": (),
        "faults_of": "",
        **more,
    }
    with app.test_request_context("/orders?q="):
        return render_template(template, **values)
