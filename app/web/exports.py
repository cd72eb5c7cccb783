"""Lists as files for a spreadsheet: what the page shows, masked as on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flask import Response

from app.domain.sheets.csv_file import write_csv

#: More rows than this are not taken out at once; the file says so in its last line.
MOST: Final = 5000


def as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, cut: str = "") -> Response:
    """A CSV file in UTF-8 with a mark at its start, so that spreadsheets read Chinese; no cell is a formula.

    ``cut`` is the last line of a list that goes on.
    """
    response = Response(write_csv([head, *rows, *([[cut]] if cut else [])]), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
