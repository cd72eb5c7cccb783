"""Models as files, out and in."""

from __future__ import annotations

from marshmallow import fields

from app.api.schemas.drafts import DraftOut
from app.api.schemas.fields import Out, Text
from app.api.schemas.processes import FilesIn, FindingOut


class ModelFiles(Out):
    """Files by name, written in the one way: ``KEY.bpmn``, ``KEY.dmn``, ``KEY.form``, ``KEY.test.json``."""

    files = fields.Dict(keys=fields.String(), values=fields.String())


class ModelFilesIn(FilesIn):
    """Files to make drafts of, with a remark for each."""

    note = Text(500, load_default="")


class TakenInOut(Out):
    """What became of one file; ``draft`` is empty where nothing had to be kept."""

    name = fields.String()
    what = fields.String(metadata={"enum": ["new", "changed", "same", "kept", "left"]})
    draft = fields.Nested(DraftOut, allow_none=True)
    findings = fields.List(fields.Nested(FindingOut))


class TakenInList(Out):
    """Every file, in the order of their names, tests last."""

    files = fields.List(fields.Nested(TakenInOut))
