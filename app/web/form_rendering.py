"""Turns a form schema and the answers so far into what the form template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from app.domain.forms import FormField, form_field, form_fields
from app.errors import FieldProblem
from app.web.values import unit_said
from app.web.views.parts import Choice, Fault

_MANY: Final = frozenset({"checklist", "taglist", "photo", "file"})
_NARROW: Final = frozenset({"number", "percent", "money", "phone", "datetime"})
_MODES: Final[Mapping[str, str]] = {"number": "decimal", "percent": "decimal", "money": "decimal", "phone": "tel"}
_SIGNS: Final[Mapping[str, str]] = {"percent": "%", "money": "¥"}
_CODES: Final = frozenset({"scan", "resource", "masked_id"})


@dataclass(frozen=True, kw_only=True)
class Control:
    """One input of the page. ``kind`` picks the macro, ``width`` is of twelve columns."""

    id: str
    key: str
    kind: str
    label: str
    hint: str
    required: bool
    disabled: bool
    value: str
    values: tuple[str, ...]
    options: tuple[Choice, ...]
    problem: str
    unit: str
    mode: str
    input_type: str
    is_code: bool
    width: int
    step: str
    max_length: int | None
    is_photo: bool = False
    hidden_by: str = ""
    hidden_unless: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A fieldset, or a paragraph when it has text and no controls."""

    label: str
    text: str
    controls: tuple[Control, ...]


@dataclass(frozen=True, kw_only=True)
class FormPage:
    """A whole form, ready to draw."""

    title: str
    groups: tuple[Group, ...]
    faults: tuple[Fault, ...]


def form_page(
    schema: Mapping[str, Any],
    *,
    language: str,
    answers: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    problems: Sequence[FieldProblem] = (),
) -> FormPage:
    """Build the form. ``answers`` are what the person typed (kept as they are), ``inputs`` those of the step."""
    said = {problem.path: problem.en if language == "en" else problem.zh for problem in problems}
    known = {field.key for field in form_fields(schema)}
    draw = _Draw(language, answers, inputs or {}, said)
    title = str((schema.get("nameEn") if language == "en" else None) or schema.get("name") or schema.get("id") or "")
    return FormPage(
        title=title,
        groups=tuple(draw.groups(schema.get("components", ()))),
        faults=tuple(Fault(f"f-{path}" if path in known else "", text) for path, text in said.items()),
    )


def answers_from_form(schema: Mapping[str, Any], form: MultiDict[str, str]) -> dict[str, Any]:
    """The answers as a browser sent them; a checkbox that was not sent is a no."""
    answers: dict[str, Any] = {}
    for field in form_fields(schema):
        if field.disabled:
            continue
        if field.kind in ("photo", "file"):
            answers[field.key] = [line.strip() for text in form.getlist(field.key) for line in text.splitlines()]
        elif field.kind in _MANY:
            answers[field.key] = form.getlist(field.key)
        elif field.kind == "checkbox":
            answers[field.key] = field.key in form
        elif field.key in form:
            answers[field.key] = form[field.key]
    return answers


class _Draw:
    def __init__(
        self, language: str, answers: Mapping[str, Any] | None, inputs: Mapping[str, Any], said: Mapping[str, str]
    ) -> None:
        self._english = language == "en"
        self._answers = answers
        self._inputs = inputs
        self._said = said

    def groups(self, components: Sequence[Mapping[str, Any]]) -> list[Group]:
        found: list[Group] = []
        loose: list[Control] = []
        for component in components:
            kind = component.get("type")
            if kind in ("group", "text"):
                if loose:
                    found.append(Group(label="", text="", controls=tuple(loose)))
                    loose = []
                found.append(self._group(component))
            elif component.get("key"):
                loose.append(self._control(form_field(component)))
        if loose:
            found.append(Group(label="", text="", controls=tuple(loose)))
        return found

    def _group(self, component: Mapping[str, Any]) -> Group:
        return Group(
            label=self._word(component, "label"),
            text=self._word(component, "text"),
            controls=tuple(self._control(form_field(c)) for c in component.get("components", ()) if c.get("key")),
        )

    def _word(self, component: Mapping[str, Any], name: str) -> str:
        return str((component.get(f"{name}En") if self._english else None) or component.get(name) or "")

    def _control(self, field: FormField) -> Control:
        value = self._value(field)
        return Control(
            id=f"f-{field.key}",
            key=field.key,
            kind=_kind(field),
            label=field.en if self._english else field.zh,
            hint=field.hint_en if self._english else field.hint_zh,
            required=field.required,
            disabled=field.disabled,
            value=_as_text(value),
            values=_as_texts(value),
            options=tuple(Choice(o.value, o.en if self._english else o.zh) for o in field.options),
            problem=self._said.get(field.key, ""),
            unit=unit_said(field.unit, self._english) or _SIGNS.get(field.kind, ""),
            mode=_MODES.get(field.kind, "text"),
            input_type=_input_type(field),
            is_code=field.kind in _CODES,
            width=_width(field),
            step="any"
            if field.decimals is None
            else "1"
            if field.decimals == 0
            else f"0.{'0' * (field.decimals - 1)}1",
            max_length=field.max_length,
            is_photo=field.kind == "photo",
            hidden_by=field.show_when[0] if field.show_when else "",
            hidden_unless=_as_text(field.show_when[1]) if field.show_when else "",
        )

    def _value(self, field: FormField) -> Any:
        if self._answers is not None and not field.disabled:
            return self._answers.get(field.key)
        if field.prefill and self._inputs.get(field.prefill) not in (None, ""):
            return self._inputs[field.prefill]
        if field.disabled and field.key in self._inputs:
            return self._inputs[field.key]
        return field.default


def _kind(field: FormField) -> str:
    if field.kind in ("photo", "file"):
        return "files"
    if field.kind in ("checklist", "taglist"):
        return "checklist"
    if field.kind in ("select", "radio", "checkbox", "textarea"):
        # A handful of choices is quicker to see than to open.
        return "radio" if field.kind == "select" and 0 < len(field.options) <= 4 else field.kind
    return "line"


def _input_type(field: FormField) -> str:
    if field.kind == "datetime":
        return {"date": "date", "time": "time"}.get(field.subtype, "datetime-local")
    return {"phone": "tel"}.get(field.kind, "text")


def _width(field: FormField) -> int:
    if field.kind in ("textarea", "checklist", "taglist", "radio", "photo", "file", "checkbox") or field.options:
        return 12
    return 4 if field.kind in _NARROW else 6


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    return "" if value is None else str(value)


def _as_texts(value: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
