"""The field crew of the demo: claims and completes the work items of one order through the public interface."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from app.cli.client import Client, checked

ITEMS: Final = "/api/v1/work-items"
CONFLICT: Final = 409


class FieldCrew:
    """Does by rule what people do with care: takes each open item and fills in its form."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def work(self, order: Mapping[str, Any], *, leave: Collection[str] = ()) -> str:
        """Do every open work item of the order once, but those with a form in ``leave``; says what was done."""
        rows = self._client.get(ITEMS, tab="all", order=order["number"], limit=100)["items"]
        return self._do_all([row for row in rows if row["form_key"] not in leave])

    def work_ticket(self, number: str) -> str:
        """The same for a trouble ticket."""
        rows = self._client.get(ITEMS, tab="all", state="open", limit=100)["items"]
        return self._do_all([row for row in rows if row["ticket_number"] == number])

    def _do_all(self, rows: Sequence[Mapping[str, Any]]) -> str:
        done = []
        for row in rows:
            if row["state"] in {"open", "claimed"} and self._do(row["id"]):
                done.append(str(row.get("title_zh") or row["title_en"]))
        return "completed: " + ", ".join(done) if done else ""

    def _do(self, item_id: str) -> bool:
        claimed = self._client.send("POST", f"{ITEMS}/{item_id}/claim", json={})
        if claimed.status_code == CONFLICT:
            return False  # somebody else was faster, or it is closed by now
        item = checked(claimed).json()
        result = answers(item.get("form") or {}, item.get("context") or {})
        return self._client.send("POST", f"{ITEMS}/{item_id}/complete", json={"result": result}).is_success


def answers(form: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Plausible answers to every field of a form: what the step already knows, else the field's own example."""
    found: dict[str, Any] = {}
    for field in answered_fields(form.get("components") or []):
        value = answer(field, context)
        if value is not None and visible(field, found):
            found[field["key"]] = value
    return found


def answered_fields(components: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every field that wants an answer, groups opened."""
    for component in components:
        if component.get("type") == "group":
            yield from answered_fields(component.get("components") or [])
        elif component.get("key") and not component.get("disabled"):
            yield component


def visible(field: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a field that shows only with another answer is shown."""
    rule = field.get("showWhen")
    return not rule or found.get(rule.get("key")) == rule.get("equals")


def answer(field: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
    """One answer; None leaves an optional field out."""
    for known in (context.get(str(field.get("prefill"))), field.get("example"), field.get("defaultValue")):
        if known not in (None, ""):
            return known
    if context.get(field["key"]) not in (None, "") and not isinstance(context[field["key"]], dict | list):
        return context[field["key"]]
    validate = field.get("validate") or {}
    if not validate.get("required"):
        return None
    return by_type(field, validate)


def by_type(field: Mapping[str, Any], validate: Mapping[str, Any]) -> Any:
    """The simplest answer a field of this type accepts."""
    kind = field.get("type")
    values = field.get("values") or [{"value": ""}]
    simple: dict[str, Any] = {
        "number": validate.get("min", 1),
        "percent": validate.get("min", 1),
        "checkbox": True,
        "photo": ["photo-1"],
        "datetime": "2026-12-01T10:00:00+08:00",
        "phone": "13800005678",
        "money": "0.00",
    }
    if kind in {"select", "radio"}:
        return values[0]["value"]
    if kind in {"checklist", "taglist"}:
        return [values[0]["value"]]
    return simple.get(str(kind), "OK-" + "0" * max(0, int(validate.get("minLength", 1)) - 3))
