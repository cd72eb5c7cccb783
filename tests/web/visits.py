"""Orders that wait for a visit, for tests of the phone and of the board."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.web.site import Site, ordered, text_of

ORDER = re.compile(r"O-\d{4}-\d{6}")
#: Customers, each with an address of the east that has a free port.
PLACES = tuple(
    zip((f"C10000{n}" for n in (1, 2, 3, 5, 6, 7, 8)), (f"A{n:04d}" for n in (1, 2, 5, 6, 10, 13, 14)), strict=True)
)


def number_of_task(site: Site, login: str, order: str) -> str:
    """The open work item of an order that this user sees."""
    listed = site.visitor(login).get(f"/work?tab=all&q={order}").get_data(as_text=True)
    found = re.search(r'data-href="/work/(W-[\d-]+)"', listed)
    assert found is not None, listed
    return found[1]


def visit_planned(site: Site, customer: str, address: str, *, hours: float = 2.0) -> tuple[str, str]:
    """A bundle whose visit waits for the crew of the east: its order and its work item. The visit is agreed for so
    many hours from now."""
    ordered(site, customer, address)
    listed = text_of(site.visitor("front").get("/orders?view=all"))
    order = sorted(ORDER.findall(listed))[-1]
    booking = number_of_task(site, "sh.desk", order)
    desk = site.visitor("sh.desk")
    desk.post(f"/work/{booking}/claim", {})
    start = datetime.now(UTC) + timedelta(hours=hours)
    agreed = {
        "contact_name": "王示例",
        "contact_phone": "15400001003",
        "appointment_from": start.isoformat(timespec="minutes"),
        "appointment_to": (start + timedelta(hours=2)).isoformat(timespec="minutes"),
    }
    answer = desk.post(f"/work/{booking}/complete", agreed)
    assert answer.status_code == 303, text_of(answer)
    site.work()
    return order, number_of_task(site, "sh.lead", order)
