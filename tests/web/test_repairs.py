"""Repairing one order on its page: looked at first, then done, and by two people where the rules want it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from adapters.errors import Rejected
from adapters.ports import Answer, OperationCall
from tests.services.desk import Broken
from tests.web.site import Site, ordered, text_of
from tests.web.stuck import hurry

WAITING = re.compile(r'action="(/orders/[^"]+/repair/[^"]+/decision)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Refusing:
    """A billing system that takes only one account."""

    def __init__(self, real: object, account: str) -> None:
        self._real, self.account = real, account

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        if call.operation == "billing.check_credit" and call.inputs["account_no"] != self.account:
            raise Rejected("no-such-account", f"no account {call.inputs['account_no']}")
        return self._real.perform(call, timeout_s=timeout_s)  # type: ignore[attr-defined,no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def hidden_of(page: str) -> dict[str, str]:
    """The values a form carries along."""
    form = page.split("data-submit-key", 1)[1].split("</form>", 1)[0]
    return {name: html.unescape(value) for name, value in HIDDEN.findall(form) if name != "csrf_token"}


@pytest.fixture
def stuck(site: Site) -> Iterator[str]:
    """The number of an order whose credit check does not get through."""
    parts = site.world.deps.engine.parts
    kept = dict(parts.ports)
    parts.ports["billing"] = Broken()
    ordered(site, "C100001", "A0001")
    listed = site.visitor("ops").get("/orders?view=all").get_data(as_text=True)
    number = max(re.findall(r'href="/orders/(O-[0-9-]+)"', listed))
    for _ in range(30):
        hurry(site)
        if "卡在「" in site.visitor("ops").get(f"/orders/{number}/repair").get_data(as_text=True):
            break
    yield number
    parts.ports.update(kept)


def test_the_page_says_why_and_what_can_be_done(site: Site, stuck: str) -> None:
    ops = site.visitor("ops")
    page = text_of(ops.get(f"/orders/{stuck}/repair"))
    assert "卡在「信用欠费检查」" in page
    assert "4/4" in page
    assert "对外围系统的调用" in page
    assert "SLA 计时" in page
    data = text_of(ops.get(f"/orders/{stuck}/repair?tab=data"))
    assert "流程数据" in data
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7", data), "no id of ours is shown"
    assert site.visitor("front").get(f"/orders/{stuck}/repair").status_code == 403
    assert site.visitor("bj.manager").get(f"/orders/{stuck}/repair").status_code == 404
    assert ops.post(f"/orders/{stuck}/repair", {"act": "explode"}).status_code == 400
    noted = {"act": "note", "do": "go", "reason": "NOC knows, <b>ticket 77</b>"}
    assert ops.post(f"/orders/{stuck}/repair", noted).status_code == 303
    assert "NOC knows, &lt;b&gt;ticket 77" in ops.get(f"/orders/{stuck}").get_data(as_text=True)
    assert site.visitor("auditor").post(f"/orders/{stuck}/repair", noted).status_code == 403


def test_a_step_is_tried_again_with_corrected_data(site: Site, stuck: str) -> None:
    parts = site.world.deps.engine.parts
    parts.ports["billing"] = Refusing(site.world.twin.ports["billing"], "AC1000012")
    ops = site.visitor("ops")
    where = f"/orders/{stuck}/repair"
    form = {"act": "data", "step": "check_credit"}
    unchanged = ops.post(where, {**form, "do": "look"})
    assert "还没有改动任何数据" in text_of(unchanged)
    wrong = ops.post(where, {**form, "do": "look", "v-account_no": "AC1000012", "v-amount_cny": "149.00"})
    assert "AC1000012" in text_of(wrong).split("改动对比")[1]
    assert "新的幂等号" in text_of(wrong)
    assert ops.post(where, {**form, "do": "go", "v-account_no": "AC1000012"}).status_code == 422, "no reason given"
    done = ops.post(where, {**form, "do": "go", "v-account_no": "AC1000012", "reason": "wrong account"})
    assert done.status_code == 303
    hurry(site)
    assert "卡在「信用欠费检查」" not in text_of(ops.get(where))
    audit = text_of(site.visitor("ops2").get("/audit?book=repairs"))
    assert "wrong account" in audit


def test_a_skip_happens_when_somebody_else_agrees(site: Site, stuck: str) -> None:
    ops, manager = site.visitor("ops"), site.visitor("sh.manager")
    where = f"/orders/{stuck}/repair"
    form = {"act": "skip", "step": "check_credit", "do": "go", "reason": "seen the bank slip"}
    assert ops.post(where, form).status_code == 422, "what comes next needs the verdict"
    assert ops.post(where, {**form, "r-verdict": "[1"}).status_code == 422
    given = {**form, "r-verdict": "approved", "r-arrears_cny": "0.00", "r-credit_left_cny": "500.00"}
    assert ops.post(where, given).status_code == 303
    assert ops.post(where, given).status_code == 409, "asked twice is asked once"
    assert "卡在「信用欠费检查」" in text_of(ops.get(where)), "nothing has happened yet"
    listed = manager.get("/exceptions").get_data(as_text=True)
    assert "seen the bank slip" in listed
    decision = WAITING.findall(manager.get(where).get_data(as_text=True))[0]
    assert not WAITING.findall(ops.get(where).get_data(as_text=True)), "who asked does not decide"
    assert ops.post(decision, {"agreed": "yes", "reason": "me too"}).status_code == 403
    assert manager.post(decision, {"agreed": "yes"}).status_code == 422
    assert manager.post(decision, {"agreed": "yes", "reason": "checked"}).status_code == 303
    assert manager.post(decision, {"agreed": "yes", "reason": "checked"}).status_code == 409
    hurry(site)
    page = text_of(ops.get(f"{where}?step=check_credit"))
    assert "已跳过" in page
    assert "checked" in page


def test_a_refused_or_withdrawn_request_does_nothing(site: Site, stuck: str) -> None:
    ops, manager = site.visitor("ops"), site.visitor("sh.manager")
    where = f"/orders/{stuck}/repair"
    form = {"act": "skip", "step": "check_credit", "do": "go", "reason": "no time", "r-verdict": "approved"}
    assert ops.post(where, form).status_code == 303
    decision = WAITING.findall(manager.get(where).get_data(as_text=True))[0]
    assert manager.post(decision, {"agreed": "no", "reason": "ask billing"}).status_code == 303
    assert "卡在" in text_of(ops.get(where))
    assert ops.post(where, form).status_code == 303, "it can be asked for again"
    again = WAITING.findall(manager.get(where).get_data(as_text=True))[0]
    assert manager.post(again.replace("/decision", "/withdraw"), {}).status_code == 403
    assert ops.post(again.replace("/decision", "/withdraw"), {}).status_code == 303
    assert manager.post(again, {"agreed": "yes", "reason": "late"}).status_code == 409
    assert site.visitor("bj.manager").post(again, {"agreed": "yes", "reason": "far"}).status_code == 404


def test_going_forward_and_cancelling_want_two_and_show_what_will_happen(site: Site, stuck: str) -> None:
    ops, manager = site.visitor("ops"), site.visitor("sh.manager")
    where = f"/orders/{stuck}/repair"
    look = ops.get(f"{where}?step=check_credit&act=move&to=check_feasibility")
    assert "没有需要撤销的" in text_of(look)
    carried = hidden_of(look.get_data(as_text=True))
    sneaky = {**{name: value for name, value in carried.items() if name != "asks"}, "to": "check_feasibility"}
    assert ops.post(where, {**sneaky, "do": "go", "reason": "alone"}).status_code == 409
    stale = {**carried, "to": "check_feasibility", "digest": "0123456789abcdef", "do": "go", "reason": "old"}
    assert ops.post(where, stale).status_code == 409, "not what was looked at"

    look = ops.get(f"{where}?step=check_credit&act=cancel")
    assert "然后订单撤销" in text_of(look)
    carried = hidden_of(look.get_data(as_text=True))
    assert ops.post(where, {**carried, "do": "go", "reason": "customer left"}).status_code == 303
    decision = WAITING.findall(manager.get(where).get_data(as_text=True))[0]
    assert manager.post(decision, {"agreed": "yes", "reason": "agreed by phone"}).status_code == 303
    site.work()
    page = text_of(ops.get(where))
    assert "已取消" in page or "已撤单" in page
    assert "订单已经结束" in text_of(ops.get(f"{where}?act=cancel")) or "没有可撤" in text_of(
        ops.get(f"{where}?tab=act")
    )


def test_going_back_over_nothing_that_has_effects_needs_nobody_else(site: Site) -> None:
    parts = site.world.deps.engine.parts
    kept = dict(parts.ports)
    parts.ports["resource"] = Broken()
    try:
        ordered(site, "C100002", "A0002")
        ops = site.visitor("ops")
        number = max(re.findall(r'href="/orders/(O-[0-9-]+)"', ops.get("/orders?view=all").get_data(as_text=True)))
        where = f"/orders/{number}/repair"
        for _ in range(30):
            hurry(site)
            if "卡在「" in ops.get(where).get_data(as_text=True):
                break
        look = ops.get(f"{where}?step=check_feasibility&act=move&to=check_credit").get_data(as_text=True)
        assert "提交给第二人同意" not in look
        carried = hidden_of(look)
        moved = ops.post(where, {**carried, "to": "check_credit", "do": "go", "reason": "ask billing once more"})
        assert (moved.status_code, "done=moved" in moved.headers["Location"]) == (303, True)
        site.work()
        assert "做过 2 次" in text_of(ops.get(f"{where}?step=check_credit"))
    finally:
        parts.ports.update(kept)
