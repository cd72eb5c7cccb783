"""Exceptions by cause, tried again together while the cause is still there, and after it is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.web.site import Site, text_of
from tests.web.stuck import Stuck, hurry, stuck_orders


@pytest.fixture
def stuck(site: Site) -> Iterator[Stuck]:
    with stuck_orders(site) as found:
        yield found


def test_one_cause_is_tried_again_as_one_and_says_what_came_of_it(site: Site, stuck: Stuck) -> None:
    ops = site.visitor("ops")
    page = text_of(ops.get("/exceptions"))
    assert "2 单 2 个步骤" in page
    opened = ops.get(f"/exceptions?cause={stuck.cause}").get_data(as_text=True)
    assert len(re.findall(r'class="ono" href="/orders/O-', opened)) == 2
    assert ops.post(f"/exceptions/{stuck.cause}/retry", {"reason": " "}).status_code == 400
    assert site.visitor("front").post(f"/exceptions/{stuck.cause}/retry", {"reason": "x"}).status_code == 403

    still_broken = ops.post(f"/exceptions/{stuck.cause}/retry", {"reason": "is it back?"})
    run = still_broken.headers["Location"].split("?")[0]
    for _ in range(14):
        hurry(site)
    again = text_of(ops.get(run))
    assert "再次失败 2" in again, "tried again is not succeeded"
    assert "重跑失败的 2 个" in again

    stuck.mend()
    mended = ops.post(f"{run}/rerun", {"reason": "it is back"}).headers["Location"].split("?")[0]
    for _ in range(14):
        hurry(site)
    assert "成功 2" in text_of(ops.get(mended))
    assert "没有卡住的步骤" in text_of(ops.get("/exceptions"))
    listed = text_of(ops.get("/bulk"))
    assert listed.count("重试") >= 2


def test_a_run_is_paused_and_stopped(site: Site, stuck: Stuck) -> None:
    ops = site.visitor("ops")
    run = (
        ops.post(f"/exceptions/{stuck.cause}/retry", {"reason": "one first", "pilot": "1"})
        .headers["Location"]
        .split("?")[0]
    )
    hurry(site)
    page = text_of(ops.get(run))
    assert "已处理 1 / 2" in page
    assert "已暂停" in page
    assert ops.post(f"{run}/resume", {}).status_code == 303
    assert ops.post(f"{run}/stop", {}).status_code == 303
    assert "已停止" in text_of(ops.get(run))
    assert ops.post(f"{run}/explode", {}).status_code == 400
    assert ops.get("/bulk/01a2032d-d1ed-7b43-8e41-d7d6d4afe825").status_code == 404
