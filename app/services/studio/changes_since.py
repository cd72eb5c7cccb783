"""What has changed since a deployment was asked for: looked up anew, so that whoever agrees sees both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.domain.words import Words
from app.persistence.studio.deployment_requests import DeploymentRequest
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio.deploy_parts import in_force, names_kept

VERSIONED: Final = frozenset({"form", "decision", "process"})


def changes_since(session: Session, request: DeploymentRequest, deps: Deps) -> list[Words]:
    """One sentence for each thing that differs from when it was asked for; nothing of what is decided on already."""
    if not request.is_open:
        return []
    now = in_force(session)
    found = [_replaced(part, now) for part in request.parts]
    found += _of_drafts(session, request)
    if request.report:
        known = {kind: frozenset(names) for kind, names in names_kept(session).items()}
        known["operation"] = frozenset(deps.registry.codes()) | frozenset(OWN_OPERATIONS)
        own = {(part["kind"], part["key"]) for part in request.parts}
        named = [row for row in request.report["references"] if (row["kind"], row["code"]) not in own]
        found += [_named(row, now, known) for row in named]
    return [one for one in found if one is not None]


def _replaced(part: Mapping[str, Any], now: Mapping[str, int]) -> Words | None:
    before, version = part["before"], now.get(f"{part['kind']}:{part['key']}")
    if before == version:
        return None
    was, became = (f"v{one}" if one else "–" for one in (before, version))
    return Words(
        f"{part['name_zh']}：申请时线上为 {was}，现在为 {became}",
        f"{part['name_en']}: {was} was in force when it was asked for, {became} is now",
    )


def _of_drafts(session: Session, request: DeploymentRequest) -> Iterator[Words]:
    for one in request.drafts:
        row = session.get(ProcessDraft, one["id"])
        if row is None:
            yield Words(
                "草稿已删除；发布的仍是申请时的文件", "the draft was removed; what was asked for is still deployed"
            )
        elif row.revision != one["revision"]:
            yield Words(
                f"草稿 {row.name} 之后又改过（第 {one['revision']} 版 → 第 {row.revision} 版）",
                f"the draft {row.name} was changed since (revision {one['revision']} → {row.revision})",
            )


def _named(row: Mapping[str, Any], now: Mapping[str, int], known: Mapping[str, frozenset[str]]) -> Words | None:
    """Something the drawings name that is another now, or is not there any more."""
    kind, code, name = row["kind"], row["code"], Words(*row["name"])
    if kind in VERSIONED:
        version = now.get(f"{kind}:{code}")
        if version is not None and version != row["version"]:
            return Words(
                f"用到的 {name.zh} 现在是 v{version}，申请时是 v{row['version']}",
                f"{name.en}, which it uses, is v{version} now, not v{row['version']}",
            )
        is_there = version is not None
    else:
        is_there = code in known.get(kind, {code})
    return (
        None if is_there else Words(f"用到的 {name.zh}（{code}）已不存在", f"{name.en} ({code}) is not there any more")
    )
