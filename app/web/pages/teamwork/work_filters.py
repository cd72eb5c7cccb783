"""What the address of the work list asks for, and the chips that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.errors import BadRequest
from app.persistence.areas import Area
from app.persistence.scope import within
from app.persistence.teamwork.work_item_search import SORTS
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Choice
from app.web.views.work import Chip, FilterChoice

#: Tab -> its name, and the tab of the service it is a part of. What narrows it down is in :func:`filters_of`.
TABS: Final = (
    ("team", Sentence("My teams"), "team"),
    ("free", Sentence("Nobody has it"), "team"),
    ("mine", Sentence("Mine"), "mine"),
    ("others", Sentence("Others have it"), "team"),
    ("late", Sentence("Late"), "team"),
    ("held", Sentence("Clock stopped"), "team"),
    ("all", Sentence("All", "tab"), "all"),
    ("done", Sentence("Done", "tab"), "done"),
)
DUE: Final = {"2h": Sentence("Due within two hours"), "today": Sentence("Due today")}
FLAGS: Final = {"returned": Sentence("Given back"), "follow": Sentence("Follow-up is due")}
#: What a chip of the address is called.
_NAMES: Final = {
    "team": Sentence("Team"),
    "area": Sentence("Area"),
    "product": Sentence("Product"),
    "tier": Sentence("Tier"),
    "due": Sentence("Due"),
    "flag": Sentence("Only"),
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address asks for: a tab, filters, an order, and where the page begins."""

    tab: str = "team"
    query: str = ""
    team: str = ""
    area: str = ""
    product: str = ""
    tier: str = ""
    due: str = ""
    flag: str = ""
    sort: str = ""
    offset: int = 0

    @property
    def filters(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        return {name: getattr(self, name) for name in _NAMES}

    @property
    def arguments(self) -> dict[str, str]:
        """All of it but the offset, as it stands in an address."""
        return {"tab": self.tab, "q": self.query, **self.filters, "sort": self.sort}

    @property
    def is_filtered(self) -> bool:
        return bool(self.query) or any(self.filters.values())


def asked(arguments: Mapping[str, str], offset: int) -> Asked:
    """Read the address. A filter is never dropped and never widens the list.

    :raises BadRequest: a filter or an order that does not exist.
    """
    tab = arguments.get("tab", "team")
    wanted = Asked(
        tab=tab if tab in {name for name, _, _ in TABS} else "team",
        query=arguments.get("q", "").strip()[:100],
        **{name: arguments.get(name, "")[:64] for name in (*_NAMES, "sort")},
        offset=offset,
    )
    for value, known in ((wanted.due, DUE), (wanted.flag, FLAGS), (wanted.sort, SORTS)):
        if value and value not in known:
            raise BadRequest(f"there is no filter {value}", f"没有筛选条件 {value}")
    return wanted


def filters_of(wanted: Asked, reader: Reader) -> dict[str, Any]:
    """The same for the search."""
    of_tab: dict[str, dict[str, Any]] = {
        "free": {"state": WorkItemState.OPEN.value},
        "others": {"not_claimed_by": reader.actor.login},
        "late": {"due_before": reader.now},
        "held": {"state": WorkItemState.PAUSED.value},
    }
    found: dict[str, Any] = {**of_tab.get(wanted.tab, {}), "q": wanted.query or None}
    found |= {name: getattr(wanted, name) or None for name in ("team", "area", "product", "tier")}
    if wanted.due:
        until = reader.now + timedelta(hours=2) if wanted.due == "2h" else end_of_day(reader.now)
        found["due_before"] = min(until, found.get("due_before") or until)
    if wanted.flag == "returned":
        found["returned"] = True
    elif wanted.flag == "follow":
        found["follow_up_to"] = reader.now.astimezone(ZONE).date()
    return found


def end_of_day(now: datetime) -> datetime:
    """Midnight that follows, on the wall."""
    return datetime.combine(now.astimezone(ZONE).date() + timedelta(days=1), time(), ZONE)


def chips(wanted: Asked, names: Names, reader: Reader, addresses: Addresses) -> tuple[Chip, ...]:
    """What narrows the list down, each with the way to leave it out."""
    t = reader.t
    said = {
        "team": names.team(wanted.team) or wanted.team,
        "area": names.area(wanted.area) or wanted.area,
        "product": names.product(wanted.product) or wanted.product,
        "tier": names.tier(wanted.tier) or wanted.tier,
        "due": t(DUE[wanted.due]) if wanted.due else "",
        "flag": t(FLAGS[wanted.flag]) if wanted.flag else "",
    }
    return tuple(
        Chip(t(_NAMES[name]), text, addresses.work_list(**{**wanted.arguments, name: ""}))
        for name, text in said.items()
        if text
    )


def choices(session: Session, wanted: Asked, names: Names, reader: Reader) -> tuple[FilterChoice, ...]:
    """What the list can be narrowed down by, and has not been yet."""
    t = reader.t
    areas = session.scalars(select(Area).where(within(Area.code, reader.actor)).order_by(Area.path)).all()
    every = {
        "team": tuple(Choice(code, names.team(code)) for code in sorted(reader.actor.teams)),
        "area": tuple(Choice(area.code, reader.said(area)) for area in areas) if len(areas) > 1 else (),
        "product": names.all_products(),
        "tier": names.all_tiers(),
        "due": tuple(Choice(code, t(text)) for code, text in DUE.items()),
        "flag": tuple(Choice(code, t(text)) for code, text in FLAGS.items()),
    }
    return tuple(
        FilterChoice(name, t(_NAMES[name]), values)
        for name, values in every.items()
        if len(values) > (name == "team") and not getattr(wanted, name)
    )


def without(wanted: Asked, **changed: Any) -> Asked:
    """The same from the first page on, with something else in place of what is named."""
    return replace(wanted, offset=0, **changed)
