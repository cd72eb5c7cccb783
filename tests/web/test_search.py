"""The search over everything: what it finds, whose it is, and that nothing searched for is left in an address."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, ordered, sign_in, text_of
from tests.web.test_accessible import violations


@pytest.fixture(scope="module", autouse=True)
def placed(site: Site) -> str:
    """Number of an order of C100003, 吕例和, 15400001003."""
    ordered(site, "C100003", "A0013")
    listed = site.visitor("front").get("/orders?view=all").get_data(as_text=True)
    found = re.search(r"O-\d{4}-\d{6}", listed)
    assert found is not None
    return found[0]


def test_a_whole_number_goes_there(site: Site, placed: str) -> None:
    front = site.visitor("front")
    assert front.post("/search", {"q": placed.lower()}).headers["Location"] == f"/orders/{placed}"
    assert front.post("/search", {"q": "c100003"}).headers["Location"] == "/customers/C100003"


@pytest.mark.parametrize("text", ["llh", "0001003", "吕例", "１５４００００１００３", "154 0000 1003"])
def test_a_customer_and_the_orders_are_found_by_what_one_remembers(site: Site, placed: str, text: str) -> None:
    answer = site.visitor("front").post("/search", {"q": text})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'href="/orders/{placed}"' in shown
    assert 'href="/customers/C100003"' in shown
    assert "吕*" in shown and "吕例和" not in shown.replace(f'value="{text}"', "")
    assert "154****1003" in shown


def test_open_to_dos_and_products_are_found(site: Site, placed: str) -> None:
    found = text_of(site.visitor("ops").post("/search", {"q": placed[:-1]}))
    assert "未完成工单" in found
    assert site.visitor("front").post("/search", {"q": "P10000101"}).headers["Location"] == "/customers/C100001"


def test_nobody_finds_what_is_not_his(site: Site, placed: str) -> None:
    assert placed not in text_of(site.visitor("bj.front").post("/search", {"q": "llh"}))
    designer = site.visitor("designer")
    assert 'class="find"' not in designer.get("/processes").get_data(as_text=True)
    assert "llh" in designer.post("/search", {"q": "llh"}).get_data(as_text=True)
    assert placed not in text_of(designer.post("/search", {"q": "llh"}))


def test_a_text_that_fits_too_much_or_nothing_says_so(site: Site) -> None:
    front = site.visitor("front")
    assert "至少输入两个字符" in text_of(front.post("/search", {"q": "x"}))
    assert "没有找到" in text_of(front.post("/search", {"q": "%%"}))
    more = text_of(front.post("/search", {"q": "1540000"}))
    assert "显示更多" in more
    assert len(re.findall(r"C\d{6}", text_of(front.post("/search", {"q": "1540000", "only": "customers"})))) > 8


@pytest.mark.slow
def test_the_keyboard_finds_and_opens(page: Any, address: str, site: Site, placed: str) -> None:
    sign_in(page, address, "front", "en")
    page.keyboard.press("/")
    page.keyboard.type("0001003")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Orders 1").wait_for()
    assert "0001003" not in page.url
    page.get_by_label("What are you looking for?").fill("ll")
    page.get_by_label("What are you looking for?").type("h")
    page.get_by_role("link", name="C100003").wait_for()
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/orders/{placed}")
