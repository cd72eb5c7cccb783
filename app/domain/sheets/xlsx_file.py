"""Reads .xlsx files: the first visible sheet, values only. Whatever a program could work out is refused.

A zip of XML files, read by the standard library and lxml: all that is needed of the format fits here, and nothing of
a file is trusted. See decision 0045.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import IO, Final

from lxml import etree

from app.domain.sheets.table import MAX_COLUMNS, SheetRefused, Table, cell_name, table_of

MAGIC: Final = b"PK\x03\x04"
MAX_PARTS: Final = 500
MAX_UNPACKED_BYTES: Final = 64 * 1024 * 1024
MAX_SHARED_TEXTS: Final = 200_000
MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
MACROS: Final = ("vbaproject.bin", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
#: Built-in formats of dates and times.
DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  a day on paper, without a zone
EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001


def read_xlsx(content: bytes) -> Table:
    """Read the first visible sheet.

    :raises SheetRefused: macros, formulas, a broken or hostile file, or what :func:`table_of` refuses.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _read(package)
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, NotImplementedError, EOFError, RuntimeError) as problem:
        raise SheetRefused("broken-xlsx", "不是完整的 .xlsx 文件", "this is not a whole .xlsx file") from problem


def _read(package: zipfile.ZipFile) -> Table:
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
        raise SheetRefused("too-large", "文件解压后过大", "the file is too large when unpacked")
    for part in parts:
        if any(word in part.filename.lower() for word in MACROS):
            raise SheetRefused("macros", "不接受带宏的文件", "files with macros are not taken")
    book = _Book(package)
    if b"macroEnabled" in package.read("[Content_Types].xml"):
        raise SheetRefused("macros", "不接受带宏的文件", "files with macros are not taken")
    return table_of(book.rows())


class _Book:
    """The parts of a workbook that are needed to read one sheet."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        workbook = self._tree("xl/workbook.xml")
        properties = workbook.find(f"{MAIN}workbookPr")
        is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._epoch = EPOCH_1904 if is_1904 else EPOCH
        self._sheet = self._path_of(workbook)
        names = set(package.namelist())
        self._texts = self._shared_texts() if "xl/sharedStrings.xml" in names else []
        self._dates = self._date_styles() if "xl/styles.xml" in names else frozenset()

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Number and cells of every row that has any."""
        with self._package.open(self._sheet) as file:
            number = 0
            for row in self._elements(file, f"{MAIN}row"):
                number = int(row.get("r") or number + 1)
                yield number, self._cells(row, number)
                row.clear()
                # What has been read is not kept: a sheet may be long.
                above = row.getparent()
                while above is not None and (before := row.getprevious()) is not None:
                    above.remove(before)

    def _cells(self, row: etree._Element, number: int) -> list[str]:
        cells: list[str] = []
        for cell in row.iter(f"{MAIN}c"):
            column = _column(cell.get("r"), default=len(cells))
            if column >= MAX_COLUMNS * 5:
                raise SheetRefused("too-many-columns", "列数过多", "too many columns", cell=cell_name(0, number))
            if cell.find(f"{MAIN}f") is not None:
                raise SheetRefused(
                    "formula",
                    "不接受公式，请粘贴为数值",
                    "formulas are not taken; paste their values",
                    cell=cell_name(column, number),
                )
            cells.extend([""] * (column - len(cells)))
            cells[column:] = [self._text(cell)]
        return cells

    def _text(self, cell: etree._Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _plain(cell.find(f"{MAIN}is"))
        value = cell.findtext(f"{MAIN}v") or ""
        if kind == "s":
            place = int(value) if value.isdigit() else -1
            return self._texts[place] if 0 <= place < len(self._texts) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, value)
        if kind != "n" or not value:
            return value
        return self._number(value, is_date=cell.get("s") in self._dates)

    def _number(self, value: str, *, is_date: bool) -> str:
        """A number as a person would write it, a date in ISO text."""
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        if is_date and 0 < number < 2_958_466:  # the year 10000
            # Seconds are as fine as anybody writes them; binary fractions of a day are a little off.
            at = self._epoch + timedelta(seconds=round(float(number) * 86_400))
            return at.date().isoformat() if number == number.to_integral_value() else at.isoformat(sep=" ")
        if number == number.to_integral_value():
            return str(int(number)) if abs(number) < Decimal(10) ** 30 else value
        return format(number.normalize(), "f")

    def _path_of(self, workbook: etree._Element) -> str:
        sheets = workbook.findall(f"{MAIN}sheets/{MAIN}sheet")
        visible = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"]
        if not visible:
            raise SheetRefused("no-sheet", "没有可见的工作表", "there is no visible sheet")
        wanted = visible[0].get(f"{RELATION}id")
        for tie in self._tree("xl/_rels/workbook.xml.rels").iter(f"{PACKAGE}Relationship"):
            if tie.get("Id") == wanted and tie.get("TargetMode") != "External":
                target = tie.get("Target") or ""
                return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        raise SheetRefused("broken-xlsx", "不是完整的 .xlsx 文件", "this is not a whole .xlsx file")

    def _shared_texts(self) -> list[str]:
        texts: list[str] = []
        with self._package.open("xl/sharedStrings.xml") as file:
            for element in self._elements(file, f"{MAIN}si"):
                texts.append(_plain(element))
                element.clear()
                if len(texts) > MAX_SHARED_TEXTS:
                    raise SheetRefused("too-large", "文件内文字过多", "the file holds too many texts")
        return texts

    def _date_styles(self) -> frozenset[str]:
        """Numbers of the styles that show a date."""
        styles = self._tree("xl/styles.xml")
        own = {
            int(row.get("numFmtId") or 0)
            for row in styles.iter(f"{MAIN}numFmt")
            if _is_date_format(row.get("formatCode") or "")
        }
        formats = styles.findall(f"{MAIN}cellXfs/{MAIN}xf")
        ids = (int(row.get("numFmtId") or 0) for row in formats)
        return frozenset(str(place) for place, number in enumerate(ids) if number in DATE_FORMATS or number in own)

    def _tree(self, name: str) -> etree._Element:
        tree = etree.fromstring(self._package.read(name), _parser())
        if tree.getroottree().docinfo.doctype:
            raise SheetRefused("broken-xlsx", "文件含文档类型声明", "the file declares a document type")
        return tree

    def _elements(self, file: IO[bytes], tag: str) -> Iterator[etree._Element]:
        reading = etree.iterparse(
            file, events=("end",), tag=tag, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        for _, element in reading:
            yield element


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _plain(element: etree._Element | None) -> str:
    """The text of a shared or inline string; hints for its pronunciation are left out."""
    if element is None:
        return ""
    spoken = {part for hint in element.iter(f"{MAIN}rPh") for part in hint.iter(f"{MAIN}t")}
    return "".join(part.text or "" for part in element.iter(f"{MAIN}t") if part not in spoken)


def _column(reference: str | None, *, default: int) -> int:
    """The column of a reference such as ``C7``, counted from 0."""
    letters = "".join(sign for sign in (reference or "") if sign.isalpha()).upper()
    if not letters or len(letters) > 3 or not letters.isascii():
        return default
    number = 0
    for sign in letters:
        number = number * 26 + ord(sign) - ord("A") + 1
    return number - 1


def _is_date_format(code: str) -> bool:
    """Whether a number format of somebody's own shows a date: y or d outside of quotes and brackets."""
    shown, quoted, bracketed = "", False, False
    for sign in code:
        if sign == '"':
            quoted = not quoted
        elif sign in "[]" and not quoted:
            bracketed = sign == "["
        elif not quoted and not bracketed:
            shown += sign
    return any(letter in shown.lower() for letter in "yd年月日") and "e+" not in shown.lower()
