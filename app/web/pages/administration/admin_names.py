"""What the acts of administrators are called, and what they change, as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.domain.actors import ROLE_NAMES, Role
from app.persistence.administration.admin_changes import AdminChange
from app.web.block_forms import joined
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence

WHATS: Final[Mapping[tuple[str, str], Sentence]] = {
    ("user", "created"): Sentence("User made"),
    ("user", "changed"): Sentence("User changed"),
    ("user", "locked"): Sentence("User locked"),
    ("user", "unlocked"): Sentence("User let in again"),
    ("user", "password"): Sentence("Temporary password given"),
    ("user", "own-password"): Sentence("Own password changed"),
    ("user", "sessions"): Sentence("Logged out everywhere"),
    ("user", "absent"): Sentence("Absence noted"),
    ("user", "present"): Sentence("Absence taken back"),
    ("token", "issued"): Sentence("Token issued"),
    ("token", "revoked"): Sentence("Token revoked"),
    ("team", "created"): Sentence("Team made"),
    ("team", "changed"): Sentence("Team changed"),
    ("parameter", "changed"): Sentence("Parameter changed"),
    ("parameter", "reset"): Sentence("Parameter as installed again"),
}
FIELDS: Final[Mapping[str, Sentence]] = {
    "name_zh": Sentence("Name in Chinese"),
    "name_en": Sentence("Name in English"),
    "role": Sentence("Role"),
    "area": Sentence("Area"),
    "language": Sentence("Language"),
    "max_open_items": Sentence("Open work items at most"),
    "skills": Sentence("Skills"),
    "teams": Sentence("Teams"),
    "members": Sentence("Members"),
    "tiers": Sentence("Customer tiers"),
    "calendar": Sentence("Calendar"),
    "capacity_per_day": Sentence("Work items per day"),
    "districts": Sentence("Side of town"),
    "sessions": Sentence("Sessions"),
    "from_day": Sentence("From"),
    "until_day": Sentence("Until"),
    "kind": Sentence("Kind"),
    "label": Sentence("Label"),
    "value": Sentence("Value"),
    "expires_at": Sentence("Good until"),
}


def act_of(row: AdminChange, reader: Reader) -> str:
    """What was done."""
    found = WHATS.get((row.kind, row.what))
    return reader.t(found) if found else row.what


def difference_of(row: AdminChange, reader: Reader, names: Names) -> str:
    """What differs, ``Role: Field crew → Team leader``."""
    parts = []
    for name in sorted({*row.before, *row.after}, key=list(FIELDS).index if _all_known(row) else None):
        label = reader.t(FIELDS[name]) if name in FIELDS else name
        old, new = (_value(name, side.get(name), reader, names) for side in (row.before, row.after))
        parts.append(f"{label}: {new}" if not row.before else f"{label}: {old} → {new}")
    return "；".join(parts) if reader.language != "en" else "; ".join(parts)


def _all_known(row: AdminChange) -> bool:
    return {*row.before, *row.after} <= FIELDS.keys()


def _value(name: str, value: Any, reader: Reader, names: Names) -> str:
    if value is None or value in ("", []):
        return "–"
    if name == "role" and value in set(Role):
        return reader.words(ROLE_NAMES[Role(value)])
    if name == "area":
        return names.area(str(value))
    if name == "language":
        return {"zh": "中文", "en": "English"}.get(str(value), str(value))
    if name == "teams":
        return joined((names.team(one) or one for one in value), reader)
    if name == "members":
        return joined((names.person(one) for one in value), reader)
    if isinstance(value, list):
        return joined((str(one) for one in value), reader)
    return str(value)
