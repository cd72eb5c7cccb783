"""Reference data: what every installation needs, whether it shows a demonstration or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from sqlalchemy.orm import Session

from adapters.operations_file import operations_data
from app.domain.products.catalogue_entries import changed_entries, entries_of
from app.persistence.areas import Area
from app.persistence.bulk.bulk_rows import replace_all
from app.persistence.products.catalogue import RuleBook
from app.persistence.products.catalogue_in_force import apply_due
from app.persistence.products.catalogue_versions import add_release, entries_at, last_authors
from app.persistence.promises.rule_versions import BOOKS
from app.seed.files import read
from app.seed.rules import load_rules
from processes.clock import SystemClock

#: Who brought in what comes with the product, and from when its first release counts.
DELIVERED: Final = "yizhan"
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: Files that are kept whole, as rules.
RULE_FILES: Final = (
    "failures",
    "billing_rules",
    "changes",
    "dispatch",
    "tickets",
    "notifications",
    "work_order_types",
    "services",
)


def load_reference(session: Session) -> int:
    """Load areas, teams, catalogue, operations and rules; a second run brings them up to date.

    People change the catalogue with its teams, and none of the other rows, so of these the files win. Returns how many
    rows were new.
    """
    new = replace_all(session, Area, _areas(read("areas")["areas"]))
    new += deliver_catalogue(session)
    new += replace_all(session, RuleBook, ({"code": name, "body": read(name)} for name in RULE_FILES))
    return new + load_rules(session, {code: read(code) for code in BOOKS})


def _areas(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    parents = {row["code"]: row.get("parent") for row in rows}

    def path(code: str) -> str:
        parent = parents[code]
        return f"{path(parent)}/{code}" if parent else code

    for row in rows:
        number = row.get("long_distance_code")
        yield {
            "code": row["code"],
            "parent_code": row.get("parent"),
            "level": row["level"],
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "path": path(row["code"]),
            "time_zone": row["time_zone"],
            "long_distance_code": None if number is None else str(number),
        }


def deliver_catalogue(session: Session) -> int:
    """Bring in the catalogue that comes with the product, as a release of its own; returns how many entries were new.

    What people have changed stays as they made it: only an entry whose last version came with the product follows it.
    """
    delivered = entries_of({**read("catalog"), **read("services"), **operations_data(), **read("teams")})
    authors = last_authors(session)
    known = entries_at(session, None)
    ours = {
        kind: {code: body for code, body in rows.items() if authors.get((kind, code), DELIVERED) == DELIVERED}
        for kind, rows in delivered.items()
    }
    changed = changed_entries(known, ours)
    if not changed:
        return 0
    now = SystemClock().now(session)
    first = not authors
    add_release(
        session, changed, who=DELIVERED, note=f"yizhan {version('yizhan')}", valid_from=EVER if first else now, now=now
    )
    apply_due(session, now)
    return sum(code not in known[kind] for kind, rows in changed.items() for code in rows)
