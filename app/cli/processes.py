"""`yizhan process`: check, try and deploy the designers' files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from app.cli.client import Client, checked, refusal
from app.cli.process_check import check, convert, print_findings
from app.cli.process_files import export, format_, import_, model_texts
from app.cli.process_trials import test_, try_
from app.cli.process_versions import compare, decisions, migrate, print_reports, versions, withdraw
from app.cli.settings import settings_or_exit

ACCEPTED: Final = 202
UNPROCESSABLE: Final = 422


@click.group()
def process() -> None:
    """Check and try processes on this machine, deploy them to a running system."""


@process.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", help="What is new, for the history.")
@click.option("--notes", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON: why warnings stay.")
@click.option("--at", default=None, metavar="ISO", help="Not before this instant, with its zone.")
def deploy(paths: tuple[Path, ...], note: str, notes: Path | None, at: str | None) -> None:
    """Check the files once more on the server and make them the next version (talks to a running system).

    Forms (.form) that the drawings name, and tests (.test.json), go with them; a folder is deployed as a whole. Where
    a second person has to agree, every warning needs a note: --notes names a JSON object of finding id
    (`yizhan process check --server --json`) and sentence.
    """
    settings = settings_or_exit()
    client = Client.from_settings(settings, demo="designer")
    given: dict[str, Any] = {"files": model_texts(paths), "note": note}
    if notes is not None:
        given["notes"] = read_object(notes)
    if at is not None:
        given["activate_at"] = at
    answer = client.send("POST", "/api/v1/process-definitions/deploy", json=given)
    if answer.status_code == UNPROCESSABLE:
        body = answer.json()
        if not body.get("findings"):
            raise click.ClickException(refusal(answer))
        print_findings(body["findings"])
        raise click.ClickException("not deployed: mend the errors above")
    if answer.status_code == ACCEPTED:
        asked = answer.json()
        waits = (
            "waits for a second person" if asked["state"] == "waiting" else f"comes into force {asked['activate_at']}"
        )
        click.echo(f"request {asked['id']} {waits}")
        return
    print_reports(checked(answer).json()["reports"])


def read_object(file: Path) -> dict[str, Any]:
    """A JSON object in a file."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file}: not JSON ({error})") from error
    if not isinstance(found, dict):
        raise click.ClickException(f"{file}: a JSON object is needed")
    return found


for command in (versions, decisions, compare, withdraw, migrate):
    process.add_command(command)
process.add_command(check)
process.add_command(export)
process.add_command(import_)
process.add_command(format_)
process.add_command(convert)
process.add_command(try_)
process.add_command(test_)
