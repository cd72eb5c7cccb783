"""`yizhan incident`: what cannot go on, by cause and one by one; try again, skip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import click

from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows

PATH: Final = "/api/v1/incidents"


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
@click.option("--limit", default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def list_(*, cause_key: str | None, q: str | None, limit: int, as_json: bool) -> None:
    """List open incidents, oldest first."""
    given = {"cause_key": cause_key, "q": q, "limit": limit}
    body = client().get(PATH, **{name: value for name, value in given.items() if value is not None})
    if as_json:
        shown(body)
        return
    print_rows(body["items"], ("id", "code", "element_id", "message", "opened_at"), empty="no open incidents")
    click.echo(f"{body['total']} in all")


@incident.command()
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def groups(*, as_json: bool) -> None:
    """List the causes of open incidents, the most frequent first."""
    body = client().get(f"{PATH}/groups")
    if as_json:
        shown(body)
        return
    columns = ("cause_key", "count", "orders", "code", "operation", "cause")
    print_rows(body["groups"], columns, empty="no open incidents")


@incident.command()
@click.argument("incident_id")
def show(incident_id: str) -> None:
    """Show one incident: cause, tries, what was sent and what came back."""
    shown(client().get(f"{PATH}/{incident_id}"))


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
