"""The report before a deployment: what the engine says once it has compiled and stored everything, and what it means.

The files are really deployed, in a transaction that is taken back: what is green here was stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.errors import DefinitionRefusedError
from app.services.studio import form_catalog, process_catalog
from app.services.studio.case_runs import LeftOut
from app.services.studio.deploy_cases import CaseLine, cases_of
from app.services.studio.deploy_groups import Group, group_of
from app.services.studio.deploy_parts import (
    Part,
    Reference,
    UndoLine,
    before_that,
    in_force,
    parts_of,
    references_of,
    teams_of,
    undo_lines,
)
from app.unit_of_work import Sessions, retried
from processes import migrations
from processes.errors import ProcessError
from processes.findings import Finding, finding_id

#: So many running instances are judged for the forecast of a migration.
JUDGED: Final = 200


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a migration of the instances of one version would say: counts by verdict, of how many looked at."""

    key: str
    from_version: int
    to_version: int
    running: int
    verdicts: Mapping[str, int]

    @property
    def judged(self) -> int:
        return sum(self.verdicts.values())


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known of some files before they are deployed. ``stored``: the engine has compiled and stored them.

    ``findings``: everything the check says; ``own``: those that were said when they were stored, or that kept them out.
    ``way_back``: nothing else happens than that the versions in force before the present ones are in force again.
    """

    files: Mapping[str, bytes]
    digest: str
    stored: bool
    findings: Sequence[Finding]
    own: Sequence[Finding] = ()
    parts: Sequence[Part] = ()
    references: Sequence[Reference] = ()
    undo: Sequence[UndoLine] = ()
    teams: Sequence[str] = ()
    forecasts: Sequence[Forecast] = ()
    way_back: bool = False
    cases: Sequence[CaseLine] = field(default=())
    left_out: Sequence[LeftOut] = ()

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "warning"]

    @property
    def failed_cases(self) -> list[CaseLine]:
        return [case for case in self.cases if not case.passed]

    @property
    def is_blocked(self) -> bool:
        """Whether something has to be mended first."""
        fails = bool(self.failed_cases) and not self.way_back  # cases may be those of the version that is bad
        return not self.stored or bool(self.errors) or fails

    def of_group(self, group: Group) -> list[Finding]:
        """The findings of one part of the report."""
        return [finding for finding in self.findings if group_of(finding) == group]


def report_on(
    files: Mapping[str, bytes], actor: Actor, deps: Deps, *, drafts: Collection[str] = (), forecast: bool = True
) -> Report:
    """Check, store and take back, run the cases; nothing is kept. The caller has looked at the rights.

    :param drafts: ids of the drafts the files come from; their cases are run as well.
    """
    process_catalog.limited(files)
    said = process_catalog.check(files, actor, deps)
    found = _tried(files, actor, deps, forecast=forecast)
    known = {finding_id(finding) for finding in found.findings}
    findings = (*found.findings, *(finding for finding in said if finding_id(finding) not in known))
    cases, left_out = cases_of(files, deps, drafts) if found.stored else ((), ())
    return replace(found, findings=findings, own=found.findings, cases=tuple(cases), left_out=tuple(left_out))


def digest_of(files: Mapping[str, bytes], parts: Sequence[Part]) -> str:
    """Stands for the files and for the versions in force that they replace."""
    whole = hashlib.sha256()
    for name, body in sorted(files.items()):
        whole.update(f"{name}:{hashlib.sha256(body).hexdigest()}\n".encode())
    for part in sorted(parts, key=lambda one: (one.kind, one.key)):
        whole.update(f"{part.kind}:{part.key}:{part.before}\n".encode())
    return whole.hexdigest()


@retried
def _tried(files: Mapping[str, bytes], actor: Actor, deps: Deps, *, forecast: bool) -> Report:
    with _taken_back(deps.sessions) as session:
        now = deps.clock(session)
        before, earlier = in_force(session), before_that(session)
        try:
            done = process_catalog.put_in_force(session, files, deps, who=actor.login, now=now)
        except DefinitionRefusedError as refusal:
            session.rollback()
            findings = tuple(Finding(**row) for row in refusal.findings)
            return Report(files=files, digest=digest_of(files, ()), stored=False, findings=findings)
        schemas, _ = form_catalog.read_forms(form_catalog.split(files)[1])
        after = in_force(session)
        forms = {key: after[f"form:{key}"] for key in schemas}
        parts = parts_of(session, done, forms, before)
        return Report(
            files=files,
            digest=digest_of(files, parts),
            stored=True,
            way_back=_is_way_back(parts, earlier),
            findings=tuple(done.findings),
            parts=tuple(parts),
            references=tuple(references_of(session, done.processes, deps.registry)),
            undo=tuple(undo_lines(session, done.processes, deps.registry)),
            teams=tuple(teams_of(done.processes)),
            forecasts=tuple(_forecasts(session, parts, actor, deps) if forecast else ()),
        )


def _is_way_back(parts: Sequence[Part], earlier: Mapping[str, int]) -> bool:
    moved = [part for part in parts if part.what != "same"]
    return bool(moved) and all(
        part.what == "again" and earlier.get(f"{part.kind}:{part.key}") == part.version for part in moved
    )


def _forecasts(session: Session, parts: Sequence[Part], actor: Actor, deps: Deps) -> Iterator[Forecast]:
    """What would become of running instances if they were migrated; some of them are judged, none is touched."""
    now = deps.clock(session)
    for part in parts:
        running = part.running.get(part.before or 0, 0)
        if part.before is None or part.before == part.version or not running:
            continue
        try:
            plan = migrations.create(
                deps.engine.parts,
                session,
                part.key,
                from_version=part.before,
                to_version=part.version,
                reason="",
                actor=actor.login,
                now=now,
            )
            migrations.judge(deps.engine.parts, session, plan.id, now=now, limit=JUDGED)
        except ProcessError:
            continue
        counted = {k: n for k, n in migrations.counts(session, [plan.id])[plan.id].items() if k != "moved"}
        yield Forecast(
            key=part.key, from_version=part.before, to_version=part.version, running=running, verdicts=counted
        )


@contextmanager
def _taken_back(sessions: Sessions) -> Iterator[Session]:
    """A transaction of which nothing is kept, whatever happens in it."""
    with sessions() as session:
        try:
            yield session
        finally:
            session.rollback()
