"""Neighbours held, dispatch asked, the catalogue looked at, and files that are seen before they count."""

from __future__ import annotations

import io
import re
from typing import Any

import yaml
from sqlalchemy import select

from app.persistence.products.catalogue import Price
from app.persistence.promises.rule_versions import newest
from app.unit_of_work import read
from processes.store.bulk import HeldAdapter, Repair
from tests.web.site import Site, Visitor, text_of
from tests.web.stuck import stuck_orders

GOLD = "/dispatch?role=ent_field&area=SH-SH&tier=gold&grade=AA&product=leased_line_local&type=install&skill=leased_line"


def sent(visitor: Visitor, path: str, content: str, **form: str) -> Any:
    """A file sent as a browser does."""
    token = visitor.token()
    data = {"csrf_token": token, "file": (io.BytesIO(content.encode()), "file.yaml"), **form}
    return visitor.client.post(path, data=data, content_type="multipart/form-data")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return (
        found[1]
        .replace("&#39;", "'")
        .replace("&#34;", '"')
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )


def test_a_neighbour_is_held_with_a_reason_and_let_go_on(site: Site) -> None:
    admin = site.visitor("admin")
    assert "计费系统" in text_of(admin.get("/admin/neighbours"))
    assert admin.post("/admin/neighbours/billing/hold", {"reason": " "}).status_code == 400
    assert admin.post("/admin/neighbours/moon/hold", {"reason": "x"}).status_code == 404
    assert site.visitor("ops").post("/admin/neighbours/billing/hold", {"reason": "x"}).status_code == 403
    assert admin.post("/admin/neighbours/billing/hold", {"reason": "their upgrade"}).status_code == 303
    page = text_of(admin.get("/admin/neighbours/billing"))
    assert "被我方暂停" in page or "暂停" in page
    assert "their upgrade" in page and "恢复调用" in page
    assert admin.post("/admin/neighbours/billing/release", {"reason": "done"}).status_code == 303
    with read(site.world.deps.read_sessions) as session:
        assert session.get(HeldAdapter, "billing") is None
        acts = session.scalars(select(Repair.action).where(Repair.subject == "billing").order_by(Repair.at)).all()
    assert list(acts) == ["hold", "release"]
    assert admin.get("/admin/neighbours/moon").status_code == 404
    assert site.visitor("front").get("/admin/neighbours").status_code == 403


def test_what_failed_last_is_told_without_inner_ids(site: Site) -> None:
    with stuck_orders(site):
        listed = site.visitor("ops").get("/admin/neighbours").get_data(as_text=True)
        names = re.findall(r'href="(/admin/neighbours/\w+)"', listed)
        pages = [site.visitor("ops").get(name).get_data(as_text=True) for name in dict.fromkeys(names)]
    failed = [page for page in pages if "近期调用没有失败" not in page]
    assert failed, "the stuck orders failed somewhere"
    assert not any(re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", page.split('id="errors"')[1]) for page in failed)


def test_dispatch_says_who_would_get_it_and_why(site: Site) -> None:
    admin = site.visitor("admin")
    gold = text_of(admin.get(GOLD))
    assert "上海金牌政企装维班" in gold and "▶" in gold
    east = text_of(admin.get("/dispatch?role=home_field&area=SH-SH&side=east&skill=ftth"))
    assert "上海东区装维班" in east
    wrong = admin.get("/dispatch?role=kings&area=SH-SH")
    assert wrong.status_code == 422 and "没有这类班组" in text_of(wrong)
    assert site.visitor("front").get("/dispatch").status_code == 403
    assert "没有这个待办" in text_of(site.visitor("ops").get("/dispatch?number=W-1"))


def test_why_a_work_item_lies_where_it_lies(site: Site) -> None:
    where = "/orders/new?customer=C100003&offering=hb-500"
    site.visitor("front").post(where, {"do": "submit", "place-installation": "A0013", "c-with_voice": "true"})
    site.work()
    listed = site.visitor("ops").get("/work?tab=all").get_data(as_text=True)
    found = re.search(r'href="/work/(W-[0-9-]+)"', listed)
    assert found is not None
    number = found[1]
    assert "按规则" in text_of(site.visitor("ops").get(f"/dispatch?number={number}"))
    assert "没有这个待办" in text_of(site.visitor("admin").get(f"/dispatch?number={number}")), "sees no orders"


def test_a_price_is_seen_before_it_counts_and_the_day_before_it_is_the_old_one(site: Site) -> None:
    designer = site.visitor("designer")
    assert "¥79.00" in text_of(designer.get("/catalogue"))
    price = {
        "code": "fb-100-p1",
        "offering": "fb-100",
        "kind": "recurring",
        "amount_cny": "69.00",
        "unit": "month",
        "name_zh": "月租",
        "name_en": "Monthly rent",
        "tax_percent": "9.0",
    }
    file = yaml.safe_dump({"prices": [price]}, allow_unicode=True)
    broken = sent(designer, "/bring-in/goods", file.replace("69.00", "69"), note="autumn")
    assert broken.status_code == 422 and "两位小数" in text_of(broken)
    assert sent(designer, "/bring-in/goods", "a: [", note="x").status_code == 422
    assert sent(designer, "/bring-in/goods", file).status_code == 422, "a reason is wanted"
    shown = sent(designer, "/bring-in/goods", file, note="autumn")
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200 and "amount_cny" in page and "fb-100-p1" in page
    with read(site.world.deps.read_sessions) as session:
        assert session.get_one(Price, "fb-100-p1").amount_cny == "79.00", "nothing is kept by looking"
    kept = designer.post(
        "/bring-in/goods", {"do": "keep", "content": hidden(page, "content"), "note": "autumn", "begins": ""}
    )
    assert kept.status_code == 303, text_of(kept)
    assert "¥69.00" in text_of(designer.get("/catalogue"))
    assert "¥79.00" in text_of(designer.get("/catalogue?on=2026-06-01"))
    assert "autumn" in text_of(designer.get("/catalogue"))
    assert site.visitor("admin").get("/bring-in/goods").status_code == 403
    assert site.visitor("admin").get("/bring-in/nothing").status_code == 404


def test_rules_are_brought_in_the_same_way_and_wrong_ones_are_refused_whole(site: Site) -> None:
    ops2, deps = site.visitor("ops2"), site.world.deps
    book = yaml.safe_load(ops2.get("/api/v1/rules/sla/export").get_data(as_text=True))
    row = next(one for one in book["order_policies"] if one["code"] == "home-change")
    row["promise"] = {"value": 0, "unit": "hour"}
    with read(deps.read_sessions) as session:
        before = newest(session, "sla")
    refused = sent(ops2, "/bring-in/sla", yaml.safe_dump(book, allow_unicode=True), note="new")
    assert refused.status_code == 422 and "须为正整数" in text_of(refused)
    row["promise"] = {"value": 20, "unit": "hour"}
    page = sent(ops2, "/bring-in/sla", yaml.safe_dump(book, allow_unicode=True), note="new").get_data(as_text=True)
    assert "home-change" in page and "将变更 1 项" in page
    content = hidden(page, "content")
    assert ops2.post("/bring-in/sla", {"do": "keep", "content": content, "note": "new"}).status_code == 303
    with read(deps.read_sessions) as session:
        assert newest(session, "sla") == before + 1
    policy = text_of(ops2.get("/sla/policies/home-change"))
    assert "20 小时" in policy and "24 小时" in policy, "how it is and how it was"


def test_a_product_says_what_can_be_said_of_it(site: Site) -> None:
    page = text_of(site.visitor("designer").get("/catalogue/products/ftth_broadband"))
    assert "下行速率" in page and "1000 Mbit/s" in page
    assert site.visitor("designer").get("/catalogue/products/rocket").status_code == 404
    assert site.visitor("front").get("/catalogue").status_code == 403
