"""The pages of the whole application: who sees what, what a form does, what a refusal looks like."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.access import undeclared
from app.domain.actors import SYSTEM
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.services.repairs.hold_desk import hold_adapter
from app.web.addresses import SiteAddresses
from app.web.ordering.gantt import LABELS_PX
from tests.web.site import Site, text_of

ADDRESSES = SiteAddresses()


@pytest.fixture(scope="module")
def order(site: Site) -> str:
    """An order placed at the counter, with its plan made; its number."""
    front = site.visitor("front")
    where = "/orders/new?customer=C100003&offering=hb-500"
    answer = front.post(where, {"do": "submit", "place-installation": "A0013", "c-with_voice": "true"})
    assert answer.status_code == 303, text_of(answer)
    site.work()
    return answer.headers["Location"].split("/")[-1].split("?")[0]


def test_every_route_declares_who_may_use_it(site: Site) -> None:
    assert undeclared(site.world.app) == []


def test_addresses_are_those_of_the_routes(site: Site) -> None:
    match = site.world.app.url_map.bind("localhost").match
    for path in (
        ADDRESSES.order("O-1"),
        ADDRESSES.orders().split("?")[0],
        ADDRESSES.task("W-1"),
        ADDRESSES.ticket("T-1"),
        ADDRESSES.customer("C1"),
        ADDRESSES.new_order(),
        ADDRESSES.report_fault("P1"),
        ADDRESSES.process("p"),
        ADDRESSES.version("p", 1),
        ADDRESSES.source("p", 1),
    ):
        assert match(path)[0].startswith("web.")
    for kind, action in (("orders", "cancel"), ("orders", "pause"), ("work", "claim"), ("incidents", "retry")):
        assert match(ADDRESSES.act(kind, "1", action), method="POST")


def test_strangers_go_to_the_login_and_come_back(site: Site) -> None:
    client = site.stranger()
    answer = client.get("/orders?view=late")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=%2Forders%3Fview%3Dlate"
    part = client.get("/orders", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/login")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"])
def test_login_sends_nobody_elsewhere(site: Site, wanted: str) -> None:
    client = site.stranger()
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "login": "front", "password": "demo", "next": wanted}
    assert client.post("/login", data=form).headers["Location"] == "/desk"


def test_a_wrong_password_is_said_on_the_form(site: Site) -> None:
    client = site.stranger()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").get_data(as_text=True))
    assert token is not None
    answer = client.post("/login", data={"csrf_token": token[1], "login": "front", "password": "guess"})
    assert answer.status_code == 401
    assert "密码不正确" in text_of(answer)
    assert "guess" not in answer.get_data(as_text=True)


def test_pages_send_the_strict_policy_and_only_the_board_a_weaker_one(site: Site) -> None:
    strict = site.visitor("front").get("/orders").headers["Content-Security-Policy"]
    assert "unsafe" not in strict
    designer = site.visitor("designer")
    draft = designer.post("/processes/drafts", {"from": "version", "kind": "bpmn", "key": "home_install"})
    board = designer.get(draft.headers["Location"]).headers["Content-Security-Policy"]
    assert "script-src" not in board and "style-src 'self' 'unsafe-inline'" in board


@pytest.mark.parametrize(
    ("login", "seen", "hidden"),
    [
        ("front", ["/orders/new", "/customers"], ["/operations", "/processes"]),
        ("field", ["/work", "/orders"], ["/orders/new", "/operations"]),
        ("designer", ["/processes"], ["/orders", "/customers", "/work"]),
        ("auditor", ["/orders", "/operations"], ["/orders/new"]),
    ],
)
def test_the_rail_shows_what_the_role_may_open(site: Site, login: str, seen: list[str], hidden: list[str]) -> None:
    visitor = site.visitor(login)
    # A page everybody may open; the start page of a crew is made for its phone and has no rail.
    page = visitor.get("/help/basics").get_data(as_text=True)
    for path in seen:
        assert f'href="{path}"' in page
        assert visitor.get(path).status_code == 200
    for path in hidden:
        assert f'href="{path}"' not in page
        assert visitor.get(path).status_code == 403


def test_the_order_shows_plan_promise_and_no_whole_name(site: Site, order: str) -> None:
    page = site.visitor("front").get(f"/orders/{order}")
    text = text_of(page)
    assert page.status_code == 200
    assert "承诺" in text and "资源配置" in text and "SLA 计时" in text
    assert "吕*" in text and "吕例和" not in page.get_data(as_text=True)
    assert "15400001003" not in page.get_data(as_text=True)


def test_the_same_address_answers_with_the_part_that_changes(site: Site, order: str) -> None:
    front = site.visitor("front")
    part = front.get(f"/orders/{order}", HX_Request="true")
    assert part.headers["Vary"].startswith("HX-Request")
    assert part.get_data(as_text=True).lstrip().startswith("<div")
    assert "<html" not in part.get_data(as_text=True)
    rows = front.get("/orders", HX_Request="true").get_data(as_text=True)
    assert order in rows and "<html" not in rows


def test_the_page_speaks_english_on_request_and_remembers(site: Site, order: str) -> None:
    client = site.visitor("english.ops").client
    assert "What the customer sees" in text_of(client.get(f"/orders/{order}"))
    assert "客户看到的" in text_of(client.get(f"/orders/{order}?lang=zh"))
    assert "客户看到的" in text_of(client.get(f"/orders/{order}"))
    client.get("/orders?lang=en")


def test_what_was_typed_comes_back_with_the_sentence(site: Site) -> None:
    front = site.visitor("front")
    form = {"do": "submit", "description": "下午联系", "external_id": "MY-1"}
    answer = front.post("/orders/new?customer=C100003&offering=hb-500", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "请选择地址" in page and "下午联系" in page and 'value="MY-1"' in page
    assert 'href="#place-installation"' in page


def test_checks_before_the_order_ask_the_neighbours(site: Site) -> None:
    form = {"do": "check", "place-installation": "A0013"}
    text = text_of(site.visitor("front").post("/orders/new?customer=C100003&offering=hb-500", form))
    assert "信用 可以" in text and "网络资源 · 装机地址" in text and "有空闲端口" in text


def test_a_customer_is_found_by_phone_and_shown_masked(site: Site) -> None:
    answer = site.visitor("front").post("/customers", {"q": "15400001001"})
    assert "C100001" in text_of(answer) and "卫*" in text_of(answer) and "154****1001" in text_of(answer)


def test_of_two_who_claim_at_once_one_is_told_who_was_faster(site: Site, order: str) -> None:
    first = site.visitor("sh.desk")
    listed = first.get("/work").get_data(as_text=True)
    number = re.search(r"/work/(W-[0-9-]+)/claim", listed)
    assert number is not None
    path = f"/work/{number[1]}/claim"
    row = first.post(path, {}, HX_Request="true").get_data(as_text=True)
    assert row.lstrip().startswith("<tr") and "<b>我</b>" in row
    second = site.visitor("ops")
    told = second.post(path, {}, HX_Request="true")
    assert told.status_code == 200
    assert "严* 刚刚先领走了这一条" in text_of(told)


HOSTILE = "O'Brien <script>alert(1)</script>"


def is_text(page: str) -> bool:
    """Whether what somebody has typed stands on the page as text, and nowhere as markup."""
    return "O&#39;Brien &lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_a_script_somebody_reports_is_text_on_every_page(site: Site) -> None:
    front = site.visitor("front")
    made = front.post("/products/P10000102/fault", {"description": HOSTILE, "severity": "high"})
    assert made.status_code == 303
    assert is_text(front.get(made.headers["Location"]).get_data(as_text=True))


def test_a_form_comes_back_until_it_is_right(site: Site, order: str) -> None:
    desk = site.visitor("sh.desk")
    mine = re.search(r"/work/(W-[0-9-]+)", desk.get("/work?tab=mine").get_data(as_text=True))
    if mine is None:
        listed = re.search(r"/work/(W-[0-9-]+)/claim", desk.get("/work").get_data(as_text=True))
        assert listed is not None
        desk.post(f"/work/{listed[1]}/claim", {})
        mine = listed
    path = f"/work/{mine[1]}/complete"
    refused = desk.post(path, {"contact_phone": "call me"})
    assert refused.status_code == 422
    assert "call me" in refused.get_data(as_text=True)
    hostile = desk.post(path, {"contact_phone": "call me", "contact_name": HOSTILE})
    assert is_text(hostile.get_data(as_text=True))
    good = {
        "contact_name": HOSTILE,
        "contact_phone": "15400001003",
        "appointment_from": "2026-11-25T09:00",
        "appointment_to": "2026-11-25T11:00",
    }
    done = desk.post(path, good)
    assert done.status_code == 303, text_of(done)
    ended = desk.get(f"/work/{mine[1]}")
    assert "这条任务已结束" in text_of(ended) and "<script>alert" not in ended.get_data(as_text=True)


def test_what_is_left_of_a_plan_is_drawn_after_now(site: Site) -> None:
    """A step that nobody has taken up for a day pushes all that follow it."""
    front = site.visitor("front")
    made = front.post("/orders/new?customer=C100004&offering=hb-300", {"do": "submit", "place-installation": "A0014"})
    number = made.headers["Location"].split("/")[-1].split("?")[0]
    site.work()
    deps = site.world.deps
    day = timedelta(days=1)
    with deps.sessions.begin() as session:
        order = session.scalars(select(ProductOrder).where(ProductOrder.number == number)).one()
        order.ordered_at -= day
        for row in session.scalars(select(WorkOrder).where(WorkOrder.order_id == order.id)):
            for name in ("started_at", "ended_at", "planned_from", "planned_to"):
                moment = getattr(row, name)
                setattr(row, name, moment - day if moment else None)
    page = front.get(f"/orders/{number}").get_data(as_text=True)
    laid = [x for x in re.findall(r'class="laid" x="([0-9.]+)"', page) if float(x) > LABELS_PX]
    now = re.search(r'class="now" d="M([0-9.]+)', page)
    plan = [x for x in re.findall(r'class="plan" x="([0-9.]+)"', page) if float(x) > LABELS_PX]  # not the legend
    assert now is not None and laid and plan
    assert all(float(x) < float(now[1]) for x in laid) and all(float(x) >= float(now[1]) - 4 for x in plan)
    assert "原计划" in page


def test_pausing_needs_a_reason_and_evidence(site: Site, order: str) -> None:
    front = site.visitor("front")
    refused = front.post(f"/orders/{order}/pause", {"reason": "customer-defer"})
    assert refused.status_code == 422 and "请填写凭证" in text_of(refused)
    paused = front.post(f"/orders/{order}/pause", {"reason": "customer-defer", "evidence": "录音 123"})
    assert paused.status_code == 303, text_of(paused)
    text = text_of(front.get(f"/orders/{order}"))
    assert "客户要求缓装" in text and "停表" in text
    assert front.post(f"/orders/{order}/resume", {}).status_code == 303


def test_a_fault_is_reported_from_the_product(site: Site) -> None:
    front = site.visitor("front")
    assert front.post("/products/P10000101/fault", {"description": " "}).status_code == 422
    made = front.post("/products/P10000101/fault", {"description": "上不了网", "severity": "high"})
    assert made.status_code == 303
    assert "上不了网" in text_of(front.get(made.headers["Location"]))


def test_a_product_is_disconnected_from_the_product_list(site: Site) -> None:
    front = site.visitor("front")
    page = front.get("/customers/C100002").get_data(as_text=True)
    found = re.search(r'href="(/orders/new\?product=[^"]+type=disconnect)"', page)
    assert found is not None
    answer = front.post(found[1].replace("&amp;", "&"), {"do": "submit"})
    assert answer.status_code == 303, text_of(answer)


def test_an_order_of_another_area_does_not_exist(site: Site, order: str) -> None:
    for path in (f"/orders/{order}", "/customers/C100003"):
        assert site.visitor("bj.front").get(path).status_code == 404
    assert order not in site.visitor("bj.front").get("/orders?view=all").get_data(as_text=True)


def test_an_area_of_somebody_else_finds_nothing(site: Site, order: str) -> None:
    page = site.visitor("front").get("/orders?area=BJ&view=all").get_data(as_text=True)
    assert order not in page


@pytest.mark.parametrize(("path", "status"), [("/orders/O-0", 404), ("/nowhere", 404), ("/operations", 403)])
def test_refusals_are_pages_with_a_number(site: Site, path: str, status: int) -> None:
    answer = site.visitor("front").get(path)
    assert answer.status_code == status
    assert "参考号" in text_of(answer)
    assert re.search(r'class="code">[0-9a-f-]{36}<', answer.get_data(as_text=True))


def test_a_form_without_its_token_is_refused_on_a_page(site: Site, order: str) -> None:
    answer = site.visitor("front").client.post(f"/orders/{order}/cancel", data={"reason": "x"})
    assert answer.status_code == 403
    assert "页面已过期" in text_of(answer)


def test_a_broken_diagram_is_refused_with_findings(site: Site) -> None:
    designer = site.visitor("designer")
    headers = {"X-CSRF-Token": designer.token(), "Accept": "application/json"}
    for body in ({"files": {"a.bpmn": "<broken"}}, {"files": {"a.bpmn": '<!DOCTYPE x [<!ENTITY y "z">]><x/>'}}):
        checked = designer.client.post("/processes/check", json=body, headers=headers)
        assert checked.status_code == 200 and checked.get_json()["ok"] is False
    assert designer.client.post("/processes/check", json=[], headers=headers).status_code == 400


def test_a_drawing_is_deployed_as_the_next_version(site: Site) -> None:
    designer = site.visitor("designer")
    xml = designer.get("/processes/field_installation/1/source").get_data(as_text=True)
    drawn = io.BytesIO(xml.replace("上门装机", "上门安装").encode())
    made = designer.post("/processes/upload", {"files": (drawn, "field_installation.bpmn"), "do": "deploy"})
    assert made.status_code == 200 and "field_installation v2" in text_of(made), text_of(made)
    assert "v2 线上" in text_of(designer.get("/processes/field_installation"))


def test_cancelling_undoes_and_a_second_request_is_told_why_not(site: Site) -> None:
    front = site.visitor("front")
    form = {"do": "submit", "place-installation": "A0014", "external_id": "CANCEL-ME"}
    placed = front.post("/orders/new?customer=C100004&offering=hb-300", form)
    assert placed.status_code == 303, text_of(placed)
    listed = front.get("/orders?q=CANCEL-ME").get_data(as_text=True)
    number = re.search(r"/orders/(O-[0-9-]+)", listed)
    assert number is not None
    site.work()
    assert front.post(f"/orders/{number[1]}/cancel", {"reason": ""}).status_code == 422
    assert front.post(f"/orders/{number[1]}/cancel", {"reason": "客户改变主意"}).status_code == 303
    again = front.post(f"/orders/{number[1]}/cancel", {"reason": "again"})
    assert again.status_code == 409 and "撤单" in text_of(again)
    site.work()
    assert "订单已撤销" in text_of(front.get(f"/orders/{number[1]}"))


def test_operations_compare_all_books(site: Site) -> None:
    ops = site.visitor("ops")
    assert ops.post("/operations/reconcile", {}).status_code == 303
    assert "最近一次比对" in text_of(ops.get("/operations"))


def test_a_masked_phone_is_shown_for_a_reason_and_taken_away_again(site: Site) -> None:
    front = site.visitor("front")
    page = text_of(front.get("/customers/C100001"))
    assert "154****1001" in page
    assert "15400001001" not in page
    without = front.post("/customers/C100001/reveal/phone", {"reason": ""}, HX_Request="true")
    assert without.status_code == 422
    assert "15400001001" not in text_of(without)
    shown = front.post("/customers/C100001/reveal/phone", {"reason": "回访用户"}, HX_Request="true")
    assert "15400001001" in text_of(shown)
    assert 'hx-trigger="load delay:60s"' in shown.get_data(as_text=True)
    again = front.get("/customers/C100001/masked/phone", HX_Request="true")
    assert "154****1001" in text_of(again)
    whole = front.post("/customers/C100001/reveal/phone", {"reason": "回访用户"})
    assert "15400001001" in text_of(whole)
    assert front.post("/customers/C100001/reveal/nothing", {"reason": "回访用户"}).status_code == 422
    assert 'class="reveal"' not in site.visitor("back").get("/customers/C100001").get_data(as_text=True)
    assert site.visitor("back").post("/customers/C100001/reveal/phone", {"reason": "回访用户"}).status_code == 403


def test_an_order_that_is_not_sent_comes_back_as_it_was_left(site: Site) -> None:
    front, other = site.visitor("front"), site.visitor("sh.am")
    where = "/orders/new?customer=C100002&offering=hb-300"
    page = front.get(where).get_data(as_text=True)
    (address,) = re.findall(r'data-draft="([^"]+)"', page)
    kept = front.post(address, {"description": "ring twice", "c-with_voice": "true", "draft_title": "bundle"})
    assert (kept.status_code, kept.mimetype) == (200, "text/plain")
    again = front.get(where).get_data(as_text=True)
    assert "ring twice" in again
    assert "ring twice" not in other.get(where).get_data(as_text=True)
    thrown = front.post(f"{address}/drop", {"back": where})
    assert thrown.headers["Location"] == where
    assert "ring twice" not in front.get(where).get_data(as_text=True)
    assert front.post(f"{address}/drop", {"back": "//evil.example"}).headers["Location"] == "/"


def test_a_draft_of_an_order_is_gone_when_it_is_placed(site: Site) -> None:
    front = site.visitor("front")
    where = "/orders/new?customer=C100002&offering=hb-500"
    (address,) = re.findall(r'data-draft="([^"]+)"', front.get(where).get_data(as_text=True))
    front.post(address, {"description": "ring twice"})
    assert front.post(where, {"do": "submit", "place-installation": "A0002"}).status_code == 303
    assert "ring twice" not in front.get(where).get_data(as_text=True)


def test_drafts_have_limits_and_kinds(site: Site) -> None:
    front = site.visitor("front")
    assert front.post("/drafts/order/x", {"description": "x" * 60_001}).status_code == 422
    assert front.post("/drafts/nothing/x", {}).status_code == 404
    assert site.visitor("designer").post("/drafts/order/x", {}).status_code == 403


def test_what_was_typed_into_a_task_survives(site: Site, order: str) -> None:
    field = site.visitor("field")
    page = field.post("/work/next", {})
    task = page.headers["Location"].split("?")[0]
    shown = field.get(task).get_data(as_text=True)
    (address,) = re.findall(r'data-draft="([^"]+)"', shown)
    (name,) = (
        re.findall(r'<textarea[^>]* name="([^"]+)"', shown)[:1]
        or re.findall(r'<input class="in[^"]*"[^>]* name="([^"]+)"', shown)[:1]
    )
    field.post(address, {name: "7"})
    again = field.get(task).get_data(as_text=True)
    assert "data-draft=" in again
    assert re.search(r'value="7"|>7</textarea>', again)


def test_chosen_items_are_claimed_and_given_back_together_each_with_its_outcome(site: Site, order: str) -> None:
    field, back = site.visitor("field"), site.visitor("back")
    listed = field.get("/work?tab=free").get_data(as_text=True)
    numbers = re.findall(r'data-choose name="number" value="([^"]+)"', listed)
    assert numbers
    claimed = field.post("/work/bulk?tab=free", {"act": "claim", "number": [*numbers, "W-0000-000000"]})
    assert claimed.status_code == 409
    said = text_of(claimed)
    assert f"{len(numbers)} 条完成，1 条未完成" in said
    assert "W-0000-000000" in said
    assert set(numbers) <= set(re.findall(r'value="(W-[^"]+)"', field.get("/work?tab=mine").get_data(as_text=True)))
    assert field.post("/work/bulk?tab=mine", {"act": "release", "number": numbers}).status_code == 200
    assert field.post("/work/bulk", {"act": "claim"}).status_code == 422
    assert field.post("/work/bulk", {"act": "burn", "number": numbers}).status_code == 400
    assert (
        field.post("/work/bulk", {"act": "assign", "to": "team:x", "reason": "y", "number": numbers}).status_code == 403
    )
    refused = back.post("/work/bulk", {"act": "claim", "number": numbers})
    assert refused.status_code in (403, 409)


def test_the_counts_of_the_tabs_are_their_rows(site: Site, order: str) -> None:
    ops = site.visitor("ops")
    page = ops.get("/work?tab=all").get_data(as_text=True)
    tabs = re.findall(r'href="(/work\?tab=\w+)"[^>]*>[^<]*<span class="n[^"]*">(\d+)</span>', page)
    assert len(tabs) == 7
    for href, number in tabs:
        assert ops.get(href).get_data(as_text=True).count('data-testid="task-row"') == min(int(number), 30), href


def test_a_list_is_taken_out_as_a_file_without_formulas(site: Site, order: str) -> None:
    answer = site.visitor("ops").get("/work?tab=all&format=csv")
    text = answer.get_data().decode("utf-8-sig")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="work-all.csv"'
    lines = text.splitlines()
    assert lines[0].startswith("剩余,订单")
    assert len(lines) > 1
    assert not [line for line in lines if re.search(r"(^|,)[=+@-]", line)]


def test_everything_that_can_be_done_with_a_product_starts_at_the_product(site: Site) -> None:
    page = site.visitor("front").get("/customers/C100001").get_data(as_text=True)
    offered = set(re.findall(r'href="/orders/new\?product=P10000105&amp;type=(\w+)"', page))
    assert offered == {"change", "disconnect", "suspend", "owner_change"}, "a mobile line does not move"
    assert {"move", "change"} <= set(re.findall(r'href="/orders/new\?product=P10000101&amp;type=(\w+)"', page))
    assert not re.findall(r"product=P10000102&amp;type=", page), "a part changes with its bundle"
    for nonsense in ("install", "move", "explode"):
        assert site.visitor("front").get(f"/orders/new?product=P10000105&type={nonsense}").status_code == 404


@pytest.mark.parametrize(
    ("product", "kind", "form", "said"),
    [
        ("P10000105", "change", {"c-plan": "m199", "c-sim_type": "usim"}, {"plan": "m199"}),
        ("P10000101", "move", {"place-installation": "A0002"}, {}),
    ],
)
def test_a_change_says_only_what_changes(
    site: Site, product: str, kind: str, form: dict[str, str], said: dict[str, str]
) -> None:
    front = site.visitor("front")
    where = f"/orders/new?product={product}&type={kind}"
    before = front.get(where).get_data(as_text=True)
    if kind == "change":
        assert re.search(r'value="m59" (checked|selected)', before), "the form begins with what there is"
    answer = front.post(where, {"do": "submit", **form})
    assert answer.status_code == 303, text_of(answer)
    number = answer.headers["Location"].split("/")[-1].split("?")[0]
    deps = site.world.deps
    with deps.read_sessions() as session:
        (item,) = session.scalars(select(ProductOrder).where(ProductOrder.number == number)).one().items
        assert {name: item.characteristics.get(name) for name in said} == said
        assert item.order_type == kind
    again = front.post(where, {"do": "submit", **form})
    assert again.status_code == 409
    assert number in again.get_data(as_text=True), "the order that is under way is named"


def test_every_number_of_the_control_room_is_the_rows_behind_it(site: Site, order: str) -> None:
    ops = site.visitor("ops")
    page = ops.get("/control").get_data(as_text=True)
    numbers = re.findall(r'<a href="(/orders[^"]+)">.*?data-testid="kpi-(\w+)">([\d,]+)</b>', page)
    assert {key for _, key, _ in numbers} >= {"due", "completed", "course", "risk", "late", "paused"}
    for href, key, number in numbers:
        rows = ops.get(href.replace("&amp;", "&")).get_data(as_text=True).count('class="ono"')
        assert rows == min(int(number.replace(",", "")), 30), key
    by_key = {key: int(number) for _, key, number in numbers}
    assert by_key["due"] >= by_key["course"] + by_key["risk"] + by_key["late"] + by_key["completed"]


def test_the_control_room_knows_what_is_due_and_who_is_held(site: Site, order: str) -> None:
    ops = site.visitor("ops")
    deps = site.world.deps
    with deps.sessions.begin() as session:
        now = deps.clock(session)
        found = session.scalars(select(ProductOrder).where(ProductOrder.number == order)).one()
        session.execute(
            update(ProductOrder).where(ProductOrder.id == found.id).values(promised_at=now - timedelta(minutes=1))
        )
    before = text_of(ops.get("/control"))
    assert re.search(r"超时 [1-9]", before), before
    assert "无应答" not in before
    hold_adapter("billing", "planned work", SYSTEM, deps, held=True)
    assert "已人工暂停" in text_of(ops.get("/control"))
    hold_adapter("billing", "planned work is over", SYSTEM, deps, held=False)
    assert "已人工暂停" not in text_of(ops.get("/control"))


def test_the_desk_shows_what_needs_me_and_nothing_of_others(site: Site, order: str) -> None:
    front, other = site.visitor("front"), site.visitor("sh.am")
    where = "/orders/new?customer=C100002&offering=hb-1000"
    (address,) = re.findall(r'data-draft="([^"]+)"', front.get(where).get_data(as_text=True))
    front.post(address, {"description": "ring twice", "draft_title": "朱* 全家享 1000M"})
    deps = site.world.deps
    with deps.sessions.begin() as session:
        soon = deps.clock(session) + timedelta(hours=1)
        session.execute(update(ProductOrder).where(ProductOrder.number == order).values(promised_at=soon))
    page = front.get("/desk").get_data(as_text=True)
    assert f'class="ono" href="/orders/{order}"' in page
    assert 'href="/orders/new?customer=C100002&amp;offering=hb-1000"' in page
    assert "朱* 全家享 1000M" in page
    for href, number in re.findall(r'<li><a href="(/orders[^"]*)"><b[^>]*>(\d+)</b>', page):
        rows = front.get(href.replace("&amp;", "&")).get_data(as_text=True).count('class="ono"')
        assert rows == min(int(number), 30), href
    elsewhere = other.get("/desk").get_data(as_text=True)
    assert order not in elsewhere
    assert "朱* 全家享 1000M" not in elsewhere
    assert site.visitor("back").get("/desk").status_code == 403
    assert front.client.get("/").headers["Location"] == "/desk"


def test_the_audit_says_who_looked_who_repaired_and_who_was_refused(site: Site) -> None:
    front, manager = site.visitor("front"), site.visitor("ops2")
    front.post("/customers/C100001/reveal/id_number", {"reason": "compare with the paper"})
    front.get("/operations")
    hold_adapter("fault", "planned work at night", replace(SYSTEM, login="ops2"), site.world.deps, held=True)
    hold_adapter("fault", "over", replace(SYSTEM, login="ops2"), site.world.deps, held=False)
    looked = text_of(manager.get("/audit"))
    assert "compare with the paper" in looked
    assert "C100001" in looked
    assert "990001195801010013" not in looked
    assert "planned work at night" in text_of(manager.get("/audit?book=repairs"))
    assert "/operations" in text_of(manager.get("/audit?book=refusals"))
    assert "compare with the paper" not in text_of(manager.get("/audit?login=sh.am"))
    file = manager.get("/audit?format=csv").get_data().decode("utf-8-sig")
    assert "compare with the paper" in file
    assert front.get("/audit").status_code == 403
