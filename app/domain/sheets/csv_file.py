"""Reads and writes .csv files. Read: UTF-8, or GBK as spreadsheets in China write it; comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.domain.sheets.table import MAX_CELL_CHARS, SheetRefused, Table, cell_name, harmless, table_of

SEPARATORS: Final = (",", ";", "\t")
#: Classes of characters that no text of ours has: unassigned, private use, half characters.
STRANGE: Final = frozenset({"Cn", "Co", "Cs"})


def write_csv(rows: Iterable[Sequence[str]]) -> str:
    """A file that spreadsheets open as they should: with a mark of its encoding, and nothing to work out in it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def read_csv(content: bytes) -> Table:
    """Read a .csv file.

    :raises SheetRefused: neither UTF-8 nor GBK, quotes that do not close, or what :func:`table_of` refuses.
    """
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    return table_of(_rows(text, separator))


def _rows(text: str, separator: str) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise SheetRefused(
                "broken-csv", f"CSV 格式错误：{problem}", f"broken CSV: {problem}", cell=cell_name(0, number)
            ) from problem
        yield number, row
        # A quoted cell may go over several lines of the file; a spreadsheet shows it as one.
        if any(len(cell) > MAX_CELL_CHARS * 100 for cell in row):
            raise SheetRefused("cell-too-long", "单元格过长", "a cell is too long", cell=cell_name(0, number))


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise _wrong_encoding()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and any(unicodedata.category(sign) in STRANGE for sign in set(text)):
            break  # bytes of another encoding that happen to be characters here
        return text
    raise _wrong_encoding()


def _wrong_encoding() -> SheetRefused:
    return SheetRefused(
        "wrong-encoding",
        "编码无法识别，请用 UTF-8 或 GBK 保存",
        "the encoding is not known; save the file as UTF-8 or GBK",
    )
