"""A decision with everything it needs: other decisions, functions, and the data handed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from processes.dmn.logic import Logic
from processes.dmn.problems import DecisionError
from processes.dmn.types import Type
from processes.feel.errors import FeelError
from processes.feel.members import field_of
from processes.feel.scope import Clock, Data, Extra, Run, Scope
from processes.feel.values import to_json

MAX_WORK: Final = 400_000
_NOTHING: Final = object()


@dataclass(frozen=True)
class Step:
    """One decision or function of the graph. ``needs``: under which names it sees which other steps.

    ``outputs``: the columns of needed tables, which some editors refer to by their bare names: step and column.
    """

    key: str
    logic: Logic
    needs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    type: Type | None = None


@dataclass(frozen=True)
class Decision:
    """A decision ready to be taken. Immutable; may be shared between threads.

    ``input_names``: the names it reads from what is handed over, itself and what it needs.
    """

    key: str
    steps: Mapping[str, Step]
    inputs: Mapping[str, Type] = field(default_factory=dict)
    input_names: frozenset[str] = frozenset()
    extra: Extra = field(default_factory=dict)

    def evaluate(self, inputs: Mapping[str, Any], *, now: Clock | None = None, work: int = MAX_WORK) -> Any:
        """Decide: an object of outputs or None, a list of objects, or the value of an expression; fresh JSON.

        ``now`` gives an aware datetime in the zone whose calendar counts; it is called only if the decision wants to
        know, and without it wanting to know is an error. ``work``: the steps it may take.

        :raises DecisionError: an input is missing, several rules match a UNIQUE table ...
        """
        return self._take(inputs, now, work, lambda taking, run: to_json(taking.result(), run.spend))

    def hits(self, inputs: Mapping[str, Any], *, now: Clock | None = None, work: int = MAX_WORK) -> list[int]:
        """The numbers of the rules of its table that fit these inputs; nothing where it is no table.

        :raises DecisionError: as in :meth:`evaluate`, but several rules of a UNIQUE table are just listed.
        """
        found: list[int] = self._take(inputs, now, work, lambda taking, run: taking.fitting())
        return found

    def _take(
        self, inputs: Mapping[str, Any], now: Clock | None, work: int, what: Callable[[_Taking, Run], Any]
    ) -> Any:
        run = Run(now, self.extra, work)
        taking = _Taking(self, _Inputs(inputs, run, self.inputs), run)
        try:
            return what(taking, run)
        except DecisionError:
            raise
        except FeelError as problem:
            raise DecisionError(self.key, problem.en, problem.zh) from None
        except RecursionError:
            raise DecisionError(self.key, "this is nested too deeply", "嵌套过深") from None


class _Inputs(Data):
    """What is handed over, each name as the type the file declares for it."""

    __slots__ = ("_types",)

    def __init__(self, names: Mapping[str, Any], run: Run, types: Mapping[str, Type]) -> None:
        super().__init__(names, run)
        self._types = types

    def own(self, name: str) -> Any:
        """The value, as the type that is declared for it."""
        if name in self._seen or name not in self._types or name not in self.names:
            return super().own(name)
        try:
            value = self._types[name].take(super().own(name))
        except FeelError as problem:
            raise FeelError(f"{name}: {problem.en}", f"{name}：{problem.zh}") from None
        self._seen[name] = value
        return value


class _Needed(Scope):
    """The names of the decisions and functions one step needs; each is taken when it is first asked for."""

    __slots__ = ("_data", "_get", "_step")

    def __init__(self, step: Step, get: Callable[[str], Any], data: Scope, run: Run) -> None:
        super().__init__({}, data, run)
        self._step, self._get, self._data = step, get, data

    def own(self, name: str) -> Any:
        """The value of the step known under that name; or of a column, if nobody else has that name."""
        key = self._step.needs.get(name)
        if key is not None:
            return self._get(key)
        if name in self._step.outputs and self._data.find(name, _NOTHING) is _NOTHING:
            key, column = self._step.outputs[name]
            value = self._get(key)
            return field_of(value, column) if isinstance(value, dict) else value
        return super().own(name)


class _Taking:
    """One evaluation: every step is taken at most once."""

    def __init__(self, decision: Decision, data: Scope, run: Run) -> None:
        self._decision, self._data, self._run = decision, data, run
        self._values: dict[str, Any] = {}

    def result(self) -> Any:
        step = self._decision.steps[self._decision.key]
        if step.logic.table is not None:
            return step.logic.table.result(self._scope(step))
        return self._value(step.key)

    def fitting(self) -> list[int]:
        step = self._decision.steps[self._decision.key]
        return [] if step.logic.table is None else step.logic.table.fitting(self._scope(step))

    def _scope(self, step: Step) -> Scope:
        return _Needed(step, self._value, self._data, self._run) if step.needs else self._data

    def _value(self, key: str) -> Any:
        found = self._values.get(key, _NOTHING)
        if found is not _NOTHING:
            return found
        step = self._decision.steps[key]
        try:
            value = step.logic.compute(self._scope(step))
            if step.type is not None:
                value = step.type.take(value)
        except DecisionError:
            raise
        except FeelError as problem:
            raise DecisionError(key, problem.en, problem.zh) from None
        self._values[key] = value
        return value
