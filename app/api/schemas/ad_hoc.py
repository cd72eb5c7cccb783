"""Ad-hoc sub-processes as JSON: what can be begun by hand, and beginning it."""

from __future__ import annotations

from marshmallow import fields

from app.api.schemas.fields import In, Out, Text
from app.api.schemas.repairs import ELEMENT, reason


class ActivityOut(Out):
    """An activity of an ad-hoc sub-process."""

    element_id = fields.String()
    name = fields.String()
    name_en = fields.String()


class LooseOut(Out):
    """An ad-hoc sub-process that runs: what can be begun in it, and the ids of what runs."""

    task_id = fields.String()
    element_id = fields.String()
    name = fields.String()
    name_en = fields.String()
    choices = fields.List(fields.Nested(ActivityOut))
    running = fields.List(fields.String())


class LooseList(Out):
    """The ad-hoc sub-processes of an instance, or the one a work item is about."""

    items = fields.List(fields.Nested(LooseOut))


class BeginIn(In):
    """Which activity."""

    element_id = Text(ELEMENT, 1, required=True)


class BeginInstanceIn(BeginIn):
    """Which activity and why; ``task_id`` of the sub-process, where several that run have such an activity."""

    task_id = Text(64, 1, load_default=None, allow_none=True)
    reason = reason()
