"""Quotes are made in the form of an order, kept, ordered as they were told; confirmations are printed."""

from __future__ import annotations

import re

from tests.web.site import Site, text_of

WHERE = "/orders/new?customer=C100003&offering=fb-300"
FORM = {"place-installation": "A0013", "c-ip_mode": "dynamic", "c-ont_model": "ont_wifi6"}


def quoted(site: Site, **more: str) -> str:
    answer = site.visitor("front").post(WHERE, {"do": "quote", **FORM, **more})
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"]).split("?")[0]


def test_a_quote_is_kept_printed_and_ordered_as_it_was_told(site: Site) -> None:
    front = site.visitor("front")
    where = quoted(site)
    number = where.split("/")[-1]
    paper = front.get(where)
    told = text_of(paper)
    assert "¥99.00" in told and "¥199.00" in told and "可下单" in told and "信用和网络资源已核查" in told
    assert number in text_of(front.get("/quotes")) and number in text_of(front.get("/customers/C100003?tab=quotes"))
    href = re.search(r'href="(/orders/new[^"]*)"[^>]*>按此报价下单', paper.text)
    assert href is not None
    form = front.get(href[1].replace("&amp;", "&"))
    assert number in text_of(form) and 'value="A0013" checked' in form.text, "what was typed is there again"
    differs = front.post(f"{WHERE}&quote={number}", {"do": "submit", **FORM, "place-installation": "A0014"})
    assert differs.status_code == 422 and "与报价" in text_of(differs)
    placed = front.post(f"{WHERE}&quote={number}", {"do": "submit", **FORM})
    assert placed.status_code == 303, text_of(placed)
    assert "已下单 O-" in text_of(front.get(where)) and "按此报价下单" not in front.get(where).text
    again = front.post(f"{WHERE}&quote={number}", {"do": "submit", **FORM})
    assert again.status_code == 422 and "已用于其他订单" in text_of(again)


def test_nothing_is_quoted_that_could_not_be_ordered(site: Site) -> None:
    refused = site.visitor("front").post(WHERE, {"do": "quote"})
    assert refused.status_code == 422 and 'href="#place-installation"' in refused.text


def test_a_confirmation_says_everything_and_names_nobody(site: Site) -> None:
    front = site.visitor("front")
    placed = front.post("/orders/new?customer=C100004&offering=fb-300", {"do": "submit", **FORM})
    order = str(placed.headers["Location"]).split("?")[0]
    assert f"{order}/confirmation" in front.get(order).text
    told = text_of(front.get(f"{order}/confirmation"))
    for text in (
        "业务受理单",
        "新装 · 光纤宽带 300M",
        "月租",
        "¥99.00",
        "每月",
        "承诺完成",
        "客户签名",
        "严*",
        "Wi-Fi 6 光猫",
    ):
        assert text in told, text
    assert "ont_wifi6" not in told


def test_papers_of_another_area_do_not_exist(site: Site) -> None:
    where = quoted(site, description="for a stranger")
    stranger = site.visitor("bj.front")
    assert stranger.get(where).status_code == 404
    assert where.split("/")[-1] not in stranger.get("/quotes?show=all").text
    assert site.visitor("back").get(where).status_code == 403
