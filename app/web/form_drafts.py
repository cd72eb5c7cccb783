"""Forms save themselves while they are filled in, and come back as they were left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires_login
from app.persistence.form_drafts import draft_of
from app.services.form_drafts import drop, keep
from app.web.reader import Reader, current_reader
from app.web.site import bp, inside, see

#: What belongs to the page and not to what somebody typed.
OWN_FIELDS: Final = ("csrf_token", "do", "draft_title")


@dataclass(frozen=True)
class DraftNote:
    """Where a form saves itself, and from when the draft is that it shows."""

    href: str
    title: str
    restored: str = ""
    drop_href: str = ""


@bp.post("/drafts/<kind>/<key>")
@requires_login
def keep_draft(kind: str, key: str) -> Response:
    """Save the form as it is; answers with the sentence that says so."""
    content = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN_FIELDS]
    at = keep(kind, key, request.form.get("draft_title", ""), content, current_actor(), current_deps())
    reader = current_reader()
    return Response(reader.t("Draft saved {time}", time=reader.f.clock(at)), mimetype="text/plain")


@bp.post("/drafts/<kind>/<key>/drop")
@requires_login
def drop_draft(kind: str, key: str) -> Response:
    """Throw the draft away and show the form as it was before."""
    drop(kind, key, current_actor(), current_deps())
    return see(inside(request.form.get("back", "")) or "/")


def restored(
    session: Session, reader: Reader, kind: str, key: str, *, title: str
) -> tuple[MultiDict[str, str] | None, DraftNote]:
    """What was typed before, if anything, and what the page says of it."""
    draft = draft_of(session, reader.actor.login, kind, key)
    fresh = draft_note(kind, key, title)
    if draft is None:
        return None, fresh
    pairs: Sequence[tuple[str, str]] = draft.pairs
    return MultiDict(pairs), replace(fresh, restored=reader.f.moment(draft.saved_at), drop_href=f"{fresh.href}/drop")


def draft_note(kind: str, key: str, title: str) -> DraftNote:
    """Where a form saves itself that shows what was just typed and no draft."""
    return DraftNote(f"/drafts/{kind}/{key}", title)
