"""Cases that a model has to pass: kept with it, run before it is deployed, each failure said at its element."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.errors import BadRequest, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import SUFFIX, ProcessCase, cases_of, file_of, in_force, write
from app.services.studio.case_files import NAME_CHARS, read_case_file
from app.services.studio.process_surroundings import with_surroundings
from app.unit_of_work import read, transaction
from processes.errors import ProcessError
from processes.findings import Finding
from processes.spiff.compile import compile_files
from processes.trial_answers import Answers, TrialError
from processes.trial_cases import EXPECTED

DRAWN: Final = (".bpmn", ".dmn")
MOST_CASES: Final = 300
MAX_BYTES: Final = 200_000


@dataclass(frozen=True)
class CaseProblem:
    """What went otherwise than expected; ``element`` is its path in the process, empty where none is meant."""

    element: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class CaseRun:
    """One case as it went. ``case_id`` none: it comes from a file. ``steps``: paths of the steps in their order;
    ``undo``: the undo plan at the end, see :func:`processes.trial_steps.undo_plan`; ``took``: simulated time."""

    kind: str
    key: str
    name: str
    case_id: str | None = None
    problems: tuple[CaseProblem, ...] = ()
    steps: tuple[str, ...] = ()
    undo: Mapping[str, Any] = field(default_factory=dict)
    took: timedelta = timedelta()
    chinese: str = ""

    @property
    def name_zh(self) -> str:
        """What it is called in Chinese."""
        return self.chinese or self.name

    @property
    def name_en(self) -> str:
        """What it is called in English."""
        return self.name

    @property
    def ok(self) -> bool:
        """Whether it went as expected."""
        return not self.problems


@dataclass(frozen=True)
class CaseReport:
    """All cases of some files."""

    runs: tuple[CaseRun, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many did not go as expected."""
        return sum(not run.ok for run in self.runs)

    @property
    def ok(self) -> bool:
        """Whether all went as expected."""
        return not self.failed

    @property
    def findings(self) -> list[Finding]:
        """A finding of severity error for each case that failed, at the element where it first went otherwise."""
        return [_finding(run, self.files.get(run.key, "")) for run in self.runs if not run.ok]


def run_cases_of(
    files: Mapping[str, bytes], deps: Deps, *, draft_ids: Collection[str] = (), only: Collection[str] = ()
) -> CaseReport:
    """Run the cases of every process and decision in these files, in a bounded process of their own.

    Stored ones (as these drafts have them), and those of files of tests among ``files``, which win over stored ones of
    the same name. No transaction may be open; without a case nothing is run.

    :param only: ids of stored cases to run; empty: all.
    """
    drawings = {name: content for name, content in files.items() if name.endswith(DRAWN)}
    compiled, decisions, _ = compile_files(drawings, known_processes=_Any(), known_decisions=_Any())
    where = {item.key: _holder(drawings, item.xml) for item in compiled}
    where |= {item.key: _holder(drawings, item.xml) for item in decisions}
    keys = [("process", item.key) for item in compiled] + [("decision", item.key) for item in decisions]
    written = [one for name, body in files.items() if name.endswith(SUFFIX) for one in read_case_file(name, body)]
    with read(deps.read_sessions) as session:
        wanted: list[tuple[str, str, str | None, ProcessCase]] = []
        for kind, key in keys:
            rows = {row.name: row for row in _stored(session, kind, key, draft_ids)}
            for one in written:
                if (one.kind, one.key) == (kind, key):
                    rows[one.name] = row = ProcessCase(kind=kind, key=key, name=one.name, id="")
                    row.says(one.body)
            wanted += [(kind, key, row.id or None, row) for row in rows.values() if not row.is_sample]
            if only:
                wanted = [row for row in wanted if row[2] in only]
        if not wanted:
            return CaseReport(files=where)
        around = with_surroundings(session, drawings)
    return CaseReport(tuple(_run(wanted[:MOST_CASES], around, deps)), where)


def _stored(session: Session, kind: str, key: str, draft_ids: Collection[str]) -> Sequence[ProcessCase]:
    found = {row.name: row for row in cases_of(session, kind, key)}
    for draft_id in draft_ids:
        draft = session.get(ProcessDraft, draft_id)
        if draft is not None and (draft.key == key or any(row.draft_id == draft_id for row in found.values())):
            found = {row.name: row for row in cases_of(session, kind, key, draft_id)}
    return list(found.values())


def _run(
    wanted: Sequence[tuple[str, str, str | None, ProcessCase]], files: Mapping[str, bytes], deps: Deps
) -> Iterable[CaseRun]:
    groups: dict[tuple[str, str], list[tuple[str | None, ProcessCase]]] = {}
    for kind, key, case_id, row in wanted:
        groups.setdefault((kind, key), []).append((case_id, row))
    asked = [
        (f"{kind}:{key}", file_of(kind, key, [row for _, row in rows]).decode()) for (kind, key), rows in groups.items()
    ]
    operations = [*deps.registry.codes(), *OWN_OPERATIONS]
    try:
        answers = deps.trials.cases(files, deps.registry, operations, asked)
    except ProcessError as problem:
        said = CaseProblem("", f"用例没有跑完：{problem}", f"the cases were not finished: {problem}")
        return [CaseRun(kind=kind, key=key, name=row.name, case_id=case_id, problems=(said,))
                for kind, key, case_id, row in wanted]  # fmt: skip
    told = {(row["file"], row["name"]): row for row in answers}
    broken = {row["file"]: row for row in answers if not row["name"]}
    found = []
    for kind, key, case_id, row in wanted:
        file = f"{kind}:{key}"
        one = told.get((file, row.name)) or broken[file]
        found.append(
            CaseRun(
                kind=kind,
                key=key,
                name=row.name,
                case_id=case_id,
                problems=tuple(CaseProblem(**problem) for problem in one["differences"]),
                steps=tuple(one["path"]),
                undo=one["undo"],
                took=timedelta(seconds=one["span_s"]),
                chinese=row.name_zh,
            )
        )
    return found


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


def _finding(run: CaseRun, file: str) -> Finding:
    first = run.problems[0]
    return Finding(
        rule="case-failed",
        severity="error",
        file=file,
        element_id=first.element.partition("/")[0],
        element_name="",
        message_zh=f"用例“{run.name_zh}”未通过：{first.zh}",
        message_en=f"the case '{run.name}' fails: {first.en}",
        fix_zh="改正流程，或在用例不再适用时修改用例",
        fix_en="mend the process, or change the case where it no longer applies",
        path=first.element,
    )


def _holder(files: Mapping[str, bytes], xml: bytes) -> str:
    return next((name for name, content in files.items() if content == xml), next(iter(files), ""))


class _Any:
    """Contains whatever is asked for."""

    def __contains__(self, item: object) -> bool:
        return True
