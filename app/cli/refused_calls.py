"""`yizhan refused`: who asked for what they may not have."""

from __future__ import annotations

import json
from typing import Final

import click

from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows

COLUMNS: Final = ("last_at", "login", "role", "area", "method", "path", "action", "status", "times")


@click.command()
@click.option("--login", help="Only what this login was refused.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the page as JSON.")
def refused(login: str | None, *, limit: int, as_json: bool) -> None:
    """Who was refused what, the latest first: 403 = no right, 404 = an id that is not theirs."""
    client = Client.from_settings(settings_or_exit(), demo="auditor")
    asked = {} if login is None else {"login": login}
    body = client.get("/api/v1/refused-calls", **asked, limit=limit)
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        return
    print_rows(body["items"], COLUMNS, empty="nobody was refused anything")
