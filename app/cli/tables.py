"""Facts as plain text for the terminal: tables, and one thing with its facts below each other."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.settings import settings_or_exit

#: Columns of words, which may go on in the next line; ids and times are never broken, so that they can be copied.
WORDS: Final = frozenset(
    {"cause", "data", "finding", "meaning", "message", "note", "outcomes", "reason", "text", "waits_at"}
)
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*\Z")
#: A file or another program gets whole lines.
ENDLESS: Final = 4_000
LEAST_WORDS: Final = 24
BETWEEN: Final = 2


def print_rows(rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...], *, empty: str) -> None:
    """Print dictionaries as a plain table, or one sentence when there are none."""
    if not rows:
        click.echo(empty)
        return
    zone = wall_clock()
    texts = [[cell(row.get(column), zone) for column in columns] for row in rows]
    titles = [column.replace("_", " ") for column in columns]
    table = Table(box=None, pad_edge=False)
    fixed = 0
    for place, column in enumerate(columns):
        width = max(cell_len(title) for title in (titles[place], *(line[place] for line in texts)))
        folds = column in WORDS
        fixed += (min(width, LEAST_WORDS) if folds else width) + BETWEEN
        table.add_column(titles[place], overflow="fold", no_wrap=not folds, min_width=None if folds else width)
    for line in texts:
        # What is shown comes from anybody: as Text it is never taken for markup.
        table.add_row(*(Text(text) for text in line))
    if sys.stdout.isatty():
        console = Console()
        Console(width=max(console.width, fixed)).print(table)
        return
    drawn = Console(file=StringIO(), width=ENDLESS)
    with drawn.capture() as kept:
        drawn.print(table)
    for whole in kept.get().splitlines():
        click.echo(whole.rstrip())


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values below each other; what is empty is left out."""
    zone = wall_clock()
    told = {name.replace("_", " "): cell(value, zone) for name, value in facts.items()}
    told = {name: text for name, text in told.items() if text}
    width = max((cell_len(name) for name in told), default=0)
    for name, text in told.items():
        first, *more = text.splitlines()
        click.echo(f"{name.ljust(width)}  {first}")
        for line in more:
            click.echo(f"{'':{width}}  {line}")


def cell(value: Any, zone: ZoneInfo) -> str:
    """A value as people read it: no None, times of the clock on the wall, lists and figures without brackets."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _local(value, zone) if INSTANT.match(value) else value
    if isinstance(value, Mapping):
        if value and all(isinstance(one, int) for one in value.values()):
            return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in value.items())
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, Sequence):
        return ", ".join(cell(one, zone) for one in value)
    return str(value)


def wall_clock() -> ZoneInfo:
    """The zone in which people read times."""
    return ZoneInfo(settings_or_exit().time_zone)


def _local(text: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if at.tzinfo else text
