"""Bulk orders over HTTP: a sheet is checked cell by cell, its good lines are ordered, everything is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.persistence.bulk.bulk_orders import BulkOrder
from app.persistence.counter.customers import Customer
from app.persistence.ordering.orders import ProductOrder
from app.unit_of_work import transaction
from tests.api.world import Person
from tests.domain.sheet_files import csv_bytes, xlsx_bytes
from tests.services.desk import Desk

BULK = "/api/v1/bulk-orders"
HEAD = ["客户编号*", "业务类型*", "销售品", "产品实例", "地址编码", "下行速率（Mbit/s）", "外部单号", "期望完成日期"]
GOOD = ["C100003", "新装", "fb-300", "", "A0013", "", "", ""]


def send(person: Person, content: bytes, name: str = "orders.csv", **form: str) -> TestResponse:
    data = {"file": (io.BytesIO(content), name), **form}
    return person.call("POST", BULK, data=data, content_type="multipart/form-data")


def checked(person: Person, rows: Sequence[Sequence[str]], **form: str) -> dict[str, Any]:
    answer = send(person, csv_bytes([HEAD, *rows]), **form)
    assert answer.status_code == 201, answer.get_json()
    shown: dict[str, Any] = answer.get_json()
    return shown


def submitted(person: Person, order: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = person.post(f"{BULK}/{order['number']}/submit", {"rate_per_s": 200, **more})
    assert answer.status_code == 200, answer.get_json()
    shown: dict[str, Any] = answer.get_json()
    return shown


def lines(person: Person, order: dict[str, Any], state: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get(
        f"{BULK}/{order['number']}/lines?limit=100" + (f"&state={state}" if state else "")
    ).get_json()["items"]
    return found


def how_many_orders(office: Desk) -> int:
    with office.whole.deps.read_sessions() as session:
        return session.scalar(select(func.count()).select_from(ProductOrder)) or 0


def test_bad_cells_are_named_in_both_languages_and_good_lines_become_orders(office: Desk, front: Person) -> None:
    rows = [
        GOOD,
        ["C999999", "新装", "fb-300", "", "A0013", "", "", ""],
        ["C100003", "新装", "fb-50-old", "", "A0013", "", "", ""],
        ["C100003", "move", "", "P10000201", "A0014", "", "", ""],  # of another customer
        ["C100002", "改", "", "P10000201", "", "one hundred", "", ""],
        ["C100003", "flying", "fb-300", "", "A0013", "", "", ""],
        ["", "新装", "fb-300", "", "A0013", "", "", ""],
        ["C100003", "Install", "fb-300", "", "A0013", "300", "X-1", "2020-01-01"],
        ["C100003", "install", "fb-300", "", "A9999", "", "X-1", "soon"],
        ["C100004", "install", "fb-300", "", "A0014", "300", "X-2", "2027-01-31"],
    ]
    before = how_many_orders(office)
    order = checked(front, rows, channel="counter")
    assert (order["state"], order["lines"], order["good"], order["bad"]) == ("checked", 10, 2, 8)
    assert how_many_orders(office) == before
    found = {(one["cell"], one["code"]) for line in lines(front, order, "bad") for one in line["problems"]}
    assert found >= {
        ("A3", "unknown-customer"),
        ("C4", "not-on-sale"),
        ("D5", "other-customer"),
        ("F6", "wrong-type"),
        ("B7", "unknown-action"),
        ("A8", "required"),
        ("H9", "in-the-past"),
        ("E10", "unknown-address"),
        ("H10", "not-a-date"),
        ("G10", "twice-in-file"),
    }
    for line in lines(front, order, "bad"):
        assert all(one["message_zh"] and one["message_en"] == one["message"] for one in line["problems"])
    errors = front.get(f"{BULK}/{order['number']}/errors.csv")
    told = list(csv.reader(io.StringIO(errors.get_data().decode("utf-8-sig"))))
    assert told[0][4:] == HEAD and len({row[0] for row in told[1:]}) == 8
    assert submitted(front, order)["state"] == "running"
    office.runner.round()
    office.work()
    done = front.get(f"{BULK}/{order['number']}").get_json()
    assert (done["state"], done["placed"], done["refused"], done["waiting"]) == ("done", 2, 0, 0)
    placed = lines(front, order, "placed")
    assert [line["line"] for line in placed] == [2, 11]
    first = front.get(f"/api/v1/orders/{placed[0]['order_number']}").get_json()
    assert first["state"] != "acknowledged"  # its process has begun
    assert how_many_orders(office) == before + 2
    again = front.post(f"{BULK}/{order['number']}/submit", {})
    assert again.status_code == 409


def test_a_line_that_has_become_wrong_is_refused_and_so_many_of_them_stop_the_job(office: Desk, front: Person) -> None:
    order = checked(
        front, [["C100005", "新装", "fb-300", "", "A0013", "", "", f"2027-01-{day:02}"] for day in range(1, 9)]
    )
    assert order["good"] == 8
    submitted(front, order, max_failures=3)
    with transaction(office.whole.deps.sessions) as tx:
        tx.session.execute(update(Customer).where(Customer.customer_no == "C100005").values(blacklisted=True))
    office.runner.round()
    stopped = front.get(f"{BULK}/{order['number']}").get_json()
    assert (stopped["state"], stopped["placed"], stopped["refused"], stopped["waiting"]) == ("stopped", 0, 3, 5)
    refused = lines(front, order, "refused")
    assert [line["problems"][0]["code"] for line in refused] == ["blacklisted"] * 3
    assert refused[0]["problems"][0]["message_zh"] == "客户在黑名单中"
    assert "客户在黑名单中" in front.get(f"{BULK}/{order['number']}/errors.csv").get_data(as_text=True)
    assert front.post(f"{BULK}/{order['number']}/resume", {}).status_code == 409
    with transaction(office.whole.deps.sessions) as tx:
        tx.session.execute(update(Customer).where(Customer.customer_no == "C100005").values(blacklisted=False))


def test_the_same_file_is_ordered_twice_only_when_that_is_meant(office: Desk, front: Person) -> None:
    rows = [["C100004", "新装", "fb-300", "", "A0014", "", "", "2027-03-01"]]
    first, second = checked(front, rows), checked(front, rows)
    submitted(front, first)
    refused = front.post(f"{BULK}/{second['number']}/submit", {})
    assert refused.status_code == 409 and first["number"] in refused.get_json()["detail"]
    assert submitted(front, second, again=True)["state"] == "running"
    assert front.post(f"{BULK}/{second['number']}/pause", {}).get_json()["state"] == "paused"
    office.runner.round()
    assert front.get(f"{BULK}/{second['number']}").get_json()["waiting"] == 1
    assert front.post(f"{BULK}/{second['number']}/resume", {}).get_json()["state"] == "running"
    assert front.post(f"{BULK}/{second['number']}/stop", {}).get_json()["state"] == "stopped"


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        (csv_bytes([HEAD, *([GOOD] * 2001)]), "A2002", "too-many-lines"),
        (xlsx_bytes([HEAD, ["C100003", ("", "<f>B1</f>")]]), "B2", "formula"),
        (xlsx_bytes([HEAD, GOOD], more={"xl/vbaProject.bin": "x"}), "file", "macros"),
        ("客户编号,业务类型\nC100003,新装".encode("utf-16"), "file", "wrong-encoding"),
        (csv_bytes([["客户编号", "业务类型", "幸运数字"], ["C100003", "新装", "7"]]), "C1", "unknown-heading"),
        (csv_bytes([["客户编号", "customer_no", "业务类型"], ["C1", "C2", "x"]]), "B1", "heading-twice"),
        (csv_bytes([["客户编号"], ["C100003"]]), "file", "heading-missing"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_nothing(
    office: Desk, front: Person, content: bytes, path: str, code: str
) -> None:
    def kept() -> int:
        with office.whole.deps.read_sessions() as session:
            return session.scalar(select(func.count()).select_from(BulkOrder)) or 0

    before = kept()
    answer = send(front, content)
    assert answer.status_code == 422
    assert [(row["path"], row["code"]) for row in answer.get_json()["details"]] == [(path, code)]
    front.language = "zh"
    in_chinese = send(front, content).get_json()
    front.language = "en"
    assert in_chinese["detail"] != answer.get_json()["detail"] and kept() == before


def test_gbk_and_xlsx_are_read_alike(front: Person) -> None:
    row = ["C100004", "新装", "fb-300", "", "A0014", "", "", ""]
    for content in (csv_bytes([HEAD, row], "gbk"), xlsx_bytes([HEAD, row])):
        answer = send(front, content)
        assert (answer.status_code, answer.get_json()["good"]) == (201, 1), answer.get_json()
    template = front.get(f"{BULK}/template.csv").get_data().decode("utf-8-sig")
    assert template.startswith("客户编号,业务类型,")


def test_bulk_orders_of_another_area_do_not_exist(office: Desk, front: Person) -> None:
    order = checked(front, [GOOD])
    stranger = office.person("bj.front")
    for method, rest in (
        ("GET", ""),
        ("GET", "/lines"),
        ("GET", "/errors.csv"),
        ("POST", "/submit"),
        ("POST", "/stop"),
    ):
        more = {"json": {}} if method == "POST" else {}
        assert stranger.call(method, f"{BULK}/{order['number']}{rest}", **more).status_code == 404
    assert stranger.get(BULK).get_json()["total"] == 0
    assert front.get(BULK).get_json()["total"] > 0
    assert office.person("back").post(f"{BULK}/{order['number']}/submit", {}).status_code == 403
    wrong = front.call("POST", BULK, data=b"a,b", content_type="text/csv")
    assert wrong.status_code == 415


def mended(person: Person, order: dict[str, Any], *cells: tuple[str, str, str]) -> TestResponse:
    given = [{"cell": cell, "was": was, "now": now} for cell, was, now in cells]
    return person.call("PATCH", f"{BULK}/{order['number']}/lines", json={"cells": given})


def test_cells_are_mended_in_place_and_the_whole_sheet_is_checked_again(office: Desk, front: Person) -> None:
    later = "2027-04-01"
    rows = [
        ["C100004", "新装", "fb-300", "", "A0014", "", "Y-1", later],
        ["C100004", "新装", "fb-300", "", "A9999", "", "Y-1", "soon"],
    ]
    order = checked(front, rows, channel="counter")
    assert (order["good"], order["bad"]) == (1, 1)
    half = mended(front, order, ("E3", "A9999", "A0013"), ("H3", "soon", later)).get_json()
    assert (half["good"], half["bad"]) == (1, 1)  # it still says the same number as line 2
    # What was wrong with one line is mended in another one.
    assert mended(front, order, ("G2", "Y-1", "Y-2")).get_json()["good"] == 2
    assert lines(front, order)[0]["cells"][6] == "Y-2"
    # Somebody who has seen the old text does not write over the new one, and nothing of what was sent is kept.
    late = mended(front, order, ("G3", "Y-1", "Y-4"), ("G2", "Y-1", "Y-3"))
    assert late.status_code == 409 and [row["path"] for row in late.get_json()["details"]] == ["G2"]
    assert [row["cells"][6] for row in lines(front, order)] == ["Y-2", "Y-1"]
    for cell, now, code in (("H3", "=1+1", "formula"), ("Z3", "x", "unknown-cell"), ("A9", "x", "unknown-cell")):
        refused = mended(front, order, (cell, "", now))
        assert [row["code"] for row in refused.get_json()["details"]] == [code]
    assert mended(front, order, ("C2", "fb-300", "")).get_json()["good"] == 1
    submitted(front, order)
    assert mended(front, order).status_code == 409
    office.runner.round()
    assert front.get(f"{BULK}/{order['number']}").get_json()["placed"] == 1


def test_the_list_of_faulty_lines_is_taken_as_a_sheet_when_it_is_corrected(front: Person) -> None:
    rows = [
        ["C100004", "新装", "fb-300", "", "A0014", "", "", "2027-05-01"],
        ["C100004", "新装", "fb-300", "", "A9999", "", "", "soon"],
    ]
    order = checked(front, rows)
    errors = front.get(f"{BULK}/{order['number']}/errors.csv").get_data()
    assert len(list(csv.reader(io.StringIO(errors.decode("utf-8-sig"))))) == 2  # one row, with both reasons
    corrected = errors.decode("utf-8-sig").replace("A9999", "A0013").replace("soon", "2027-05-01")
    answer = send(front, corrected.encode())
    assert (answer.status_code, answer.get_json()["good"]) == (201, 1), answer.get_json()


def test_a_sheet_is_mended_by_those_who_may_order_in_its_area(office: Desk, front: Person) -> None:
    order = checked(front, [GOOD])
    assert mended(office.person("bj.front"), order).status_code == 404
    assert mended(office.person("back"), order).status_code == 403
