"""A scene: a small process, what happens to it, and the path it has to take.

The script is a line of words, done one after the other:

``a``            the work at ``a`` is handed in; ``a#2``: that of the third instance of a repeated activity
``a=5``          ... with the result ``{"v": 5}``; ``a={"n":1}``: with this result (JSON without blanks)
``a!no-port``    the job at ``a`` fails with that BPMN error
``~paid:k1=5``   the message ``paid`` with the key ``k1`` arrives, with the payload ``{"v": 5}``
``^alarm=5``     the signal ``alarm`` is given from outside
``+PT1H``        so much time passes; timers that come due fire in their order
``>a``           the activity ``a`` of an ad-hoc sub-process is begun by hand
``:a,b,b``       exactly these are waited for now (timers and messages, too); ``:`` alone: nothing

The path is a line of words as well: ``+a`` an activity was entered, ``a`` an element was completed, ``-a`` cancelled,
``!a`` failed, ``*a`` compensated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

from processes.spiff.timers import parse_duration

MARKS: Final = {"entered": "+", "completed": "", "cancelled": "-", "failed": "!", "compensated": "*"}
_WORK: Final = re.compile(r"(?P<id>[\w.-]+?)(#(?P<place>\d+))?(=(?P<value>.+)|!(?P<code>.+))?$")


@dataclass(frozen=True)
class Scene:
    """One process with its script; ``files[0]`` holds it, the others what it calls.

    ``called``: the path of each called instance, by the id of its process, in the order they began.
    ``outcome``: ``completed``, ``terminated``, ``error:code``, ``waiting``, ``failed:element``.
    ``holds``: what the data has in the end, at least. ``undone``: the effects undone, by their input ``what``.
    """

    name: str
    files: tuple[bytes, ...]
    script: str
    path: str
    outcome: str = "completed"
    data: Mapping[str, Any] = field(default_factory=dict)
    holds: Mapping[str, Any] = field(default_factory=dict)
    called: tuple[str, ...] = ()
    key: str = "p"
    undone: str = ""


def scene(name: str, files: bytes | tuple[bytes, ...], script: str, path: str, **more: Any) -> Scene:
    """Make a scene."""
    return Scene(name, files if isinstance(files, tuple) else (files,), script, path, **more)


@dataclass(frozen=True)
class Seen:
    """What became of a scene: the path of each instance (the called ones after the first), the end, the data."""

    paths: tuple[str, ...]
    outcome: str
    data: Mapping[str, Any]
    undone: str = ""


class Player(Protocol):
    """Somebody who can play a scene."""

    def hand_in(self, element_id: str, place: int | None, result: Mapping[str, Any]) -> None: ...
    def refuse(self, element_id: str, place: int | None, code: str) -> None: ...
    def message(self, name: str, key: str, payload: Mapping[str, Any]) -> None: ...
    def signal(self, name: str, payload: Mapping[str, Any]) -> None: ...
    def begin_by_hand(self, element_id: str) -> None: ...
    def pass_time(self, span: timedelta) -> None: ...
    def waiting(self) -> list[str]: ...
    def seen(self) -> Seen: ...


def play(script: str, player: Player) -> None:
    """Do what the script says."""
    for word in script.split():
        if word[0] == "+":
            player.pass_time(parse_duration(word[1:]).rest)
        elif word[0] == ">":
            player.begin_by_hand(word[1:])
        elif word[0] == ":":
            wanted = sorted(name for name in word[1:].split(",") if name)
            assert player.waiting() == wanted, f"{word}: {player.waiting()} is waited for"
        elif word[0] == "~":
            address, _, value = word[1:].partition("=")
            name, _, key = address.partition(":")
            player.message(name, key, _payload(value))
        elif word[0] == "^":
            name, _, value = word[1:].partition("=")
            player.signal(name, _payload(value))
        else:
            found = _WORK.match(word)
            assert found, f"{word} is not understood"
            place = int(found["place"]) if found["place"] else None
            if found["code"]:
                player.refuse(found["id"], place, found["code"])
            else:
                player.hand_in(found["id"], place, _payload(found["value"] or ""))


def _payload(text: str) -> dict[str, Any]:
    if not text:
        return {}
    value = json.loads(text)
    return value if isinstance(value, dict) else {"v": value}


def path_of(rows: list[tuple[str, str]]) -> str:
    """The path as a scene writes it, from (element, event)."""
    return " ".join(f"{MARKS[event]}{element}" for element, event in rows if event in MARKS)


def compare(wanted: Scene, seen: Seen) -> None:
    """Fail with both sides in sight if the scene went another way."""
    expected = (" ".join(wanted.path.split()), *(" ".join(path.split()) for path in wanted.called))
    assert seen.paths == expected
    assert seen.outcome == wanted.outcome
    assert seen.undone == wanted.undone
    held = {name: seen.data.get(name) for name in wanted.holds}
    assert held == dict(wanted.holds)
