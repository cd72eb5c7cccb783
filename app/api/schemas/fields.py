"""Strict fields: a number is a number and not a text that looks like one, a time has a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from marshmallow import RAISE, Schema, fields, validate

from app.api.field_problems import TwoTongues

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
CODE_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._:/#-]*"


class In(Schema):
    """Input: what is not declared is refused."""

    class Meta:
        unknown = RAISE


class Out(Schema):
    """Output: an explicit list of what is shown."""


class Whole(fields.Integer):
    """A whole number written as a number; ``true`` and ``"5"`` are refused."""

    def __init__(self, least: int = 0, most: int = 2**31 - 1, **more: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **more)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return int(super()._validated(value) or 0)


class WholeText(fields.Integer):
    """A whole number in a query parameter."""

    def __init__(self, least: int, most: int, **more: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **more)


class Truth(fields.Boolean):
    """true or false, not a word that looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Text(fields.String):
    """A text of ``least`` to ``most`` characters; with ``least`` 1 blanks alone do not count."""

    def __init__(self, most: int = 200, least: int = 0, **more: Any) -> None:
        super().__init__(validate=validate.Length(least, most), **more)
        self.least = least

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        if not isinstance(value, str):  # the base class would take bytes too
            raise self.make_error("invalid")
        text = str(super()._deserialize(value, attr, data, **more))
        return text.strip() if self.least else text


class Code(fields.String):
    """A code of ours or of a partner: letters, digits and ``. _ : / # -``, at most 64 characters."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=[validate.Length(1, 64), validate.Regexp(f"^{CODE_PATTERN}\\Z")], **more)


class Instant(fields.AwareDateTime):
    """A time with its zone (ISO 8601), between 2000 and 2100; kept as UTC."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            instant = super()._deserialize(value, attr, data, **more).astimezone(UTC)
        except OverflowError as problem:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from problem
        if not EARLIEST <= instant < LATEST:
            raise TwoTongues("out-of-range", "年份必须在 2000 到 2099 之间", "The year must be from 2000 to 2099.")
        return instant


class Anything(fields.Raw):
    """Any JSON value."""
