"""The heat map: its figures are those of the history, the drawing and the table say the same, and only of the area."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from app.domain.actors import Actor
from app.persistence.ordering.element_times import sample
from processes import queries
from tests.web.site import Site, ordered, sign_in, text_of

HERE = Actor(login="ops", role="operations", area="SH", area_path="CN/SH")
FAR = Actor(login="bj.manager", role="operations_manager", area="BJ", area_path="CN/BJ")


def marks_of(page: str) -> dict[str, Any]:
    found = re.search(r'data-marks="([^"]*)"', page)
    assert found is not None
    marks: dict[str, Any] = json.loads(html.unescape(found[1]))
    return marks


@pytest.fixture(scope="module")
def busy(site: Site) -> Site:
    """Three bundles as far as they get by themselves: each waits for somebody."""
    for customer, address in (("C100001", "A0001"), ("C100002", "A0002"), ("C100003", "A0013")):
        ordered(site, customer, address)
    return site


def test_the_drawing_and_the_table_say_the_same(busy: Site) -> None:
    ops = busy.visitor("ops")
    assert ops.get("/heat").headers["Location"].startswith("/heat/home_install")
    page = ops.get("/heat/home_install?mode=now").get_data(as_text=True)
    marks = marks_of(page)
    standing = {element: int(mark["label"]) for element, mark in marks.items() if "label" in mark}
    assert sum(standing.values()) >= 3
    rows = list(csv.reader(io.StringIO(ops.get("/heat/home_install?mode=now&format=csv").get_data(as_text=True))))
    assert sum(int(row[2]) for row in rows[1:] if row[2].isdigit()) == sum(standing.values())
    hottest = max(standing, key=lambda element: standing[element])
    assert marks[hottest]["heat"] == 5
    chosen = text_of(ops.get(f"/heat/home_install?mode=now&step={hottest}"))
    assert chosen.count("O-2611-") == standing[hottest], "the number links to exactly so many"


def test_figures_are_those_of_the_history(busy: Site) -> None:
    deps = busy.world.deps
    with deps.sessions() as session:
        now = deps.clock(session)
        ids = [row.id for row in queries.definitions(session) if row.key == "order_to_activate"]
        week = sample(session, HERE, ids, since=now - timedelta(days=7), now=now, pair=("check_credit", "decompose"))
        none = sample(session, HERE, ids, since=now + timedelta(days=1), now=now)
        far = sample(session, FAR, ids, since=now - timedelta(days=7), now=now)
    assert week.runs == 3 and week.is_all
    assert len(week.elements["check_credit"].spans) == week.elements["check_credit"].entered == 3
    assert len(week.between) == 3 and all(span >= timedelta() for span in week.between)
    assert sum(len(times.open) for times in week.elements.values()) >= 3, "what is under way is not left out"
    assert (none.runs, far.runs) == (0, 0)


def test_everybody_sees_the_figures_of_their_own_area(busy: Site) -> None:
    page = busy.visitor("bj.manager").get("/heat/home_install?mode=now")
    assert not [mark for mark in marks_of(page.get_data(as_text=True)).values() if "label" in mark]
    assert "这段时间没有启动过" in text_of(page)
    assert busy.visitor("front").get("/heat/home_install").status_code == 403
    assert busy.visitor("ops").get("/heat/nothing").status_code == 404
    assert busy.visitor("ops").get("/heat/home_install?version=99").status_code == 404
    measured = text_of(busy.visitor("ops").get("/heat/order_to_activate?from=check_credit&to=decompose&period=30"))
    assert "从「信用欠费检查」完成到" in measured


@pytest.mark.slow
def test_the_map_is_drawn(page: Any, address: str, busy: Site) -> None:
    sign_in(page, address, "ops", "en")
    page.goto(f"{address}/heat/home_install?mode=now")
    page.locator("[data-diagram][data-ready]").wait_for()
    assert page.locator(".djs-shape.heat-5").count() >= 1
    labels = page.locator(".dgm-label")
    assert labels.count() == page.locator("td[data-label=Now] a").count()
    page.get_by_label("Process", exact=True).select_option(label="Order to activate")
    page.wait_for_url("**/heat/order_to_activate**")
