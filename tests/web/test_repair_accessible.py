"""The states of the pages of repairs under axe: each way to mend a step, a request that waits, nothing chosen."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site, ordered, sign_in
from tests.web.stuck import stuck_orders
from tests.web.test_accessible import WHOLE, violations

pytestmark = [pytest.mark.slow, pytest.mark.torture]
WAYS = ("tab=why", "tab=data", "act=retry", "act=data", "act=skip", "act=move", "act=move&to=check_feasibility")
SKIP = {"act": "skip", "step": "check_credit", "do": "go", "reason": "seen the slip", "r-verdict": "approved"}


def test_no_state_of_a_repair_breaks_a_rule(page: Any, address: str, site: Site) -> None:
    ordered(site, "C100003", "A0013")
    broken: list[str] = []
    with stuck_orders(site) as stuck:
        ops = site.visitor("ops")
        opened = ops.get(f"/exceptions?cause={stuck.cause}").get_data(as_text=True)
        number = re.findall(r'href="/orders/(O-[0-9-]+)/repair', opened)[-1]
        assert ops.post(f"/orders/{number}/repair", SKIP).status_code == 303
        mine = [f"/orders/{number}/repair?{way}" for way in (*WAYS, "act=cancel")]
        looks = {
            "ops": [*mine, "/heat/order_to_activate?step=check_credit", f"/exceptions?cause={stuck.cause}"],
            "sh.manager": [f"/orders/{number}/repair", "/exceptions"],
        }
        for login, paths in looks.items():
            for language, width in WHOLE:
                page.set_viewport_size({"width": width, "height": 4000})
                page.context.clear_cookies()
                sign_in(page, address, login, language)
                for path in paths:
                    assert page.goto(f"{address}{path}").status == 200
                    found = [line for line in violations(page) if "djs-" not in line and "bio-" not in line]
                    broken += [f"{path} {language} {width}: {line}" for line in found]
    assert not broken, "\n".join(broken)
