"""The commands for files of the catalogue: the same for what is sold and for teams."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from app.cli.client import Client, checked
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows

FILE: Final = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
FROM: Final = click.option(
    "--from", "valid_from", default=None, help="From when it counts, as 2026-12-01T00:00:00+08:00; at once if not said."
)


def group(name: str, base: str, demo: str, about: str) -> click.Group:
    """The commands of one part of the catalogue; in a demonstration they are given as the user ``demo``."""
    commands = click.Group(name, help=about)

    @commands.command("import")
    @FILE
    @FROM
    @click.option("--note", default="", help="Why, for the history.")
    def import_(path: Path, valid_from: str | None, note: str) -> None:
        """Bring in a YAML file: whole or not at all; what it does not mention stays as it is."""
        found = send(f"{base}/import", demo, path, valid_from, note)
        print_changes(found)
        if found["release"] is None:
            click.echo("nothing differs: no release")
        else:
            click.echo(f"release {found['release']}, counts from {found['valid_from']}")

    @commands.command()
    @FILE
    @FROM
    def check(path: Path, valid_from: str | None) -> None:
        """Say what a YAML file would change, or everything that is wrong with it; nothing is stored."""
        print_changes(send(f"{base}/check", demo, path, valid_from, ""))

    @commands.command()
    @click.option("--at", default=None, help="As it counts at that instant; now if not said.")
    @click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write it there.")
    def export(at: str | None, output: Path | None) -> None:
        """Take all of it out as YAML."""
        client = Client.from_settings(settings_or_exit(), demo=demo)
        text = checked(client.send("GET", f"{base}/export", params={"at": at} if at else None)).text
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8")

    @commands.command()
    @click.argument("kind", required=False)
    @click.argument("code", required=False)
    def history(kind: str | None, code: str | None) -> None:
        """Who changed what, and from when it counts; of one KIND (offering, price, team, ...) or one CODE of it."""
        client = Client.from_settings(settings_or_exit(), demo=demo)
        asked = {name: value for name, value in (("kind", kind), ("code", code)) if value}
        rows = client.get(f"{base}/history", **asked)["versions"]
        shown = [{**row, "changed": ", ".join(row["changed"]) or "-"} for row in rows]
        columns = ("kind", "code", "version", "valid_from", "recorded_by", "recorded_at", "changed", "note")
        print_rows(shown, columns, empty="no versions")

    return commands


def send(path_of_door: str, demo: str, path: Path, valid_from: str | None, note: str) -> Any:
    """The answer to a file."""
    client = Client.from_settings(settings_or_exit(), demo=demo)
    body: dict[str, Any] = {"content": path.read_text(encoding="utf-8"), "note": note}
    if valid_from:
        body["valid_from"] = valid_from
    return client.post(path_of_door, body)


def print_changes(found: Any) -> None:
    """One line per entry that is new or differs."""
    for change in found["changes"]:
        what = "new" if change["is_new"] else f"changed: {', '.join(change['changed'])}"
        click.echo(f"{change['kind']}  {change['code']}  {what}")
