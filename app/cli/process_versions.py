"""`yizhan process versions`, `compare`, `withdraw`, `migrate`: versions side by side and instances between them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import click

from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows

DEFINITIONS: Final = "/api/v1/process-definitions"
DECISIONS: Final = "/api/v1/decision-definitions"
MIGRATIONS: Final = "/api/v1/process-migrations"
LOOK_S: Final = 0.5
PAGE: Final = 100
#: So many of those with the same reasons are named.
NAMED: Final = 3
MIGRATION_COLUMNS: Final = (
    *("id", "process_key", "from_version", "to_version", "state", "run_state", "counts"),
    *("created_by", "created_at", "reason"),
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
why = click.option("--reason", required=True, help="Why; kept in the audit.")


@click.command()
@click.argument("key")
@as_json
def versions(key: str, *, as_json: bool) -> None:
    """List the versions of the process KEY: which is in force, what runs on each."""
    rows = _client("designer").get(f"{DEFINITIONS}/{key}")["versions"]
    columns = ("version", "in_force", "running", "deployed_at", "deployed_by", "withdrawn_at")
    _print(rows, columns, as_json=as_json, empty="no versions")


@click.command()
@click.argument("key")
@click.argument("old", type=int)
@click.argument("new", type=int)
@as_json
def compare(key: str, old: int, new: int, *, as_json: bool) -> None:
    """Say element by element what differs between two versions of the process KEY."""
    found = _client("designer").get(f"{DEFINITIONS}/{key}/compare", **{"from": old, "to": new})["differences"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    print_differences(found)


@click.command()
@click.argument("key")
@click.argument("version", type=int)
@click.option("--decision", is_flag=True, help="KEY is a decision; refused for its last version if it is needed.")
@click.option("--reason", default="", help="Why; needed where a second person agrees to deployments.")
def withdraw(key: str, version: int, *, decision: bool, reason: str) -> None:
    """Take a VERSION of the process KEY back; refused while instances run on it.

    Where a second person agrees to deployments, the last version of all waits for one.
    """
    why = f"?{urlencode({'reason': reason})}" if reason else ""
    done = _client("designer").post(f"{DECISIONS if decision else DEFINITIONS}/{key}/{version}/withdraw{why}")
    if "state" in done:
        click.echo(f"waits for a second person: {done['id']}")
        return
    what = "is decided with" if decision else "starts on"
    click.echo(f"nothing {what} version {version} of {key} any more")


@click.command()
@click.argument("key", required=False)
@as_json
def decisions(key: str | None, *, as_json: bool) -> None:
    """List the decisions in force; with KEY the versions of one."""
    client = _client("designer")
    rows = client.get(DECISIONS)["decisions"] if key is None else client.get(f"{DECISIONS}/{key}")["versions"]
    columns = ("key", "version", "in_force", "name", "deployed_at", "deployed_by", "withdrawn_at")
    _print(rows, columns, as_json=as_json, empty="no decisions")


@click.group()
def migrate() -> None:
    """Bring running instances to another version: plan, look at every verdict, move a pilot, move the rest."""


@migrate.command()
@click.argument("key")
@click.option("--from", "old", type=int, required=True, help="The version the instances run on.")
@click.option("--to", "new", type=int, required=True, help="The version they are to go to.")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="The counterpart of an element; OLD= for none.")
@click.option("--mapping", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON object.")
@why
@as_json
def plan(key: str, *, old: int, new: int, pairs: Sequence[str], file: Path | None, reason: str, as_json: bool) -> None:
    """Draft a migration by element id and judge every running instance; nothing moves."""
    client = _client()
    body = {"key": key, "from_version": old, "to_version": new, "mapping": _mapping(pairs, file), "reason": reason}
    made = client.post(MIGRATIONS, body)
    _show(client, _judged(client, made["id"]), as_json=as_json)


@migrate.command("map")
@click.argument("migration")
@click.argument("pairs", nargs=-1, metavar="[OLD=NEW]...")
@click.option("--mapping", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON object.")
@as_json
def map_(migration: str, pairs: Sequence[str], *, file: Path | None, as_json: bool) -> None:
    """Change counterparts of a MIGRATION and judge every instance again."""
    client = _client()
    client.post(f"{MIGRATIONS}/{migration}/mapping", {"mapping": _mapping(pairs, file)})
    _show(client, _judged(client, migration), as_json=as_json)


@migrate.command()
@click.argument("migration")
@click.option("--verdict", type=click.Choice(["safe", "needs_mapping", "blocked"]), help="Only these instances.")
@click.option("--each", is_flag=True, help="One line for every instance, instead of one for all with the same reasons.")
@as_json
def show(migration: str, *, verdict: str | None, each: bool, as_json: bool) -> None:
    """Print a MIGRATION: the verdicts with their reasons, and what became of the instances."""
    client = _client()
    _show(client, client.get(f"{MIGRATIONS}/{migration}"), as_json=as_json, verdict=verdict, each=each)


@migrate.command("list")
@click.argument("key", required=False)
@as_json
def list_(key: str | None, *, as_json: bool) -> None:
    """List migrations, newest first; of the process KEY only, if given."""
    wanted = {} if key is None else {"key": key}
    rows = _client().get(MIGRATIONS, **wanted, limit=PAGE)["items"]
    _print(rows, MIGRATION_COLUMNS, as_json=as_json, empty="no migrations")


@migrate.command()
@click.argument("migration")
@click.option("--pilot", type=int, help="Stop by itself after so many; `continue` moves the rest.")
@click.option("--rate", type=float, default=0.0, help="At most so many in a second.")
@click.option("--wait", "wait_s", type=float, default=60.0, show_default=True, help="Wait so many seconds at most.")
def run(migration: str, *, pilot: int | None, rate: float, wait_s: float) -> None:
    """Move the instances of a MIGRATION that are safe; each moves whole or not at all."""
    client = _client()
    client.post(f"{MIGRATIONS}/{migration}/run", {"pilot": pilot, "rate_per_s": rate})
    _wait(client, migration, wait_s)


@migrate.command("continue")
@click.argument("migration")
@click.option("--wait", "wait_s", type=float, default=60.0, show_default=True, help="Wait so many seconds at most.")
def continue_(migration: str, *, wait_s: float) -> None:
    """Move the rest after the pilot."""
    client = _client()
    client.post(f"{MIGRATIONS}/{migration}/continue")
    _wait(client, migration, wait_s)


@migrate.command()
@click.argument("migration")
@why
@as_json
def back(migration: str, *, reason: str, as_json: bool) -> None:
    """Plan the way back for what a MIGRATION has moved, with a verdict for each; nothing moves yet."""
    client = _client()
    made = client.post(f"{MIGRATIONS}/{migration}/back", {"reason": reason})
    _show(client, _judged(client, made["id"]), as_json=as_json)


def print_reports(reports: Sequence[Mapping[str, Any]]) -> None:
    """What a deployment means: per process the versions and what runs on them, then what differs."""
    for report in reports:
        before = "" if report["before"] in (None, report["version"]) else f", before: {report['before']}"
        click.echo(f"{report['key']}  version {report['version']} ({report['what']}{before})")
        for version, number in sorted(report["running"].items(), key=lambda pair: int(pair[0])):
            click.echo(f"  {number} instances run on version {version} and finish on it")
        print_differences(report["differences"], indent="  ")


def print_differences(found: Sequence[Mapping[str, Any]], *, indent: str = "") -> None:
    """One line per element, one per thing that differs."""
    if not found and not indent:
        click.echo("no differences")
    for one in found:
        click.echo(f"{indent}{one['what']:<8} {one['element_id']} {one['name']}")
        for change in one["changes"]:
            before, after = (json.dumps(change[name], ensure_ascii=False) for name in ("before", "after"))
            click.echo(f"{indent}         {change['field']}: {before} -> {after}")


def _client(demo: str = "ops2") -> Client:
    return Client.from_settings(settings_or_exit(), demo=demo)


def _mapping(pairs: Sequence[str], file: Path | None) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    if file is not None:
        try:
            read = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise click.ClickException(f"{file}: not JSON ({error})") from error
        if not isinstance(read, dict):
            raise click.ClickException(f"{file}: a JSON object is needed")
        found |= read
    for pair in pairs:
        old, mark, new = pair.partition("=")
        if not mark or not old:
            raise click.ClickException(f"{pair}: write OLD=NEW")
        found[old] = new or None
    return found


def _judged(client: Client, migration: str) -> Any:
    """Judge until every instance has its verdict."""
    while True:
        answer = client.post(f"{MIGRATIONS}/{migration}/judge")
        if answer["done"]:
            return answer


def _wait(client: Client, migration: str, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while (found := client.get(f"{MIGRATIONS}/{migration}"))["run_state"] == "running":
        if time.monotonic() > deadline:
            click.echo("still at it; `yizhan process migrate show` tells how far")
            break
        time.sleep(LOOK_S)
    _head(found)


def _show(
    client: Client, found: Mapping[str, Any], *, as_json: bool, verdict: str | None = None, each: bool = False
) -> None:
    items = _all_items(client, found["id"], verdict)
    if as_json:
        click.echo(json.dumps({**found, "instances": items}, ensure_ascii=False, indent=2))
        return
    _head(found)
    if found["unmapped"]:
        click.echo(f"without a counterpart: {', '.join(found['unmapped'])}")
    if each:
        for item in items:
            result = f"  {item['result']}" if item["result"] else ""
            click.echo(f"{item['instance_id']}  {item['about']}  {item['verdict']}{result}")
            _say_why(item)
        return
    alike: dict[str, list[Any]] = {}
    for item in items:
        known = [item["verdict"], item["result"], item["reasons"], item["notes"], item["message"]]
        alike.setdefault(json.dumps(known, sort_keys=True), []).append(item)
    for group in sorted(alike.values(), key=len, reverse=True):
        first = group[0]
        names = ", ".join(item["about"] for item in group[:NAMED])
        result = f" ({first['result']})" if first["result"] else ""
        more = f" and {len(group) - NAMED} more" if len(group) > NAMED else ""
        click.echo(f"{len(group)} {first['verdict'].replace('_', ' ')}{result}: {names}{more}")
        _say_why(first)
    if any(len(group) > NAMED for group in alike.values()):
        click.echo("--each names them all: yizhan process migrate show --each " + found["id"])


def _say_why(item: Mapping[str, Any]) -> None:
    """Reasons and notes in both languages, and why it was refused."""
    for saying in (*item["reasons"], *item["notes"]):
        click.echo(f"    {saying['en']} / {saying['zh']}")
    if item["message"]:
        click.echo(f"    refused: {item['message']}")


def _head(found: Mapping[str, Any]) -> None:
    counts = found["counts"]
    click.echo(
        f"{found['id']}  {found['process_key']} {found['from_version']} -> {found['to_version']}  {found['state']}"
        f"{' (' + found['run_state'] + ')' if found['run_state'] else ''}"
    )
    click.echo(", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in counts))
    if found["waits_for_rest"]:
        click.echo("the pilot is done; `yizhan process migrate continue` moves the rest")


def _all_items(client: Client, migration: str, verdict: str | None) -> list[Any]:
    wanted = {} if verdict is None else {"verdict": verdict}
    found: list[Any] = []
    while True:
        page = client.get(f"{MIGRATIONS}/{migration}/instances", offset=len(found), limit=PAGE, **wanted)
        found += page["items"]
        if len(found) >= page["total"] or not page["items"]:
            return found


def _print(rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...], *, as_json: bool, empty: str) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print_rows(rows, columns, empty=empty)
