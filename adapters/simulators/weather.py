"""Weather: faults that come at random, but the same ones for the same seed. Set by testers, kept in the books."""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from adapters.simulators.scripts import Script, ScriptRefused
from adapters.simulators.store import Store

#: Shares of the calls that meet a fault, in the order in which they are drawn.
DRAWN: Final = ("error503", "drop_after", "slow")


@dataclass(frozen=True, kw_only=True)
class Weather:
    """``error503``, ``drop_after``, ``slow`` (for ``slow_s`` seconds): shares of the calls; ``adapter`` ``*`` = all.

    Of the answers that come by callback the share ``early`` is sent before the reply to the call; each is sent
    ``copies`` times with the same event id, each copy up to ``shuffle_s`` seconds later than it is due.
    What a call meets depends on ``seed``, its key and how the manieth time it comes.
    """

    seed: int = 1
    adapter: str = "*"
    error503: float = 0.0
    drop_after: float = 0.0
    slow: float = 0.0
    slow_s: float = 30.0
    early: float = 0.0
    copies: int = 1
    shuffle_s: float = 0.0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Weather":
        """Read it from a request. :raises ScriptRefused: unknown names or values."""
        kinds = {"adapter": str, "seed": int, "copies": int}
        try:
            return cls(**{name: kinds.get(name, float)(given) for name, given in value.items()})
        except (TypeError, ValueError) as exc:
            raise ScriptRefused(str(exc)) from exc

    def concerns(self, adapter: str) -> bool:
        """Whether that system has this weather."""
        return self.adapter in ("*", adapter)

    def fault_of(self, adapter: str, key: str, nth: int) -> Script | None:
        """Return what happens to that call, coming for the ``nth`` time (from 1)."""
        if not self.concerns(adapter):
            return None
        point = self._rng(key, nth).random()
        for name in DRAWN:
            point -= getattr(self, name)
            if point < 0:
                return Script(fault=name, seconds=self.slow_s if name == "slow" else None)
        return None

    def is_early(self, key: str) -> bool:
        """Whether the callback of an operation overtakes the reply to its call."""
        return self._rng(key, "early").random() < self.early

    def delays_s(self, key: str) -> list[float]:
        """How much later than due each copy of a callback is sent."""
        rng = self._rng(key, "copies")
        return [rng.uniform(0, self.shuffle_s) for _ in range(max(1, self.copies))]

    def _rng(self, key: str, what: object) -> random.Random:
        return random.Random(f"{self.seed}:{key}:{what}")  # noqa: S311 - chance, not a secret


def set_weather(store: Store, weather: Weather) -> None:
    """It is like this from now on."""
    store.put("weather", "now", asdict(weather))


def clear_up(store: Store) -> None:
    """Fair weather again."""
    store.delete("weather", "now")


def weather_now(store: Store) -> Weather | None:
    """What it is like; ``None`` = fair."""
    doc = store.get("weather", "now")
    return None if doc is None else Weather(**doc)


def draw(store: Store, adapter: str, key: str) -> Script | None:
    """Return what the weather does to a call that has just come, and count that it came."""
    weather = weather_now(store)
    if weather is None or not weather.concerns(adapter):
        return None
    nth = int((store.get("tries", key) or {"count": 0})["count"]) + 1
    store.put("tries", key, {"count": nth})
    return weather.fault_of(adapter, key, nth)
