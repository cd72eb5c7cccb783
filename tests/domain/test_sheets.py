"""Sheets are read as text and nothing else; what could be worked out, or is too much, is refused with its cell."""

from __future__ import annotations

import pytest

from app.domain.sheets import MAX_LINES, SheetRefused, read_sheet
from app.domain.sheets.table import cell_name, harmless
from tests.domain.sheet_files import MAIN, csv_bytes, xlsx_bytes

HEAD = ["客户编号", "业务类型"]


def refused(content: bytes) -> tuple[str, str]:
    with pytest.raises(SheetRefused) as told:
        read_sheet(content)
    assert told.value.zh and told.value.en and told.value.zh != told.value.en
    return told.value.code, told.value.cell


def test_an_xlsx_is_read_as_people_see_it() -> None:
    table = read_sheet(
        xlsx_bytes(
            [
                ["客户编号", "Rate", "When", "Yes", "Half", "Day and time"],
                ["C100003", 15400001001, ('s="1"', "<v>46357</v>"), True, 0.5, ('s="2"', "<v>46357.5</v>")],
                [],
                ["C100004", 1e3, ('t="inlineStr"', "<is><t>a </t><r><t>b</t></r></is>"), False, -2],
            ]
        )
    )
    assert table.headings[0] == "客户编号"
    assert [line.number for line in table.lines] == [2, 4]
    assert table.lines[0].cells == ("C100003", "15400001001", "2026-12-01", "TRUE", "0.5", "2026-12-01 12:00:00")
    assert table.lines[1].cells == ("C100004", "1000", "a b", "FALSE", "-2", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_in_the_encodings_of_this_country(encoding: str, separator: str) -> None:
    table = read_sheet(csv_bytes([HEAD, ["C1", '新装 "急", 有'], ["", ""], ["C2", "拆机"]], encoding, separator))
    assert table.headings == tuple(HEAD)
    assert [(line.number, line.cells) for line in table.lines] == [(2, ("C1", '新装 "急", 有')), (4, ("C2", "拆机"))]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b" \n ", "empty-file"),
        (csv_bytes([HEAD]), "no-lines"),
        ("客户,类型\nC1,x".encode("utf-16"), "wrong-encoding"),
        ("客户,类型\nC1,\x80\xff".encode("latin-1", "ignore") + b"\xff\xff", "wrong-encoding"),
        (b"a,b\n\x00,1", "wrong-encoding"),
        (b'a,b\n"1,2', "broken-csv"),
        (b"\xd0\xcf\x11\xe0rest", "old-or-locked"),
        (b"PK\x03\x04rest", "broken-xlsx"),
        (xlsx_bytes([HEAD, ["C1", "x"]])[:-30], "broken-xlsx"),
        (xlsx_bytes([HEAD, ["C1", "x"]], more={"xl/vbaProject.bin": "x"}), "macros"),
        (xlsx_bytes([HEAD, ["C1", "x"]], kind="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "macros"),
        (xlsx_bytes([HEAD, ["C1", "x"]], more={"xl/macrosheets/sheet1.xml": "x"}), "macros"),
        (xlsx_bytes([HEAD, ["C1", "x"]], more={"xl/workbook.xml": "<a"}), "broken-xlsx"),
        (xlsx_bytes([HEAD, ["C1", "x"]], more={"xl/media/1": "0" * 70_000_000}), "too-large"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_file_that_cannot_be_taken_is_refused_as_a_whole(content: bytes, code: str) -> None:
    assert refused(content)[0] == code


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (["C1", "=1+1"], "B2"),
        (["@SUM(A1)", "x"], "A2"),
        (["C1", "+cmd|' /C calc'!A0"], "B2"),
        (["C1", "-1+2"], "B2"),
    ],
)
def test_formulas_in_a_csv_are_refused_with_their_cell(row: list[str], cell: str) -> None:
    assert refused(csv_bytes([HEAD, row])) == ("formula", cell)


def test_formulas_in_an_xlsx_are_refused_with_their_cell() -> None:
    assert refused(xlsx_bytes([HEAD, ["C1", ("", "<f>A1</f><v>7</v>")]])) == ("formula", "B2")
    assert refused(xlsx_bytes([HEAD, ["C1", "=A1"]])) == ("formula", "B2")


def test_signed_numbers_are_numbers() -> None:
    assert read_sheet(csv_bytes([HEAD, ["+86 15400001001", "-2.5"]])).lines[0].cells == ("+86 15400001001", "-2.5")


def test_too_much_is_refused_where_it_begins() -> None:
    rows = [HEAD, *([["C1", "x"]] * MAX_LINES)]
    assert len(read_sheet(csv_bytes(rows)).lines) == MAX_LINES
    assert len(read_sheet(xlsx_bytes(rows)).lines) == MAX_LINES
    assert refused(csv_bytes([*rows, ["C1", "x"]])) == ("too-many-lines", "A2002")
    assert refused(xlsx_bytes([*rows, ["C1", "x"]])) == ("too-many-lines", "A2002")
    assert refused(csv_bytes([["a"] * 61, ["b"]]))[0] == "too-many-columns"
    assert refused(csv_bytes([HEAD, ["x" * 501, "y"]])) == ("cell-too-long", "A2")
    assert refused(csv_bytes([HEAD, ["a", "b", "c"]])) == ("no-heading", "C2")
    assert refused(csv_bytes([["a", "a"], ["1"]])) == ("heading-twice", "B1")
    assert refused(csv_bytes([["a", "", "b"], ["1"]])) == ("no-heading", "B1")


def test_a_hostile_package_does_nothing() -> None:
    secret = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    sheet = f'{secret}<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="str"><v>&e;</v></c></row>'
    parts = {"xl/worksheets/sheet1.xml": f"{sheet}</sheetData></worksheet>"}
    with pytest.raises(SheetRefused):
        read_sheet(xlsx_bytes([HEAD], more=parts))
    hidden = '<sheet name="Other" sheetId="2" state="hidden" r:id="rId9"/>'
    assert read_sheet(xlsx_bytes([HEAD, ["C1", "x"]], before=hidden)).lines[0].cells == ("C1", "x")


def test_cells_have_the_names_that_spreadsheets_give_them() -> None:
    assert [cell_name(column, 7) for column in (0, 25, 26, 701, 702)] == ["A7", "Z7", "AA7", "ZZ7", "AAA7"]
    assert [harmless(text) for text in ("=1", "-x", "a", "")] == ["'=1", "'-x", "a", ""]
