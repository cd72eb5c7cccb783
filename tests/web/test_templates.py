"""Every template with fixed data, in both languages: complete, accessible, nothing inline."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.web.assets import SHEETS
from app.web.views.customers import CustomerSearch
from app.web.views.parts import Choice, Fault
from app.web.views.tickets import FaultReport, TicketList
from tests.web import samples as s
from tests.web.bench_app import draw

VOID = {"meta", "link", "input", "br", "hr", "img", "path", "circle", "rect", "use"}
ERROR = SimpleNamespace(
    language="zh",
    sheets=SHEETS,
    status=404,
    title="没有这个页面",
    message="没有订单 O-1",
    advice="请核对地址",
    details=("a",),
    icon="search",
    reference="r-1",
    at="2026-11-24 14:32:05",
    home="/",
    back="/",
)


def pages(language: str) -> dict[str, tuple[str, Any, dict[str, Any]]]:
    report = FaultReport(
        product=s.PRODUCT,
        customer="卫*",
        severities=(Choice("normal", "一般"),),
        severity="normal",
        description="<script>alert(1)</script>",
        faults=(Fault("description", "请描述现象。"),),
        action="/r",
        back_href="/c",
    )
    return {
        "orders": ("orders/list.html", s.order_list(), {}),
        "order": ("orders/page.html", s.order(language), {}),
        "order in trouble": (
            "orders/page.html",
            s.order(language, incidents=(s.INCIDENT,), differences=(s.DIFFERENCE,), gantt=s.quick_gantt(language)),
            {},
        ),
        "order as a table": ("orders/page.html", s.order(language, as_table=True), {}),
        "order finished": ("orders/page.html", s.order(language, is_final=True, acts=()), {}),
        "work list": ("work/list.html", s.work_list(), {}),
        "task": ("work/task.html", s.task(language), {}),
        "task of somebody else": ("work/task.html", s.task(language, can_complete=False, why_not="张* 在办"), {}),
        "incident": ("work/task.html", s.task(language, form=None, incident=s.INCIDENT, retry_href="/r"), {}),
        "difference": ("work/task.html", s.task(language, form=None, difference=s.DIFFERENCE), {}),
        "new order 1": ("orders/new.html", s.order_form(1), {}),
        "new order 2": ("orders/new.html", s.order_form(2), {}),
        "new order 3": ("orders/new.html", s.order_form(3, language), {}),
        "customer": ("customers/page.html", s.customer(), {}),
        "customers": ("customers/search.html", CustomerSearch(query="", rows=(), asked=False), {}),
        "ticket": ("tickets/page.html", s.ticket(), {}),
        "tickets": ("tickets/list.html", TicketList(tabs=(), rows=(s.ticket_row(),), pages=s.PAGES, query=""), {}),
        "report": ("tickets/report.html", report, {}),
        "processes": ("processes/list.html", s.process_list(), {}),
        "version": ("processes/version.html", s.version(), {}),
        "editor": ("processes/edit.html", s.editor(), {}),
        "checked": ("processes/checked.html", s.checked(), {}),
        "operations": ("operations/page.html", s.operations_page(), {}),
        "login": ("login.html", s.login(language=language, sheets=SHEETS), {}),
        "error": ("error.html", ERROR, {}),
    }


class Outline(HTMLParser):
    """Tags in order, and whether they close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", list(pages("zh")))
def test_page(bench: Flask, name: str, language: str) -> None:
    template, page, more = pages(language)[name]
    html = draw(bench, template, page, language, **dict(more))
    found = outline(html)
    assert found.wrong == [] and found.open == []
    assert sum(tag == "h1" for tag, _ in found.seen) == 1
    assert [tag for tag, given in found.seen if "style" in given or any(n.startswith("on") for n in given)] == []
    assert [given for tag, given in found.seen if tag == "script" and "src" not in given] == []
    assert "http://" not in re.sub(r"http://www\.w3\.org/\S+", "", html) and "https://" not in html
    ids = [given["id"] for _, given in found.seen if given.get("id")]
    assert len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]
    assert "<script>alert" not in html


@pytest.mark.parametrize("name", list(pages("zh")))
def test_every_input_has_a_name_people_can_read(bench: Flask, name: str) -> None:
    template, page, more = pages("zh")[name]
    html = draw(bench, template, page, "zh", **dict(more))
    found = outline(html)
    labelled = {given["for"] for tag, given in found.seen if tag == "label" and given.get("for")}
    for tag, given in found.seen:
        if tag not in ("input", "select", "textarea") or given.get("type") in ("hidden", "checkbox", "radio"):
            continue
        assert given.get("aria-label") or given.get("id") in labelled, given


def test_problems_link_to_their_fields(bench: Flask) -> None:
    html = draw(bench, "orders/new.html", s.order_form(3), "zh")
    targets = set(re.findall(r'<li><a href="#([^"]+)"', html))
    assert targets and targets <= set(re.findall(r'id="([^"]+)"', html))


def test_a_row_says_who_was_faster(bench: Flask) -> None:
    row = s.work_row(7, claim_href="", why_not="张* 刚刚先领走了这一条。")
    assert 'role="alert"' in draw(bench, "work/_row.html", None, "zh", row=row)
