"""Types of DMN: what a value must be, and how JSON text becomes a date, a time or a duration.

A column that says nothing takes anything. ``string`` is what editors put into every new column, so it is taken as
saying nothing too; the other types are kept to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from processes.dmn.problems import Place, Problems
from processes.dmn.xml import child, children, text_in
from processes.feel.cells import parse_tests
from processes.feel.compiling import make_tests
from processes.feel.errors import FeelError
from processes.feel.members import listed
from processes.feel.scope import Data, Run
from processes.feel.temporal import YearsMonths, read_date, read_duration, read_moment, read_time
from processes.feel.values import kind, text_of

MAX_NESTING: Final = 20


def _date_or_moment(text: str) -> date:
    return read_date(text) if len(text) <= 10 else read_moment(text)


_Base = tuple[tuple[type, ...], Callable[[str], Any] | None, str, str]
_BASES: Final[Mapping[str, _Base]] = {
    "number": ((Decimal,), None, "number", "数字"),
    "boolean": ((bool,), None, "true/false", "真假值"),
    "date": ((date, datetime), _date_or_moment, "date", "日期"),
    "time": ((time,), read_time, "time", "时间"),
    "dateTime": ((datetime,), read_moment, "date and time", "日期时间"),
    "dayTimeDuration": ((timedelta,), read_duration, "duration of days and time", "天时时长"),
    "yearMonthDuration": ((YearsMonths,), read_duration, "duration of years and months", "年月时长"),
    "duration": ((timedelta, YearsMonths), read_duration, "duration", "时长"),
    "context": ((dict,), None, "object", "对象"),
}
_OTHER_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("integer", "long", "double", "short", "int", "float", "decimal"), "number"),
    **dict.fromkeys(("date and time", "datetime", "date_time"), "dateTime"),
    "days and time duration": "dayTimeDuration",
    "years and months duration": "yearMonthDuration",
}
_ANYTHING: Final = ("", "Any", "any", "string", "list", "function", "Null")


@dataclass(frozen=True)
class Type:
    """``base``: one of the kinds above or nothing; ``allowed``: a test for each value; ``parts``: of an object."""

    base: str = ""
    many: bool = False
    allowed: Callable[[Any], bool] | None = None
    allowed_text: str = ""
    parts: Mapping[str, Type] = field(default_factory=dict)

    def take(self, value: Any) -> Any:
        """The value as this type has it; null is of every type. :raises FeelError: it is none of this type."""
        if value is None:
            return None
        if self.many:
            return [self._one(item) for item in listed(value)]
        return self._one(value)

    def _one(self, value: Any) -> Any:
        if value is None:
            return None
        if self.parts and isinstance(value, dict):
            value = {key: self.parts[key].take(item) if key in self.parts else item for key, item in value.items()}
        elif self.base:
            value = self._of_base(value)
        if self.allowed is not None and not self.allowed(value):
            shown = text_of(value)[:60]
            raise FeelError(
                f"{shown!r} is none of {self.allowed_text}", f"{shown!r} 不在允许的值 {self.allowed_text} 之内"
            )
        return value

    def _of_base(self, value: Any) -> Any:
        kinds, read, en, zh = _BASES[self.base]
        if isinstance(value, kinds):
            return value
        if read is not None and isinstance(value, str):
            return read(value)
        was_en, was_zh = kind(value)
        raise FeelError(f"a {en} is needed, not {was_en}", f"须是{zh}，不能是{was_zh}")

    def fits_literal(self, value: Any, *, text_is_read: bool) -> bool:
        """Whether a literal could be a value of this type; ``text_is_read``: text becomes a date and the like."""
        if not self.base or value is None:
            return True
        kinds, read, _, _ = _BASES[self.base]
        return isinstance(value, kinds) or (text_is_read and read is not None and isinstance(value, str))


ANY: Final = Type()


class Types:
    """The types a file declares, by name."""

    def __init__(self, root: etree._Element, problems: Problems) -> None:
        self._declared = {item.get("name", ""): item for item in children(root, "itemDefinition")}
        self._known: dict[str, Type] = {}
        self._problems = problems

    def named(self, reference: str | None, place: Place, depth: int = 0) -> Type:
        """The type of that name; one nobody declares is noted and takes anything."""
        name = (reference or "").strip()
        if name not in self._declared and ":" in name:
            name = name.rpartition(":")[2]
        if name in self._known:
            return self._known[name]
        if name in self._declared and depth <= MAX_NESTING:
            self._known[name] = ANY  # what it is inside itself: a type that holds itself is left open there
            self._known[name] = self._read(self._declared[name], place, depth + 1)
            return self._known[name]
        name = _OTHER_NAMES.get(name, name)
        if name in _BASES:
            return Type(name)
        if name not in _ANYTHING:
            self._problems.add(place, f"nobody declares the type {name!r}", f"没有声明类型 {name!r}", serious=False)
        return ANY

    def _read(self, item: etree._Element, place: Place, depth: int) -> Type:
        parts = {
            part.get("name", ""): self._read(part, place, depth + 1) if depth <= MAX_NESTING else ANY
            for part in children(item, "itemComponent")
        }
        base = self.named(text_in(child(item, "typeRef")), place, depth)
        words = text_in(child(item, "allowedValues"))
        allowed, shown = self.allowed(words, place) if words else (base.allowed, base.allowed_text)
        many = item.get("isCollection") == "true" or base.many
        return Type("" if parts else base.base, many, allowed, shown, parts or base.parts)

    def allowed(self, words: str, place: Place) -> tuple[Callable[[Any], bool] | None, str]:
        """The test that allowed values stand for, and how they are shown."""
        with self._problems.at(place.inside("allowed values", "允许的值")):
            test = make_tests(parse_tests(words))
            return (lambda value: test(value, Data({}, Run()))), words[:80]
        return None, ""
