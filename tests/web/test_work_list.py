"""The list of work: filters as chips, saved views, columns, order, follow-up days; all of it in the address or kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.web.crew import call
from tests.web.site import Site, ordered, text_of

ROWS = re.compile(r'id="work-item-(W-[\d-]+)"')


@pytest.fixture(scope="module", autouse=True)
def some_work(site: Site) -> None:
    for customer, address in (("C100001", "A0006"), ("C100002", "A0013"), ("C100003", "A0001")):
        ordered(site, customer, address)


def rows(answer: Any) -> list[str]:
    assert answer.status_code == 200, text_of(answer)
    return ROWS.findall(answer.get_data(as_text=True))


def counts(answer: Any) -> dict[str, str]:
    page = answer.get_data(as_text=True)
    return dict(re.findall(r'href="/work\?tab=(\w+)[^"]*"[^>]*>[^<]+ <span class="n[^"]*">(\d+)', page))


def test_each_filter_is_a_chip_with_a_way_back_and_counts_follow_it(site: Site) -> None:
    lead = site.visitor("ops2")
    every = lead.get("/work?tab=all")
    assert len(rows(every)) >= 3 and counts(every)["all"] == str(len(rows(every)))
    product = lead.get("/work?tab=all&product=home_bundle")
    assert rows(product) and set(rows(product)) <= set(rows(every))
    assert counts(product)["all"] == str(len(rows(product)))
    assert re.search(r'class="chip">产品 <b>[^<]+</b><a href="/work\?tab=all"', product.get_data(as_text=True))
    assert rows(lead.get("/work?tab=all&product=leased_line")) == []
    empty = lead.get("/work?tab=all&tier=no-such-tier")
    assert rows(empty) == [] and "清除筛选" in text_of(empty)
    assert rows(lead.get("/work?tab=all&area=SH-SH")) and not rows(lead.get("/work?tab=all&area=BJ-BJ"))
    for broken in ("due=whenever", "flag=nothing", "sort=colour"):
        assert lead.get(f"/work?tab=all&{broken}").status_code == 400, broken


def test_the_list_can_be_sorted_and_says_so(site: Site) -> None:
    lead = site.visitor("ops2")
    orders = call(site, "GET", "/api/v1/work-items?tab=all&limit=100", "ops2")["items"]
    by_number = [
        one["number"] for one in sorted(orders, key=lambda one: (one["order_number"] or one["number"], one["id"]))
    ]
    assert rows(lead.get("/work?tab=all&sort=order")) == by_number
    newest = [one["number"] for one in sorted(orders, key=lambda one: (one["created_at"], one["id"]), reverse=True)]
    shown = lead.get("/work?tab=all&sort=newest")
    assert rows(shown) == newest
    assert 'aria-sort="ascending"' not in shown.get_data(as_text=True)
    assert 'aria-sort="ascending"' in lead.get("/work?tab=all").get_data(as_text=True)


def test_a_follow_up_day_is_noted_on_many_rows_and_found_again(site: Site) -> None:
    lead = site.visitor("ops2")
    chosen = rows(lead.get("/work?tab=all"))[:2]
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    wrong = lead.post("/work/bulk?tab=all", {"act": "follow_up", "number": chosen, "day": "soon"})
    assert wrong.status_code == 422
    past = lead.post("/work/bulk?tab=all", {"act": "follow_up", "number": chosen, "day": "2020-01-01"})
    assert "跟进日期不能早于今天" in text_of(past)
    done = lead.post("/work/bulk?tab=all&flag=follow", {"act": "follow_up", "number": chosen, "day": today.isoformat()})
    assert 'class="banner ok" role="status" data-testid="bulk-result"' in done.get_data(as_text=True), text_of(done)
    assert sorted(rows(lead.get("/work?tab=all&flag=follow"))) == sorted(chosen)
    assert rows(lead.get("/work?tab=all&sort=follow"))[:2] == chosen
    assert 'hx-get="/work?tab=all&amp;flag=follow"' in done.get_data(as_text=True), "it refreshes the list, not the act"
    lead.post("/work/bulk?tab=all", {"act": "follow_up", "number": chosen, "day": ""})
    assert rows(lead.get("/work?tab=all&flag=follow")) == []


def test_a_view_is_saved_starred_counted_and_thrown_away(site: Site) -> None:
    lead = site.visitor("ops2")
    refused = lead.post("/work/views", {"tab": "all", "product": "home_bundle", "name": " ", "starred": "1"})
    assert refused.status_code == 422 and "请填写说明" in text_of(refused)
    saved = lead.post("/work/views", {"tab": "all", "product": "home_bundle", "name": "全家享<b>", "starred": "1"})
    assert (saved.status_code, saved.headers["Location"]) == (303, "/work?tab=all&product=home_bundle&done=view-saved")
    page = lead.get("/work").get_data(as_text=True)
    number = len(rows(lead.get("/work?tab=all&product=home_bundle")))
    rail = page[page.index('<nav class="rail"') : page.index("<main")]
    assert re.search(rf'href="/work\?tab=all&amp;product=home_bundle"[^>]*aria-label="全家享&lt;b&gt; {number}"', rail)
    assert "全家享" not in site.visitor("ops").get("/work").get_data(as_text=True)
    (view,) = re.findall(r'action="(/work/views/[\w-]+)"', page)
    assert site.visitor("ops").post(view, {"do": "plain"}).status_code == 404
    lead.post(view, {"do": "plain", "back": "//evil.example"})
    page = lead.get("/work").get_data(as_text=True)
    assert "全家享" in page and "全家享" not in page[page.index('<nav class="rail"') : page.index("<main")]
    lead.post(view, {"do": "forget"})
    assert "全家享" not in lead.get("/work").get_data(as_text=True)


def test_columns_and_density_stay_as_they_were_chosen(site: Site) -> None:
    lead = site.visitor("ops2")
    usual = lead.get("/work?tab=all").get_data(as_text=True)
    assert 'class="panel compact"' in usual and ">区域</th>" not in usual
    kept = lead.post(
        "/work/choices", {"column": ["area", "came", "nonsense"], "density": "roomy", "back": "/work?tab=all"}
    )
    assert kept.headers["Location"] == "/work?tab=all"
    page = lead.get("/work?tab=all").get_data(as_text=True)
    assert 'class="panel roomy"' in page and ">区域</th>" in page and ">级别</th>" not in page
    heads = page[page.index("<thead") : page.index("</thead>")].count("<th ")
    first = page[page.index("<tbody>") :].split("</tr>")[0]
    assert first.count("<td") == heads
    number = ROWS.findall(page)[0]
    swapped = lead.post(f"/work/{number}/claim", {}, HX_Request="true").get_data(as_text=True)
    assert swapped.count("<td") == heads, "a row that comes back has the same columns"
    lead.post(f"/work/{number}/release", {})
    assert 'class="panel compact"' in site.visitor("ops").get("/work?tab=all").get_data(as_text=True)
