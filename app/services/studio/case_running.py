"""Cases are run: those of the models in some files, and those of the processes that use them."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.domain.words import Words
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.forms import form_schema
from app.persistence.studio.process_cases import SUFFIX, ProcessCase, cases_of, file_of
from app.services.studio import form_catalog
from app.services.studio.case_files import read_case_file
from app.services.studio.case_runs import CaseProblem, CaseReport, CaseRun, LeftOut
from app.services.studio.form_answers_again import ChangedForms
from app.services.studio.model_users import User, forms_asked, users_of
from app.services.studio.process_surroundings import pinned_decisions, with_surroundings
from app.unit_of_work import read
from processes.errors import ProcessError
from processes.spiff.compile import Anything, compile_files
from processes.trial_box import Pinned

DRAWN: Final = (".bpmn", ".dmn")
#: So many cases of the models themselves are run, and so many of those who use them.
MOST_CASES: Final = 300
MOST_OF_USERS: Final = 300
#: So many are run in one go; after so many seconds no more are begun.
BATCH: Final = 100
TIME_S: Final = 45.0


@dataclass(frozen=True, kw_only=True)
class Group:
    """The cases of one model. ``user``: what it is called, where it only uses what is in the files; ``file``: its own.
    ``said``: problems that are known before it is run, by the name of the case."""

    kind: str
    key: str
    rows: Sequence[ProcessCase]
    user: Words | None = None
    file: Mapping[str, bytes] = field(default_factory=dict)
    said: Mapping[str, Sequence[CaseProblem]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What it is called among those that are run together."""
        return f"{self.kind}:{self.key}"


def run_cases_of(
    files: Mapping[str, bytes],
    deps: Deps,
    *,
    draft_ids: Collection[str] = (),
    only: Collection[str] = (),
    users: bool = False,
) -> CaseReport:
    """Run the cases of every process and decision in these files, in a bounded process of their own.

    Stored ones (as these drafts have them), and those of files of tests among ``files``, which win over stored ones of
    the same name. No transaction may be open; without a case nothing is run.

    :param only: ids of stored cases to run; empty: all.
    :param users: also the cases of who calls, asks or decides with what is in the files, near ones first; as far as
        number and time go, what is left out is said.
    """
    begun = time.monotonic()
    drawings = {name: content for name, content in files.items() if name.endswith(DRAWN)}
    compiled, decisions, _ = compile_files(drawings, known_processes=Anything(), known_decisions=Anything())
    where = {item.key: _holder(drawings, item.xml) for item in compiled}
    where |= {item.key: _holder(drawings, item.xml) for item in decisions}
    keys = [("process", item.key) for item in compiled] + [("decision", item.key) for item in decisions]
    with read(deps.read_sessions) as session:
        own, left_out = _bounded(list(_own(session, keys, files, draft_ids, only)), MOST_CASES)
        near, more = _bounded(list(_of_users(session, keys, files)) if users else [], MOST_OF_USERS)
        left_out += more
        around = _set_up(session, drawings if own else {})
        beside = {name: content for one in near for name, content in one.file.items()}
        around_users = _set_up(session, drawings | beside if near else {})
    runs = _run(own, around, deps) if own else []
    for batch in _batches(near):
        if time.monotonic() - begun > TIME_S:
            left_out += [_left(one, len(one.rows), "time") for one in batch]
        else:
            runs += _run(batch, around_users, deps)
    return CaseReport(tuple(runs), where, tuple(left_out))


@dataclass(frozen=True)
class Ground:
    """What cases run on: files, and the versions of decisions that steps in them are pinned to."""

    files: Mapping[str, bytes]
    pinned: Pinned


def _set_up(session: Session, files: Mapping[str, bytes]) -> Ground:
    everything = with_surroundings(session, files) if files else {}
    return Ground(everything, pinned_decisions(session, everything))


def _own(
    session: Session,
    keys: Sequence[tuple[str, str]],
    files: Mapping[str, bytes],
    draft_ids: Collection[str],
    only: Collection[str],
) -> Iterator[Group]:
    """The cases of the models themselves; those written in files win over stored ones of the same name."""
    written = [one for name, body in files.items() if name.endswith(SUFFIX) for one in read_case_file(name, body)]
    for kind, key in keys:
        rows = {row.name: row for row in _stored(session, kind, key, draft_ids)}
        for one in written:
            if (one.kind, one.key) == (kind, key):
                rows[one.name] = row = ProcessCase(kind=kind, key=key, name=one.name, id="")
                row.says(one.body)
        chosen = [row for row in rows.values() if not row.is_sample and (not only or row.id in only)]
        if chosen:
            yield Group(kind=kind, key=key, rows=chosen)


def _stored(session: Session, kind: str, key: str, draft_ids: Collection[str]) -> Sequence[ProcessCase]:
    found = {row.name: row for row in cases_of(session, kind, key)}
    for draft_id in draft_ids:
        draft = session.get(ProcessDraft, draft_id)
        if draft is not None and (draft.key == key or any(row.draft_id == draft_id for row in found.values())):
            found = {row.name: row for row in cases_of(session, kind, key, draft_id)}
    return list(found.values())


def _of_users(session: Session, keys: Sequence[tuple[str, str]], files: Mapping[str, bytes]) -> Iterator[Group]:
    """The cases in force of who uses these models, near ones first."""
    after, _ = form_catalog.read_forms(form_catalog.split(files)[1])
    before = {key: schema for key in after if (schema := form_schema(session, key)) is not None}
    forms = ChangedForms(before=before, after=after, asked=forms_asked(session, after))
    for user in users_of(session, [*keys, *(("form", key) for key in after)]):
        rows = [row for row in cases_of(session, "process", user.row.key) if not row.is_sample and _counts(user, row)]
        asked = [forms.put_to(user.row.key, row.body) for row in rows]
        if rows:
            yield Group(
                kind="process",
                key=user.row.key,
                rows=[_saying(row, body) for row, (body, _) in zip(rows, asked, strict=True)],
                user=Words(user.row.name or user.row.key, user.row.name_en or user.row.name or user.row.key),
                file={f"(user) {user.row.key}.bpmn": user.row.xml},
                said={row.name: problems for row, (_, problems) in zip(rows, asked, strict=True)},
            )


def _counts(user: User, row: ProcessCase) -> bool:
    """Whether a case may get to what is changed: where a call is computed, only if it names what is called."""
    text = json.dumps(row.body, ensure_ascii=False) if user.named else ""
    return not user.named or any(f'"{key}"' in text for key in user.named)


def _saying(row: ProcessCase, body: Mapping[str, Any]) -> ProcessCase:
    """The case with another body, never to be stored."""
    other = ProcessCase(id=row.id, kind=row.kind, key=row.key, name=row.name)
    other.says(body)
    return other


def _bounded(groups: Sequence[Group], most: int) -> tuple[list[Group], list[LeftOut]]:
    """As many cases as are run at once, and what is left out."""
    kept: list[Group] = []
    left_out: list[LeftOut] = []
    for group in groups:
        room = most - sum(len(one.rows) for one in kept)
        if room > 0:
            kept.append(replace(group, rows=group.rows[:room]))
        if len(group.rows) > room:
            left_out.append(_left(group, len(group.rows) - room, "many"))
    return kept, left_out


def _left(group: Group, count: int, why: str) -> LeftOut:
    return LeftOut(group.key, group.user or Words(group.key, group.key), count, why)


def _batches(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """As many as are run in one go; whether there is time is asked between two of them."""
    batch: list[Group] = []
    for group in groups:
        if batch and sum(len(one.rows) for one in [*batch, group]) > BATCH:
            yield batch
            batch = []
        batch.append(group)
    if batch:
        yield batch


def _run(groups: Sequence[Group], ground: Ground, deps: Deps) -> list[CaseRun]:
    asked = [(one.label, file_of(one.kind, one.key, one.rows).decode()) for one in groups]
    operations = [*deps.registry.codes(), *OWN_OPERATIONS]
    try:
        answers = deps.trials.cases(ground.files, deps.registry, operations, asked, ground.pinned)
    except ProcessError as problem:
        if len(groups) > 1:  # one of them is at fault: the others are to be known all the same
            return [run for one in groups for run in _run([one], ground, deps)]
        said = CaseProblem("", f"用例没有跑完：{problem}", f"the cases were not finished: {problem}")
        return [_case_run(groups[0], row, (said,)) for row in groups[0].rows]
    told = {(row["file"], row["name"]): row for row in answers}
    broken = {row["file"]: row for row in answers if not row["name"]}
    return [_told(one, row, told.get((one.label, row.name)) or broken[one.label]) for one in groups for row in one.rows]


def _told(group: Group, row: ProcessCase, answer: Mapping[str, Any]) -> CaseRun:
    problems = tuple(CaseProblem(**problem) for problem in answer["differences"])
    return replace(
        _case_run(group, row, (*group.said.get(row.name, ()), *problems)),
        steps=tuple(answer["path"]),
        undo=answer["undo"],
        took=timedelta(seconds=answer["span_s"]),
    )


def _case_run(group: Group, row: ProcessCase, problems: tuple[CaseProblem, ...]) -> CaseRun:
    return CaseRun(
        kind=group.kind,
        key=group.key,
        name=row.name,
        case_id=row.id or None,
        problems=problems,
        chinese=row.name_zh,
        user=group.user,
    )


def _holder(files: Mapping[str, bytes], xml: bytes) -> str:
    return next((name for name, content in files.items() if content == xml), next(iter(files), ""))
