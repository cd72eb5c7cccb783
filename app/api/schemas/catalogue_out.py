"""What a catalogue file changed, and the versions of its entries."""

from __future__ import annotations

from marshmallow import fields, validate

from app.api.schemas.fields import Anything, In, Instant, Out, Text
from app.domain.products.catalogue_entries import SECTIONS


class CatalogueChangeOut(Out):
    """An entry that is new or differs; ``changed`` names what differs."""

    kind = fields.String()
    code = fields.String()
    is_new = fields.Boolean()
    changed = fields.List(fields.String(), attribute="fields")


class CatalogueChangesOut(Out):
    """What a file changes. ``release``: its number; null where nothing was stored."""

    release = fields.Integer(allow_none=True)
    valid_from = fields.AwareDateTime()
    changes = fields.List(fields.Nested(CatalogueChangeOut))


class CatalogueExportQuery(In):
    """``at``: as it counted, or will count, at that instant."""

    at = Instant(load_default=None, allow_none=True)


class CatalogueHistoryQuery(In):
    """Of which entries."""

    kind = fields.String(load_default=None, validate=validate.OneOf(list(SECTIONS.values())))
    code = Text(120, 1, load_default=None)


class CatalogueVersionOut(Out):
    """One version of an entry: who brought it in, when, with what; from when it counts; what it changed."""

    kind = fields.String()
    code = fields.String()
    version = fields.Integer()
    valid_from = fields.AwareDateTime()
    in_force_since = fields.AwareDateTime(allow_none=True)
    release = fields.Integer()
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.String()
    note = fields.String()
    changed = fields.List(fields.String(), attribute="fields")
    body = Anything()


class CatalogueHistoryOut(Out):
    """Versions, the newest first."""

    versions = fields.List(fields.Nested(CatalogueVersionOut))
