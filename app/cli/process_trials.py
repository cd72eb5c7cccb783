"""`yizhan process try` and `yizhan process test`: models run in memory, by hand or as their stored tests say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from adapters.operations import OperationRegistry
from adapters.operations_file import load_registry
from app.cli.process_check import known_operations, print_findings
from app.cli.tables import cell, wall_clock
from processes.check import read_paths
from processes.spiff.compile import Anything, compile_files
from processes.spiff.definition import CompiledProcess
from processes.spiff.timers import TimerError, parse_date
from processes.trial import Model, TrialError, try_files
from processes.trial_cases import SUFFIX, run_cases
from processes.wall_clock import wall_now

MODELS: Final = (".bpmn", ".dmn")
ENDED: Final = ("completed", "terminated")
MISSING: Final = frozenset({"unknown-process", "unknown-decision"})


JSON_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("try")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--process", "key", default=None, help="Which process to start, if the files hold several.")
@click.option("--data", "data_file", help="JSON object: the start data.", default=None, type=JSON_FILE)
@click.option(
    "--answers", "answers_file", help="JSON object: what people, systems and messages do.", default=None, type=JSON_FILE
)
@click.option("--now", default=None, help="When the trial begins, ISO 8601 with a zone; else now.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole trial as JSON.")
def try_(
    paths: tuple[Path, ...],
    key: str | None,
    data_file: Path | None,
    answers_file: Path | None,
    now: str | None,
    *,
    as_json: bool,
) -> None:
    """Run the real engine in memory: time jumps, neighbours and people answer from --answers or with nothing.

    Exit code 0: it has ended as drawn; 1: it failed, or it still waits.
    """
    registry = load_registry()
    files, only = with_called(read_files(paths), paths)
    try:
        trial = try_files(
            files,
            process=key or only,
            data=read_object(data_file),
            answers=read_object(answers_file),
            operations=known_operations(),
            registry=registry,
            now=parse_date(now) if now else wall_now().replace(microsecond=0),
        )
    except (TrialError, TimerError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(trial, ensure_ascii=False, indent=2, default=str))
    else:
        print_trial(trial)
        if trial["findings"]:
            print_findings(trial["findings"])
    raise SystemExit(0 if trial["state"] in ENDED else 1)


@click.command("test")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def test_(paths: tuple[Path, ...]) -> None:
    """Run the tests stored next to the models: *.test.json, in the folders PATHS and those inside, or these files."""
    try:
        failed = run_stored_tests(paths, operations=known_operations(), registry=load_registry())
    except TrialError as error:
        raise click.ClickException(str(error)) from error
    raise SystemExit(1 if failed else 0)


def read_files(paths: Sequence[Path], *, forms: bool = False) -> dict[str, bytes]:
    """Name to content of every BPMN and DMN file (and form, if asked for) named or found in the folders."""
    files, unread = read_paths(paths, forms=forms)
    if unread:
        raise click.ClickException(f"{unread[0].file}: {unread[0].message_en}")
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


def with_called(files: Mapping[str, bytes], paths: Sequence[Path]) -> tuple[dict[str, bytes], str | None]:
    """The files and those beside them that they call; and the process of the files, if they hold just one."""
    anything = Anything()
    given = compile_files(files, known_processes=anything, known_decisions=anything)[0]
    only = given[0].key if len(given) == 1 else None
    if not any(finding.rule in MISSING for finding in compile_files(files)[2]) and not _computed(given):
        return dict(files), only
    folders = sorted({path.parent for path in paths if path.is_file()})
    beside = {one.name: one.read_bytes() for folder in folders for one in models_of(folder) if one.name not in files}
    keys: dict[str, set[str]] = {}
    wants: dict[str, set[str]] = {}
    for name, body in beside.items():
        processes, decisions, _ = compile_files({name: body}, known_processes=anything, known_decisions=anything)
        keys[name] = {item.key for item in processes} | {item.key for item in decisions}
        wants[name] = _wanted(processes)
    found, missing = dict(files), _wanted(given)
    everything = _computed(given)
    while more := [name for name in beside if name not in found and (everything or keys[name] & missing)]:
        for name in more:
            found[name] = beside[name]
            missing |= wants[name]
    return found, only


def _wanted(processes: Sequence[CompiledProcess]) -> set[str]:
    """What these call, ask, and are undone by."""
    undo = {row.attributes.get("undoneBy", "") for item in processes for row in item.elements.values()} - {""}
    return undo | {key for item in processes for key in (*item.called_keys, *item.decision_keys)}


def _computed(processes: Sequence[CompiledProcess]) -> bool:
    """Whether a call says only at run time which process it is: it may be any beside them."""
    return any("calledExpression" in row.attributes for item in processes for row in item.elements.values())


def models_of(folder: Path) -> list[Path]:
    """The BPMN and DMN files of a folder."""
    return sorted(one for one in folder.iterdir() if one.suffix in MODELS)


def run_stored_tests(paths: Sequence[Path], *, operations: Any, registry: OperationRegistry) -> int:
    """Run every test stored at or below the paths, one line for each; returns how many failed."""
    stored = [one for path in paths for one in (sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path])]
    if not stored:
        raise click.ClickException(f"no file *{SUFFIX} there")
    failed = 0
    models: dict[Path, Model] = {}
    for file in stored:
        if file.parent not in models:
            named = {one.name: one.read_bytes() for one in models_of(file.parent)}
            models[file.parent] = Model.of(named, operations)
        for result in run_cases(file.name, file.read_text(encoding="utf-8"), models[file.parent], registry=registry):
            failed += bool(result.problems)
            click.echo(f"{'FAILED' if result.problems else 'ok    '} {file.name}: {result.name}")
            for problem in result.problems:
                click.echo(f"       {problem}")
    return failed


def print_trial(trial: Mapping[str, Any]) -> None:
    """What happened, one line per event, by the clock on the wall; and why it went no further."""
    zone = wall_clock()
    for step in trial["path"]:
        place = step["element"] if "index" not in step else f"{step['element']}[{step['index']}]"
        click.echo(f"{cell(step['at'], zone)}  {step['event']:<11} {place}  {step['name']}".rstrip())
    for row in trial["incidents"]:
        click.echo(f"incident at {row['element']}  {row['name']}: {row['code']} {row['message']}")
    for row in trial["waiting"]:
        more = cell(row.get("due"), zone) or row.get("message") or ""
        click.echo(f"waits at {row['element']}  {row['name']} ({row['kind']}) {more}".rstrip())
    click.echo(f"state: {trial['state']}")
