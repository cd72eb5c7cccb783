"""The page of one work item: files, colleagues, questions, standing still, and on to the next one."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from app.cli.field_crew import answers
from tests.files import jpeg, png
from tests.web.crew import call, open_items, until
from tests.web.site import Site, text_of

CREW = {"home_field.sh-sh.east": "field", "home_field.sh-sh.west": "sh.field2"}


def order_of(site: Site, customer: str, address: str) -> str:
    """The number of a new order, as far as it gets by itself."""
    where = f"/orders/new?customer={customer}&offering=hb-500"
    answer = site.visitor("front").post(where, {"do": "submit", "place-installation": address, "c-with_voice": "true"})
    assert answer.status_code == 303, text_of(answer)
    site.work()
    return answer.headers["Location"].split("/")[-1].split("?")[0]


def visit_of(site: Site, customer: str, address: str) -> dict[str, Any]:
    """A visit at a customer, claimed by the crew it lies with."""
    number = order_of(site, customer, address)
    item = until(site, number, "install_at_customer")
    login = CREW[item["team_code"]]
    held = call(site, "POST", f"/api/v1/work-items/{item['id']}/claim", login, {})
    return {**held, "login": login, "path": f"/work/{item['number']}", "order": number}


@pytest.fixture(scope="module")
def one_visit(site: Site) -> dict[str, Any]:
    return visit_of(site, "C100001", "A0006")


@pytest.fixture
def visit(site: Site, one_visit: dict[str, Any]) -> dict[str, Any]:
    """A visit at a customer, in the hands of its crew again whatever the last test has done."""
    path = f"/api/v1/work-items/{one_visit['id']}"
    now = call(site, "GET", path, "ops2")
    if now["claimed_by"] != one_visit["login"]:
        if now["claimed_by"]:
            call(site, "POST", f"{path}/release", now["claimed_by"], {})
        call(site, "POST", f"{path}/claim", one_visit["login"], {})
    return one_visit


def filled(item: dict[str, Any], **more: str) -> dict[str, Any]:
    """The form as a browser sends it."""
    found = answers(item["form"], item["context"])
    texts = {name: "true" if value is True else value for name, value in found.items() if value not in (False, None)}
    return {name: value for name, value in texts.items() if name != "photos"} | more


def test_photos_go_up_with_the_form_and_are_its_answer(site: Site) -> None:
    visit = visit_of(site, "C100003", "A0013")
    crew, path = site.visitor(visit["login"]), visit["path"]
    upload = {"file:photos": (io.BytesIO(jpeg()), "门口.jpg"), "draft_title": "x", "remark": "dog", "do": ""}
    answer = crew.post(f"{path}/files", upload)
    assert answer.status_code == 303, text_of(answer)
    page = crew.get(path).get_data(as_text=True)
    assert ("门口.jpg" in page and 'value="dog"' in page) or ">dog</textarea>" in page
    shown = re.search(r'href="(/files/[\w-]+)\?show=1"', page)
    assert shown is not None
    picture = crew.get(f"{shown[1]}?show=1")
    assert (picture.headers["Content-Type"], picture.headers["Content-Disposition"][:6]) == ("image/jpeg", "inline")
    # A refused form keeps its photo; the next try brings another one and a file that is none.
    wrong = {**filled(visit, optical_power_dbm="99"), "file:photos": (io.BytesIO(png()), "b.png")}
    refused = crew.post(f"{path}/complete", wrong)
    assert refused.status_code == 422 and "b.png" in refused.get_data(as_text=True)
    program = {**filled(visit), "file:photos": (io.BytesIO(b"MZ\x90\x00"), "c.png")}
    refused = crew.post(f"{path}/complete", program)
    assert refused.status_code == 422 and "c.png" in text_of(refused) and "可上传" in text_of(refused)
    done = crew.post(f"{path}/complete", filled(visit))
    assert done.status_code == 303, text_of(done)
    item = call(site, "GET", f"/api/v1/work-items/{visit['id']}", "ops2")
    assert item["result"]["photos"] == [f"{visit['number']}-1", f"{visit['number']}-2"]


def test_a_script_sends_files_and_gets_the_list_back(site: Site, visit: dict[str, Any]) -> None:
    crew, path = site.visitor(visit["login"]), visit["path"]
    for _ in range(2):
        sent = {"field": "photos", "key": "k1", "file": (io.BytesIO(png(2, 2)), "a.png")}
        answer = crew.post(f"{path}/files", sent, HX_Request="true")
        assert answer.status_code == 200
        assert re.findall(r'id="files-[a-z]*"', answer.get_data(as_text=True)) == ['id="files-photos"']
        assert answer.get_data(as_text=True).count("<li>") == 1
    refused = crew.post(f"{path}/files", {"field": "photos", "file": (io.BytesIO(b"\x00"), "x.bin")}, HX_Request="true")
    assert "x.bin：可上传" in text_of(refused) and 'role="alert"' in refused.get_data(as_text=True)
    (remove,) = re.findall(r'formaction="(/files/[\w-]+/remove)"', answer.get_data(as_text=True))
    other = site.visitor("back")
    assert other.post(remove, {}).status_code == 403
    assert "<li>" not in crew.post(remove, {"field": "photos"}, HX_Request="true").get_data(as_text=True)


def test_what_is_typed_stays_when_a_file_goes_up_and_when_somebody_else_has_the_item(
    site: Site, visit: dict[str, Any]
) -> None:
    crew, path = site.visitor(visit["login"]), visit["path"]
    call(site, "POST", f"/api/v1/work-items/{visit['id']}/release", visit["login"], {})
    call(site, "POST", f"/api/v1/work-items/{visit['id']}/claim", "sh.lead", {})
    late = crew.post(f"{path}/complete", filled(visit, remark="two sockets"))
    assert late.status_code == 409
    assert "郎* 刚刚先领走了这一条" in text_of(late) and "two sockets" in late.get_data(as_text=True)


def test_an_item_goes_to_a_colleague_or_back_with_what_is_wrong(site: Site, visit: dict[str, Any]) -> None:
    crew, path = site.visitor(visit["login"]), visit["path"]
    refused = crew.post(f"{path}/send-back", {"reason": "data-wrong", "note": ""})
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert 'id="d-send-back"' in page and re.search(r'<dialog id="d-send-back"[^>]* open>', page)
    assert 'value="data-wrong" selected' in page and 'href="#send-back-note"' in page
    assert crew.post(f"{path}/send-back", {"reason": "data-wrong", "note": "没有这栋楼"}).status_code == 303
    desk = site.visitor("back2")
    shown = text_of(desk.get(path))
    assert "资料有误。没有这栋楼" in shown
    assert "被退回" in text_of(desk.get("/work"))
    desk.post(f"{path}/claim", {"stay": "1"})
    assert desk.post(f"{path}/send-again", {"note": "8 栋"}).status_code == 303
    row = call(site, "GET", f"/api/v1/work-items/{visit['id']}", "ops2")
    assert (row["state"], row["team_code"]) == ("open", visit["team_code"])
    call(site, "POST", f"/api/v1/work-items/{visit['id']}/claim", visit["login"], {})
    handed = crew.post(f"{path}/hand-over", {"to": "sh.lead", "note": "钥匙在物业"})
    assert handed.status_code == 303
    assert "钥匙在物业" in text_of(site.visitor("sh.lead").get(f"{path}?tab=history"))


def test_a_question_comes_to_who_can_answer_and_the_answer_back(site: Site, visit: dict[str, Any]) -> None:
    crew, path = site.visitor(visit["login"]), visit["path"]
    assert crew.post(f"{path}/ask", {"to": "", "text": "which?"}).status_code == 422
    asked = crew.post(f"{path}/ask", {"to": "team:data_access.sh", "text": "<b>which</b> port?"})
    assert asked.status_code == 303
    back = site.visitor("back")
    listed = back.get("/work/questions").get_data(as_text=True)
    assert "&lt;b&gt;which&lt;/b&gt; port?" in listed
    (answer,) = re.findall(r'action="(/work/questions/[\w-]+)"', listed)
    empty = back.post(answer, {"text": " "})
    assert empty.status_code == 422 and "请填写说明" in text_of(empty)
    assert site.visitor("bj.front").post(answer, {"text": "me"}).status_code == 404
    assert back.post(answer, {"text": "port 7"}).status_code == 303
    assert "port 7" in text_of(crew.get(path))
    assert "port 7" in text_of(crew.get("/work/questions"))
    again = back.post(answer, {"text": "port 8"})
    assert again.status_code == 422 and "已有人答复" in text_of(again)


def test_an_order_stands_still_from_the_page_of_its_work_and_goes_on(site: Site, visit: dict[str, Any]) -> None:
    crew, path = site.visitor(visit["login"]), visit["path"]
    for form in ({}, {"reason": "customer:customer-absent"}, {"reason": "customer:no-such"}):
        assert crew.post(f"{path}/hold", form).status_code == 422, form
    wrong = crew.post(f"{path}/hold", {"reason": "ours:device-shortage", "until": "soon"})
    assert wrong.status_code == 422 and "2026-12-01" in text_of(wrong)
    assert crew.post(f"{path}/hold", {"reason": "ours:device-shortage", "note": "no ONT"}).status_code == 303
    page = text_of(crew.get(path))
    assert "订单已挂起" in page and "任务已暂停" in page
    assert call(site, "GET", f"/api/v1/work-items/{visit['id']}", "ops2")["state"] == "paused"
    refused = crew.post(f"{path}/complete", filled(visit))
    assert refused.status_code == 409
    assert crew.post(f"{path}/resume", {}).status_code == 303
    row = call(site, "GET", f"/api/v1/work-items/{visit['id']}", "ops2")
    assert (row["state"], row["claimed_by"]) == ("claimed", visit["login"])


@pytest.mark.parametrize("tab", ["order", "history", "diagram", "files", "customer", "no-such"])
def test_each_tab_is_a_part_of_its_own_and_a_page(site: Site, visit: dict[str, Any], tab: str) -> None:
    crew = site.visitor(visit["login"])
    whole = crew.get(f"{visit['path']}?tab={tab}")
    part = crew.get(f"{visit['path']}?tab={tab}", HX_Request="true")
    assert (whole.status_code, part.status_code) == (200, 200)
    assert part.get_data(as_text=True).lstrip().startswith("<section") and "<html" not in part.get_data(as_text=True)
    assert part.get_data(as_text=True).count('aria-current="page"') == 1


def test_completing_leads_to_the_next_one(site: Site, visit: dict[str, Any]) -> None:
    crew = site.visitor(visit["login"])
    done = crew.post(f"{visit['path']}/complete", filled(visit, do="next"))
    assert done.status_code == 303
    assert re.search(r"/work/W-[\d-]+\?done=completed-next|/work\?tab=mine&done=completed", done.headers["Location"])
    assert not [row for row in open_items(site, visit["order"]) if row["id"] == visit["id"]]
