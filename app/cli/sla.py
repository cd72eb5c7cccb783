"""`yizhan sla`: why something is due, stops to be agreed to, what is owed, and the rules as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from app.cli.client import Client, checked
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows

BOOK: Final = click.argument("book", type=click.Choice(("sla", "stop_reasons", "calendars")))
FILE: Final = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
FROM: Final = click.option(
    "--from",
    "effective_from",
    default=None,
    help="From when it holds, as 2026-12-01T00:00:00+08:00; at once if not said.",
)


@click.group()
def sla() -> None:
    """Promises: why due, stops, what is owed, and their rules (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@sla.command()
@click.argument("number")
def why(number: str) -> None:
    """Say why the order or ticket NUMBER is due when it is, one sentence per promise."""
    for one in client().get(f"/api/v1/promises/{number}")["promises"]:
        click.echo(f"{one['kind']} {one['policy']} ({one['state']})")
        click.echo(f"  {one['sentence']['zh']}")
        click.echo(f"  {one['sentence']['en']}")


@sla.command()
@click.option("--state", default=None, help="asked, in_force, refused or revoked.")
def stops(state: str | None) -> None:
    """List the stops of clocks in your area."""
    rows = client().get("/api/v1/stops", **({"state": state} if state else {}))["stops"]
    print_rows(rows, ("stop_id", "number", "reason", "state", "from_at", "to_at", "who", "evidence"), empty="no stops")


@sla.command()
@click.argument("stop")
@click.argument("verdict", type=click.Choice(("agree", "refuse", "revoke")))
@click.option("--reason", default="", help="Why, for the history; wanted to refuse or revoke.")
def stop(stop: str, verdict: str, reason: str) -> None:
    """Agree to the STOP, refuse it, or take it back because it was false."""
    body = {"note": reason} if verdict == "agree" else {"reason": reason}
    client().post(f"/api/v1/stops/{stop}/{verdict}", body)
    click.echo("done")


@sla.command()
@click.option("--state", default=None, help="proposed, secondWanted, approved, posting, credited, refused, withdrawn.")
def owed(state: str | None) -> None:
    """List what is owed for broken promises."""
    asked = {"state": state} if state else {}
    rows = client().get("/api/v1/compensations", limit=100, **asked)["compensations"]
    columns = ("id", "number", "rule", "amount_cny", "state", "payout_due_at", "charged_area")
    print_rows(rows, columns, empty="nothing is owed")


@sla.command("import")
@BOOK
@FILE
@FROM
@click.option("--note", default="", help="Why, for the history.")
def import_(book: str, path: Path, effective_from: str | None, note: str) -> None:
    """Bring in a book of rules (YAML), whole or not at all."""
    found = send(book, "import", path, effective_from, note)
    version = found["version"]
    click.echo("nothing differs" if version is None else f"version {version}, holds from {found['effective_from']}")


@sla.command()
@BOOK
@FILE
@FROM
def check(book: str, path: Path, effective_from: str | None) -> None:
    """Say everything that is wrong with a book of rules; nothing is stored."""
    send(book, "check", path, effective_from, "")
    click.echo("nothing is wrong with it")


@sla.command()
@BOOK
@click.option("--at", default=None, help="As it held at that instant; now if not said.")
def export(book: str, at: str | None) -> None:
    """Take a book of rules out as YAML."""
    text = checked(client().send("GET", f"/api/v1/rules/{book}/export", params={"at": at} if at else None)).text
    click.echo(text, nl=False)


@sla.command()
@BOOK
def history(book: str) -> None:
    """Every version of a book: from when it holds, who brought it in, why."""
    rows = client().get(f"/api/v1/rules/{book}/history")["versions"]
    print_rows(rows, ("version", "effective_from", "made_by", "made_at", "note"), empty="no versions")


def send(book: str, what: str, path: Path, effective_from: str | None, note: str) -> Any:
    """The answer to a file."""
    body: dict[str, Any] = {"content": path.read_text(encoding="utf-8"), "note": note}
    if effective_from:
        body["effective_from"] = effective_from
    return client().post(f"/api/v1/rules/{book}/{what}", body)


def client() -> Client:
    """The interface of the running system; in a demonstration as its operations manager."""
    return Client.from_settings(settings_or_exit(), demo="ops2")
