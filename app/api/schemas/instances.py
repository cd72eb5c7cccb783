"""Process instances as JSON: rows of a list, and everything about one."""

from __future__ import annotations

from marshmallow import fields, validate

from app.api.paging import PageQuery
from app.api.schemas.fields import Anything, Code, Instant, Out, Text, WholeText
from app.api.schemas.repairs import ABOUT
from app.api.schemas.versions import MAX_VERSION, InstanceRow
from app.services.studio.process_versions import STATES


class InstancesQuery(PageQuery):
    """Which instances: those of an order (id or number), or of a process; without ``state`` those that have not ended,
    of an order all. ``element``: that wait there."""

    order = Code(load_default=None)
    process = Text(120, load_default=None)
    version = WholeText(1, MAX_VERSION, load_default=None)
    element = Text(255, load_default=None)
    state = fields.String(validate=validate.OneOf(STATES), load_default=None)
    suspended = fields.String(validate=validate.OneOf(("true", "false")), load_default=None)


class ListedInstance(InstanceRow):
    """One instance of a list, and the elements at which it waits."""

    about = fields.String(metadata=ABOUT)
    depth = fields.Integer(metadata={"description": "how many instances are above it"})
    parent_element_id = fields.String(allow_none=True)
    waits_at = fields.List(fields.String())


class ListedInstances(Out):
    """A part of the list of instances."""

    items = fields.List(fields.Nested(ListedInstance))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class TokenOut(Out):
    """One token. ``within``: the sub-processes around it; ``state``: waiting, failed or moving."""

    task_id = fields.String()
    element_id = fields.String()
    name = fields.String()
    name_en = fields.String()
    within = fields.List(fields.String())
    state = fields.String()


class InstanceWaitOut(Out):
    """What is waited for. ``kind``: user, job, timer, message or signal; ``until``: due, or the next try."""

    kind = fields.String()
    element_id = fields.String()
    what = fields.String()
    state = fields.String()
    since = Instant(allow_none=True)
    until = Instant(allow_none=True)
    attempts = fields.Integer()
    max_attempts = fields.Integer()
    last_error = fields.String(allow_none=True)


class InstanceIncidentOut(Out):
    """An open incident of the instance."""

    id = fields.String()
    code = fields.String()
    message = fields.String()
    element_id = fields.String()
    operation = fields.String()
    opened_at = Instant()


class CalledOut(Out):
    """An instance that this one has called."""

    id = fields.String()
    process_key = fields.String()
    version = fields.Integer()
    element_id = fields.String(allow_none=True)
    loop_index = fields.Integer(allow_none=True)
    state = fields.String()


class InstanceEffectOut(Out):
    """One line of the ledger of effects."""

    seq = fields.Integer()
    element_id = fields.String()
    operation = fields.String()
    undo_operation = fields.String(allow_none=True)
    state = fields.String()
    confirmed_at = Instant()


class InstanceOut(Out):
    """Everything about one instance but its history. ``data``: the last value of each name, people's numbers masked."""

    id = fields.String()
    root_id = fields.String()
    parent_id = fields.String(allow_none=True)
    parent_element_id = fields.String(allow_none=True)
    process_key = fields.String()
    version = fields.Integer()
    business_key = fields.String()
    about = fields.String(metadata=ABOUT)
    area = fields.String()
    state = fields.String()
    started_at = Instant()
    started_by = fields.String()
    suspended_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    cancel_reason = fields.String(allow_none=True)
    point_of_no_return = fields.String(allow_none=True)
    tokens = fields.List(fields.Nested(TokenOut))
    waits = fields.List(fields.Nested(InstanceWaitOut))
    incidents = fields.List(fields.Nested(InstanceIncidentOut))
    called = fields.List(fields.Nested(CalledOut))
    effects = fields.List(fields.Nested(InstanceEffectOut))
    data = Anything()
