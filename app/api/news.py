"""News for processes: messages, signals and facts, and the list of what nobody took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import page
from app.api.schemas.news import FactsIn, MessageIn, NewsOut, NewsPage, NewsQuery, SignalIn
from app.services.repairs import news_desk
from app.unit_of_work import read

door: Final = Door("news", "/api/v1/news", "news")


@door.route(
    "GET",
    "",
    right="ops.view",
    summary="List messages, signals and facts of your area, newest first; state unmatched: nobody waits for them yet",
    query=NewsQuery,
    answers={200: NewsPage},
)
def list_news(query: Mapping[str, Any]) -> Reply:
    filters = {name: query[name] for name in ("state", "kind", "name", "key")}
    offset, limit = query["offset"], query["limit"]
    with read(current_deps().read_sessions) as session:
        rows, total = news_desk.list_news(session, current_actor(), filters, offset=offset, limit=limit)
        shown: list[Any] = NewsOut(many=True).dump(rows)
    return page(shown, total, query)


@door.route(
    "POST",
    "/messages",
    right=news_desk.RIGHT,
    summary="Send a message to who waits for its name and key, or begin a process with it; an id counts once",
    body=MessageIn,
    answers={201: NewsOut},
    errors=(404,),
)
def send_message(body: Mapping[str, Any]) -> Reply:
    return _sent("message", body)


@door.route(
    "POST",
    "/signals",
    right=news_desk.RIGHT,
    summary="Send a signal to all who wait for it; an id counts once",
    body=SignalIn,
    answers={201: NewsOut},
    errors=(404,),
)
def send_signal(body: Mapping[str, Any]) -> Reply:
    return _sent("signal", body)


@door.route(
    "POST",
    "/facts",
    right=news_desk.RIGHT,
    summary="Report facts: every process whose start condition holds for them begins; an id counts once",
    body=FactsIn,
    answers={201: NewsOut},
    errors=(404,),
)
def send_facts(body: Mapping[str, Any]) -> Reply:
    return _sent("facts", body)


@door.route(
    "POST",
    "/<news_id>/retry",
    right=news_desk.RIGHT,
    summary="Have news looked at again that nobody took or that could not be used",
    answers={200: NewsOut},
    errors=(404, 409),
)
def look_again(news_id: str) -> Reply:
    shown: dict[str, Any] = NewsOut().dump(news_desk.look_again(news_id, current_actor(), current_deps()))
    return shown


def _sent(kind: str, body: Mapping[str, Any]) -> Reply:
    shown: dict[str, Any] = NewsOut().dump(news_desk.send(kind, body, current_actor(), current_deps()))
    return shown, 201
