"""What operations look at from three metres: is the day going to be kept, and if not, where it is stuck."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from statistics import fmean
from typing import Any, Final

from sqlalchemy.orm import Session

from app.persistence.ordering.order_search import list_orders
from app.persistence.promises import control_figures as figures
from app.persistence.teamwork.work_item_search import list_items
from app.web.addresses import Addresses
from app.web.charts.bars import Bars, Share, build_bars
from app.web.charts.burndown import Burndown, build_burndown
from app.web.charts.small import Part, heat_level, pieces
from app.web.pages.names import SYSTEMS, Names
from app.web.pages.ordering.order_list import OrderFilters, of_view
from app.web.reader import Reader
from app.web.views.control import ControlRoom, NeighbourCard, Number, TeamRow
from app.web.views.parts import Tag
from processes.workers import closed_gates

SHARES_PX: Final = 1144
HOUR: Final = timedelta(hours=1)
MOST_COUNTED: Final = 20_000
MOST_STEPS: Final = 8
MOST_TEAMS: Final = 12
#: The working day of the picture, in hours of the wall clock; a promise outside of it stretches it.
DAY: Final = (8, 18)


def control_room(session: Session, reader: Reader, addresses: Addresses) -> ControlRoom:
    """The page for now."""
    t = reader.t
    day = reader.f.local(reader.now).date().isoformat()
    counts = {view: _count(session, reader, view, day) for view in ("all", "completed", "course", "risk", "late")}
    gone = counts["all"] - sum(counts[view] for view in ("completed", "course", "risk", "late"))
    looks = {
        "completed": (t("done"), "", "g-done"),
        "course": (t("on course"), "", "f-soft"),
        "risk": (t("at risk"), "clock", "f-warn"),
        "late": (t("late"), "alert", "f-bad"),
        "gone": (t("withdrawn"), "", "f-mut"),
    }
    shown = {**counts, "gone": gone}
    parts = [Part(looks[view][0], shown[view], looks[view][2]) for view in looks]
    picture, rows = _burndown(session, reader)
    return ControlRoom(
        numbers=(
            Number(key="due", text=t("Due today"), value=_said(counts["all"]), href=_link(addresses, "all", day)),
            *(
                Number(
                    key=view,
                    text=looks[view][0],
                    value=_said(counts[view]),
                    href=_link(addresses, view, day),
                    icon=looks[view][1],
                    tone={"risk": "warn", "late": "bad"}.get(view, "") if counts[view] else "",
                    css=looks[view][2],
                )
                for view in ("completed", "course", "risk", "late")
            ),
        ),
        others=_others(session, reader, addresses),
        shares=pieces(parts, SHARES_PX),
        shares_width=SHARES_PX,
        shares_text="，".join(f"{part.name} {part.value}" for part in parts if part.value)
        or t("Nothing is due today."),
        burndown=picture,
        burndown_text=t("{n} open, {m} planned", n=picture.open_now, m=picture.planned_now)
        if picture
        else t("Nothing is due today."),
        burndown_rows=rows,
        bars=_bottleneck(session, reader),
        neighbours=_neighbours(session, reader),
        teams=_teams(session, reader, addresses),
        at_risk_href=_link(addresses, "risk", day),
        at_risk=counts["risk"],
    )


def _said(number: int) -> str:
    return f"{number:,}"


def _link(addresses: Addresses, view: str, day: str) -> str:
    return addresses.orders(**OrderFilters(view=view, due=day).arguments())


def _count(session: Session, reader: Reader, view: str, day: str) -> int:
    """By the very filters of the list that the number links to."""
    wanted: dict[str, Any] = of_view(OrderFilters(view=view, due=day), reader)
    return list_orders(session, reader.actor, wanted, limit=0, count_at_most=MOST_COUNTED)[1]


def _others(session: Session, reader: Reader, addresses: Addresses) -> tuple[Number, ...]:
    t = reader.t
    stuck = list_items(session, reader.actor, "all", {"kind": "incident"}, limit=0, count_at_most=MOST_COUNTED)[1]
    paused = OrderFilters(view="paused")
    waiting = list_orders(session, reader.actor, of_view(paused, reader), limit=0, count_at_most=MOST_COUNTED)[1]
    kept, total = figures.kept_since(session, reader.actor, reader.now - timedelta(days=30))
    return (
        Number(key="incidents", text=t("Incidents"), value=_said(stuck), href="/exceptions", icon="alert"),
        Number(
            key="paused",
            text=t("Clock stopped"),
            value=_said(waiting),
            href=addresses.orders(**paused.arguments()),
            icon="pause",
        ),
        Number(key="kept", text=t("In time, 30 days"), value=f"{kept / total:.1%}" if total else "–"),
    )


def _burndown(session: Session, reader: Reader) -> tuple[Burndown | None, tuple[tuple[str, str, str], ...]]:
    start, end = _day(reader)
    due = figures.due_between(session, reader.actor, start, end)
    if not due:
        return None, ()
    opens = min(_at(reader, DAY[0]), min(promised for promised, _ in due))
    closes = max(_at(reader, DAY[1]), max(promised for promised, _ in due))
    now = min(max(reader.now, opens), closes)
    marks = [opens + HOUR * step for step in range(int((closes - opens) / HOUR) + 1)]
    marks = sorted({*marks, now, closes})
    plan = [(at, float(sum(promised > at for promised, _ in due))) for at in marks]
    actual = [(at, float(sum(ended is None or ended > at for _, ended in due))) for at in marks if at <= now]
    picture = build_burndown(actual, plan, opens=opens, due=closes, now=now, words=reader.f)
    left = dict(actual)
    rows = tuple(
        (reader.f.clock(at), f"{planned:.0f}", f"{left[at]:.0f}" if at in left else "–") for at, planned in plan
    )
    return picture, rows


def _day(reader: Reader) -> tuple[datetime, datetime]:
    here = reader.f.local(reader.now)
    start = datetime.combine(here.date(), time(0), here.tzinfo)
    return start, start + timedelta(days=1)


def _at(reader: Reader, hour: int) -> datetime:
    return _day(reader)[0] + HOUR * hour


def _bottleneck(session: Session, reader: Reader) -> Bars | None:
    """Where people's steps of the last day spent their time, longest first; nothing when nothing was done."""
    done: dict[str, list[figures.DoneItem]] = defaultdict(list)
    for item in figures.done_items(session, reader.actor, reader.now - timedelta(days=1)):
        done[item.title_zh].append(item)
    if not done:
        return None
    waiting = figures.open_by_title(session, reader.actor)
    shares = [
        Share(
            name=reader.said(items[0], "title"),
            waiting=fmean((item.claimed_at - item.created_at) / HOUR for item in items),
            working=fmean((item.completed_at - item.claimed_at) / HOUR for item in items),
            count=waiting.get(title, 0),
        )
        for title, items in done.items()
    ]
    return build_bars(sorted(shares, key=lambda share: -share.total)[:MOST_STEPS])


def _neighbours(session: Session, reader: Reader) -> tuple[NeighbourCard, ...]:
    t = reader.t
    found = {one.adapter: one for one in figures.neighbours(session)}
    closed = closed_gates(session, reader.now)
    cards = []
    for code in ("resource", "provisioning", "billing", "fault", "area"):
        one = found.get(code, figures.NeighbourFigures(code, 0, 0, held=False))
        name = reader.words(SYSTEMS[code])
        if one.held:
            state = Tag(t("held by us"), "pause", "warn")
        elif closed.get(code):
            state = Tag(t("not answering"), "alert", "bad")
        elif one.again:
            state = Tag(t("failing at times"), "warn", "warn")
        else:
            state = Tag(t.about("neighbour", "fine"), "done", "ok")
        note = t("{n} calls under way, {m} to be tried again", n=one.under_way, m=one.again)
        cards.append(NeighbourCard(name=name, state=state, note=note))
    return tuple(cards)


def _teams(session: Session, reader: Reader, addresses: Addresses) -> tuple[TeamRow, ...]:
    names = Names(session, reader)
    rows: Sequence[figures.TeamFigures] = figures.open_by_team(session, reader.actor, reader.now)[:MOST_TEAMS]
    most = max((max(row.free, row.claimed) for row in rows), default=0)
    return tuple(
        TeamRow(
            name=names.team(row.team) or row.team,
            href=addresses.work_list(tab="all", team=row.team),
            cells=tuple((value, heat_level(value, most)) for value in (row.free, row.claimed, row.late)),
            total=row.total,
        )
        for row in rows
    )
