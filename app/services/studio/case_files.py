"""Files of tests (``KEY.test.json``) read into cases and samples: from people, and those that come with the product."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.persistence.studio.process_cases import PARTS, SUFFIX, ProcessCase, digest_of, write

MOST_TESTS: Final = 300
NAME_CHARS: Final = 200


@dataclass(frozen=True)
class CaseText:
    """One case of a file."""

    kind: str
    key: str
    name: str
    body: Mapping[str, Any]


def read_case_file(name: str, content: bytes) -> list[CaseText]:
    """The cases and samples of a file. :raises InvalidInput: it is not understood."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise InvalidInput(f"{name}: not readable as JSON", f"{name}：不是可读的 JSON") from None
    rows = (body.get("tests"), body.get("samples", [])) if isinstance(body, dict) else (None, None)
    if not isinstance(body, dict) or not all(isinstance(part, list) for part in rows):
        raise InvalidInput(f"{name}: needs a list of tests", f"{name}：缺少 tests 列表")
    kind = "decision" if "decision" in body else "process"
    key = str(body.get(kind) or name.rpartition("/")[2].removesuffix(SUFFIX))[:120]
    found = list(_rows(name, kind, key, rows[0] or [], needs_expect=True))
    found += _rows(name, kind, key, rows[1] or [], needs_expect=False)
    if len(found) > MOST_TESTS:
        raise InvalidInput(f"{name}: more than {MOST_TESTS} tests", f"{name}：用例超过 {MOST_TESTS} 个")
    if len({row.name for row in found}) < len(found):
        raise InvalidInput(f"{name}: two tests have the same name", f"{name}：有两个用例同名")
    return found


def _rows(name: str, kind: str, key: str, rows: list[Any], *, needs_expect: bool) -> Iterator[CaseText]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or (needs_expect and "expect" not in row):
            raise InvalidInput(
                f"{name}: test {number} does not say what it expects", f"{name}：第 {number} 个用例没有写期望"
            )
        label = str(row.get("name") or number)[:NAME_CHARS]
        parts = [part for part in PARTS[kind] if part != "expect" or needs_expect]
        yield CaseText(kind, key, label, {part: row[part] for part in parts if part in row})


def take_in_file(
    session: Session,
    name: str,
    content: bytes,
    *,
    now: datetime,
    who: str,
    draft_id: str | None = None,
    origin: str = "own",
    only: tuple[str, str] | None = None,
) -> int:
    """Keep what a file of tests says, in force or with a draft; cases it does not name stay. Returns how many.

    :param only: kind and key it has to be of.
    :raises InvalidInput: it is not understood.
    """
    found = read_case_file(name, content)
    if only is not None and any((one.kind, one.key) != only for one in found):
        raise InvalidInput(f"these are cases of {found[0].key}, not of {only[1]}", f"文件中是 {found[0].key} 的用例")
    for place, one in enumerate(found, 1):
        write(session, one.kind, one.key, one.name, one.body, draft_id=draft_id, now=now, who=who, origin=origin,
              place=place)  # fmt: skip
    return len(found)


def take_in_files(session: Session, files: Mapping[str, bytes], *, now: datetime, who: str) -> int:
    """The files of tests among these, in force from now on. :raises InvalidInput: one is not understood."""
    tests = {name: content for name, content in files.items() if name.endswith(SUFFIX)}
    return sum(take_in_file(session, name, content, now=now, who=who) for name, content in sorted(tests.items()))


def take_in_shipped(session: Session, folder: Path, *, now: datetime) -> int:
    """The tests that come with the product: new ones, and those that have changed since and nobody here has touched."""
    marks = select(ProcessCase.kind, ProcessCase.key, ProcessCase.name, ProcessCase.digest, ProcessCase.origin)
    known = {(kind, key, name): (digest, origin) for kind, key, name, digest, origin in session.execute(marks)}
    kept = 0
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        for place, one in enumerate(read_case_file(file.name, file.read_bytes()), 1):
            digest, origin = known.get((one.kind, one.key, one.name), ("", ""))
            if not origin:
                row = ProcessCase(kind=one.kind, key=one.key, name=one.name, saved_at=now, saved_by="system",
                                  origin="shipped", place=place)  # fmt: skip
                row.says(one.body)
                session.add(row)
            elif origin == "shipped" and digest != digest_of(one.body):
                write(session, one.kind, one.key, one.name, one.body, draft_id=None, now=now, who="system",
                      origin="shipped", place=place)  # fmt: skip
            else:
                continue
            kept += 1
    return kept
