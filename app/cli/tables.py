"""Rows of facts as a plain table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table


def print_rows(rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...], *, empty: str) -> None:
    """Print dictionaries as a plain table, or one sentence when there are none."""
    if not rows:
        click.echo(empty)
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    Console().print(table)
