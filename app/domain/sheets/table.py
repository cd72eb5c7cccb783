"""A sheet after reading: its headings and its lines, every cell a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MAX_LINES: Final = 2000
MAX_COLUMNS: Final = 60
MAX_CELL_CHARS: Final = 500
#: A cell that begins so would be worked out by the next program that opens it.
FORMULA_SIGNS: Final = ("=", "@", "\t=", "\r=")
SIGNED: Final = ("+", "-")
CELL: Final = re.compile(r"([A-Z]{1,2})([1-9][0-9]{0,6})")


class SheetRefused(ValueError):
    """The whole file cannot be taken; ``cell`` as in ``C7`` where one is to blame."""

    def __init__(self, code: str, zh: str, en: str, *, cell: str = "") -> None:
        super().__init__(en)
        self.code, self.zh, self.en, self.cell = code, zh, en, cell


@dataclass(frozen=True)
class Line:
    """One line below the headings. ``number`` is its number in the file, as spreadsheets show it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Headings and lines; every line has as many cells as there are headings."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    heading_line: int = 1


def cell_name(column: int, line: int) -> str:
    """``C7`` for the third column (2, counted from 0) of line 7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{line}"


def cell_at(name: str) -> tuple[int, int] | None:
    """Column (counted from 0) and line of a cell such as ``C7``; None where the text names none."""
    found = CELL.fullmatch(name)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1, int(found[2])


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would work this text out; a signed number is a number."""
    if text.startswith(FORMULA_SIGNS):
        return True
    return text.startswith(SIGNED) and len(text) > 1 and not text[1:].replace(" ", "").replace(".", "").isdigit()


def harmless(text: str) -> str:
    """The text as it may stand in a file that people open with a spreadsheet."""
    return f"'{text}" if text.startswith((*FORMULA_SIGNS, *SIGNED)) else text


def table_of(rows: Iterable[tuple[int, Sequence[str]]]) -> Table:
    """Put numbered rows into a table: the first one with anything in it is the headings, empty ones are left out.

    :raises SheetRefused: no headings, no lines, too many of anything, a heading twice, a cell beside the headings.
    """
    headings: tuple[str, ...] = ()
    heading_line = 1
    lines: list[Line] = []
    for number, row in rows:
        cells = _trimmed(row, number)
        if not cells:
            continue
        if not headings:
            headings, heading_line = _headings(cells, number), number
            continue
        if len(cells) > len(headings):
            raise SheetRefused(
                "no-heading",
                "该列没有表头",
                "there is no heading above this cell",
                cell=cell_name(len(headings), number),
            )
        if len(lines) == MAX_LINES:
            raise SheetRefused(
                "too-many-lines",
                f"最多 {MAX_LINES} 行，请分成多个文件",
                f"at most {MAX_LINES} lines; use several files",
                cell=cell_name(0, number),
            )
        lines.append(Line(number, (*cells, *([""] * (len(headings) - len(cells))))))
    if not headings:
        raise SheetRefused("empty-file", "文件为空", "the file is empty")
    if not lines:
        raise SheetRefused("no-lines", "表头下没有数据行", "there are no lines below the headings")
    return Table(headings, tuple(lines), heading_line)


def check_cell(text: str, column: int, number: int) -> None:
    """Whether a text may stand in a sheet. :raises SheetRefused: too long, not to be read, or to be worked out."""
    if len(text) > MAX_CELL_CHARS:
        raise SheetRefused(
            "cell-too-long",
            f"单元格超过 {MAX_CELL_CHARS} 个字",
            f"a cell has more than {MAX_CELL_CHARS} characters",
            cell=cell_name(column, number),
        )
    if any(ord(sign) < 32 and sign not in "\t\n\r" for sign in text):
        raise SheetRefused(
            "control-character",
            "单元格含控制字符",
            "a cell holds a control character",
            cell=cell_name(column, number),
        )
    if is_formula(text):
        raise SheetRefused(
            "formula",
            "不接受公式，请粘贴为数值",
            "formulas are not taken; paste their values",
            cell=cell_name(column, number),
        )


def _trimmed(row: Sequence[str], number: int) -> list[str]:
    cells = [text.strip().strip("\ufeff") for text in row]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        raise SheetRefused(
            "too-many-columns", f"最多 {MAX_COLUMNS} 列", f"at most {MAX_COLUMNS} columns", cell=cell_name(0, number)
        )
    for column, text in enumerate(cells):
        check_cell(text, column, number)
    return cells


def _headings(cells: Sequence[str], number: int) -> tuple[str, ...]:
    for column, text in enumerate(cells):
        if not text:
            raise SheetRefused("no-heading", "表头为空", "a heading is empty", cell=cell_name(column, number))
        if text in cells[:column]:
            raise SheetRefused(
                "heading-twice",
                f"表头 {text} 重复",
                f"the heading {text} comes twice",
                cell=cell_name(column, number),
            )
    return tuple(cells)
