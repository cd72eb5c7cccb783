"""The cases and sample orders of a process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from sqlalchemy.orm import Session

from app.errors import AppError, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import ProcessCase
from app.web.pages.studio.processes import said
from app.web.reader import Reader
from app.web.views.cases import CaseRow, CasesPage
from app.web.views.parts import Tag
from processes import versions
from processes.definitions import elements_of

SHOWN: Final = 80


def cases_page(
    session: Session,
    reader: Reader,
    key: str,
    rows: Sequence[ProcessCase],
    draft: ProcessDraft | None,
    *,
    error: AppError | None = None,
    order: str = "",
) -> CasesPage:
    """Build the page. :raises NotFound: there is neither a process of that key nor a case of it."""
    t = reader.t
    live = versions.all_in_force(session).get(key)
    if live is None and draft is None and not rows:
        raise NotFound()
    names = {}
    if live is not None:
        english = reader.language == "en"
        names = {one.id: (one.name_en if english else one.name) or one.name for one in elements_of(live).values()}
    base = f"/processes/{quote(key, safe='')}"
    draft_id = draft.id if draft is not None else ""
    asked = f"?draft={draft_id}" if draft_id else ""
    if draft is not None:
        try_href = f"/processes/drafts/{draft_id}/try"
    else:
        try_href = f"{base}/{live.version}/try" if live is not None else ""
    made = [_row(reader, one, names, base, draft_id, try_href) for one in rows]
    shown = list(zip(rows, made, strict=True))
    tried = [one.last.get("ok") for one in rows if not one.is_sample]
    return CasesPage(
        key=key,
        name=said(live, reader) if live is not None else (draft.name if draft is not None else key),
        tag=Tag(t("draft"), "draft") if draft is not None else Tag(f"v{live.version}", "flow") if live else None,
        back_href=f"/processes/drafts/{draft_id}" if draft_id else base,
        cases=tuple(row for one, row in shown if not one.is_sample),
        samples=tuple(row for one, row in shown if one.is_sample),
        run_href=f"{base}/cases/run{asked}",
        take_href=f"{base}/cases/order{asked}",
        file_href=f"{base}/cases/file{asked}",
        draft_id=draft_id,
        passed=tried.count(True),
        failed=tried.count(False),
        never_run=tried.count(None),
        may_edit=reader.may("process.edit"),
        order_fault=error.message(reader.language) if error is not None else "",
        order=order,
    )


def _row(reader: Reader, row: ProcessCase, names: dict[str, str], base: str, draft_id: str, try_href: str) -> CaseRow:
    t, last = reader.t, row.last
    expect = row.body.get("expect") or {}
    state = None
    if "ok" in last:
        state = (
            Tag(t.about("case", "passed"), "done", "ok")
            if last["ok"]
            else Tag(t.about("case", "failed"), "alert", "bad")
        )
    path = expect.get("path", []) if isinstance(expect, dict) else []
    asked = f"?draft={draft_id}" if draft_id else ""
    element = str(last.get("element") or "")
    return CaseRow(
        id=row.id,
        name=reader.said(row),
        about=row.source,
        origin=t("comes with the product") if row.origin == "shipped" else t.about("case", "own"),
        state=state,
        at=reader.f.full(datetime.fromisoformat(last["at"])) if "at" in last else "",
        problem=str(last.get("en" if reader.language == "en" else "zh") or ""),
        problem_href=f"/processes/drafts/{draft_id}?element={quote(element.partition('/')[0])}"
        if draft_id and element
        else "",
        expected=" → ".join(said for one in path if (said := names.get(one.lstrip("+-*"), one)))
        or json.dumps(expect, ensure_ascii=False)[:SHOWN],
        try_href=f"{try_href}?sample={row.id}" if try_href else "",
        run_href=f"{base}/cases/run{asked}",
        remove_href=f"{base}/cases/{row.id}/remove{asked}",
        is_of_draft=row.draft_id is not None,
    )
