"""Views that somebody saves, and how he or she likes the lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.teamwork.returns import said
from app.errors import Conflict, NotFound
from app.persistence.desk_choices import DeskChoice, SavedView, drop_view, view_named, views_of
from app.unit_of_work import retried, transaction

#: Kind of list -> the right that who looks at it must hold.
KINDS: Final = {"work": "item.view"}
MOST_VIEWS: Final = 30
MOST_STARS: Final = 6
MOST_NAME: Final = 40


@retried
def save_view(
    kind: str, name: str, arguments: Mapping[str, str], actor: Actor, deps: Deps, *, starred: bool
) -> SavedView:
    """Keep a filter under a name; the same name again takes the new filter.

    :raises InvalidInput: no name, or a long one.
    :raises Conflict: there are as many views, or as many with a star, as are kept.
    """
    may(actor, KINDS[kind])
    plain = said(name, "name", MOST_NAME)
    with transaction(deps.sessions) as tx:
        session = tx.session
        views = views_of(session, actor.login, kind)
        view = view_named(session, actor.login, kind, plain)
        if view is None and len(views) >= MOST_VIEWS:
            raise Conflict(f"at most {MOST_VIEWS} views are kept", f"最多保存 {MOST_VIEWS} 个视图")
        if starred and sum(one.starred for one in views if one is not view) >= MOST_STARS:
            raise Conflict(f"at most {MOST_STARS} views have a star", f"最多收藏 {MOST_STARS} 个视图")
        if view is None:
            view = SavedView(login=actor.login, kind=kind, name=plain, arguments={}, at=deps.clock(session))
            session.add(view)
        view.arguments, view.starred = dict(arguments), starred
    return view


@retried
def star_view(view_id: str, actor: Actor, deps: Deps, *, starred: bool) -> SavedView:
    """Give a view a star, or take it away.

    :raises NotFound: it is not one of the actor's.
    :raises Conflict: as many as can have one have one.
    """
    with transaction(deps.sessions) as tx:
        view = tx.session.get(SavedView, view_id)
        if view is None or view.login != actor.login:
            raise NotFound()
        others = [one for one in views_of(tx.session, actor.login, view.kind) if one is not view and one.starred]
        if starred and len(others) >= MOST_STARS:
            raise Conflict(f"at most {MOST_STARS} views have a star", f"最多收藏 {MOST_STARS} 个视图")
        view.starred = starred
    return view


@retried
def forget_view(view_id: str, actor: Actor, deps: Deps) -> None:
    """Throw a view of one's own away; nothing happens when there is none."""
    with transaction(deps.sessions) as tx:
        drop_view(tx.session, actor.login, view_id)


@retried
def choose(name: str, value: Mapping[str, Any], actor: Actor, deps: Deps) -> None:
    """Keep what somebody has chosen, such as the columns of a list."""
    with transaction(deps.sessions) as tx:
        row = tx.session.get(DeskChoice, {"login": actor.login, "name": name})
        if row is None:
            tx.session.add(DeskChoice(login=actor.login, name=name, value=dict(value)))
        else:
            row.value = dict(value)
