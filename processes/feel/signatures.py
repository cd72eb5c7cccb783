"""How a built-in function says what it takes: ``"substring(string:s, start position:n, length:n?)"``.

One letter per kind: ``s`` text, ``n`` number, ``b`` true/false, ``l`` list (a value alone is a list of one), ``c``
object, ``d`` date, ``t`` time, ``m`` date and time, ``p`` duration of days, ``y`` duration of months, ``f`` function,
``a`` anything, null included. Several letters: any of them. ``?``: may be left out. ``*``: any number of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.temporal import YearsMonths
from processes.feel.values import Function, kind

_LETTERS: Final[Mapping[str, tuple[type, str, str]]] = {
    "s": (str, "text", "文本"),
    "n": (Decimal, "number", "数字"),
    "b": (bool, "true/false", "真假值"),
    "l": (list, "list", "列表"),
    "c": (dict, "object", "对象"),
    "d": (date, "date", "日期"),
    "t": (time, "time", "时间"),
    "m": (datetime, "date and time", "日期时间"),
    "p": (timedelta, "duration of days and time", "天时时长"),
    "y": (YearsMonths, "duration of years and months", "年月时长"),
    "f": (Function, "function", "函数"),
}
_LEFT_OUT: Final = object()


@dataclass(frozen=True)
class Parameter:
    """One parameter; no kinds: anything goes, null included."""

    name: str
    kinds: str
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Builtin:
    """A built-in function. ``call(run, *arguments)`` gets arguments of the right kinds, none of them null."""

    name: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]

    def placed(self, given: list[Any], names: tuple[str, ...]) -> list[Any]:
        """The arguments in the order of the parameters. :raises FeelError: too few, too many, unknown names."""
        if names:
            given = self._by_name(dict(zip(names, given, strict=True)))
        least = sum(not p.optional and not p.repeated for p in self.parameters)
        repeated = any(p.repeated for p in self.parameters)
        if len(given) < least or (len(given) > len(self.parameters) and not repeated):
            raise self._wrong()
        return given

    def _by_name(self, given: Mapping[str, Any]) -> list[Any]:
        unknown = set(given) - {p.name for p in self.parameters}
        missing = [p for p in self.parameters if p.name not in given and not p.optional]
        if unknown or missing:
            raise self._wrong()
        found = [given.get(p.name, _LEFT_OUT) for p in self.parameters]
        while found and found[-1] is _LEFT_OUT:
            found.pop()
        if _LEFT_OUT in found:
            raise self._wrong()
        return found

    def _wrong(self) -> FeelError:
        wanted = ", ".join(
            p.name + ("?" if p.optional else "...") if p.optional or p.repeated else p.name for p in self.parameters
        )
        return FeelError(f"{self.name}() takes ({wanted})", f"{self.name}() 的参数是（{wanted}）")

    def checked(self, given: list[Any]) -> list[Any] | None:
        """The arguments, if each is of its kind; None if one that must not be null is null.

        :raises FeelError: one is of another kind.
        """
        found = []
        for place, value in enumerate(given):
            parameter = self.parameters[min(place, len(self.parameters) - 1)]
            if parameter.kinds == "a":
                found.append(value)
                continue
            if value is None:
                return None
            found.append(self._kept(value, parameter))
        return found

    def _kept(self, value: Any, parameter: Parameter) -> Any:
        if any(type(value) is _LETTERS[letter][0] for letter in parameter.kinds):
            return value
        if "l" in parameter.kinds:
            return [value]
        en, zh = kind(value)
        wanted = [_LETTERS[letter] for letter in parameter.kinds]
        raise FeelError(
            f"{self.name}(): {parameter.name} must be {' or '.join(row[1] for row in wanted)}, not {en}",
            f"{self.name}()：{parameter.name} 须是{'或'.join(row[2] for row in wanted)}，不能是{zh}",
        )


def builtin(signature: str, call: Callable[..., Any]) -> Builtin:
    """Read a signature."""
    name, _, rest = signature.partition("(")
    parameters = []
    for part in filter(None, (piece.strip() for piece in rest.rstrip(")").split(","))):
        label, _, kinds = part.partition(":")
        parameters.append(Parameter(label, kinds.rstrip("?*"), kinds.endswith("?"), kinds.endswith("*")))
    return Builtin(name, tuple(parameters), call)
