"""The processes and decisions that designers deploy, and the ones that come with the product."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import BadRequest, DefinitionRefusedError, NotFound
from app.persistence.people import Team, TeamRole, User
from app.persistence.promises.rule_books import current_book
from app.persistence.promises.rule_versions import newest
from app.persistence.studio.forms import FormDefinition, keep_form
from app.services.products.any_operation import advice
from app.services.studio import form_catalog
from app.services.studio.case_files import take_in_shipped
from app.services.studio.process_folders import seed_folders
from app.services.teamwork.dispatch_check import dispatch_findings
from app.unit_of_work import read, transaction
from processes import queries, versions
from processes.engine import Deployed
from processes.errors import DefinitionRefused
from processes.findings import Finding
from processes.store.definitions import Deployment, ProcessDefinition

BUNDLED: Final = Path(__file__).resolve().parents[3] / "bpmn"
SUFFIXES: Final = (".bpmn", ".dmn")
#: A folder with every model of an installation and their tests fits.
MAX_FILES: Final = 500


def check(files: Mapping[str, bytes], actor: Actor, deps: Deps) -> list[Finding]:
    """Everything the engine has to say about the files, against what is deployed; nothing is stored."""
    may(actor, "process.view")
    limited(files)
    with read(deps.read_sessions) as session:
        return findings_of(session, files, deps)


def findings_of(session: Session, files: Mapping[str, bytes], deps: Deps) -> list[Finding]:
    """What a check finds in drawings, decisions and forms together, against what is deployed."""
    drawings, forms = form_catalog.split(files)
    schemas, findings = form_catalog.read_forms(forms)
    known = known_values(session, schemas)
    found = deps.engine.check(session, drawings, values=known, advice=advice(deps.registry))[2] if drawings else []
    return [*findings, *found, *dispatch_findings(session, drawings)]


def put_in_force(
    session: Session, files: Mapping[str, bytes], deps: Deps, *, who: str, now: datetime, note: str = ""
) -> Deployed:
    """Make the files the next versions, in the caller's transaction; what runs stays on its version.

    :raises DefinitionRefusedError: with every finding; the caller keeps nothing.
    """
    drawings, forms = form_catalog.split(files)
    schemas, findings = form_catalog.read_forms(forms)
    if findings:
        raise DefinitionRefusedError([vars(finding) for finding in findings])
    wrong = dispatch_findings(session, drawings)
    if wrong:
        raise DefinitionRefusedError([vars(finding) for finding in wrong])
    before = {key: row.version for key, row in versions.all_in_force(session).items()}
    said = form_catalog.keep_forms(session, schemas, who=who, at=now)
    if forms and not drawings:
        made = form_catalog.deployment_of(session, files, deps.engine.parts.ids(), who, note, now)
        return Deployed(deployment=made, processes=(), decisions=(), findings=tuple(said))
    try:
        done = deps.engine.deploy(session, drawings, actor=who, now=now, note=note, values=known_values(session))
    except DefinitionRefused as error:
        raise DefinitionRefusedError([vars(finding) for finding in error.findings]) from error
    parts = deps.engine.parts
    reports = [versions.report(parts, session, row, before.get(row.key)) for row in done.processes]
    return replace(done, reports=tuple(reports), findings=(*said, *done.findings))


def known_values(session: Session, forms: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """What a drawing may say of this installation: its kinds of teams, their skills and forms, as far as there are any;
    the levels and calendars of its promises.

    :param forms: those that come together with the drawing.
    """
    skilled = [*session.scalars(select(Team.skills)), *session.scalars(select(User.skills))]
    known = {
        "team": frozenset(session.scalars(select(TeamRole.code))),
        "skill": frozenset(skill for skills in skilled for skill in skills or ()),
        "form": frozenset({*session.scalars(select(FormDefinition.key).distinct()), *forms}),
    }
    found = {name: values for name, values in known.items() if values}
    if newest(session, "sla"):
        found["sla"] = frozenset(row["code"] for row in current_book(session, "sla").get("step_levels", ()))
        found["calendar"] = frozenset(row["code"] for row in current_book(session, "calendars")["calendars"])
    return found


def limited(files: Mapping[str, bytes]) -> None:
    """Pass a handful of files.

    :raises BadRequest: none, or too many.
    """
    if not files or len(files) > MAX_FILES:
        raise BadRequest(f"send 1 to {MAX_FILES} files", f"请上传 1 到 {MAX_FILES} 个文件")


def definitions(actor: Actor, deps: Deps) -> Sequence[ProcessDefinition]:
    """Every version of every process."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return queries.definitions(session)


def source(key: str, version: int, actor: Actor, deps: Deps) -> bytes:
    """The drawing of one version, as it was deployed.

    :raises NotFound: no such version.
    """
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        row = queries.definition_version(session, key, version)
        if row is None:
            raise NotFound()
        return row.xml


def install_bundled(deps: Deps, *, folder: Path = BUNDLED) -> Deployed | None:
    """Deploy the processes, decisions and forms that come with the product, where no version is known yet.

    What a designer has deployed since stays in force; a newer product brings a new version only of files it changed.
    """
    files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in SUFFIXES}
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        for file in sorted((folder / "forms").glob("*.json")):
            keep_form(session, file.stem, json.loads(file.read_text(encoding="utf-8")), who="system", at=now)
        take_in_shipped(session, folder, now=now)
        seed_folders(session, (Path(name).stem for name in files if name.endswith(".bpmn")))
        new = unknown_files(session, files)
        if not new:
            return None
        return deps.engine.deploy(session, new, actor="system", now=now, note="bundled")


def unknown_files(session: Session, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files whose content was never deployed, under whatever name."""
    known = {digest for kept in session.scalars(select(Deployment.files)) for digest in kept.values()}
    return {name: body for name, body in files.items() if hashlib.sha256(body).hexdigest() not in known}
