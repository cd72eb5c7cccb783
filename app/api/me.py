"""Who am I, and what may I do."""

from __future__ import annotations

from typing import Final

from marshmallow import fields

from app.access import current_actor, current_language
from app.api.door import LOGIN, Door, Reply
from app.api.schemas.fields import Out
from app.domain.actors import allowed_actions

door: Final = Door("me", "/api/v1/me", "me")


class MeOut(Out):
    """The caller as the system sees him or her."""

    login = fields.String()
    role = fields.String()
    area = fields.String()
    area_path = fields.String()
    teams = fields.List(fields.String())
    language = fields.String()
    actions = fields.List(fields.String())


@door.route("GET", "", right=LOGIN, summary="The caller and his or her rights", answers={200: MeOut})
def get_me() -> Reply:
    actor = current_actor()
    return {
        "login": actor.login,
        "role": str(actor.role),
        "area": actor.area,
        "area_path": actor.area_path,
        "teams": sorted(actor.teams),
        "language": current_language(),
        "actions": sorted(allowed_actions(actor)),
    }
