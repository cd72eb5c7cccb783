"""The gallery: every part of the pages in every state on one page, for those who build pages and who judge them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Response

from app.access import requires_login
from app.domain.ordering import order_lifecycle
from app.domain.words import Words
from app.web.charts.bars import Bars, Share, build_bars
from app.web.charts.burndown import Burndown, build_burndown
from app.web.charts.small import Part, Piece, heat_level, pieces, sparkline
from app.web.frame import render
from app.web.pages.states import order_tag
from app.web.reader import Reader, current_reader
from app.web.site import bp
from app.web.views.parts import Fault, Pages, Pair, SlaCell, StationLine, Tab, Tag, station_line

SHARES_PX = 640
TEAMS = (
    Words("东区外线班", "East field team"),
    Words("数据班", "Data team"),
    Words("测试班", "Test team"),
)
STEPS = (
    (Words("外线施工", "Field work"), 3.2, 1.9, 45),
    (Words("数据配置", "Data set-up"), 1.4, 0.7, 48),
    (Words("计费开通", "Start of billing"), 1.1, 0.1, 31),
)
LOADS = ((2, 5, 9), (3, 6, 8), (0, 1, 4))


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """Samples of every part; the numbers mean nothing."""

    states: tuple[Tag, ...]
    clocks: tuple[SlaCell, ...]
    lines: tuple[StationLine, ...]
    facts: tuple[Pair, ...]
    tabs: tuple[Tab, ...]
    pages: Pages
    faults: tuple[Fault, ...]
    shares: tuple[Piece, ...]
    shares_width: int
    bars: Bars
    burndown: Burndown
    spark: str
    heat: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


@bp.get("/design")
@requires_login
def gallery() -> Response:
    """All parts at a glance; the same rules are run over it as over every page."""
    return render("gallery.html", _gallery(current_reader()))


def _gallery(reader: Reader) -> Gallery:
    t = reader.t
    opens = reader.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    due = opens + timedelta(hours=10)
    real = [(opens + timedelta(hours=hour), 214.0 - 22 * hour) for hour in range(7)]
    plan = [(opens, 214.0), (due, 0.0)]
    most = max(max(row) for row in LOADS)
    return Gallery(
        states=tuple(order_tag(state, reader) for state in order_lifecycle.OrderState),
        clocks=(
            SlaCell(t("{span} left", span="3:20"), used_px=20),
            SlaCell(t("{span} left", span="1:08"), "risk", "clock", 60),
            SlaCell(t.about("sla", "{span} late", span="0:25"), "late", "alert", 72),
            SlaCell(t("clock stopped"), "held", "pause", 40),
        ),
        lines=(
            station_line(("done", "done", "here", "next", "next"), t("in progress")),
            station_line(("done", "wait", "next"), t("waiting")),
            station_line(("done", "done", "fail", "next"), t("failed")),
        ),
        facts=(Pair(t("Order"), "O-2611-000042", code=True), Pair(t("Area"), reader.words(Words("上海", "Shanghai")))),
        tabs=(Tab(t.about("tab", "All"), "#tabs", True, 48), Tab(t("Late"), "#tabs", False, 4, bad=True)),
        pages=Pages(1, 15, 48, after="#tables"),
        faults=(Fault("gallery-wrong", t("The house number is missing.")), Fault("", t("No port is free."))),
        shares=pieces(
            (
                Part("done", 150, "g-done"),
                Part("open", 40, "f-soft"),
                Part("risk", 18, "f-warn"),
                Part("late", 6, "f-bad"),
            ),
            SHARES_PX,
        ),
        shares_width=SHARES_PX,
        bars=build_bars([Share(reader.words(name), wait, work, count) for name, wait, work, count in STEPS]),
        burndown=build_burndown(real, plan, opens=opens, due=due, now=reader.now, words=reader.f),
        spark=sparkline((1, 1.2, 1, 3, 2.8, 2.9)),
        heat=tuple(
            (reader.words(team), tuple((load, heat_level(load, most)) for load in row))
            for team, row in zip(TEAMS, LOADS, strict=True)
        ),
    )
