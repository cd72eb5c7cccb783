"""Chinese or English: what the caller asked for, else what is known of the caller."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask import Request

from app.domain.actors import Actor

LANGUAGES: Final = ("zh", "en")
LANGUAGE_COOKIE: Final = "yizhan_lang"


def chosen_language(request: Request, actor: Actor | None, *, default: str, machine: bool) -> str:
    """``?lang=`` first; then machines say it in Accept-Language, people by cookie or in their profile."""
    header = request.accept_languages.best_match(LANGUAGES) if request.accept_languages else None
    cookie = request.cookies.get(LANGUAGE_COOKIE)
    profile = actor.language if actor else None
    wishes: Iterable[str | None] = (header, cookie, profile) if machine else (cookie, profile, header)
    return first_known((request.args.get("lang"), *wishes, default))


def first_known(wishes: Iterable[str | None]) -> str:
    """The first wish that is a language of ours; Chinese when there is none."""
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])
