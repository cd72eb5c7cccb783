"""Cases of processes as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from app.api.schemas.fields import In, Instant, Out


class CaseQuery(In):
    """Whose cases: those in force, or as a draft has them."""

    draft = fields.String(load_default="", validate=validate.Length(max=36))


class CaseOut(Out):
    """A case, or a sample that expects nothing."""

    id = fields.String()
    name = fields.String()
    name_zh = fields.String()
    is_sample = fields.Boolean()
    origin = fields.String(metadata={"enum": ["shipped", "own"]})
    draft_id = fields.String(allow_none=True, metadata={"description": "kept with that draft only"})
    body = fields.Dict(metadata={"description": "as in a file of tests, without the name"})
    last = fields.Dict(metadata={"description": "how it went the last time: at, ok, element, zh, en"})
    saved_at = Instant()
    saved_by = fields.String()


class CaseList(Out):
    """The cases and samples of one process, in the order of its file."""

    cases = fields.List(fields.Nested(CaseOut))


class CasesIn(In):
    """Cases and samples as in ``KEY.test.json``; one of a name that is there replaces it."""

    process = fields.String(validate=validate.Length(max=120))
    tests = fields.List(fields.Dict(), required=True, validate=validate.Length(max=300))
    samples = fields.List(fields.Dict(), validate=validate.Length(max=300))


class CasesTaken(Out):
    """How many cases and samples were taken in."""

    kept = fields.Integer()


class CasesToRun(In):
    """Which cases; all if none is named."""

    cases = fields.List(fields.String(), load_default=list, validate=validate.Length(max=300))


class CaseProblemOut(Out):
    """What went otherwise than expected, and at which element."""

    element = fields.String()
    zh = fields.String()
    en = fields.String()


class CaseRunOut(Out):
    """One case as it went."""

    case_id = fields.String(allow_none=True)
    name = fields.String()
    name_zh = fields.String()
    ok = fields.Boolean()
    problems = fields.List(fields.Nested(CaseProblemOut))
    steps = fields.List(fields.String(), metadata={"description": "paths of the steps in their order"})


class CaseRuns(Out):
    """How the cases went."""

    ok = fields.Boolean()
    failed = fields.Integer()
    runs = fields.List(fields.Nested(CaseRunOut))
