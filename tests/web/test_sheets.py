"""Orders by the sheet on the pages: brought, told cell by cell, mended in place, submitted once, watched, paused."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from werkzeug.test import TestResponse

from processes.bulk_runner import BulkRunner
from tests.domain.sheet_files import csv_bytes, xlsx_bytes
from tests.web.site import Site, text_of

HEAD = ["客户编号*", "业务类型*", "销售品", "地址编码", "外部单号", "期望完成日期"]
GOOD = ["C100003", "新装", "fb-300", "A0013", "", "2027-06-01"]


def brought(site: Site, rows: Sequence[Sequence[str]], who: str = "front") -> str:
    """The address of a sheet that was just checked."""
    answer = send(site, csv_bytes([HEAD, *rows]), who)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"]).split("?")[0]


def send(site: Site, content: bytes, who: str = "front", name: str = "门店.csv") -> TestResponse:
    return site.visitor(who).post("/sheets", {"file": (io.BytesIO(content), name)})


def carried_out(site: Site) -> None:
    deps = site.world.deps
    BulkRunner(deps.engine.parts, deps.sessions).round()
    site.work()


def test_a_sheet_is_told_cell_by_cell_mended_and_submitted_once(site: Site) -> None:
    front = site.visitor("front")
    where = brought(site, [GOOD, ["C100004", "新装", "fb-300", "A9999", "", "soon"]])
    page = front.get(f"{where}?show=bad")
    html = page.get_data(as_text=True)
    assert 'name="cell-D3" value="A9999"' in html and 'name="cell-F3" value="soon"' in html
    assert "cell-A3" not in html, "what is right is not asked for again"
    assert "应为日期，如 2026-12-01" in text_of(page) and "cell-A3" in front.get(f"{where}?edit=3").text
    form = {"cell-D3": "A0014", "was-D3": "A9999", "cell-F3": "later", "was-F3": "soon"}
    again = front.post(f"{where}/mend?show=bad", form)
    assert again.status_code == 303
    assert text_of(front.get(f"{where}?show=bad")).count("应为日期") == 1
    stale = front.post(f"{where}/mend?show=bad", {"cell-D3": "A0015", "was-D3": "A9999"})
    assert stale.status_code == 409 and "A0014" in text_of(stale) and 'value="A0015"' in stale.text
    front.post(f"{where}/mend", {"cell-F3": "2027-06-02", "was-F3": "later"})
    assert "提交 2 行" in text_of(front.get(where))
    assert front.post(f"{where}/submit", {}).headers["Location"].endswith("done=sheet-submitted")
    assert front.post(f"{where}/submit", {}).status_code == 303, "sent twice, submitted once"
    assert front.post(f"{where}/mend", {}).status_code == 409
    carried_out(site)
    done = front.get(where, HX_Request="true")
    assert "已处理 2 行，共 2 行" in text_of(done) and len(re.findall(r"O-\d{4}-\d{6}", text_of(done))) == 2


def test_a_file_as_a_whole_is_refused_with_the_cell(site: Site) -> None:
    refused = send(site, xlsx_bytes([HEAD, ["C100003", ("", "<f>B1</f>")]]), name="a.xlsx")
    assert refused.status_code == 422 and "B2: " in text_of(refused)
    assert site.visitor("front").post("/sheets", {}).status_code == 422


def test_the_same_file_is_submitted_twice_only_when_that_is_said(site: Site) -> None:
    rows = [[*GOOD[:5], "2027-07-01"]]
    first, second = brought(site, rows), brought(site, rows)
    front = site.visitor("front")
    front.post(f"{first}/submit", {})
    asked = front.post(f"{second}/submit", {})
    assert asked.status_code == 409 and first.split("/")[-1] in text_of(asked) and "再次提交" in asked.text
    assert front.post(f"{second}/submit", {"again": "1"}).status_code == 303
    assert front.post(f"{second}/pause", {}).status_code == 303
    assert "暂停" in text_of(front.get(second))
    assert front.post(f"{second}/resume", {}).status_code == 303
    assert front.post(f"{second}/stop", {}).status_code == 303
    assert front.post(f"{second}/resume", {}).status_code == 409


def test_faulty_lines_and_templates_are_files(site: Site) -> None:
    where = brought(site, [["C100003", "新装", "fb-300", "A9999", "", ""]])
    errors = site.visitor("front").get(f"{where}/errors.csv")
    assert errors.mimetype == "text/csv" and "A9999" in errors.text
    template = site.visitor("front").get("/sheets/template.csv?product=leased_line_local").text
    assert template.startswith("\ufeff客户编号*,业务类型*,") and template.count(",") > 13


def test_sheets_of_another_area_do_not_exist_and_readers_may_not_bring_one(site: Site) -> None:
    where = brought(site, [GOOD])
    stranger = site.visitor("bj.front")
    assert stranger.get(where).status_code == 404
    for act in ("mend", "submit", "pause", "stop"):
        assert stranger.post(f"{where}/{act}", {}).status_code == 404
    assert send(site, b"x", "back").status_code == 403
    assert 'name="cell-' not in site.visitor("back").get(f"{where}?edit=2").text


def test_a_wide_sheet_has_fewer_lines_on_a_page_and_stays_light(site: Site) -> None:
    head = [*HEAD, "下行速率", "上行速率", "地址方式", "光猫型号", "产品", "产品实例", "账户", "优先级", "备注"]
    row = ["C100003", "新装", "fb-300", "A9999", "", "soon", "300", "30", "dynamic", "ont_wifi6", *[""] * 4, "开业前"]
    answer = send(site, csv_bytes([head, *([row] * 60)]))
    where = str(answer.headers["Location"]).split("?")[0]
    first = site.visitor("front").get(f"{where}?show=bad")
    assert len(first.data) < 60_000
    assert 'id="l25"' in first.text and 'id="l26"' not in first.text
    assert 'id="l26"' in site.visitor("front").get(f"{where}?show=bad&offset=24").text
