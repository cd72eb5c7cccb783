"""What stands against a deployment: missing notes, an hour that will not do, something that has changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.studio.deployments import FARTHEST, WAITS, wants_second_person
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, InvalidInput
from app.persistence.studio.deployment_requests import DeploymentRequest, requests
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio.deploy_cases import CaseLine
from app.services.studio.deploy_parts import in_force
from app.services.studio.deploy_reports import Report
from processes.findings import finding_id


def is_strict(deps: Deps) -> bool:
    """Whether a second person has to agree to every deployment."""
    settings = deps.live.now
    return wants_second_person(settings.second_person_deploys, production=settings.is_production, demo=settings.demo)


def require_notes(report: Report, notes: Mapping[str, str]) -> None:
    missing = [one for one in report.warnings if not notes.get(finding_id(one), "").strip()]
    if missing:
        details = [
            FieldProblem(
                path=f"note-{finding_id(one)}",
                code="note-missing",
                zh=f"{one.element_name or one.element_id or one.file}：请写明为什么可以保留",
                en=f"{one.element_name or one.element_id or one.file}: write why this may stay",
            )
            for one in missing
        ]
        raise InvalidInput("every warning needs a note", "每条提醒都要写明理由", details=details)


def require_hour(at: datetime | None, now: datetime) -> None:
    if at is None or now < at <= now + FARTHEST:
        return
    zh, en = f"生效时间须晚于现在，且在 {FARTHEST.days} 天以内", f"between now and {FARTHEST.days} days from now"
    raise InvalidInput(en, zh, details=[FieldProblem(path="at", code="wrong-hour", zh=zh, en=en)])


def require_alone(session: Session, request: DeploymentRequest) -> None:
    mine = {(part["kind"], part["key"]) for part in request.parts}
    for other in requests(session, only_open=True):
        for part in other.parts:
            if (part["kind"], part["key"]) in mine:
                raise Conflict(
                    f"{part['name_en']} waits to be deployed already", f"{part['name_zh']} 已有一个待发布的申请"
                )


def what_changed(session: Session, request: DeploymentRequest) -> Words | None:
    """What differs from what was looked at: a version in force, or a draft."""
    now = in_force(session)
    for part in request.parts:
        if now.get(f"{part['kind']}:{part['key']}") != part["before"]:
            return Words(
                f"{part['name_zh']} 的线上版本已变化，请重新检查后申请",
                f"another version of {part['name_en']} is in force now; check and ask again",
            )
    for draft in request.drafts:
        revision = session.scalar(select(ProcessDraft.revision).where(ProcessDraft.id == draft["id"]))
        if revision is not None and revision != draft["revision"]:
            return Words("草稿之后又改过，请重新检查后申请", "the draft was changed since; check and ask again")
    return None


def why_outdated(session: Session, request: DeploymentRequest, now: datetime) -> Words | None:
    if now > request.asked_at + WAITS:
        return Words(f"已超过 {WAITS.days} 天，请重新检查后申请", f"older than {WAITS.days} days; check and ask again")
    return what_changed(session, request)


def case_findings(report: Report) -> list[dict[str, str]]:
    """Cases that fail, said like findings; of a process that only uses what is deployed, whose case it is."""
    return [_case_finding(case) for case in report.failed_cases]


def _case_finding(case: CaseLine) -> dict[str, str]:
    of_zh = f"流程“{case.user.zh}”（{case.key}）的" if case.user else ""
    of_en = f" of {case.user.en} ({case.key}), which uses this," if case.user else ""
    return {
        "rule": "case-failed",
        "severity": "error",
        "file": case.key,
        "element_id": case.element_id,
        "element_name": case.name,
        "path": case.key,
        "message_zh": f"{of_zh}用例“{case.name_zh or case.name}”不通过：{case.problems[0].zh}",
        "message_en": f"the case “{case.name}”{of_en} fails: {case.problems[0].en}",
        "fix_zh": "修改流程，或改正用例的预期",
        "fix_en": "mend the process, or what the case expects",
    }
