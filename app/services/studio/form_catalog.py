"""Forms that are deployed together with the drawings that name them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.studio.form_schema import read_schema
from app.persistence.studio.forms import FormDefinition, keep_form
from processes.findings import Finding
from processes.store.definitions import Deployment

SUFFIX: Final = ".form"
TESTS: Final = ".test.json"


def split(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The drawings and the forms among some files, by name; files of tests are neither."""
    forms = {name: body for name, body in files.items() if name.lower().endswith(SUFFIX)}
    return {name: body for name, body in files.items() if name not in forms and not name.endswith(TESTS)}, forms


def read_forms(forms: Mapping[str, bytes]) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
    """The schemas by key, and what is wrong with them; a form with an error is not among the schemas."""
    schemas: dict[str, dict[str, Any]] = {}
    findings: list[Finding] = []
    for name, content in sorted(forms.items()):
        body, problems = read_schema(content)
        key = str(body.get("id", ""))
        findings += [_finding(name, problem.path, problem.zh, problem.en) for problem in problems]
        if not problems and key in schemas:
            findings.append(_finding(name, "id", f"表单 {key} 出现两次", f"the form {key} is there twice"))
        elif not problems:
            schemas[key] = body
    return schemas, findings


def keep_forms(session: Session, schemas: Mapping[str, Mapping[str, Any]], *, who: str, at: datetime) -> list[Finding]:
    """Store each form as its next version, and say so; the content in force stays as it is."""
    said = []
    for key, body in sorted(schemas.items()):
        version = _kept(session, key, body, who, at)
        zh, en = f"表单 {key} 为版本 {version}", f"the form {key} is version {version}"
        said.append(Finding("form-kept", "note", f"{key}{SUFFIX}", "", str(body["name"]), zh, en))
    return said


def _kept(session: Session, key: str, body: Mapping[str, Any], who: str, at: datetime) -> int:
    row = keep_form(session, key, body, who=who, at=at)
    session.flush()
    newest = session.scalar(select(func.max(FormDefinition.version)).where(FormDefinition.key == key)) or 0
    if row.version == newest:
        return newest
    again = FormDefinition(  # content of before is to be in force again
        key=key, version=newest + 1, content_hash=row.content_hash, body=dict(body), deployed_at=at, deployed_by=who
    )
    session.add(again)
    session.flush()
    return newest + 1


def deployment_of(
    session: Session, files: Mapping[str, bytes], deployment_id: str, who: str, note: str, at: datetime
) -> Deployment:
    """Write down that forms alone were deployed."""
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    made = Deployment(id=deployment_id, deployed_at=at, deployed_by=who, note=note, files=digests)
    session.add(made)
    session.flush()
    return made


def _finding(file: str, path: str, zh: str, en: str) -> Finding:
    return Finding("form-invalid", "error", file, path, "", zh, en, "修改表单", "mend the form")
