"""`yizhan incident`: what cannot go on, by cause and one by one; try again, skip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import click

from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.cli.tables import print_facts, print_rows

PATH: Final = "/api/v1/incidents"
LISTED: Final = ("id", "about", "process_key", "element_id", "code", "opened_at", "message")
GROUPED: Final = ("count", "orders", "code", "meaning", "at", "since", "cause", "cause_key")
as_json_asked = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


class JsonObject(click.ParamType[Any]):
    """A JSON object as text."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The object; anything else ends the command with one line."""
        try:
            found = json.loads(value)
        except ValueError as error:
            self.fail(f"not readable as JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail("must be a JSON object", param, ctx)
        return found


def client() -> Client:
    """Who asks; in the demo the operations manager."""
    return Client.from_settings(settings_or_exit(), demo="ops2")


def shown(body: Mapping[str, Any]) -> None:
    """Print an answer as it is."""
    click.echo(json.dumps(body, ensure_ascii=False, indent=2))


@click.group()
def incident() -> None:
    """What cannot go on by itself (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@incident.command("list")
@click.option("--cause", "cause_key", help="Of this cause only (see groups).")
@click.option("--text", "q", help="Those that say this.")
@click.option("--resolved", is_flag=True, help="Those that are settled, and how.")
@click.option("--limit", default=20, show_default=True)
@as_json_asked
def list_(*, cause_key: str | None, q: str | None, resolved: bool, limit: int, as_json: bool) -> None:
    """List open incidents, oldest first."""
    given = {"cause_key": cause_key, "q": q, "limit": limit, "state": "resolved" if resolved else "open"}
    body = client().get(PATH, **{name: value for name, value in given.items() if value is not None})
    if as_json:
        shown(body)
        return
    columns = (*LISTED[:-1], "resolved_by", "resolution", LISTED[-1]) if resolved else LISTED
    print_rows(body["items"], columns, empty="no such incidents" if resolved else "no open incidents")
    if body["total"] > len(body["items"]):
        click.echo(f"{body['total']} in all; --limit shows more, `yizhan incident groups` shows causes")


@incident.command()
@as_json_asked
def groups(*, as_json: bool) -> None:
    """List the causes of open incidents, the most frequent first."""
    body = client().get(f"{PATH}/groups")
    if as_json:
        shown(body)
        return
    rows = [
        {**group, "at": group["elements"], "since": group["oldest_at"], "meaning": _meaning(group)}
        for group in body["groups"]
    ]
    print_rows(rows, GROUPED, empty="no open incidents")


@incident.command()
@click.argument("incident_id")
@as_json_asked
def show(incident_id: str, *, as_json: bool) -> None:
    """Show one incident: cause, tries, what was sent and what came back."""
    found = client().get(f"{PATH}/{incident_id}")
    if as_json:
        shown(found)
        return
    settled = f"{found['resolution']} by {found['resolved_by']}" if found["state"] != "open" else ""
    limit = f" of {found['max_attempts']}" if found["max_attempts"] else ""
    print_facts(
        {
            "incident": f"{found['id']}  {found['state']}  {settled}".rstrip(),
            "of": found["about"],
            "at": f"{found['process_key']} / {found['element_id']}",
            "instance": found["instance_id"],
            "opened_at": found["opened_at"],
            "code": found["code"],
            "meaning": _meaning(found),
            "owner": _known(found).get("owner_role"),
            "first": _first(found),
            "message": found["message"],
            "operation": found["operation"],
            "operation_id": found["operation_id"],
            "outcome": "unknown: the far side may have done it" if found["outcome_unknown"] else None,
            "inputs": _lines(found["inputs"]),
            "result_names": found.get("result_names"),
            "attempts": f"{found['attempts']}{limit}",
            "cause_key": found["cause_key"],
        }
    )
    if found["tries"]:
        _tries(found["tries"])


def _known(found: Mapping[str, Any]) -> Mapping[str, str]:
    """What the list of failures says; a server of an earlier version says nothing."""
    return found.get("known") or {}


def _meaning(found: Mapping[str, Any]) -> str:
    return f"{_known(found).get('name_zh', '')} {_known(found).get('name_en', '')}".strip()


def _first(found: Mapping[str, Any]) -> str:
    return f"{_known(found).get('first_action_zh') or ''} {_known(found).get('first_action') or ''}".strip()


def _tries(tries: list[Mapping[str, Any]]) -> None:
    """Every try; with its stack where it was our own code that failed."""
    print_rows([{**one, "message": one["error"]} for one in tries], ("attempt", "at", "message"), empty="")
    for one in tries:
        if one.get("stack"):
            click.echo(f"stack of attempt {one['attempt']}:\n{one['stack']}")


def _lines(values: Mapping[str, Any] | None) -> str:
    """One name in each line."""
    return "\n".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in (values or {}).items())


@incident.command()
@click.argument("incident_id")
@click.option("--change", type=JsonObject(), help="Inputs to change, as a JSON object; null takes one away.")
@click.option("--inputs", type=JsonObject(), help="All inputs, as a JSON object.")
@click.option("--data", type=JsonObject(), help="Names of the process to correct first, as a JSON object.")
@click.option("--nothing-happened", is_flag=True, help="I have made sure that the earlier call had no effect.")
@click.option("--reason", default="", help="Why, for the history.")
def retry(
    incident_id: str,
    *,
    change: dict[str, Any] | None,
    inputs: dict[str, Any] | None,
    data: dict[str, Any] | None,
    nothing_happened: bool,
    reason: str,
) -> None:
    """Try again, with corrected inputs or data if need be. "retried" says nothing of how it goes."""
    body = {"inputs": inputs, "change": change, "data": data, "nothing_happened": nothing_happened, "reason": reason}
    answer = client().post(f"{PATH}/{incident_id}/retry", body)
    click.echo(f"{answer['id']}  {answer['resolution']}")


@incident.command()
@click.argument("incident_id")
@click.option("--result", type=JsonObject(), default="{}", help="The result to go on with, as a JSON object.")
@click.option("--effect-happened", is_flag=True, help="It was done by hand, so a cancel has to undo it.")
@click.option("--reason", required=True, help="Why, for the history.")
def skip(incident_id: str, *, result: dict[str, Any], effect_happened: bool, reason: str) -> None:
    """Go on with a result of your own."""
    body = {"result": result, "effect_happened": effect_happened, "reason": reason}
    answer = client().post(f"{PATH}/{incident_id}/skip", body)
    click.echo(f"{answer['id']}  {answer['resolution']}")
