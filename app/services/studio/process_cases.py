"""Cases that a model has to pass: kept with it or with a draft of it, taken out, and marked with how they went."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import BadRequest, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import ProcessCase, in_force, write
from app.services.studio.case_files import NAME_CHARS
from app.services.studio.case_runs import CaseProblem, CaseRun
from app.unit_of_work import transaction
from processes.trial_answers import Answers, TrialError
from processes.trial_cases import EXPECTED

MAX_BYTES: Final = 200_000


def keep_case(
    *,
    kind: str,
    key: str,
    name: str,
    body: Mapping[str, Any],
    expect: Any = None,
    is_sample: bool = False,
    draft_id: str | None = None,
    source: str = "",
    actor: Actor,
    deps: Deps,
) -> ProcessCase:
    """Keep a case (or a sample order) with a draft, or in force; one of that name is replaced.

    :raises BadRequest: it has no name, is too large, or is not understood; the text says where.
    :raises NotFound: no such draft.
    """
    may(actor, "process.edit")
    said = dict(body) if is_sample else {**body, "expect": expect}
    _checked(kind, name, said)
    with transaction(deps.sessions) as tx:
        if draft_id is not None and tx.session.get(ProcessDraft, draft_id) is None:
            raise NotFound()
        now = deps.clock(tx.session)
        return write(tx.session, kind, key, name.strip(), said, draft_id=draft_id, now=now, who=actor.login,
                     source=source)  # fmt: skip


def remove_case(case_id: str, actor: Actor, deps: Deps, *, draft_id: str | None = None) -> ProcessCase:
    """Take a case out: with a draft, only there, until that is deployed. :raises NotFound: no such case."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        row = tx.session.get(ProcessCase, case_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            raise NotFound()
        now = deps.clock(tx.session)
        if draft_id is None or row.draft_id == draft_id:
            row.ended_at = now
        known = in_force(tx.session, row.kind, row.key, row.name)
        if draft_id is not None and known is not None:
            gone = ProcessCase(kind=row.kind, key=row.key, name=row.name, draft_id=draft_id, removed=True, saved_at=now,
                               saved_by=actor.login)  # fmt: skip
            gone.says(known.body)
            tx.session.add(gone)
        return row


def note_runs(runs: Iterable[CaseRun], deps: Deps) -> None:
    """Write beside the cases how they went."""
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session).isoformat()
        for run in runs:
            row = tx.session.get(ProcessCase, run.case_id) if run.case_id else None
            if row is not None:
                first = run.problems[0] if run.problems else CaseProblem("", "", "")
                row.last = {"at": now, "ok": run.ok, **vars(first)}


def _checked(kind: str, name: str, body: Mapping[str, Any]) -> None:
    if not name.strip() or len(name) > NAME_CHARS:
        raise BadRequest("give the case a name", "请填写用例名称")
    if len(json.dumps(body, ensure_ascii=False, default=str)) > MAX_BYTES:
        raise BadRequest("the case is too large", "用例太大")
    expect = body.get("expect")
    if kind != "process":
        return
    unknown = sorted(set(expect) - EXPECTED) if isinstance(expect, Mapping) else ["expect"] if "expect" in body else []
    if unknown:
        raise BadRequest(f"expect: {unknown[0]} is not known", f"期望中的 {unknown[0]} 无法识别")
    try:
        Answers.read(body.get("answers", {}))
    except TrialError as problem:
        raise BadRequest(str(problem), f"应答无法识别：{problem}") from problem
