"""Spreadsheets as people send them: read strictly, as text, without ever working anything out."""

from __future__ import annotations

from app.domain.sheets.csv_file import read_csv
from app.domain.sheets.table import MAX_LINES, Line, SheetRefused, Table, cell_at, cell_name, check_cell
from app.domain.sheets.xlsx_file import MAGIC, read_xlsx

__all__ = ["MAX_LINES", "Line", "SheetRefused", "Table", "cell_at", "cell_name", "check_cell", "read_sheet"]

#: Old Excel files, and new ones that are locked by a password.
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"


def read_sheet(content: bytes) -> Table:
    """Read an .xlsx or .csv file; which of them it is, its first bytes say.

    :raises SheetRefused: the file as a whole cannot be taken, with the cell where that is known.
    """
    if not content.strip():
        raise SheetRefused("empty-file", "文件为空", "the file is empty")
    if content.startswith(OLD_OR_LOCKED):
        raise SheetRefused(
            "old-or-locked",
            "旧版 .xls 或加密文件不能读取，请另存为不加密的 .xlsx",
            "an old .xls file, or one with a password: save it as .xlsx without a password",
        )
    return read_xlsx(content) if content.startswith(MAGIC) else read_csv(content)
