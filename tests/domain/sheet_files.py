"""Writes spreadsheets for tests: real .xlsx packages, as small as the format allows, and worse ones."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from app.domain.sheets import cell_name

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DATE_STYLE = 1


def csv_bytes(rows: Sequence[Sequence[str]], encoding: str = "utf-8", separator: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(
    rows: Sequence[Sequence[str | int | float | bool | tuple[str, str]]],
    *,
    more: Mapping[str, str] | None = None,
    kind: str = f"{TYPES}.sheet.main+xml",
    before: str = "",
) -> bytes:
    """A workbook. A cell is a text, a number, a truth, or a pair of raw attributes and content such as
    ``('s="1"', "<v>46000</v>")``. ``more``: other parts of the package. ``before``: a sheet in front, hidden."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{before}'
        '<sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>'
        '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="165"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    shared: list[str] = []
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(value, place, number, shared) for place, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    texts = "".join(f"<si><t xml:space='preserve'>{escape(text)}</t></si>" for text in shared)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{texts}</sst>'
    parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in {**parts, **(more or {})}.items():
            package.writestr(name, text)
    return file.getvalue()


def _cell(value: str | int | float | bool | tuple[str, str], place: int, number: int, shared: list[str]) -> str:
    name = cell_name(place, number)
    if value == "":
        return ""
    if isinstance(value, tuple):
        return f'<c r="{name}" {value[0]}>{value[1]}</c>'
    if isinstance(value, bool):
        return f'<c r="{name}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        shared.append(value)
        return f'<c r="{name}" t="s"><v>{len(shared) - 1}</v></c>'
    return f'<c r="{name}"><v>{value!r}</v></c>'
