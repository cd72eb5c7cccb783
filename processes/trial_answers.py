"""What the outside does in a trial: the answers file.

``{"userTasks": {id: result}, "operations": {name: [{"return": {...}} | {"error": code} | {"fail": text, "times": n}]},
"messages": [{"name": ..., "key": ..., "payload": ..., "at": ISO | "after": element}], "signals": [...], "until": ISO,
"pace": "usual", "first": {operation: [...]}, "handed": [{"task": id, "at": ISO, "result": {...}}], "byHand": true}``

``userTasks``: a list has one result for each time; ``null``: nobody does it; ``*`` stands for all that are not named.
``{"ok": true}`` is an answer that is made up; ``"after": "PT2H"`` beside any reply lets it come that much later. Pace
``usual``: far systems and people take their time. ``first``: replies before those of ``operations``;
``{"otherwise": true, "after": ...}`` is what these would say, but later. ``byHand``: people do what is ``handed`` and
nothing else, and while somebody has something to do the clock stands, but for what is due ``until`` then. Everything
may be left out. Ids are those of elements, or their paths (``plan/install/visit``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from processes.errors import ProcessError
from processes.spiff.timers import TimerError, parse_date, parse_duration

KEYS: Final = frozenset(
    {"userTasks", "operations", "calls", "messages", "signals", "until", "pace", "first", "handed", "byHand"}
)
REPLIES: Final = ("return", "ok", "otherwise", "error", "fail", "never")
PACES: Final = ("at once", "usual")


class TrialError(ProcessError):
    """The trial cannot begin: it is not clear which process to try, or the answers are not understood."""

    code = "trial-error"


@dataclass(frozen=True)
class Reply:
    """One answer of a far system.

    ``kind``: ``return`` (``value``: its outputs), ``ok`` (made up), ``otherwise`` (as is said elsewhere), ``error`` (a
    BPMN error: code and message), ``fail`` (no answer, for ``times`` attempts), ``never`` (it never answers).
    ``after``: how long that takes; None: as long as the pace says.
    """

    kind: str
    value: Any = None
    message: str = ""
    times: int = 1
    after: timedelta | None = None


@dataclass
class News:
    """A message or signal from outside: at an instant, after an element was completed, or at once.

    ``key`` none: whoever waits for the name takes it.
    """

    name: str
    key: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    after: str | None = None


@dataclass
class Handed:
    """What a person has handed in at an instant: the next time this task is there."""

    task: str
    at: datetime
    result: Mapping[str, Any]


@dataclass
class Script:
    """The replies of one operation, used up in order; a single one, and a last ``return`` or ``ok``, go on."""

    replies: list[Reply]
    always: bool = False
    used: int = 0

    def next(self) -> Reply | None:
        """The reply to the next call; None: nothing is said of it any more."""
        place = self.used
        self.used += 1
        if self.always:
            return self.replies[0]
        for reply in self.replies:
            if place < reply.times:
                return reply
            place -= reply.times
        last = self.replies[-1] if self.replies else None
        return last if last is not None and last.kind in ("return", "ok") else None


@dataclass
class Answers:
    """All the outside will do; a trial uses it up."""

    user_tasks: Mapping[str, Any] = field(default_factory=dict)
    operations: dict[str, Script] = field(default_factory=dict)
    calls: dict[str, Script] = field(default_factory=dict)
    messages: list[News] = field(default_factory=list)
    signals: list[News] = field(default_factory=list)
    until: datetime | None = None
    takes_time: bool = False
    first: dict[str, Script] = field(default_factory=dict)
    handed: list[Handed] = field(default_factory=list)
    by_hand: bool = False

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Answers:
        """From the JSON of the file. :raises TrialError: it is not understood; the text says where."""
        unknown = sorted(set(raw) - KEYS)
        if unknown:
            raise TrialError(f"answers: {unknown[0]!r} is not known; there are {', '.join(sorted(KEYS))}")
        if raw.get("pace", PACES[0]) not in PACES:
            raise TrialError(f"answers: pace must be one of {', '.join(PACES)}")
        return cls(
            user_tasks=_people(raw.get("userTasks", {})),
            operations=_scripts(raw.get("operations", {}), "operations"),
            calls=_scripts(raw.get("calls", {}), "calls"),
            messages=[_news(item, f"messages[{n}]") for n, item in enumerate(_list(raw, "messages"))],
            signals=[_news(item, f"signals[{n}]") for n, item in enumerate(_list(raw, "signals"))],
            until=_instant(raw["until"], "until") if raw.get("until") is not None else None,
            takes_time=raw.get("pace") == "usual",
            first=_scripts(raw.get("first", {}), "first"),
            handed=[_handed(row, f"handed[{n}]") for n, row in enumerate(_list(raw, "handed"))],
            by_hand=raw.get("byHand") is True,
        )


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TrialError(f"answers: {where} must be a JSON object")
    return value


def _people(raw: Any) -> Mapping[str, Any]:
    for name, value in _object(raw, "userTasks").items():
        for row in value if isinstance(value, list) else [value]:
            if row is not None:
                _object(row, f"userTasks.{name}")
    return dict(raw)


def _list(raw: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = raw.get(name, [])
    if not isinstance(value, list):
        raise TrialError(f"answers: {name} must be a list")
    return value


def _scripts(raw: Any, where: str) -> dict[str, Script]:
    found = {}
    for name, value in _object(raw, where).items():
        rows = value if isinstance(value, list) else [value]
        replies = [_reply(row, f"{where}.{name}[{number}]") for number, row in enumerate(rows)]
        found[name] = Script(replies, always=not isinstance(value, list))
    return found


def _reply(row: Any, where: str) -> Reply:
    given = [kind for kind in REPLIES if isinstance(row, Mapping) and kind in row]
    extra = set(row) - {*REPLIES, "times", "message", "after"} if isinstance(row, Mapping) else set()
    if len(given) != 1 or extra:
        raise TrialError(
            f"answers: {where} needs one of {', '.join(REPLIES)} (and times, message, after), nothing else"
        )
    times = row.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise TrialError(f"answers: {where}: times must be a whole number from 1 on")
    kind, value, after = given[0], row[given[0]], _span(row.get("after"), where)
    if kind == "return":
        return Reply(kind, dict(_object(value, where)), times=times, after=after)
    if kind in ("error", "fail") and not isinstance(value, str):
        raise TrialError(f"answers: {where}: {kind} must be a text")
    return Reply(kind, value, str(row.get("message", "")), times, after)


def _news(row: Any, where: str) -> News:
    if isinstance(row, str):
        return News(row)
    row = _object(row, where)
    unknown = sorted(set(row) - {"name", "key", "payload", "at", "after"})
    if not isinstance(row.get("name"), str) or unknown:
        raise TrialError(f"answers: {where} needs a name, and may have key, payload, at, after")
    return News(
        name=row["name"],
        key=None if row.get("key") is None else str(row["key"]),
        payload=_object(row.get("payload") or {}, f"{where}.payload"),
        at=_instant(row["at"], f"{where}.at") if row.get("at") is not None else None,
        after=row.get("after"),
    )


def _handed(row: Any, where: str) -> Handed:
    row = _object(row, where)
    result = _object(row.get("result", {}), f"{where}.result")
    return Handed(str(row.get("task", "")), _instant(row.get("at"), f"{where}.at"), result)


def _span(text: Any, where: str) -> timedelta | None:
    if text is None:
        return None
    try:
        span = parse_duration(str(text))
    except TimerError as problem:
        raise TrialError(f"answers: {where}.after: {problem}") from None
    if span.months:
        raise TrialError(f"answers: {where}.after has to be days, hours, minutes or seconds")
    return span.rest


def _instant(text: Any, where: str) -> datetime:
    try:
        return parse_date(str(text))
    except TimerError as problem:
        raise TrialError(f"answers: {where}: {problem}") from None
