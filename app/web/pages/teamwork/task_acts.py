"""What else can be done with a work item: hand over, give back, ask, let it stand still, look at it later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.teamwork.returns import RETURN_REASONS
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.areas import area_paths
from app.persistence.people import Team, TeamMember
from app.persistence.teamwork.team_search import members_of
from app.persistence.teamwork.work_items import WorkItem
from app.persistence.teamwork.work_questions import WorkQuestion
from app.services.teamwork.handing import colleagues, sender_of
from app.services.teamwork.work_questions import may_be_asked
from app.web.addresses import Addresses
from app.web.pages.amending.hold_page import hold_page
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.parts import Choice
from app.web.views.task import QuestionRow, TaskActs
from app.web.views.work import WorkListRow

#: Acts with a dialog of their own, by the word of their address.
DIALOGS: Final = ("hand-over", "send-back", "send-again", "ask", "hold", "follow-up")


def task_acts(
    session: Session, item: WorkItem, row: WorkListRow, names: Names, reader: Reader, addresses: Addresses
) -> TaskActs:
    """The acts that are the reader's now."""
    if not row.is_open or not reader.may("item.claim"):
        return TaskActs()
    has_it = row.is_mine and item.state == WorkItemState.CLAIMED
    others = [login for login in colleagues(session, item) if login != reader.actor.login] if has_it else []
    sender = sender_of(session, item) if has_it and item.returned_at is None else None
    again = str(item.returned["team"]) if has_it and item.returned_at is not None else ""
    held = (
        hold_page(session, reader, item.order.number, addresses) if item.order and _holds(row, item, reader) else None
    )
    people, teams = _askable(session, item, reader) if row.is_mine else ([], [])
    names.know_people([*others, *people])

    def act(name: str) -> str:
        return addresses.act("work", item.number, name)

    return TaskActs(
        hand_over_href=act("hand-over") if others else "",
        colleagues=tuple(Choice(login, names.person(login)) for login in others),
        send_back_href=act("send-back") if sender else "",
        send_back_to=names.team(sender) if sender else "",
        return_reasons=tuple(Choice(code, reader.words(name)) for code, name in RETURN_REASONS.items()),
        send_again_href=act("send-again") if again else "",
        send_again_to=names.team(again) if again else "",
        ask_href=act("ask") if people or teams else "",
        ask_people=tuple(Choice(f"person:{login}", names.person(login)) for login in people),
        ask_teams=tuple(Choice(f"team:{code}", names.team(code)) for code in teams),
        hold_href=act("hold") if held and (held.pause_href or held.hold_href) else "",
        stop_reasons=held.reasons if held and held.pause_href else (),
        our_reasons=held.our_reasons if held and held.hold_href else (),
        resume_href=act("resume") if held and held.resume_href else "",
        resume_note=held.resume_note if held else "",
        follow_up_href=act("follow-up"),
        follow_up_on=item.follow_up_on.isoformat() if item.follow_up_on else "",
    )


def _holds(row: WorkListRow, item: WorkItem, reader: Reader) -> bool:
    return reader.may("order.hold") and (row.is_mine or item.state == WorkItemState.PAUSED)


def _askable(session: Session, item: WorkItem, reader: Reader) -> tuple[list[str], list[str]]:
    """People of the reader's teams and of the item's, and the teams that look after the item's area."""
    codes = set(reader.actor.teams) | ({item.team_code} if item.team_code else set())
    people = [login for login in members_of(session, codes) if login != reader.actor.login]
    with_people = select(TeamMember.team_code).distinct()
    teams = session.scalars(select(Team).where(Team.code.in_(with_people)).order_by(Team.role, Team.code))
    paths = area_paths(session)
    return people, [team.code for team in teams if may_be_asked(paths, team.area, item)]


def question_rows(
    questions: Sequence[WorkQuestion], names: Names, reader: Reader, addresses: Addresses
) -> tuple[QuestionRow, ...]:
    """Questions with their answers, as they are given."""
    names.know_people([login for one in questions for login in (one.asked_by, one.login, one.answered_by)])
    return tuple(
        QuestionRow(
            id=one.id,
            text=one.text,
            who=names.person(one.asked_by),
            to=names.person(one.login) if one.login else names.team(one.team_code),
            at=reader.f.moment(one.asked_at),
            answer=one.answer,
            answered=f"{reader.f.moment(one.answered_at)} {names.person(one.answered_by)}" if one.answered_at else "",
            answer_href=f"{addresses.work_list()}/questions/{one.id}"
            if one.answered_at is None and one.put_to(reader.actor) and one.asked_by != reader.actor.login
            else "",
        )
        for one in questions
    )


def returned_text(item: WorkItem, names: Names, reader: Reader) -> str:
    """Who gave the item back, and why; empty where nobody has."""
    if item.returned_at is None:
        return ""
    told = item.returned
    reason = RETURN_REASONS.get(str(told["reason"]))
    return reader.t(
        "{team} ({who}) gave this back: {reason}. {note}",
        team=names.team(str(told["team"])),
        who=names.person(str(told["by"])),
        reason=reader.words(reason) if reason else "",
        note=str(told["note"]),
    )
