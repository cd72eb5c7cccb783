"""Questions about work items: those that wait for the reader, and those the reader has asked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.persistence.teamwork.work_questions import WorkQuestion, asked_by, waiting_for
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.teamwork.task_acts import question_rows
from app.web.pages.teamwork.work_list import work_rows
from app.web.reader import Reader
from app.web.views.task import AskPage, QuestionRow
from app.web.views.work import WorkListRow

Line = tuple[WorkListRow, QuestionRow]


def ask_page(session: Session, reader: Reader, addresses: Addresses) -> AskPage:
    """Both lists."""
    names = Names(session, reader)

    def lines(questions: Sequence[WorkQuestion]) -> tuple[Line, ...]:
        rows = work_rows([one.item for one in questions], names, reader, addresses)
        return tuple(zip(rows, question_rows(questions, names, reader, addresses), strict=True))

    return AskPage(waiting=lines(waiting_for(session, reader.actor)), asked=lines(asked_by(session, reader.actor)))
