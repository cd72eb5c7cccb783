"""Amending an order on its page: what it means is seen before, only that is confirmed, a second person decides."""

from __future__ import annotations

import re
from typing import Any

from tests.web.site import Site, Visitor, text_of
from tests.web.test_order_acts import begun, placed


def digest_of(shown: Any) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]+)"', shown.get_data(as_text=True))
    assert found is not None, text_of(shown)
    return found[1]


def preview(visitor: Visitor, number: str, form: dict[str, str], status: int = 200) -> Any:
    answer = visitor.post(f"/orders/{number}/amend?item=1", {"do": "preview", **form})
    assert answer.status_code == status, text_of(answer)
    return answer


def test_what_it_means_is_seen_and_only_that_is_confirmed(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    page = text_of(front.get(f"/orders/{number}/amend"))
    assert "全家享 500M" in page and "全家享 1000M" in page
    wish = {"offering": "hb-1000", "reason": "客户要更快"}
    shown = preview(front, number, wish)
    text = text_of(shown)
    assert "¥149.00" in text and "1000 Mbit/s" in text and "直接修改" in text and "免费" in text
    other = {**wish, "do": "confirm", "digest": digest_of(shown), "c-with_iptv": "true"}
    moved_on = front.post(f"/orders/{number}/amend?item=1", other)
    assert moved_on.status_code == 409 and "订单已有进展" in text_of(moved_on)
    done = front.post(f"/orders/{number}/amend?item=1", {**wish, "do": "confirm", "digest": digest_of(shown)})
    assert done.status_code == 303, text_of(done)
    site.work()
    assert "全家享 1000M" in text_of(front.get(f"/orders/{number}"))
    after = text_of(front.get(f"/orders/{number}/amend"))
    assert "已执行" in after and "客户要更快" in after
    same = preview(front, number, {"offering": "hb-1000"}, 422)
    assert "没有任何变化" in text_of(same)


def test_another_address_is_found_and_what_is_wrong_is_told_at_its_field(site: Site) -> None:
    front = site.visitor("front")
    number = placed(site)
    found = front.post(f"/orders/{number}/amend?item=1", {"do": "find-0", "find-0": "A0014", "offering": "hb-500"})
    assert found.status_code == 200 and 'name="place-0" value="A0014"' in found.get_data(as_text=True)
    full = preview(front, number, {"offering": "hb-500", "place-0": "A0012"}, 422).get_data(as_text=True)
    assert 'href="#find-0"' in full and "新地址没有资源" in full
    moved = text_of(preview(front, number, {"offering": "hb-500", "place-0": "A0014"}))
    assert "回退重做" in moved and "直接修改" in moved
    unknown = preview(front, number, {"offering": "none-such", "place-0": "A0014"})
    assert "none-such" not in text_of(unknown)
    assert site.visitor("bj.desk").get(f"/orders/{number}/amend").status_code == 404
    assert front.get(f"/orders/{number}/amend?item=9").status_code == 404


def test_past_the_soft_point_a_second_person_decides(site: Site) -> None:
    front, manager = site.visitor("front"), site.visitor("ops2")
    number = placed(site)
    begun(site, number)
    refused = preview(front, number, {"offering": "hb-500", "place-0": "A0014"})
    assert "现场施工已开始" in text_of(refused) and "digest" not in refused.get_data(as_text=True)
    wish = {"offering": "hb-500", "c-with_iptv": "true"}
    shown = preview(front, number, wish)
    assert "¥50.00" in text_of(shown) and "运营经理" in text_of(shown)
    asked = front.post(f"/orders/{number}/amend?item=1", {**wish, "do": "confirm", "digest": digest_of(shown)})
    assert asked.status_code == 303, text_of(asked)
    page = manager.get(f"/orders/{number}/amend").get_data(as_text=True)
    path = re.search(r'action="(/orders/[^"]+/decision)"', page)
    assert path is not None and "含电视" in page
    assert "/decision" not in front.get(f"/orders/{number}/amend").get_data(as_text=True)
    assert manager.post(path[1], {"agreed": "no", "reason": ""}).status_code == 422
    assert manager.post(path[1], {"agreed": "yes", "reason": "客户愿付"}).status_code == 303
    assert manager.post(path[1], {"agreed": "no", "reason": "不行"}).status_code == 409
