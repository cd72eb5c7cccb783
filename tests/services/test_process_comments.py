"""Comments at drafts: written once, answered, settled by one, found again after the draft is gone; both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.actors import Actor
from app.errors import Forbidden, InvalidInput, NotFound
from app.persistence.people import actor_for
from app.services.studio import process_comments, process_drafts
from processes.ids import uuid7
from tests.processes.drawing import bpmn, end, flows, start, user
from tests.services.desk import Desk


def somebody(office: Desk, login: str) -> Actor:
    with office.whole.deps.read_sessions() as session:
        return actor_for(session, login)


def drawn(office: Desk, key: str) -> str:
    """A draft of a process with that key."""
    content = bpmn(start(), user("a"), end(), flows("s>a a>e"), key=key)
    draft, _ = process_drafts.keep(f"{key}.bpmn", content, somebody(office, "designer"), office.whole.deps)
    return draft.id


def test_a_thread_is_written_answered_settled_and_opened_again(office: Desk) -> None:
    deps, designer = office.whole.deps, somebody(office, "designer")
    draft = drawn(office, "talked_about")
    first = process_comments.write(
        draft, " 为什么要两次？ ", designer, deps, send_key="1", element_id="a", element_name="A"
    )
    answer = process_comments.write(draft, "因为要回访", designer, deps, send_key="2", thread_id=first.id)
    [thread] = process_comments.listed(draft, designer, deps)
    assert (thread.first.text, thread.first.element_id) == ("为什么要两次？", "a")
    assert [(one.id, one.element_id) for one in thread.answers] == [(answer.id, "a")]
    process_comments.settle(draft, first.id, designer, deps, settled=True)
    [thread] = process_comments.listed(draft, designer, deps)
    assert (thread.first.settled_by, thread.first.settled_at is not None) == ("designer", True)
    process_comments.settle(draft, first.id, designer, deps, settled=False)
    [thread] = process_comments.listed(draft, designer, deps)
    assert (thread.first.settled_by, thread.first.settled_at) == (None, None)
    with pytest.raises(NotFound):  # an answer is no thread
        process_comments.settle(draft, answer.id, designer, deps, settled=True)


def test_what_is_sent_twice_is_written_once_even_at_the_same_moment(office: Desk) -> None:
    deps, designer = office.whole.deps, somebody(office, "designer")
    draft = drawn(office, "sent_twice")

    def send(_: int) -> str:
        return process_comments.write(draft, "一次", designer, deps, send_key="the same").id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert len(process_comments.listed(draft, designer, deps)) == 1


def test_comments_stay_with_the_process_when_the_draft_goes(office: Desk) -> None:
    deps, designer = office.whole.deps, somebody(office, "designer")
    draft = drawn(office, "stays")
    process_comments.write(draft, "留着", designer, deps, send_key="stay", element_id="a")
    process_drafts.remove(draft, designer, deps)
    with pytest.raises(NotFound):
        process_comments.listed(draft, designer, deps)
    later, other = drawn(office, "stays"), drawn(office, "another")
    assert [one.first.text for one in process_comments.listed(later, designer, deps)] == ["留着"]
    assert process_comments.listed(other, designer, deps) == ()
    [thread] = process_comments.listed(later, designer, deps)
    with pytest.raises(NotFound):  # not through the draft of another process
        process_comments.settle(other, thread.first.id, designer, deps, settled=True)


@pytest.mark.parametrize(("text", "key"), [("", "k"), ("  ", "k"), ("x" * 2001, "k"), ("x", ""), ("x", "k" * 65)])
def test_what_cannot_be_kept_is_refused_and_nothing_is_stored(office: Desk, text: str, key: str) -> None:
    deps, designer = office.whole.deps, somebody(office, "designer")
    draft = drawn(office, "refused")
    with pytest.raises(InvalidInput):
        process_comments.write(draft, text, designer, deps, send_key=key)
    assert process_comments.listed(draft, designer, deps) == ()


def test_who_may_not_draw_may_not_write_either(office: Desk) -> None:
    deps = office.whole.deps
    draft = drawn(office, "not_mine")
    with pytest.raises(Forbidden):
        process_comments.write(draft, "嗨", somebody(office, "front"), deps, send_key="x")
    with pytest.raises(NotFound):
        process_comments.write(uuid7(), "嗨", somebody(office, "designer"), deps, send_key="x")
