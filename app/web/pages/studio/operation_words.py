"""What the registry says of an operation, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.operations import Operation, RetryPolicy
from app.domain.words import Words
from app.web.pages.operation_values import input_label
from app.web.reader import Reader
from app.web.texts import Sentence

EFFECTS: Final = {"read": Sentence("only asks"), "write": Sentence("changes something there")}
MODES: Final = {"sync": Sentence("answers at once"), "callback": Sentence("answers later")}
PROFILES: Final = {
    "keyed": Sentence("A repeat with the same key has no second effect."),
    "queryable": Sentence("Before a repeat the far side is asked what became of the first call."),
    "neither": Sentence("Where the answer is missing, a person finds out before it is repeated."),
    "readonly": Sentence("It changes nothing; it may be repeated at any time."),
}
#: So many waits are told one by one.
MOST_WAITS: Final = 4


def seconds(length: float, reader: Reader) -> str:
    """A length of time in whole seconds or minutes."""
    english = reader.language == "en"
    if length < 60:
        return f"{length:g} s" if english else f"{length:g} 秒"
    return f"{length / 60:g} min" if english else f"{length / 60:g} 分钟"


def retries(policy: RetryPolicy, reader: Reader) -> str:
    """How often and how soon a call without an answer is repeated."""
    waits = [seconds(policy.longest_wait_s(attempt), reader) for attempt in range(1, policy.attempts)]
    comma = reader.t.about("list", ", ")
    told = comma.join(waits[:MOST_WAITS]) + (" …" if len(waits) > MOST_WAITS else "")
    if not waits:
        return reader.t("once, never again by itself")
    return reader.t(
        "{n} tries; waits between them of at most {waits}, never more than {cap}; then a person is asked",
        n=policy.attempts,
        waits=told,
        cap=seconds(policy.cap_s, reader),
    )


def undo_words(operation: Operation, others: Mapping[str, Operation], reader: Reader) -> str:
    """What undoes it, or why nothing does."""
    if operation.undo:
        return name_of(operation.undo, others, reader)
    if operation.irreversible:
        return reader.t("cannot be undone")
    if operation.only_as_undo:
        return reader.t("is an undo itself")
    return reader.t("nothing to undo")


def name_of(code: str, others: Mapping[str, Operation], reader: Reader) -> str:
    """What an operation is called."""
    return reader.said(others[code]) if code in others else code


def source_of(operation: Operation, name: str, reader: Reader) -> str:
    """Where the undo gets an input from, looked for in the order of the registry."""
    t = reader.t
    source = operation.undo_sources.get(name)
    if isinstance(source, Mapping):
        return t("always {value}", value=_plain(source["value"], reader))
    if isinstance(source, str):
        place, _, rest = source.partition(".")
        label = input_label(rest.split(".")[0], reader)
        return t("its output “{name}”", name=label) if place == "outputs" else t("its input “{name}”", name=label)
    if operation.undo_from:
        return t("what it kept before the change")
    if name in operation.outputs:
        return t("its output “{name}”", name=input_label(name, reader))
    return t("its input “{name}”", name=input_label(name, reader)) if name in operation.inputs else t("left out")


def _plain(value: Any, reader: Reader) -> str:
    words = {True: Words("是", "yes"), False: Words("否", "no")}
    return reader.words(words[value]) if isinstance(value, bool) else str(value)
