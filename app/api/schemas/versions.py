"""Versions of processes and migrations between them, as JSON."""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.api.paging import PageQuery
from app.api.schemas.fields import Code, In, Instant, Out, Text, Whole, WholeText
from app.services.studio.process_versions import STATES

VERDICTS: Final = ("safe", "needs_mapping", "blocked")
MAX_VERSION: Final = 1_000_000
MAX_ELEMENTS: Final = 4_000
MAX_CHOSEN: Final = 5_000
#: So many instances a second at most.
MAX_RATE: Final = 1_000.0
ELEMENT: Final = validate.Length(1, 255)


class FieldChangeOut(Out):
    """One thing about an element that differs."""

    field = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class VersionDifference(Out):
    """One element that was added, removed or changed."""

    element_id = fields.String()
    type = fields.String()
    name = fields.String()
    name_en = fields.String()
    what = fields.String(metadata={"description": "added, removed or changed"})
    changes = fields.List(fields.Nested(FieldChangeOut), attribute="fields")


class CompareQuery(In):
    """Which two versions."""

    old = WholeText(1, MAX_VERSION, required=True, data_key="from")
    new = WholeText(1, MAX_VERSION, required=True, data_key="to")


class CompareOut(Out):
    """What differs between two versions."""

    differences = fields.List(fields.Nested(VersionDifference))


class VersionReportOut(Out):
    """What a deployment means for one process."""

    key = fields.String()
    version = fields.Integer()
    what = fields.String(metadata={"description": "first, new, same or again"})
    before = fields.Integer(allow_none=True)
    differences = fields.List(fields.Nested(VersionDifference))
    running = fields.Dict(keys=fields.String(), values=fields.Integer())


class WithdrawQuery(In):
    """Why a version is taken back; where a second person agrees to deployments it has to be said."""

    reason = Text(500, load_default="")


class WithdrawnOut(Out):
    """A version that was taken back."""

    key = fields.String()
    version = fields.Integer()
    withdrawn_at = Instant()
    withdrawn_by = fields.String()


class InstanceQuery(PageQuery):
    """Which instances."""

    version = WholeText(1, MAX_VERSION, load_default=None)
    state = fields.String(validate=validate.OneOf(STATES), load_default="live")


class InstanceRow(Out):
    """One instance and the version it runs on."""

    id = fields.String()
    root_id = fields.String()
    process_key = fields.String()
    version = fields.Integer()
    business_key = fields.String()
    area = fields.String()
    state = fields.String()
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    suspended_at = Instant(allow_none=True)


class InstanceRows(Out):
    """A part of the list of instances."""

    items = fields.List(fields.Nested(InstanceRow))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


def mapping_field(**more: object) -> fields.Dict:
    """Ids of elements (or flows) of the old version with their counterparts; null: it has none."""
    return fields.Dict(
        keys=fields.String(validate=ELEMENT),
        values=fields.String(validate=ELEMENT, allow_none=True),
        validate=validate.Length(max=MAX_ELEMENTS),
        **more,  # type: ignore[arg-type]
    )


class MigrationIn(In):
    """From which version to which; counterparts that differ from the draft by element id."""

    key = Text(120, 1, required=True)
    from_version = Whole(1, MAX_VERSION, required=True)
    to_version = Whole(1, MAX_VERSION, required=True)
    mapping = mapping_field(load_default=dict)
    reason = Text(500, 1, required=True)


class MappingIn(In):
    """Counterparts to change."""

    mapping = mapping_field(required=True)


class BackIn(In):
    """Why."""

    reason = Text(500, 1, required=True)


class CarryOutIn(In):
    """``pilot``: stop by itself after so many; ``rate_per_s`` 0: no limit; ``instances``: only these."""

    pilot = Whole(1, 1_000_000, load_default=None, allow_none=True)
    rate_per_s = fields.Float(load_default=0.0, validate=validate.Range(0.0, MAX_RATE))
    instances = fields.List(Code(), load_default=None, allow_none=True, validate=validate.Length(1, MAX_CHOSEN))


class VerdictCounts(Out):
    """Instances by verdict, and how many have moved."""

    safe = fields.Integer()
    needs_mapping = fields.Integer()
    blocked = fields.Integer()
    moved = fields.Integer()


class MigrationOut(Out):
    """A migration: its plan, what the dry run found, how far it is."""

    id = fields.String()
    process_key = fields.String()
    from_version = fields.Integer()
    to_version = fields.Integer()
    state = fields.String(metadata={"description": "draft, judging, judged or carried_out"})
    reason = fields.String()
    created_by = fields.String()
    created_at = Instant()
    judged_at = Instant(allow_none=True)
    back_of = fields.String(allow_none=True)
    run_id = fields.String(allow_none=True, metadata={"description": "the bulk run that carries it out"})
    run_state = fields.String(allow_none=True)
    waits_for_rest = fields.Boolean(metadata={"description": "the pilot is done; the rest waits to be told"})
    mapping = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    unmapped = fields.List(fields.String())
    counts = fields.Nested(VerdictCounts)


class MigrationPage(Out):
    """A part of the list of migrations."""

    items = fields.List(fields.Nested(MigrationOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class MigrationQuery(PageQuery):
    """Which migrations."""

    key = Text(120, load_default=None)


class JudgedOut(MigrationOut):
    """The migration after a dry run; ``done`` false: there are more instances, ask again."""

    done = fields.Boolean()


class SayingOut(Out):
    """One reason or note."""

    code = fields.String()
    element_id = fields.String()
    detail = fields.String()
    zh = fields.String()
    en = fields.String()


class MigrationItemQuery(PageQuery):
    """Which instances of a migration."""

    verdict = fields.String(validate=validate.OneOf(VERDICTS), load_default=None)
    moved = fields.String(validate=validate.OneOf(("true", "false")), load_default=None)


class MigrationItemOut(Out):
    """One instance: may it move, why not, what to know, and what became of it."""

    instance_id = fields.String()
    business_key = fields.String()
    about = fields.String(metadata={"description": "the number people know, as in O-2611-000042 #1"})
    area = fields.String()
    verdict = fields.String()
    reasons = fields.List(fields.Nested(SayingOut))
    notes = fields.List(fields.Nested(SayingOut))
    moved_at = Instant(allow_none=True)
    result = fields.String(allow_none=True, metadata={"description": "waiting, applied or refused"})
    code = fields.String(allow_none=True)
    message = fields.String(allow_none=True)


class MigrationItemPage(Out):
    """A part of the instances of a migration."""

    items = fields.List(fields.Nested(MigrationItemOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()
