"""`yizhan process check` and `convert`: what would not run, at which element; and foreign drawings in our words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.operations_file import load_registry
from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.services.products.any_operation import advice
from processes.check import Checked, check_paths, read_paths
from processes.spiff.compile import converted

ORDER: Final = {"error": 0, "warning": 1, "note": 2}
STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "dim"}
paths_given = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


@click.command()
@paths_given
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
@click.option("--brief", is_flag=True, help="Leave the notes out: only what has to be, or should be, looked at.")
@click.option("--server", is_flag=True, help="Ask a running system, which also knows its teams, forms and processes.")
def check(paths: tuple[Path, ...], *, as_json: bool, brief: bool, server: bool) -> None:
    """Say at each element of the files or folders PATHS what would not run, why, and how to mend it.

    Exit code 0: everything could be deployed; 1: there are errors; 2: the command was not understood.
    """
    found = _asked(paths) if server else [vars(finding) for finding in checked_here(paths).findings]
    shown = [row for row in found if row["severity"] != "note" or not brief]
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        print_findings(shown)
    raise SystemExit(1 if any(row["severity"] == "error" for row in found) else 0)


@click.command()
@paths_given
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write into."
)
def convert(paths: tuple[Path, ...], *, out: Path) -> None:
    """Write drawings of Camunda, Flowable or Signavio in our own words into a folder; nothing is overwritten.

    What could not be taken over is printed; it is missing in what is written. Exit code 1: there is such a thing.
    """
    checked = checked_here(paths)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in converted(read_paths(paths)[0]).items():
        target = out / name.replace("/", "-")
        if target.exists():
            raise click.ClickException(f"{target} is there already")
        target.write_bytes(content)
        click.echo(f"wrote {target}")
    print_findings([vars(finding) for finding in checked.findings])
    raise SystemExit(0 if checked.ok else 1)


def checked_here(paths: Sequence[Path]) -> Checked:
    """The files against what this machine knows without a running system."""
    return check_paths(paths, operations=known_operations(), values=known_values(), advice=advice(load_registry()))


def known_operations() -> frozenset[str]:
    """Every operation a drawing may name: the neighbours' and our own."""
    return frozenset({*load_registry().codes(), *OWN_OPERATIONS})


def known_values() -> Mapping[str, Container[str]]:
    """What attributes may say as far as files tell: teams and forms live in a running system."""
    return {"retry": load_registry().policy_codes()}


def _asked(paths: Sequence[Path]) -> list[Mapping[str, Any]]:
    files, unread = read_paths(paths, forms=True)
    found: list[Mapping[str, Any]] = [vars(finding) for finding in unread]
    if files:
        texts = {name.replace("/", "-"): body.decode("utf-8", errors="replace") for name, body in files.items()}
        client = Client.from_settings(settings_or_exit(), demo="designer")
        answer = client.post("/api/v1/process-definitions/check", {"files": texts})
        found += answer["findings"]
    return found


def print_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """A table: how bad, where, which rule; below it what in both languages, and what to do."""
    if not findings:
        click.echo("no findings")
        return
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for title in ("level", "element", "name", "finding"):
        table.add_column(title, overflow="fold", no_wrap=title == "level")
    for row in sorted(findings, key=lambda row: ORDER.get(str(row.get("severity")), 0)):
        severity = str(row.get("severity"))
        # Names come from anybody's file: as Text they are never taken for markup.
        table.add_row(
            Text(severity, style=STYLES.get(severity, "")),
            Text(f"{row.get('file')}\n{row.get('path') or row.get('element_id') or ''}".strip()),
            Text(str(row.get("element_name") or "")),
            Text(_sentence(row)),
        )
    console.print(table)
    counts = Counter(str(row.get("severity")) for row in findings)
    click.echo(", ".join(f"{count} {severity}{'s' if count != 1 else ''}" for severity, count in counts.items()))


def _sentence(row: Mapping[str, Any]) -> str:
    lines = [f"{row.get('message_zh')}", f"{row.get('message_en')}  ({row.get('rule')})"]
    lines += [f"→ {row[key]}" for key in ("fix_zh", "fix_en") if row.get(key)]
    return "\n".join(lines)
