"""The holidays of a year as people paste them from an official notice: a day or a span per line, with names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from app.errors import FieldProblem

LINE: Final = re.compile(
    r"(?P<first>\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|~|至|to)\s*(?P<last>\d{4}-\d{2}-\d{2}))?[\s,，]+(?P<name>.+)"
)
MOST_DAYS: Final = 60
LONGEST_NAME: Final = 100

Row = dict[str, str]


def read_lines(text: str, year: int, path: str) -> tuple[list[Row], list[FieldProblem]]:
    """The days of ``2027-02-05..2027-02-11 春节 / Spring Festival``, line by line, and what cannot be read.

    One name stands for both languages. Empty lines and lines that begin with ``#`` are left out.
    """
    rows: dict[str, Row] = {}
    problems: list[FieldProblem] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        found = _read(line, year)
        if isinstance(found, tuple):
            zh, en = found
            said = FieldProblem(path=path, code="line", zh=f"第 {number} 行：{zh}", en=f"line {number}: {en}")
            problems.append(said)
            continue
        for row in found:
            if row["date"] in rows:
                zh, en = f"第 {number} 行：{row['date']} 重复", f"line {number}: {row['date']} comes twice"
                problems.append(FieldProblem(path=path, code="twice", zh=zh, en=en))
            rows[row["date"]] = row
    if len(rows) > MOST_DAYS:
        zh, en = f"至多 {MOST_DAYS} 天", f"at most {MOST_DAYS} days"
        problems.append(FieldProblem(path=path, code="many", zh=zh, en=en))
    return [rows[day] for day in sorted(rows)], problems


def with_year(
    body: Mapping[str, Any], year: int, off: Sequence[Row], make_up: Sequence[Row], source: str
) -> dict[str, Any]:
    """The book of calendars with the official holidays of a year, in the place of what was known of it."""
    gone = {f"provisional_holidays_{year}", f"holidays_{year}", f"makeup_working_days_{year}"}
    kept = {name: value for name, value in body.items() if name not in gone and name != "official_years"}
    years = [row for row in body["official_years"] if row["year"] != year]
    years = sorted([*years, {"year": year, "status": "official", "source": source}], key=lambda row: row["year"])
    return {
        "official_years": years,
        f"holidays_{year}": list(off),
        f"makeup_working_days_{year}": list(make_up),
        **kept,
    }


def as_lines(rows: Iterable[Mapping[str, str]]) -> str:
    """Days as lines again."""
    return "\n".join(f"{row['date']} {row.get('name_zh') or row['name_en']} / {row['name_en']}" for row in rows)


def _read(line: str, year: int) -> list[Row] | tuple[str, str]:
    found = LINE.fullmatch(line)
    if found is None:
        return "格式应为“日期 名称”或“日期..日期 名称”", "written as: day name, or day..day name"
    try:
        first = date.fromisoformat(found["first"])
        last = date.fromisoformat(found["last"] or found["first"])
    except ValueError:
        return "没有这个日期", "there is no such day"
    if {first.year, last.year} != {year}:
        return f"日期不在 {year} 年", f"this is not in {year}"
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        return "起止日期不对", "it ends before it begins, or is far too long"
    zh, _, en = found["name"].strip()[:LONGEST_NAME].partition("/")
    names = {"name_zh": zh.strip(), "name_en": en.strip() or zh.strip()}
    return [{"date": (first + timedelta(days=n)).isoformat(), **names} for n in range(days)]
