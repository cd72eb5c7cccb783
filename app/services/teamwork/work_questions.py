"""Asking a colleague or another team about a work item; whoever asks keeps the item and its clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.deps import Deps
from app.domain.actors import Actor, contains
from app.domain.teamwork.returns import said, wrong
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.errors import Conflict
from app.persistence.areas import area_paths
from app.persistence.people import Team, User
from app.persistence.teamwork.work_items import WorkItem
from app.persistence.teamwork.work_questions import WorkQuestion, get_question, questions_about
from app.services.teamwork.work_list import found_item, locked, taken
from app.unit_of_work import retried, transaction

MOST_TEXT = 1000
#: Questions about one item that nobody has answered yet.
MOST_OPEN = 10


@retried
def ask(item_id: str, text: str, actor: Actor, deps: Deps, *, team: str = "", login: str = "") -> WorkQuestion:
    """Put a question to a person or a team; it shows with the item and at the asked.

    :raises InvalidInput: no text, or neither or both of person and team.
    :raises Conflict: the item is closed, or so many questions about it are open already.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        found, now = found_item(session, item_id, actor, "item.claim", deps)
        words = said(text, "text", MOST_TEXT)
        known: User | Team | None = session.get(User, login) if login else session.get(Team, team) if team else None
        both = bool(login) is bool(team)
        if known is None or both or login == actor.login or not may_be_asked(area_paths(session), known.area, found):
            raise wrong("to", "choose whom to ask", "请选择要询问的人或班组")
        item = locked(session, found.id)
        if WorkItemState(item.state) not in WORK_ITEM_OPEN:
            raise taken(item)
        before = [row for row in questions_about(session, item.id) if row.answered_at is None]
        for row in before:
            if (row.text, row.asked_by, row.login, row.team_code) == (words, actor.login, login or None, team or None):
                return row  # the same was sent twice
        if len(before) >= MOST_OPEN:
            raise Conflict(f"{MOST_OPEN} questions about it are open already", f"已有 {MOST_OPEN} 个问题等待答复")
        question = WorkQuestion(
            work_item_id=item.id,
            text=words,
            asked_by=actor.login,
            asked_at=now,
            login=login or None,
            team_code=team or None,
            area=item.area,
        )
        session.add(question)
        _note(item, Words(f"提问：{words}", f"asked: {words}"), actor, now)
    return question


@retried
def answer(question_id: str, text: str, actor: Actor, deps: Deps) -> WorkQuestion:
    """Answer a question that was put to the actor or to one of the actor's teams.

    :raises NotFound: there is no such question for the actor.
    :raises InvalidInput: no text.
    :raises Conflict: somebody has answered it already.
    """
    with transaction(deps.sessions) as tx:
        question = get_question(tx.session, actor, question_id)
        words = said(text, "text", MOST_TEXT)
        if question.answered_at is not None:
            raise Conflict("this question has been answered already", "该问题已有人答复")
        now = deps.clock(tx.session)
        question.answer, question.answered_by, question.answered_at = words, actor.login, now
        item = locked(tx.session, question.work_item_id)
        _note(item, Words(f"答复：{words}", f"answered: {words}"), actor, now)
    return question


def may_be_asked(paths: Mapping[str, str], area: str, item: WorkItem) -> bool:
    """Whether who belongs to an area may see the item, and so can say something about it. ``paths``: of all areas."""
    return contains(paths.get(area, ""), paths.get(item.area, ""))


def _note(item: WorkItem, words: Words, actor: Actor, now: datetime) -> None:
    owner = item.order or item.ticket
    if owner is not None:
        detail = {"work_item_id": item.id, "number": item.number, "title_zh": item.title_zh, "title_en": item.title_en}
        owner.record("work_item_state", words, actor.login, now, detail=detail)
