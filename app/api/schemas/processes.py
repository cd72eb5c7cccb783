"""Process definitions, operations and findings as JSON."""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.api.schemas.fields import In, Instant, Out, Text
from app.api.schemas.versions import VersionReportOut
from processes.findings import finding_id

MAX_FILES: Final = 500
MODEL_NAME: Final = r"^[\w.()+ -]{1,120}\.(bpmn|dmn|xml|form)\Z"
FILE_NAME: Final = r"^[\w.()+ -]{1,120}\.(bpmn|dmn|xml|form|test\.json)\Z"


class DefinitionOut(Out):
    """The newest version of a process."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String()
    name_en = fields.String()
    content_hash = fields.String()
    deployed_at = Instant()
    deployed_by = fields.String()
    called_keys = fields.List(fields.String())
    decision_keys = fields.List(fields.String())


class RunningOut(Out):
    """How many instances of a version have not ended, in your area."""

    version = fields.Integer()
    running = fields.Integer()


class ListedDefinition(DefinitionOut):
    """The version of a process that is in force, and what runs on which version."""

    running = fields.List(fields.Nested(RunningOut))


class DefinitionList(Out):
    """Every process."""

    definitions = fields.List(fields.Nested(ListedDefinition))


class VersionOut(Out):
    """One version of a process."""

    version = fields.Integer()
    content_hash = fields.String()
    deployed_at = Instant()
    deployed_by = fields.String()
    withdrawn_at = Instant(allow_none=True)
    in_force = fields.Boolean()
    running = fields.Integer(metadata={"description": "instances of your area that have not ended"})


class DefinitionDetail(DefinitionOut):
    """One process with its versions."""

    versions = fields.List(fields.Nested(VersionOut))


class FindingOut(Out):
    """What the check says about one element."""

    id = fields.Function(finding_id, metadata={"description": "stays the same while the finding does"})
    rule = fields.String()
    severity = fields.String()
    file = fields.String()
    element_id = fields.String()
    element_name = fields.String()
    path = fields.String(metadata={"description": "the process, the sub-processes around it, the element"})
    message_zh = fields.String()
    message_en = fields.String()
    fix_zh = fields.String()
    fix_en = fields.String()
    group = fields.String(metadata={"description": "notation, execution, references or business"})
    place = fields.String(metadata={"description": "the field of the element it is about"})
    fixes = fields.List(
        fields.Dict(), metadata={"description": "what a machine can do about it: label_zh, label_en, steps"}
    )


class CheckOut(Out):
    """The findings, and whether the files could be deployed."""

    deployable = fields.Boolean()
    findings = fields.List(fields.Nested(FindingOut))


class FilesIn(In):
    """Diagram files by name; the texts are BPMN or DMN XML."""

    files = fields.Dict(
        keys=fields.String(validate=validate.Regexp(FILE_NAME)),
        values=fields.String(),
        required=True,
        validate=validate.Length(1, MAX_FILES),
    )


class DeployIn(FilesIn):
    """Files to deploy together, with a note for the history."""

    note = Text(500, load_default="")
    notes = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 40)),
        values=Text(500),
        load_default=dict,
        metadata={"description": "why a warning may stay, by the id of the finding; needed with a second person"},
    )
    activate_at = Instant(load_default=None, allow_none=True, metadata={"description": "not before this instant"})


class DeploymentAskedOut(Out):
    """A deployment that waits for a second person or for its hour."""

    id = fields.String()
    state = fields.String(metadata={"description": "waiting or scheduled"})
    asked_by = fields.String()
    asked_at = Instant()
    activate_at = Instant(allow_none=True)


class DeployedOut(Out):
    """What became of a deployment."""

    deployment_id = fields.String()
    definitions = fields.List(fields.Nested(DefinitionOut(only=("key", "version", "name", "name_en"))))
    decisions = fields.List(fields.Nested(DefinitionOut(only=("key", "version", "name", "name_en"))))
    findings = fields.List(fields.Nested(FindingOut))
    reports = fields.List(fields.Nested(VersionReportOut))


class OperationOut(Out):
    """One registered operation, for the designer."""

    code = fields.String()
    adapter = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    mode = fields.String()
    effect = fields.String()
    inputs = fields.List(fields.String())
    optional_inputs = fields.List(fields.String())
    outputs = fields.List(fields.String())
    failures = fields.List(fields.String())
    undo = fields.String(allow_none=True)
    retry = fields.String(allow_none=True)
    idempotency = fields.String()


class OperationList(Out):
    """Every registered operation."""

    operations = fields.List(fields.Nested(OperationOut))


class IncidentOut(Out):
    """Why an instance cannot go on, and what became of it."""

    id = fields.String()
    state = fields.String()
    code = fields.String()
    message = fields.String()
    operation = fields.String()
    cause = fields.String()
    cause_key = fields.String()
    process_key = fields.String()
    element_id = fields.String()
    instance_id = fields.String()
    about = fields.String(metadata={"description": "the number people know, as in O-2611-000042 #1"})
    area = fields.String()
    opened_at = Instant()
    resolved_at = Instant(allow_none=True)
    resolved_by = fields.String(allow_none=True)
    resolution = fields.String(allow_none=True)


class IncidentPage(Out):
    """A part of the list of incidents."""

    items = fields.List(fields.Nested(IncidentOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()
