"""`yizhan process export`, `import` and `format`: models in a version control, so that one word is one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from app.cli.client import Client
from app.cli.process_check import print_findings
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows
from app.services.studio.model_files import look_into, written
from processes.check import read_paths
from processes.trial_cases import SUFFIX

FILES: Final = "/api/v1/model-files"
paths_given = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


@click.command()
@click.argument("keys", nargs=-1)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write into."
)
@click.option("--used", is_flag=True, help="Also what these processes call, decide with and ask.")
@click.option("--drafts", is_flag=True, help="Drafts in the place of what is in force.")
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit code 1 if the folder says anything else."
)
def export(keys: tuple[str, ...], *, out: Path, used: bool, drafts: bool, only_check: bool) -> None:
    """Write models (all, or those of the KEYS) with their tests into a folder (talks to a running system).

    The same model is always the same text. Files that say the same already are left alone; none is removed.
    """
    asked = {"key": list(keys), "used": str(used).lower(), "drafts": str(drafts).lower()}
    files: Mapping[str, str] = _client().get(FILES, **asked)["files"]
    strange = [name for name in files if Path(name).name != name]
    if strange:
        raise click.ClickException(f"{strange[0]!r} is no name of a file")
    differ = [name for name, text in files.items() if _text_of(out / name) != text]
    if not only_check and differ:
        out.mkdir(parents=True, exist_ok=True)
    for name in differ:
        if not only_check:
            (out / name).write_text(files[name], encoding="utf-8", newline="\n")
        click.echo(f"{'differs' if only_check else 'wrote'} {out / name}")
    click.echo(f"{len(files) - len(differ)} of {len(files)} files are the same")
    raise SystemExit(1 if only_check and differ else 0)


@click.command("import")
@paths_given
@click.option("--note", default="", help="A remark for each draft.")
def import_(paths: tuple[Path, ...], note: str) -> None:
    """Make drafts of files or folders (talks to a running system); nothing is deployed.

    Your own draft of a model goes on; a file that says what is in force makes none. Exit code 1: the check has errors.
    """
    files = model_texts(paths)
    answer = _client().post(FILES, {"files": files, "note": note})
    rows: Sequence[Mapping[str, Any]] = answer["files"]
    shown = [
        {
            "file": row["name"],
            "what": row["what"],
            "draft": (row["draft"] or {}).get("id", ""),
            "errors": (row["draft"] or {}).get("errors", ""),
            "warnings": (row["draft"] or {}).get("warnings", ""),
        }
        for row in rows
    ]
    print_rows(shown, ("file", "what", "draft", "errors", "warnings"), empty="no files")
    found = [finding for row in rows for finding in row["findings"] if finding["severity"] == "error"]
    if found:
        print_findings(found)
    raise SystemExit(1 if found else 0)


@click.command("format")
@paths_given
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit code 1 if a file is written otherwise.")
def format_(paths: tuple[Path, ...], *, only_check: bool) -> None:
    """Write files the way `export` does: order, prefixes, blanks and fractions of pixels; nothing else changes."""
    differ = 0
    for path in _files(paths):
        before = path.read_bytes()
        after = written(look_into(path.name, before).kind, before)
        if after == before:
            continue
        differ += 1
        if not only_check:
            path.write_bytes(after)
        click.echo(f"{'differs' if only_check else 'wrote'} {path}")
    raise SystemExit(1 if only_check and differ else 0)


def _files(paths: Sequence[Path]) -> list[Path]:
    endings = (".bpmn", ".dmn", ".form")
    return [
        file
        for given in paths
        for file in (sorted(given.rglob("*")) if given.is_dir() else [given])
        if file.is_file() and file.name.lower().endswith(endings)
    ]


def model_texts(paths: Sequence[Path]) -> dict[str, str]:
    """Drawings, decisions, forms and tests of files and folders by name, as the interface takes them."""
    files, unread = read_paths([path for path in paths if not path.name.endswith(SUFFIX)], forms=True)
    if unread:
        raise click.ClickException(f"{unread[0].file}: {unread[0].message_en}")
    for given in paths:
        tests = sorted(given.rglob(f"*{SUFFIX}")) if given.is_dir() else [given] if given.name.endswith(SUFFIX) else []
        files |= {test.name: test.read_bytes() for test in tests}
    return {name.replace("/", "-"): body.decode("utf-8", errors="replace") for name, body in files.items()}


def _text_of(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", errors="replace") if path.is_file() else None


def _client() -> Client:
    return Client.from_settings(settings_or_exit(), demo="designer")
