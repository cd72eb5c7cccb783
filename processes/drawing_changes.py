"""Two files of one model side by side: what was added, removed, changed or only moved, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from processes.drawing_facts import Thing


@dataclass(frozen=True)
class FactChange:
    """One thing that is said of an element: what it was and is; none where it was or is not said."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ThingChange:
    """One element: ``what`` is added, removed, changed or moved. A changed one may have ``moved`` as well."""

    what: str
    thing: Thing
    facts: tuple[FactChange, ...] = ()
    moved: bool = False


#: In which order they are told.
ORDER = ("added", "removed", "changed", "moved")


def changes(old: Mapping[str, Thing], new: Mapping[str, Thing]) -> list[ThingChange]:
    """Every element that is not the same in both, added ones first, moved ones last, each in the order of its file."""
    found = []
    for element_id in dict.fromkeys([*new, *old]):
        before, after = old.get(element_id), new.get(element_id)
        if after is None and before is not None:
            found.append(ThingChange("removed", before))
        elif before is None and after is not None:
            found.append(ThingChange("added", after))
        elif before is not None and after is not None:
            facts, moved = _differs(before, after), before.place != after.place
            if facts or moved:
                found.append(ThingChange("changed" if facts else "moved", after, facts, moved))
    return sorted(found, key=lambda one: ORDER.index(one.what))


def _differs(before: Thing, after: Thing) -> tuple[FactChange, ...]:
    was, now = _whole(before), _whole(after)
    return tuple(
        FactChange(path, was.get(path), now.get(path))
        for path in dict.fromkeys([*was, *now])
        if was.get(path) != now.get(path)
    )


def _whole(thing: Thing) -> dict[str, str]:
    return {"type": thing.type, "parent": thing.parent, **thing.facts}
