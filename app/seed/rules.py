"""The rules of promises that come with the product, as versions."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.persistence.promises.rule_versions import FROM_THE_BEGINNING, PRODUCT, RuleVersion, digest_of
from processes.clock import SystemClock

log = logging.getLogger(__name__)


def load_rules(session: Session, books: Mapping[str, Mapping[str, Any]]) -> int:
    """Add each book that has changed since the product brought it last; returns how many versions were new.

    The first version holds from the beginning, a later one from now on. Where people have brought a version of their
    own since, theirs stays in force: what the product brings then has to be compared and imported by them.
    """
    added = 0
    for code, body in books.items():
        known = session.scalars(select(RuleVersion).where(RuleVersion.code == code)).all()
        last = max(known, key=lambda row: row.version, default=None)
        digest = digest_of(body)
        if any(row.digest == digest for row in known):
            continue
        if last is not None and last.made_by != PRODUCT:
            log.warning("the product brings other rules (%s) than version %d, which stays", code, last.version)
            continue
        now = SystemClock().now(session)
        session.add(
            RuleVersion(
                code=code,
                version=last.version + 1 if last else 1,
                effective_from=now if last else FROM_THE_BEGINNING,
                body=dict(body),
                digest=digest,
                made_by=PRODUCT,
                made_at=now,
                note="came with the product",
            )
        )
        added += 1
    session.flush()
    return added
