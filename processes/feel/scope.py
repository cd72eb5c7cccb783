"""Where names get their values while an expression runs, and what running may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.values import from_json

MAX_WORK: Final = 200_000
MAX_CALLS: Final = 12
_NOTHING: Final = object()

Clock = Callable[[], datetime]
Extra = Mapping[str, Callable[..., Any]]


class Run:
    """One run: what it has cost so far, what time it is, and which functions there are besides FEEL's own.

    ``now`` gives an aware datetime in the zone whose calendar ``today()`` means, and is asked at most once; without
    it, wanting to know is an error.
    """

    __slots__ = ("_asked", "_now", "calls", "extra", "left")

    def __init__(self, now: Clock | None = None, extra: Extra | None = None, work: int = MAX_WORK) -> None:
        self._now, self.extra = now, extra or {}
        self._asked: datetime | None = None
        self.left, self.calls = work, 0

    @property
    def now(self) -> datetime:
        """The instant of this run, always the same. :raises FeelError: nobody has said."""
        if self._asked is None:
            if self._now is None:
                raise FeelError("what time it is is not known here", "这里不知道当前时间")
            self._asked = self._now()
        return self._asked

    def spend(self, work: int) -> None:
        """Count work. :raises FeelError: there has been too much of it."""
        self.left -= work
        if self.left < 0:
            raise FeelError("this takes too much computing", "计算量过大")

    def enter(self) -> None:
        """A defined function begins. :raises FeelError: they call each other too deeply."""
        self.calls += 1
        self.spend(1)
        if self.calls > MAX_CALLS:
            raise FeelError(f"functions call each other more than {MAX_CALLS} deep", f"函数相互调用超过 {MAX_CALLS} 层")

    def leave(self) -> None:
        """A defined function ends."""
        self.calls -= 1


class Scope:
    """Names inside names: what is not found here is looked for further out."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, names: Mapping[str, Any], outer: Scope | None, run: Run) -> None:
        self.names, self.outer, self.run = names, outer, run

    def find(self, name: str, default: Any = _NOTHING) -> Any:
        """The value of a name. :raises FeelError: there is none (unless there is a default)."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.own(name)
            if value is not _NOTHING:
                return value
            scope = scope.outer
        if default is not _NOTHING:
            return default
        raise FeelError(f"nothing is called {name!r} here", f"这里没有名为 {name!r} 的数据")

    def own(self, name: str) -> Any:
        """The value, or a mark that there is none in this very scope."""
        return self.names.get(name, _NOTHING)

    def inside(self, names: Mapping[str, Any]) -> Scope:
        """A scope within this one."""
        return Scope(names, self, self.run)


class Data(Scope):
    """The outermost scope: JSON from outside, turned into FEEL values when it is asked for."""

    __slots__ = ("_seen",)

    def __init__(self, names: Mapping[str, Any], run: Run) -> None:
        super().__init__(names, None, run)
        self._seen: dict[str, Any] = {}

    def own(self, name: str) -> Any:
        """The value as FEEL has it, remembered for the next time."""
        if name in self._seen:
            return self._seen[name]
        if name not in self.names:
            return _NOTHING
        value = self._seen[name] = from_json(self.names[name])
        return value
