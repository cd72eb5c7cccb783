"""What is wrong with a decision: while it is read (gathered), and while it is taken (raised)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from processes.feel.errors import FeelError


@dataclass(frozen=True)
class Place:
    """Where in a decision: ``rule 2, input 1 (City)``, in English and in Chinese; ``element``: the id in the file."""

    en: str
    zh: str
    element: str = ""

    def inside(self, en: str, zh: str, element: str | None = "") -> Place:
        """A place within this one; without an id of its own it has that of this one."""
        element = element or self.element
        return Place(f"{self.en}, {en}", f"{self.zh}，{zh}", element) if self.en else Place(en, zh, element)


NOWHERE = Place("", "")


class DecisionError(FeelError):
    """A decision that cannot be read, or that cannot decide on the inputs given. ``key``: which one."""

    code = "decision-failed"

    def __init__(self, key: str, en: str, zh: str) -> None:
        super().__init__(en, zh)
        self.key = key
        self.args = (f"{key}: {self.args[0]}" if key else self.args[0],)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; ``serious``: the decision cannot be used; ``element``: the id of where, if known."""

    en: str
    zh: str
    serious: bool = True
    element: str = ""


@dataclass(frozen=True)
class _Noting:
    problems: Problems
    place: Place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: object) -> bool:
        if not isinstance(problem, FeelError):
            return False
        self.problems.add(self.place, problem.en, problem.zh)
        return True


@dataclass
class Problems:
    """Gathers what is wrong with one decision."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, en: str, zh: str, *, serious: bool = True) -> None:
        """Note something; the same thing is noted once."""
        said = (f"{place.en}: {en}" if place.en else en, f"{place.zh}：{zh}" if place.zh else zh)
        problem = Problem(*said, serious, place.element)
        if problem not in self.found:
            self.found.append(problem)

    def at(self, place: Place) -> _Noting:
        """``with problems.at(place): ...`` notes what FEEL complains about in there, and goes on behind it."""
        return _Noting(self, place)

    @property
    def serious(self) -> list[Problem]:
        """What makes the decision useless."""
        return [problem for problem in self.found if problem.serious]


@contextmanager
def told(place: Place) -> Iterator[None]:
    """Let an error of what runs in here say where it happened."""
    try:
        yield
    except DecisionError:
        raise
    except FeelError as problem:
        raise FeelError(f"{place.en}: {problem.en}", f"{place.zh}：{problem.zh}") from None
