"""The bell as people read it: groups with a number, the newest of each by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from app.services.bell import Line, Ring
from app.web.addresses import Addresses
from app.web.pages.states import order_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.bell import BellPage, NewsGroup, NewsLine

TITLES: Final[Mapping[str, tuple[Sentence, str]]] = {
    "danger": (Sentence("Promises in danger"), "alert"),
    "stuck": (Sentence("My orders that came to stand still"), "pause"),
    "given": (Sentence("Given or offered to me"), "user"),
    "ended": (Sentence("My orders that have ended"), "done"),
    "team": (Sentence("New for my teams"), "team"),
    "bulk": (Sentence("My bulk runs that are through"), "loop"),
    "agree": (Sentence("Deployments that wait for a second person"), "user"),
    "alone": (Sentence("Put back or taken back by one person"), "undo"),
    "deployed": (Sentence("What became of my deployments"), "done"),
    "released": (Sentence("New versions with steps of my teams"), "flow"),
}


#: What is not called by a number.
NAMES: Final[Mapping[str, Sentence]] = {
    "bulk": Sentence("Bulk run"),
    "deployment": Sentence("Deployment"),
    "release": Sentence("New version"),
}


def bell_page(found: Sequence[Ring], reader: Reader, addresses: Addresses) -> BellPage:
    """The page of what was found."""
    lists = {
        "stuck": addresses.orders(view="paused", mine="1"),
        "given": addresses.work_list(tab="mine"),
        "ended": addresses.orders(view="finished", mine="1"),
        "team": addresses.work_list(tab="team"),
    }
    return BellPage(
        groups=tuple(
            NewsGroup(
                kind=ring.kind,
                title=reader.t(TITLES[ring.kind][0]),
                icon=TITLES[ring.kind][1],
                count=ring.count,
                lines=tuple(_line(line, reader, addresses) for line in ring.lines),
                all_href=lists.get(ring.kind, ""),
                muted=ring.muted,
            )
            for ring in found
        ),
        upto=reader.now.isoformat(),
    )


def _line(line: Line, reader: Reader, addresses: Addresses) -> NewsLine:
    ways = {"order": addresses.order, "ticket": addresses.ticket, "task": addresses.task, "bulk": addresses.bulk_run}
    ways |= dict.fromkeys(("deployment", "release"), lambda number: f"/processes/deployments/{number}")
    return NewsLine(
        name=reader.t(NAMES[line.about]) if line.about in NAMES else line.number,
        href=ways[line.about](line.number),
        text=reader.words(line.words) if line.words else "",
        at=reader.f.moment(line.at),
        iso=line.at.isoformat(),
        tag=order_tag(line.state, reader) if line.state else None,
    )
