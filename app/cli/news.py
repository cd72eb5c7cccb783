"""`yizhan news`: messages, signals and facts for processes (talks to a running system)."""

from __future__ import annotations

import json
import uuid
from typing import Any, Final

import click

from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows

COLUMNS: Final = ("id", "kind", "name", "key", "source", "state", "receivedAt", "note")


@click.group()
def news() -> None:
    """Messages, signals and facts for processes, and what nobody took."""


@news.command("list")
@click.option(
    "--state", default="unmatched", show_default=True, help="received, delivered, unmatched, ignored ... or all"
)
@click.option("--name", help="Only messages or signals of this name.")
@click.option("--limit", type=click.IntRange(1, 100), default=50, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_news(*, state: str, name: str | None, limit: int, as_json: bool) -> None:
    """List news, newest first; without options those that nobody waits for yet."""
    asked: dict[str, Any] = {"limit": limit}
    if state != "all":
        asked["state"] = state
    if name:
        asked["name"] = name
    page = Client.from_settings(settings_or_exit(), demo="ops").get("/api/v1/news", **asked)
    if as_json:
        click.echo(json.dumps(page["items"], ensure_ascii=False, indent=2))
    else:
        print_rows(page["items"], COLUMNS, empty="no such news")


@news.command()
@click.argument("kind", type=click.Choice(["message", "signal", "facts"]))
@click.argument("name", required=False)
@click.option("--key", default="", help="Correlation key of a message.")
@click.option("--payload", default="{}", show_default=True, help="Data as a JSON object.")
@click.option("--id", "event_id", help="The same id again is the same news; one is made up otherwise.")
@click.option("--area", help="Area of an instance that begins by it; your own otherwise.")
def send(kind: str, name: str | None, *, key: str, payload: str, event_id: str | None, area: str | None) -> None:
    """Send a message or signal NAME, or report facts."""
    if (name is None) != (kind == "facts"):
        raise click.UsageError("a message or signal has a NAME, facts have none")
    try:
        data = json.loads(payload)
    except ValueError as problem:
        raise click.BadParameter(f"not JSON: {problem}", param_hint="--payload") from None
    body: dict[str, Any] = {"id": event_id or str(uuid.uuid4()), "payload": data, "area": area}
    if name is not None:
        body["name"] = name
    if kind == "message":
        body["key"] = key
    path = kind if kind == "facts" else f"{kind}s"
    sent = Client.from_settings(settings_or_exit(), demo="ops").post(f"/api/v1/news/{path}", body)
    click.echo(f"{sent['id']}  {sent['state']}")


@news.command()
@click.argument("news_id")
def retry(news_id: str) -> None:
    """Have news looked at again that nobody took or that could not be used."""
    sent = Client.from_settings(settings_or_exit(), demo="ops").post(f"/api/v1/news/{news_id}/retry")
    click.echo(f"{sent['id']}  {sent['state']}")
