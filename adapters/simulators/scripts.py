"""Scripted faults and answers: what shall go wrong, for which calls, how often. Kept in the books."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from adapters.simulators.store import Store

FAULTS: Final = (
    "refuse",
    "error503",
    "slow",
    "drop_after",
    "duplicate_callback",
    "early_callback",
    "late_callback",
    "no_callback",
    "reject_result",
    "answer",
)


class ScriptRefused(ValueError):
    """The script is not understood."""


@dataclass(frozen=True, kw_only=True)
class Script:
    """One scripted fault; ``answer`` puts ``outputs`` over what the books would say.

    ``adapter`` and ``operation`` may be ``*``; ``match``: input name (or ``business_key``, ``area``,
    dotted for values inside) -> value. ``times`` below zero: for ever. ``message``: what a refusal
    says. ``seconds`` is how slow, how late, or what ``Retry-After`` says.
    """

    adapter: str = "*"
    operation: str = "*"
    fault: str = "refuse"
    match: Mapping[str, Any] = field(default_factory=dict)
    times: int = 1
    code: str = ""
    message: str = "scripted"
    seconds: float | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Any) -> "Script":
        """Read one from a request. :raises ScriptRefused: unknown names or values."""
        try:
            given = {name: item for name, item in dict(value).items() if item is not None}
            script = cls(**given)
            ok = script.fault in FAULTS and isinstance(script.match, dict) and isinstance(script.outputs, dict)
            if not ok or isinstance(script.times, bool) or not isinstance(script.times, int):
                raise ScriptRefused(f"fault must be one of {', '.join(FAULTS)}; times an integer; match an object")
            return cls(**{**given, "seconds": None if script.seconds is None else float(script.seconds)})
        except (TypeError, ValueError) as exc:
            raise ScriptRefused(str(exc)) from exc

    def fits(self, adapter: str, operation: str, facts: Mapping[str, Any]) -> bool:
        """It is meant for this call."""
        if self.adapter not in ("*", adapter) or self.operation not in ("*", operation):
            return False
        return all(_same(_fact(facts, name), wanted) for name, wanted in self.match.items())


def add_script(store: Store, script: Script) -> None:
    """Put a script at the end of the list."""
    store.put("scripts", f"{store.next_number('script'):08d}", asdict(script))


def take_scripts(store: Store, adapter: str, operation: str, facts: Mapping[str, Any]) -> list[Script]:
    """Return what applies to this call, at most one fault and every answer, and count each as used."""
    taken: list[Script] = []
    for key, doc in store.find("scripts"):
        script = Script(**doc)
        has_fault = script.fault != "answer" and any(other.fault != "answer" for other in taken)
        if has_fault or not script.fits(adapter, operation, facts):
            continue
        taken.append(script)
        if script.times == 1:
            store.delete("scripts", key)
        elif script.times > 1:
            store.put("scripts", key, {**doc, "times": script.times - 1})
    return taken


def clear_scripts(store: Store) -> None:
    """Forget every script."""
    for key, _ in store.find("scripts"):
        store.delete("scripts", key)


def _fact(facts: Mapping[str, Any], name: str) -> Any:
    value: Any = facts
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _same(found: Any, wanted: Any) -> bool:
    return bool(found == wanted) or (found is not None and str(found) == str(wanted))
