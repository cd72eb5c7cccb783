"""What the counter is told while an order is filled in: asked beside the typing, with what to do about each no."""

from __future__ import annotations

import re
from typing import Any

from tests.services.desk import Broken
from tests.web.site import Site, text_of

FIBRE = "customer=C100003&offering=fb-300"


def asked(site: Site, query: str, form: dict[str, str]) -> str:
    answer = site.visitor("front").post(f"/orders/new/checks?{query}", form, HX_Request="true")
    assert answer.status_code == 200
    return text_of(answer)


def test_credit_and_network_are_told_with_the_place(site: Site) -> None:
    told = asked(site, FIBRE, {"place-installation": "A0013"})
    assert "剩余信用额度" in told and "装机地址 · 上海市浦东新区" in told
    assert "有空闲端口 · 约 1 个工作日" in told
    nothing = asked(site, "product=P10000102&type=suspend", {})
    assert "选好地址后自动查" in nothing


def test_a_neighbour_that_is_silent_leaves_the_check_pending(site: Site) -> None:
    ports: Any = site.world.deps.ports
    kept = ports["resource"]
    ports["resource"] = Broken()
    try:
        told = asked(site, FIBRE, {"place-installation": "A0013"})
    finally:
        ports["resource"] = kept
    assert "待核查" in told and "可以先受理" in told


def test_a_customer_whose_credit_is_refused_is_told_who_may_release_it(site: Site) -> None:
    told = asked(site, "customer=C100010&offering=fb-300", {"place-installation": "A0013"})
    assert "信用受限" in told and "¥214.60" in told and "可由上海信控催缴组放行" in told


def test_where_no_line_is_free_the_nearest_addresses_are_offered_and_taken(site: Site) -> None:
    front = site.visitor("front")
    shown = front.post(f"/orders/new?{FIBRE}", {"do": "check", "place-installation": "A0004"})
    offered = re.findall(r'value="use-installation:(A\d{4})"', shown.text)
    assert len(offered) == 5 and "A0004" not in offered
    taken = front.post(f"/orders/new?{FIBRE}", {"do": f"use-installation:{offered[0]}", "place-installation": "A0004"})
    assert re.search(rf'name="place-installation" value="{offered[0]}" checked', taken.text)


def test_an_address_nobody_knows_brings_those_that_read_most_alike(site: Site) -> None:
    shown = site.visitor("front").post(
        f"/orders/new?{FIBRE}", {"do": "find-installation", "find-installation": "样板大道 999 号"}
    )
    assert "没有相符的地址，以下是最接近的" in text_of(shown) and "样板大道20号" in shown.text


def test_the_new_owner_is_looked_for_and_chosen_with_the_account_that_pays(site: Site) -> None:
    front = site.visitor("front")
    where = "/orders/new?product=P10000105&type=owner_change"
    found = front.post(where, {"do": "find-owner", "find-owner": "C100002"})
    assert 'name="c-to_customer" value="C100002"' in found.text and "卫拟远" not in found.text
    nobody = front.post(where, {"do": "submit"})
    assert nobody.status_code == 422 and 'href="#f-c-to_customer"' in nobody.text
    placed = front.post(where, {"do": "submit", "c-to_customer": "C100002"})
    assert placed.status_code == 303, text_of(placed)
    order = text_of(front.get(placed.headers["Location"]))
    assert "过户" in order


def test_a_second_order_for_a_product_is_refused_with_the_way_to_the_first(site: Site) -> None:
    front = site.visitor("front")
    move = "/orders/new?product=P10000201&type=move"
    form = {"do": "submit", "place-installation": "A0014"}
    first = front.post(move, form)
    assert first.status_code == 303, text_of(first)
    number = str(first.headers["Location"]).split("/")[-1].split("?")[0]
    warned = front.get(move)
    assert "现在不能办理" in text_of(warned) and f'href="/orders/{number}"' in warned.text
    again = front.post(move, form)
    assert again.status_code == 409 and f'href="/orders/{number}"' in again.text
