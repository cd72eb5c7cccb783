"""Repairs as JSON: what is to be done, with its reason; plans; bulk runs and their results; the audit."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields, validate

from app.api.schemas.fields import Anything, In, Instant, Out, Text, Truth, Whole
from app.services.bulk.bulk_desk import PARAMS

MOST_IDS: Final = 10_000
ELEMENT: Final = 255
ABOUT: Final = {"description": "the number people know, as in O-2611-000042 #1 (order and item)"}


def reason(**more: Any) -> Text:
    """Why; it stays in the history for good."""
    return Text(500, **({"least": 1, "required": True} | more))


def names(**more: Any) -> fields.Dict:
    """Values by name."""
    return fields.Dict(
        keys=fields.String(validate=validate.Length(1, 120)),
        values=Anything(allow_none=True),
        **({"allow_none": True, "load_default": None} | more),
    )


class RetryIn(In):
    """Corrections for the next try, where it needs any; see the incident's inputs."""

    inputs = names()
    change = names()
    data = names()
    nothing_happened = Truth(load_default=False)
    reason = reason(least=0, required=False, load_default="")


class SkipIn(In):
    """The result with which to go on. ``effect_happened``: somebody did it by hand, so it can be undone later."""

    result = names(load_default={}, allow_none=False)
    effect_happened = Truth(load_default=False)
    reason = reason()


class RepairReasonIn(In):
    """Why."""

    reason = reason()


class MoveIn(In):
    """Which token goes where. ``undo``: numbers of the effects to be undone, instead of those proposed."""

    to = Text(ELEMENT, 1, required=True)
    element_id = Text(ELEMENT, 1, load_default=None, allow_none=True)
    task_id = Text(64, 1, load_default=None, allow_none=True)
    data = names()
    undo = fields.List(Whole(), load_default=None, allow_none=True)


class DoMoveIn(MoveIn):
    """A move, with its reason; ``digest`` of the plan that was looked at, so that nothing else is done."""

    digest = Text(64, load_default=None, allow_none=True)
    reason = reason()


class CancelTreeIn(In):
    """Why; and the ``digest`` of the plan that was looked at."""

    digest = Text(64, load_default=None, allow_none=True)
    reason = reason()


class PositionOut(Out):
    """One token of an instance."""

    task_id = fields.String()
    element_id = fields.String()
    within = fields.List(fields.String())
    state = fields.String()


class EffectLineOut(Out):
    """One effect, and whether it will be undone."""

    seq = fields.Integer()
    element_id = fields.String()
    operation = fields.String()
    undo_operation = fields.String(allow_none=True)
    undo = fields.Boolean()


class MovePlanOut(Out):
    """What a move does: nothing else, if its digest is given with it."""

    instance_id = fields.String()
    from_element = fields.String()
    to_element = fields.String()
    goes_back = fields.Boolean()
    left = fields.List(fields.Nested(PositionOut))
    along = fields.List(
        fields.String(), metadata={"description": "tokens of the same passing that go back with it, by task id"}
    )
    stays = fields.List(fields.Nested(PositionOut))
    closes = fields.List(fields.Dict())
    effects = fields.List(fields.Nested(EffectLineOut))
    problem = fields.String(allow_none=True)
    point_of_no_return = fields.String(allow_none=True)
    digest = fields.String()


class MovedOut(Out):
    """A move that has begun; ``state`` is ``undoing`` until everything is undone, then ``done``."""

    id = fields.String()
    state = fields.String()
    to_element = fields.String()
    plan = fields.Nested(MovePlanOut)


class SuspendedOut(Out):
    """How many instances of the tree were changed."""

    instances = fields.Integer()


class UndoLineOut(Out):
    """One effect of a tree."""

    seq = fields.Integer()
    process_key = fields.String()
    element_id = fields.String()
    operation = fields.String()
    undo_operation = fields.String(allow_none=True)
    state = fields.String()


class CancelPlanOut(Out):
    """What a cancel does; ``undo`` in the order in which it happens."""

    root_id = fields.String()
    state = fields.String()
    instances = fields.Integer()
    undo = fields.List(fields.Nested(UndoLineOut))
    stays = fields.List(fields.Nested(UndoLineOut))
    outstanding = fields.List(fields.String())
    ends = fields.List(fields.Dict())
    point_of_no_return = fields.String(allow_none=True)
    digest = fields.String()


class CancelledOut(Out):
    """The state it is in now."""

    state = fields.String()


class ReassignIn(In):
    """To which team, or to which person of the team; where neither is said, the rules of dispatch are asked again."""

    team = Text(64, 1, load_default=None, allow_none=True)
    login = Text(64, 1, load_default=None, allow_none=True)
    reason = reason()


class SelectIn(In):
    """Which subjects; at least one of these. Incidents: ``cause_key``, ``code``, ``operation``, ``q``; instances:
    ``process_key``, ``version``, ``element_id`` at which they wait; both: ``order`` (id or number); work items:
    ``team``, ``login``, ``kind``."""

    cause_key = Text(32, 1)
    code = Text(120, 1)
    operation = Text(120, 1)
    q = Text(200, 1)
    process_key = Text(120, 1)
    version = Whole(1)
    element_id = Text(ELEMENT, 1)
    order = Text(64, 1)
    team = Text(64, 1)
    login = Text(64, 1)
    kind = Text(40, 1)
    area = Text(40, 1)
    ids = fields.List(Text(64, 1), validate=validate.Length(1, MOST_IDS))


class PreviewIn(In):
    """What would be done, to which."""

    kind = fields.String(required=True, validate=validate.OneOf(sorted(PARAMS)))
    select = fields.Nested(SelectIn, required=True)


class BulkIn(PreviewIn):
    """A bulk run. ``rate_per_s`` 0: as fast as it goes. ``pause_after``: a pilot. ``paused``: begin later."""

    params = names(load_default={}, allow_none=False)
    reason = reason()
    rate_per_s = fields.Float(load_default=0.0, validate=validate.Range(0, 1000))
    pause_after = Whole(1, load_default=None, allow_none=True)
    paused = Truth(load_default=False)


class ResumeIn(In):
    """Go on, at another rate if one is given."""

    rate_per_s = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 1000))


class RerunIn(ResumeIn):
    """Run those that failed again, with a reason."""

    reason = reason()


class KnownOut(Out):
    """What is known of a failure: names, the kind of team that owns it, what to do first."""

    name_zh = fields.String()
    name_en = fields.String()
    owner_role = fields.String()
    first_action = fields.String()
    first_action_zh = fields.String()


class GroupOut(Out):
    """The open incidents of one cause."""

    cause_key = fields.String()
    code = fields.String()
    operation = fields.String()
    cause = fields.String()
    count = fields.Integer()
    orders = fields.Integer()
    processes = fields.List(fields.String())
    elements = fields.List(fields.String())
    oldest_at = Instant()
    newest_at = Instant()
    known = fields.Nested(KnownOut)


class GroupList(Out):
    """Causes, the largest group first."""

    groups = fields.List(fields.Nested(GroupOut))


class PreviewOut(Out):
    """How many subjects fit now; of incidents, by cause."""

    count = fields.Integer()
    groups = fields.List(fields.Nested(GroupOut))


class BulkRunOut(Out):
    """A bulk run. ``states``: how many wait, were applied, were refused. ``outcomes``: what came of those applied;
    ``applied`` alone says only that the action was taken."""

    id = fields.String(attribute="run.id")
    kind = fields.String(attribute="run.kind")
    state = fields.String(attribute="run.state")
    reason = fields.String(attribute="run.reason")
    actor = fields.String(attribute="run.actor")
    area = fields.String(attribute="run.area")
    select = fields.Dict(attribute="run.selection")
    params = fields.Dict(attribute="run.params")
    rate_per_s = fields.Float(attribute="run.rate_per_s")
    total = fields.Integer(attribute="run.total")
    rerun_of = fields.String(attribute="run.rerun_of", allow_none=True)
    created_at = Instant(attribute="run.created_at")
    ended_at = Instant(attribute="run.ended_at", allow_none=True)
    states = fields.Dict(attribute="counts.states")
    outcomes = fields.Dict(attribute="counts.outcomes")


class BulkRunPage(Out):
    """A part of the list of runs."""

    items = fields.List(fields.Nested(BulkRunOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class BulkItemOut(Out):
    """One subject of a run."""

    seq = fields.Integer()
    subject_id = fields.String()
    business_key = fields.String()
    about = fields.String(metadata=ABOUT)
    state = fields.String()
    outcome = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    message = fields.String(allow_none=True)
    at = Instant(allow_none=True)
    settled_at = Instant(allow_none=True)


class BulkItemList(Out):
    """Some subjects of a run, in the order in which they are touched."""

    items = fields.List(fields.Nested(BulkItemOut))


class TryOut(Out):
    """How one try went."""

    attempt = fields.Integer()
    at = fields.String()
    error = fields.String()
    stack = fields.String()


class IncidentDetail(Out):
    """Everything about one incident; numbers of people are masked, secrets left out."""

    id = fields.String()
    state = fields.String()
    code = fields.String()
    message = fields.String()
    operation = fields.String()
    operation_id = fields.String(allow_none=True)
    cause = fields.String()
    cause_key = fields.String()
    process_key = fields.String()
    element_id = fields.String()
    instance_id = fields.String()
    root_id = fields.String()
    business_key = fields.String()
    about = fields.String(metadata=ABOUT)
    area = fields.String()
    opened_at = Instant()
    resolved_at = Instant(allow_none=True)
    resolved_by = fields.String(allow_none=True)
    resolution = fields.String(allow_none=True)
    attempts = fields.Integer()
    max_attempts = fields.Integer(allow_none=True)
    tries = fields.List(fields.Nested(TryOut))
    inputs = fields.Dict(allow_none=True)
    result_names = fields.List(fields.String(), metadata={"description": "what the operation answers, for a skip"})
    known = fields.Nested(KnownOut)
    rejected_code = fields.String(allow_none=True)
    last_error = fields.String(allow_none=True)
    outcome_unknown = fields.Boolean()


class RepairOut(Out):
    """One line of the audit of repairs."""

    at = Instant()
    actor = fields.String()
    action = fields.String()
    reason = fields.String()
    subject = fields.String()
    instance_id = fields.String(allow_none=True)
    element_id = fields.String(allow_none=True)
    business_key = fields.String()
    about = fields.String(metadata=ABOUT)
    area = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)
    run_id = fields.String(allow_none=True)


class RepairPage(Out):
    """A part of the audit of repairs."""

    items = fields.List(fields.Nested(RepairOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class HeldOut(Out):
    """An adapter that gets no calls."""

    adapter = fields.String()
    since = Instant()
    by = fields.String()
    reason = fields.String()
    parked = fields.Integer()


class HeldList(Out):
    """Every adapter that gets no calls now, and the definitions whose new instances wait."""

    adapters = fields.List(fields.Nested(HeldOut))
    definitions = fields.List(fields.Dict())


class HoldDefinitionIn(In):
    """A process, or one version of it. ``running``: suspend (or resume) what runs on it too, by a bulk run."""

    key = Text(120, 1, required=True)
    version = Whole(1, load_default=None, allow_none=True)
    running = Truth(load_default=True)
    rate_per_s = fields.Float(load_default=0.0, validate=validate.Range(0, 1000))
    reason = reason()


class HeldDefinitionOut(Out):
    """The versions that were changed, and the run over what is running on them, if there is one."""

    versions = fields.List(fields.Integer())
    run_id = fields.String(allow_none=True)
