"""The registry of operations: data, not code, so that a new product may bring new operations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

MODES: Final = ("sync", "callback")
EFFECTS: Final = ("read", "write")
PROFILES: Final = ("keyed", "queryable", "neither", "readonly")


class UnknownOperation(KeyError):
    """No operation of that code is registered."""


class OperationDataRefused(ValueError):
    """The rows of the registry do not fit together; ``problems`` names each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often and how soon a call that got no answer is repeated; waits in seconds, full jitter."""

    code: str
    attempts: int
    first_wait_s: float
    factor: float
    cap_s: float
    then: str = "incident"

    def longest_wait_s(self, attempt: int) -> float:
        """Return the upper bound of the wait after failed attempt number ``attempt`` (from 1)."""
        return min(self.cap_s, self.first_wait_s * self.factor ** min(attempt - 1, 64))


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One registered operation.

    ``timeout_s``: seconds for one call. ``callback_deadline_min``: minutes until a promised answer
    counts as missing. ``idempotency``: ``keyed`` (a repeat with the same key has no second effect),
    ``queryable`` (repeat only after the far side was asked), ``neither`` (an unknown outcome needs a
    person), ``readonly``. ``undo_from``: name of the output that holds the inputs of the undo
    (``snapshot`` or ``previous``). ``undo_sources``: for single inputs of the undo, where the value
    is: ``outputs.x``, ``inputs.x`` (dotted on), or a mapping ``{"value": constant}``.
    """

    code: str
    adapter: str
    name_zh: str
    name_en: str
    mode: str
    effect: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    timeout_s: float
    retry: str
    idempotency: str
    optional_inputs: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    callback_deadline_min: int | None = None
    undo: str | None = None
    undo_from: str | None = None
    undo_sources: Mapping[str, Any] = field(default_factory=dict)
    irreversible: bool = False
    only_as_undo: bool = False
    median_s: float = 1
    p90_s: float = 5

    @property
    def is_write(self) -> bool:
        """It changes something at the far side."""
        return self.effect == "write"


@dataclass(frozen=True, kw_only=True)
class AdapterInfo:
    """An outside system: code of its port and what people call it."""

    code: str
    name_zh: str
    name_en: str


def nothing_new() -> None:
    """What is asked about an unknown operation where the registry never changes."""


class OperationRegistry:
    """All operations known, with their retry policies.

    ``on_unknown`` is called when an operation or policy is asked for that is not known, and may :meth:`adopt` a newer
    state: whoever meets the name of an operation that was registered a moment ago knows it then.
    """

    def __init__(
        self,
        operations: Iterable[Operation],
        retry_policies: Iterable[RetryPolicy],
        adapters: Iterable[AdapterInfo] = (),
    ) -> None:
        rows = tuple(operations)
        self._operations = MappingProxyType({row.code: row for row in rows})
        self._policies = MappingProxyType({row.code: row for row in retry_policies})
        self.adapters = tuple(adapters)
        self.on_unknown: Callable[[], None] = nothing_new
        problems = [f"{row.code}: registered twice" for row in rows if self._operations[row.code] is not row]
        problems += [problem for row in rows for problem in self._problems_of(row)]
        if problems:
            raise OperationDataRefused(problems)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "OperationRegistry":
        """Build from the mapping of ``operations.yaml``.

        :raises OperationDataRefused: a row lacks a field, has an unknown one, or names what does not exist.
        """
        try:
            return cls(
                [_operation(row) for row in data["operations"]],
                [_policy(row) for row in data["retry_policies"]],
                [AdapterInfo(**row) for row in data.get("adapters", ())],
            )
        except (KeyError, TypeError) as exc:
            raise OperationDataRefused([f"row not understood: {exc}"]) from exc

    def adopt(self, other: "OperationRegistry") -> None:
        """Know from now on what the other one knows; who looks meanwhile sees the old or the new state."""
        self._operations, self._policies = other._operations, other._policies

    def rows(self) -> tuple[tuple[Operation, ...], tuple[RetryPolicy, ...]]:
        """Return every operation and every retry policy."""
        return tuple(self._operations.values()), tuple(self._policies.values())

    def __contains__(self, code: object) -> bool:
        if code not in self._operations and self._may_be_new(code):
            self.on_unknown()
        return code in self._operations

    def _may_be_new(self, code: object) -> bool:
        """What belongs to no neighbour of ours is done by ourselves and never registered."""
        return isinstance(code, str) and code.partition(".")[0] in {row.code for row in self.adapters}

    def codes(self) -> list[str]:
        """Return every registered code, sorted."""
        return sorted(self._operations)

    def get(self, code: str) -> Operation:
        """Return the operation. :raises UnknownOperation: not registered."""
        found = self._operations.get(code)
        if found is None and code in self:
            found = self._operations.get(code)
        if found is None:
            raise UnknownOperation(code)
        return found

    def policy_codes(self) -> frozenset[str]:
        """Return the codes of all retry policies."""
        return frozenset(self._policies)

    def policy(self, code: str) -> RetryPolicy:
        """Return a retry policy by its own code. :raises UnknownOperation: there is none."""
        if code not in self._policies:
            self.on_unknown()
        try:
            return self._policies[code]
        except KeyError as exc:
            raise UnknownOperation(f"retry policy {code}") from exc

    def check_inputs(self, code: str, inputs: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with the inputs of a call; empty = nothing."""
        operation = self.get(code)
        known = {*operation.inputs, *operation.optional_inputs}
        problems = [f"{code}: input {name} is missing" for name in operation.inputs if name not in inputs]
        return problems + [f"{code}: input {name} is not known" for name in inputs if name not in known]

    def check_outputs(self, code: str, outputs: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with a far answer; more outputs than declared are allowed."""
        missing = [name for name in self.get(code).outputs if name not in outputs]
        return [f"{code}: output {name} is missing" for name in missing]

    def undo_inputs(
        self, operation: Operation, inputs: Mapping[str, Any], outputs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the complete inputs of the undo of one confirmed effect; empty if there is no undo.

        Each name is looked up where the row says so, then in the snapshot (or previous values) the
        operation returned, then in its outputs, then in its inputs.

        :raises LookupError: an obligatory input of the undo is nowhere.
        """
        if operation.undo is None:
            return {}
        undo = self.get(operation.undo)
        kept = outputs.get(operation.undo_from) if operation.undo_from else None
        places = [place for place in (kept, outputs, inputs) if isinstance(place, Mapping)]
        found: dict[str, Any] = {}
        for name in (*undo.inputs, *undo.optional_inputs):
            try:
                found[name] = _look_up(name, operation.undo_sources.get(name), inputs, outputs, places)
            except LookupError:
                if name in undo.inputs:
                    raise LookupError(f"{operation.code}: undo {undo.code} needs {name}, which nothing gives") from None
        return found

    def _problems_of(self, row: Operation) -> list[str]:
        checks = {
            "unknown mode": row.mode in MODES,
            "unknown effect": row.effect in EFFECTS,
            "unknown idempotency": row.idempotency in PROFILES,
            "unknown retry policy": row.retry in self._policies,
            "unknown undo": row.undo is None or row.undo in self._operations,
            "a write needs an undo, irreversible or only_as_undo": (
                not row.is_write or bool(row.undo) or row.irreversible or row.only_as_undo
            ),
            "undo_from is no output": row.undo_from is None or row.undo_from in row.outputs,
            "code does not begin with the adapter": row.code.startswith(f"{row.adapter}."),
        }
        problems = [f"{row.code}: {text}" for text, fits in checks.items() if not fits]
        return problems or self._undo_gaps(row)

    def _undo_gaps(self, row: Operation) -> list[str]:
        """An undo whose inputs nobody gives would be found out only when somebody cancels."""
        if row.undo is None or row.undo_from is not None:
            return []
        given = {*row.inputs, *row.outputs, *row.undo_sources}
        return [f"{row.code}: undo {row.undo} needs {n}" for n in self._operations[row.undo].inputs if n not in given]


def _look_up(
    name: str,
    source: object,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    places: Sequence[Mapping[str, Any]],
) -> Any:
    if isinstance(source, Mapping):
        return source["value"]
    if isinstance(source, str):
        value: Any = {"inputs": inputs, "outputs": outputs}
        for part in source.split("."):
            if not isinstance(value, Mapping):
                raise LookupError(source)
            value = value[part]
        return value
    for place in places:
        if name in place:
            return place[name]
    raise LookupError(name)


def _operation(row: Mapping[str, Any]) -> Operation:
    fields = dict(row)
    for name in ("inputs", "optional_inputs", "outputs", "failures"):
        fields[name] = tuple(fields.get(name, ()))
    fields["undo_sources"] = MappingProxyType(dict(fields.get("undo_sources", {})))
    return Operation(**fields)


def _policy(row: Mapping[str, Any]) -> RetryPolicy:
    known = ("code", "attempts", "first_wait_s", "factor", "cap_s", "then")
    return RetryPolicy(**{name: row[name] for name in known if name in row})
