"""The board of a team and the plan that balances it, as pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.teamwork.balancing import BARS, CAUSES, Plan
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.people import Skill
from app.persistence.teamwork.absences import KINDS
from app.persistence.teamwork.board import MOST_CARDS, Member, cards_of, finished_since, led_by, members_on, team_led_by
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.work_bulk import Outcome
from app.web.addresses import Addresses, with_arguments
from app.web.pages.names import Names
from app.web.pages.promises.clocks import due_cell
from app.web.pages.teamwork.task_context import address_code
from app.web.pages.teamwork.work_list import customer_no_of, product_of, title_of
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.values import instant
from app.web.views.board import BalancePage, BalanceRow, BoardCard, BoardColumn, BoardPage, DueBar
from app.web.views.parts import Choice, SlaCell, Tab, Tag

BY_PERSON: Final = "people"
VIEWS: Final = ((BY_PERSON, Sentence("By person")), ("state", Sentence("By state")))
DUE: Final = (
    ("late", Sentence("Late")),
    ("soon", Sentence("Within 2 h")),
    ("today", Sentence("Later today")),
    ("tomorrow", Sentence("Tomorrow")),
    ("later", Sentence("Later", "due")),
    ("none", Sentence("No due time")),
)
STATES: Final = (
    ("free", Sentence("Nobody has it")),
    ("offered", Sentence("Offered")),
    ("claimed", Sentence("In work")),
    ("paused", Sentence("Clock stopped")),
)
SOON: Final = timedelta(hours=2)
FULL_PX: Final = 100


def board_href(team: str, **arguments: str) -> str:
    """Where the board of a team is."""
    return with_arguments(f"/board/{quote(team, safe='')}", arguments)


def board_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    code: str,
    *,
    view: str = BY_PERSON,
    due: str = "",
    outcomes: Sequence[Outcome] = (),
) -> BoardPage:
    """The board of a team. :raises NotFound: it is none the reader leads."""
    team = team_led_by(session, reader.actor, code)
    items = cards_of(session, code)
    members = members_on(session, code, reader.now.astimezone(ZONE).date())
    names = Names(session, reader)
    names.know_people([member.login for member in members])
    classes = {item.number: due_class(item, reader) for item in items}
    due = due if due in dict(DUE) else ""
    view = view if view in dict(VIEWS) else BY_PERSON
    shown = [item for item in items if not due or classes[item.number] == due]
    build = _Cards(session, reader, addresses, names, shown)
    columns = build.by_person(members) if view == BY_PERSON else build.by_state()
    t = reader.t
    midnight = reader.f.local(reader.now).replace(hour=0, minute=0, second=0, microsecond=0)
    return BoardPage(
        team=code,
        name=reader.said(team),
        teams=tuple(Choice(one.code, reader.said(one)) for one in led_by(session, reader.actor)),
        tabs=tuple(Tab(t(text), board_href(code, view=name, due=due), name == view, None) for name, text in VIEWS),
        there=len([member for member in members if member.absence is None]),
        people=len(members),
        open_items=len(items),
        done_today=finished_since(session, code, midnight),
        late=len([name for name in classes.values() if name == "late"]),
        due=_due_bars(classes, reader, code, view, due),
        view=view,
        due_is=due,
        filtered=bool(due),
        clear_href=board_href(code, view=view),
        columns=columns,
        targets=_targets(session, reader, names, members, code),
        cut=len(items) >= MOST_CARDS,
        can_note_absence=tuple(Choice(one.login, names.person(one.login)) for one in members),
        kinds=tuple(Choice(kind, reader.words(words)) for kind, words in KINDS.items()),
        today=reader.now.astimezone(ZONE).date().isoformat(),
        outcomes=tuple(
            (one.number, addresses.task(one.number), reader.words(one.why_not) if one.why_not else "")
            for one in outcomes
        ),
    )


def balance_page(
    session: Session, reader: Reader, plan: Plan, items: Sequence[WorkItem], members: Sequence[Member], code: str
) -> BalancePage:
    """The plan, to be looked at and applied as a whole or in part."""
    team = team_led_by(session, reader.actor, code)
    names = Names(session, reader)
    names.know_people([member.login for member in members])
    by_number = {item.number: item for item in items}
    after = {member.login: member.open_items for member in members}
    for move in plan.moves:
        after[move.to] += 1
        if move.source in after:
            after[move.source] -= 1
    return BalancePage(
        team=code,
        name=reader.said(team),
        rows=tuple(
            BalanceRow(
                number=move.card.number,
                version=move.card.version,
                to=move.to,
                order_number=_owner_number(by_number[move.card.number]),
                title=title_of(by_number[move.card.number], reader),
                sla=_left(by_number[move.card.number], reader),
                source=names.person(move.source),
                target=names.person(move.to),
                why=reader.words(CAUSES[move.cause]),
            )
            for move in plan.moves
        ),
        left=tuple(
            (_owner_number(by_number[card.number]), title_of(by_number[card.number], reader), reader.words(BARS[bar]))
            for card, bar in plan.left
        ),
        loads=tuple(
            (names.person(one.login), f"{one.open_items}/{one.most}", f"{after[one.login]}/{one.most}")
            for one in members
        ),
        board_href=board_href(code),
    )


def due_class(item: WorkItem, reader: Reader) -> str:
    """When it is due, as the board counts it."""
    if item.due_at is None:
        return "none"
    if item.due_at < reader.now:
        return "late"
    if item.due_at < reader.now + SOON:
        return "soon"
    days = (reader.f.local(item.due_at).date() - reader.f.local(reader.now).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, "later")


def _due_bars(classes: Mapping[str, str], reader: Reader, code: str, view: str, current: str) -> tuple[DueBar, ...]:
    counts = {name: list(classes.values()).count(name) for name, _ in DUE}
    most = max(counts.values(), default=0) or 1
    return tuple(
        DueBar(
            reader.t(text),
            counts[name],
            round(FULL_PX * counts[name] / most),
            board_href(code, view=view, due=name),
            name == "late",
            name == current,
        )
        for name, text in DUE
    )


def _targets(
    session: Session, reader: Reader, names: Names, members: Sequence[Member], code: str
) -> tuple[tuple[str, tuple[tuple[Choice, bool], ...]], ...]:
    """To whom something may go; who is away is named, and cannot be chosen."""
    t = reader.t
    people = []
    for one in members:
        away = f" · {reader.words(KINDS[one.absence.kind])}" if one.absence else ""
        text = f"{names.person(one.login)} {one.open_items}/{one.most}{away}"
        people.append((Choice(f"person:{one.login}", text), one.absence is None))
    teams = [
        (Choice(f"team:{one.code}", reader.said(one)), True)
        for one in led_by(session, reader.actor)
        if one.code != code
    ]
    pool = ((Choice("pool:", t("The whole team")), True),)
    return (
        (t("Person"), tuple(people)),
        (t("Team"), (*pool, *teams)),
    )


def _owner_number(item: WorkItem) -> str:
    owner = item.order or item.ticket
    return owner.number if owner is not None else item.number


def _left(item: WorkItem, reader: Reader) -> SlaCell:
    return due_cell(item.due_at, item.created_at, reader, is_paused=item.state == WorkItemState.PAUSED)


class _Cards:
    """Makes cards of work items and lays them into columns."""

    def __init__(
        self, session: Session, reader: Reader, addresses: Addresses, names: Names, items: Sequence[WorkItem]
    ) -> None:
        self.reader, self.addresses, self.names, self.items = reader, addresses, names, items
        self.customers = names.customers([customer_no_of(item) for item in items])
        self.says_who = True
        self.skills = {row.code: reader.said(row) for row in session.query(Skill)}

    def by_person(self, members: Sequence[Member]) -> tuple[BoardColumn, ...]:
        """What nobody has first, then everybody of the team."""
        self.says_who = False
        known = {member.login for member in members}
        free = [item for item in self.items if self._holder(item) not in known]
        columns = [self._column(self.reader.t("Nobody has it"), "pool:", free)]
        for member in members:
            mine = [item for item in self.items if self._holder(item) == member.login]
            columns.append(self._person(member, mine))
        return tuple(columns)

    def by_state(self) -> tuple[BoardColumn, ...]:
        """What lies open, is offered, is in work, and stands still."""
        cut: dict[str, list[WorkItem]] = {name: [] for name, _ in STATES}
        for item in self.items:
            state = "offered" if item.state == WorkItemState.OPEN and item.offered_to else str(item.state)
            cut[{"open": "free"}.get(state, state)].append(item)
        return tuple(self._column(self.reader.t(text), "", cut[name]) for name, text in STATES)

    def _person(self, member: Member, items: Sequence[WorkItem]) -> BoardColumn:
        reader = self.reader
        absence = member.absence
        until = f"{absence.until_day:%m-%d}" if absence else ""
        column = self._column(self.names.person(member.login), f"person:{member.login}", items)
        kind = reader.words(KINDS[absence.kind]) if absence else ""
        return BoardColumn(
            name=column.name,
            to="" if absence else column.to,
            note=", ".join(self.skills.get(code, code) for code in member.skills),
            load=f"{member.open_items}/{member.most}",
            used_px=min(FULL_PX, round(FULL_PX * member.open_items / member.most)) if member.most else FULL_PX,
            is_full=member.open_items >= member.most,
            oldest=column.oldest,
            away=reader.t("{kind} until {day}", kind=kind, day=until) if absence else "",
            cards=column.cards,
            absence_id=absence.id if absence else "",
        )

    def _column(self, name: str, to: str, items: Sequence[WorkItem]) -> BoardColumn:
        oldest = min((item.created_at for item in items), default=None)
        age = self.reader.f.span(self.reader.now - oldest) if oldest else ""
        return BoardColumn(
            name=name,
            to=to,
            note="",
            load=str(len(items)),
            used_px=0,
            is_full=False,
            oldest=self.reader.t("oldest {span}", span=age) if age else "",
            away="",
            cards=tuple(self._card(item) for item in items),
        )

    def _holder(self, item: WorkItem) -> str | None:
        return item.claimed_by or item.offered_to

    def _card(self, item: WorkItem) -> BoardCard:
        reader, names = self.reader, self.names
        at: datetime | None = instant((item.context or {}).get("appointment_from"))
        return BoardCard(
            number=item.number,
            href=self.addresses.task(item.number),
            order_number=_owner_number(item),
            title=title_of(item, reader),
            product=product_of(item, names),
            customer=names.customer(self.customers.get(customer_no_of(item) or "")),
            place=names.address(address_code(item)),
            at=reader.f.moment(at) if at else "",
            skill=self.skills.get(item.skill or "", item.skill or ""),
            state=self._state(item),
            sla=due_cell(item.due_at, item.created_at, reader, is_paused=item.state == WorkItemState.PAUSED),
            version=item.version,
            can_move=item.state != WorkItemState.PAUSED,
        )

    def _by(self, login: str | None) -> str:
        """Whose it is, where the column does not say so."""
        return f" · {self.names.person(login)}" if login and self.says_who else ""

    def _state(self, item: WorkItem) -> Tag:
        t = self.reader.t
        if item.state == WorkItemState.PAUSED:
            return Tag(t.about("item", "paused"), "pause", "")
        if item.state == WorkItemState.CLAIMED:
            return Tag(t("In work") + self._by(item.claimed_by), "play", "run")
        if item.offered_to:
            return Tag(t("Offered") + self._by(item.offered_to), "clock", "warn")
        return Tag(t("open to claim"), "clock", "")
