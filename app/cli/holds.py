"""`yizhan hold`: stop a neighbour or a process, and let them go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from app.cli.incidents import as_json_asked, client, shown
from app.cli.tables import print_rows


@click.group()
def hold() -> None:
    """Stop a neighbour or a process, and let them go on (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@hold.command("list")
@as_json_asked
def list_(*, as_json: bool) -> None:
    """Everything that is held now."""
    found = client().get("/api/v1/holds")
    if as_json:
        shown(found)
    else:
        say(found)


@hold.command()
@click.argument("code")
@click.option("--end", is_flag=True, help="Let calls go out again, steadily.")
@click.option("--reason", required=True, help="Why, for the history.")
def adapter(code: str, *, end: bool, reason: str) -> None:
    """Let no calls go out to the adapter CODE; jobs wait and burn no attempt."""
    say(client().post(f"/api/v1/adapters/{code}/{'resume' if end else 'suspend'}", {"reason": reason}))


@hold.command()
@click.argument("key")
@click.option("--version", type=int, help="This version only.")
@click.option("--end", is_flag=True, help="Let it go on.")
@click.option("--new-only", is_flag=True, help="Leave what is running alone.")
@click.option("--rate", default=0.0, show_default=True, help="Running instances a second; 0: no limit.")
@click.option("--reason", required=True, help="Why, for the history.")
def definition(key: str, *, version: int | None, end: bool, new_only: bool, rate: float, reason: str) -> None:
    """Suspend the process KEY: new instances wait, running ones are suspended by a bulk run."""
    body = {"key": key, "version": version, "running": not new_only, "rate_per_s": rate, "reason": reason}
    found = client().post(f"/api/v1/held-definitions/{'resume' if end else 'suspend'}", body)
    versions = ", ".join(str(number) for number in found["versions"]) or "none"
    click.echo(f"{key}: {'let go' if end else 'held'}, versions {versions}")
    if found["run_id"]:
        click.echo(f"what runs: yizhan bulk show {found['run_id']}")


def say(found: Mapping[str, Any]) -> None:
    """Adapters without calls, with the jobs that wait for them; processes whose new instances wait."""
    if not found["adapters"] and not found["definitions"]:
        click.echo("nothing is held")
        return
    if found["adapters"]:
        print_rows(found["adapters"], ("adapter", "since", "by", "parked", "reason"), empty="")
    if found["definitions"]:
        rows = [{"process": row["key"], "version": row["version"]} for row in found["definitions"]]
        print_rows(rows, ("process", "version"), empty="")
