"""People who do their part of an order over the interface, so that a test gets to the step it is about."""

from __future__ import annotations

from typing import Any

from app.cli.field_crew import answers
from tests.web.site import Site


def call(site: Site, method: str, path: str, login: str, body: Any = None) -> Any:
    """Ask the interface as somebody of the demonstration; returns the answer as JSON."""
    client = site.world.app.test_client(use_cookies=False)
    answer = client.open(path, method=method, json=body, headers={"Authorization": f"Bearer demo-{login}"})
    assert answer.status_code < 300, (path, answer.get_data(as_text=True))
    return answer.get_json()


def open_items(site: Site, order: str) -> list[dict[str, Any]]:
    """The open work items of an order by its number."""
    site.work()
    rows: list[dict[str, Any]] = call(site, "GET", f"/api/v1/work-items?tab=all&order={order}&limit=100", "ops2")[
        "items"
    ]
    return rows


def finish(site: Site, item: dict[str, Any], login: str) -> None:
    """Claim an item and hand in what its form asks for."""
    held = call(site, "POST", f"/api/v1/work-items/{item['id']}/claim", login, {})
    result = answers(held["form"] or {}, held["context"] or {})
    call(site, "POST", f"/api/v1/work-items/{item['id']}/complete", login, {"result": result})


def until(site: Site, order: str, form: str, login: str = "ops2") -> dict[str, Any]:
    """Do everything of an order until a step with this form waits; returns its work item."""
    for _ in range(20):
        for item in open_items(site, order):
            if item["form_key"] == form:
                return item
            finish(site, item, login)
    raise AssertionError(f"{order} does not come to {form}")
