"""The names an expression can read at one element of a drawing, what they look like, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.forms import FormField, form_fields
from app.errors import NotFound
from app.persistence.studio.forms import form_schema
from app.services.products.any_operation import any_operation
from app.services.studio.example_data import Examples, shipped_examples
from app.services.studio.process_catalog import limited
from app.unit_of_work import read
from processes.spiff.compile import read_models
from processes.spiff.expression_help import Mark, look_at
from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.model import Node, ProcessModel
from processes.spiff.reach import Name, Reach

DEEP: Final = 4
MOST_FIELDS: Final = 80
LONGEST: Final = 60
NOW: Final = "2026-11-23T02:05:00+00:00"


@dataclass(frozen=True)
class Field:
    """A name or a part of one. ``kind``: text, number, yes_no, list, object, or empty if nobody knows."""

    name: str
    kind: str = ""
    example: str = ""
    zh: str = ""
    en: str = ""
    fields: tuple[Field, ...] = field(default=())


@dataclass(frozen=True)
class Known:
    """A name in reach. ``origin``: start, output, input, item, list, drawn or given; ``always``: on every way."""

    field: Field
    origin: str
    from_zh: str = ""
    from_en: str = ""
    always: bool = True


def names_at(files: Mapping[str, bytes], element_id: str, actor: Actor, deps: Deps) -> list[Known]:
    """What an expression at this element or flow can read; ``result`` too, which its outputs can.

    :raises NotFound: there is no such element in the files.
    """
    may(actor, "process.view")
    limited(files)
    for model in read_models(files):
        reach = Reach(model)
        if reach.place_of(element_id) is not None or element_id == model.key:
            with read(deps.read_sessions) as session:
                return _Looker(session, deps, model, reach).at(element_id)
    raise NotFound(f"there is no element {element_id}", f"没有元素 {element_id}")


def marks_in(expression: str, known: Sequence[str] | None, actor: Actor) -> list[Mark]:
    """What is wrong with an expression, and where."""
    may(actor, "process.view")
    return look_at(expression, None if known is None else set(known))


class _Looker:
    """Finds out what names look like: by the examples, by what operations answer, by the fields of forms."""

    def __init__(self, session: Session, deps: Deps, model: ProcessModel, reach: Reach) -> None:
        self._session, self._deps, self._model, self._reach = session, deps, model, reach
        self._examples: Examples = shipped_examples()
        self._values: dict[str, Any] = {"now": NOW}
        self._words: dict[str, tuple[str, str]] = {}

    def at(self, element_id: str) -> list[Known]:
        names = self._reach.names_at(element_id)
        rows = [self._known(name) for name in names.values()]
        node = self._node(element_id)
        if node is not None:
            rows += self._result(node)
        if node is not None and node.loop is not None:
            rows.append(Known(_field("loopCounter", 0, {}), "given", "第几次（从 0 起）", "which one, from 0"))
        rows.append(Known(_field("now", NOW, {}), "given", "此刻（UTC）", "this instant (UTC)"))
        return rows

    def _node(self, element_id: str) -> Node | None:
        return next((node for _, node in self._model.root.walk() if node.id == element_id), None)

    def _known(self, name: Name) -> Known:
        value = self._value_of(name)
        self._values[name.name] = value
        writer = name.writer
        words = {"zh": "启动数据", "en": "start data"}
        if writer is not None:
            words = {"zh": writer.name or writer.id, "en": writer.name_en or writer.name or writer.id}
        return Known(_field(name.name, value, self._words), name.origin, words["zh"], words["en"], name.always)

    def _value_of(self, name: Name) -> Any:
        """An example of the name: what its expression yields over the examples of what it reads."""
        if name.origin in ("start", "drawn") or name.writer is None:
            return self._examples.of(name.name, self._model.key)
        if name.origin == "item":
            items = self._computed(name.value) if name.value else None
            return items[0] if isinstance(items, list) and items else self._examples.of(name.name)
        if name.origin == "list":
            inside = self._computed(name.value) if name.value else None
            return self._examples.of(name.name) or ([inside] if inside is not None else [])
        result = self._answer_of(name.writer) if name.origin == "output" else None
        found = result if name.value is None else self._computed(name.value, result=result)
        return self._examples.of(name.name, self._model.key) if found is None else found

    def _computed(self, text: str | None, *, result: Any = None) -> Any:
        try:
            return evaluate(text or "", {**self._values, "result": result})
        except ExpressionError:
            return None

    def _answer_of(self, node: Node) -> Any:
        """What ``result`` looks like at a step."""
        operation = any_operation(self._deps.registry, node.attributes.get("operation", ""))
        if operation is not None:
            known = {name: self._examples.of(name) for name in operation.outputs}
            return {name: "" if value is None else value for name, value in known.items()}
        if node.attributes.get("form"):
            return self._form_answer(node.attributes["form"])
        return dict(self._examples.answers.get(node.called or node.id, {})) or None

    def _form_answer(self, key: str) -> dict[str, Any]:
        schema = form_schema(self._session, key) or {}
        found: dict[str, Any] = {}
        for row in form_fields(schema):
            if not row.personal:  # stays with the work item, and never reaches the process
                found[row.key] = _of_field(row)
                self._words[row.key] = (row.zh, row.en)
        return found

    def _result(self, node: Node) -> list[Known]:
        result = self._answer_of(node)
        if result is None:
            return []
        row = _field("result", result, self._words)
        return [Known(row, "given", "本步骤的答复（用于输出）", "the answer of this step (for outputs)")]


def _of_field(row: FormField) -> Any:
    """An answer to a question of a form."""
    if row.kind == "checkbox":
        return True
    if row.kind in ("number", "percent"):
        return 0
    first = row.options[0].value if row.options else ""
    return [first] if row.kind in ("checklist", "taglist", "photo", "file") else first


def _field(name: str, value: Any, words: Mapping[str, tuple[str, str]], level: int = 0) -> Field:
    zh, en = words.get(name, ("", ""))
    inner: tuple[Field, ...] = ()
    shown = value[0] if isinstance(value, list) and value else value
    if isinstance(shown, Mapping) and level < DEEP:
        rows = list(shown.items())[:MOST_FIELDS]
        inner = tuple(_field(str(key), one, words, level + 1) for key, one in rows)
    return Field(name, kind_of(value), _example(value), zh, en, inner)


def field_of(name: str, value: Any) -> Field:
    """A name and what its example says of it."""
    return _field(name, value, {})


KINDS: Final[Sequence[tuple[str, Callable[[Any], bool]]]] = (
    ("yes_no", lambda value: isinstance(value, bool)),
    ("number", lambda value: isinstance(value, int | float)),
    ("text", lambda value: isinstance(value, str)),
    ("list", lambda value: isinstance(value, list)),
    ("object", lambda value: isinstance(value, Mapping)),
)


def kind_of(value: Any) -> str:
    """The word for the kind of a value; empty for null."""
    return next((kind for kind, fits in KINDS if fits(value)), "")


def _example(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)[:LONGEST]
    return ""
