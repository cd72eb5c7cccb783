"""The entries of the catalogue as data: one kind per section of a file, each entry with a code of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

Body = Mapping[str, Any]
#: Entries by kind, then by code.
Entries = Mapping[str, Mapping[str, Body]]

#: Section of a file -> kind of its entries; in this order, so that what is referred to comes first.
SECTIONS: Final[Mapping[str, str]] = {
    "segments": "segment",
    "channels": "channel",
    "order_types": "order_type",
    "product_specs": "product_spec",
    "offerings": "offering",
    "prices": "price",
    "fees": "fee",
    "resource_specs": "resource_spec",
    "cfs_specs": "cfs_spec",
    "rfs_specs": "rfs_spec",
    "retry_policies": "retry_policy",
    "operations": "operation",
    "skills": "skill",
    "team_roles": "team_role",
    "teams": "team",
}
#: Who does the work: kept like everything else, but in files of their own and changed by others.
TEAM_KINDS: Final = frozenset({"skill", "team_role", "team"})
GOODS_KINDS: Final = frozenset(SECTIONS.values()) - TEAM_KINDS
SECTION_OF: Final[Mapping[str, str]] = {kind: section for section, kind in SECTIONS.items()}


def entries_of(content: Mapping[str, Any]) -> dict[str, dict[str, Body]]:
    """The entries of a file by kind and code, in the order of the file; other sections are left alone."""
    return {
        kind: {str(row["code"]): row for row in content.get(section) or ()}
        for section, kind in SECTIONS.items()
        if content.get(section)
    }


def as_content(entries: Entries, kinds: Collection[str] = GOODS_KINDS) -> dict[str, list[Body]]:
    """The entries of some kinds as a file would hold them; empty sections are left out."""
    return {
        section: list(entries[kind].values())
        for section, kind in SECTIONS.items()
        if kind in kinds and entries.get(kind)
    }


def merged(old: Entries, new: Entries) -> dict[str, dict[str, Body]]:
    """The old entries with the new ones in their place or behind them. Nothing is ever taken out: orders and products
    refer to it. What is sold no longer says so in ``sold_until``."""
    return {kind: {**old.get(kind, {}), **new.get(kind, {})} for kind in SECTIONS.values()}


def changed_entries(old: Entries, new: Entries) -> dict[str, dict[str, Body]]:
    """The new entries that are not there yet, or differ from what is there."""
    found = {
        kind: {code: body for code, body in rows.items() if old.get(kind, {}).get(code) != body}
        for kind, rows in new.items()
    }
    return {kind: rows for kind, rows in found.items() if rows}


def changed_fields(old: Body, new: Body) -> list[str]:
    """Names of what differs, sorted."""
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
