"""`yizhan process`: check, try and deploy the designers' files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from app.cli.client import Client, checked
from app.cli.process_check import check, convert, print_findings
from app.cli.process_trials import read_files, test_, try_
from app.cli.process_versions import compare, decisions, migrate, print_reports, versions, withdraw
from app.cli.settings import settings_or_exit

UNPROCESSABLE: Final = 422


@click.group()
def process() -> None:
    """Check and try processes on this machine, deploy them to a running system."""


@process.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", help="What is new, for the history.")
def deploy(paths: tuple[Path, ...], note: str) -> None:
    """Check the files once more on the server and make them the next version (talks to a running system).

    Forms (.form) that the drawings name are deployed with them.
    """
    settings = settings_or_exit()
    client = Client.from_settings(settings, demo="designer")
    files = {name: body.decode("utf-8", errors="replace") for name, body in read_files(paths, forms=True).items()}
    answer = client.send("POST", "/api/v1/process-definitions/deploy", json={"files": files, "note": note})
    if answer.status_code == UNPROCESSABLE:
        body = answer.json()
        print_findings(body.get("findings") or body.get("details") or [])
        raise click.ClickException("not deployed: mend the errors above")
    print_reports(checked(answer).json()["reports"])


for command in (versions, decisions, compare, withdraw, migrate):
    process.add_command(command)
process.add_command(check)
process.add_command(convert)
process.add_command(try_)
process.add_command(test_)
