"""`yizhan process`: check, try and deploy the designers' files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from adapters.operations_file import load_registry
from app.cli.client import Client, checked
from app.cli.settings import settings_or_exit
from app.domain.own_operations import OWN_OPERATIONS
from processes.check import check_files
from processes.findings import Finding
from processes.trial import TrialError, try_files

SUFFIXES: Final = (".bpmn", ".dmn")
UNPROCESSABLE: Final = 422


@click.group()
def process() -> None:
    """Check and try processes on this machine, deploy them to a running system."""


@process.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Say at each element of the files or folders PATHS what would not run, and why; exit 1 on errors."""
    findings = check_files(read_files(paths), operations=known_operations()).findings
    print_findings([finding_json(finding) for finding in findings], as_json=as_json)
    raise SystemExit(1 if any(finding.severity == "error" for finding in findings) else 0)


@process.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", help="What is new, for the history.")
def deploy(paths: tuple[Path, ...], note: str) -> None:
    """Check the files once more on the server and make them the next version (talks to a running system)."""
    settings = settings_or_exit()
    client = Client.from_settings(settings, demo="designer")
    files = {name: body.decode("utf-8", errors="replace") for name, body in read_files(paths).items()}
    answer = client.send("POST", "/api/v1/process-definitions/deploy", json={"files": files, "note": note})
    if answer.status_code == UNPROCESSABLE:
        body = answer.json()
        print_findings(body.get("findings") or body.get("details") or [], as_json=False)
        raise click.ClickException("not deployed: mend the errors above")
    for definition in checked(answer).json()["definitions"]:
        click.echo(f"{definition['key']}  version {definition['version']}")


@process.command("try")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--process", "key", default=None, help="Which process to start, if the files hold several.")
@click.option(
    "--data",
    "data_file",
    help="JSON object: the start data.",
    default=None,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--answers",
    "answers_file",
    help="JSON object: answers by path of the element.",
    default=None,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole trial as JSON.")
def try_(
    paths: tuple[Path, ...], key: str | None, data_file: Path | None, answers_file: Path | None, *, as_json: bool
) -> None:
    """Run the real engine in memory: time jumps, neighbours and people answer from --answers or with nothing."""
    try:
        trial = try_files(
            read_files(paths),
            process=key,
            data=read_object(data_file),
            answers=read_object(answers_file),
            operations=known_operations(),
        )
    except TrialError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(trial, ensure_ascii=False, indent=2, default=str))
    else:
        print_trial(trial)
    raise SystemExit(0 if trial["state"] == "completed" else 1)


def print_trial(trial: Mapping[str, Any]) -> None:
    """What happened, one line per event, and why it went no further."""
    for step in trial["trace"]:
        click.echo(f"{step['event']:<10} {step.get('path') or step.get('element_id', '')}  {step.get('name', '')}")
    if trial["findings"]:
        print_findings(trial["findings"], as_json=False)
    for failure in trial["failures"]:
        where = failure.get("path") or failure.get("element_id", "")
        click.echo(f"failed     {where}: {failure.get('code', '')} {failure.get('message', '')}")
    for wait in trial["waits"]:
        click.echo(f"waits      {wait['path']} ({wait['kind']})")
    click.echo(f"state: {trial['state']}")


def read_files(paths: Sequence[Path]) -> dict[str, bytes]:
    """Name to content of every BPMN and DMN file named or found in the folders."""
    found = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    files = {file.name: file.read_bytes() for file in found if file.suffix in SUFFIXES or file in paths}
    if not files:
        raise click.ClickException("no .bpmn or .dmn file there")
    return files


def read_object(file: Path | None) -> Mapping[str, Any]:
    """The JSON object in ``file``, an empty one without a file."""
    if file is None:
        return {}
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file}: not readable as JSON ({error})") from error
    if not isinstance(body, dict):
        raise click.ClickException(f"{file}: must be a JSON object")
    return body


def known_operations() -> frozenset[str]:
    """Every operation a drawing may name: the neighbours' and our own."""
    return frozenset({*load_registry().codes(), *OWN_OPERATIONS})


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as the interface gives it."""
    return dict(vars(finding))


def print_findings(findings: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """One block per finding: where, what in both languages, what to do."""
    if as_json:
        click.echo(json.dumps(list(findings), ensure_ascii=False, indent=2))
        return
    for finding in findings:
        where = f"{finding.get('file')}: {finding.get('element_id')} {finding.get('element_name')}".rstrip()
        click.echo(f"{finding.get('severity')}  {where}  [{finding.get('rule')}]")
        for text in ("message_zh", "message_en", "fix_zh", "fix_en"):
            if finding.get(text):
                click.echo(f"    {finding[text]}")
    if not findings:
        click.echo("no findings")
