"""Forms of user tasks: read the schema, check the answers.

The schema is a subset of form-js JSON with bilingual labels and a few field types of our own
(``docs/handbook/designer.en.md`` describes it). The same check guards the task page, the API and the services.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.domain.form_answers import AnswerRefused, converted, truth
from app.domain.masking import mask_person, mask_phone
from app.errors import FieldProblem

#: Kinds of questions whose answers are about a person, whatever the schema says.
PERSONAL_KINDS: Final = frozenset({"phone", "signature"})


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value of a choice."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One question of a form; ``kind`` is the type word of the schema."""

    key: str
    kind: str
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""
    required: bool = False
    disabled: bool = False
    options: tuple[Option, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    decimals: int | None = None
    unit: str = ""
    subtype: str = "datetime"
    default: Any = None
    prefill: str = ""
    show_when: tuple[str, Any] | None = None
    personal: bool = False


def walk(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All components of a schema, those inside groups included, in the order of the page."""
    for component in schema.get("components", ()):
        yield component
        yield from walk(component)


def form_fields(schema: Mapping[str, Any]) -> tuple[FormField, ...]:
    """The questions of a schema: components that have a key."""
    return tuple(form_field(component) for component in walk(schema) if component.get("key"))


def form_field(component: Mapping[str, Any]) -> FormField:
    """Read one component of a schema."""
    rules: Mapping[str, Any] = component.get("validate") or {}
    label = str(component.get("label") or component["key"])
    hint = str(component.get("description") or "")
    when = component.get("showWhen")
    return FormField(
        key=str(component["key"]),
        kind=str(component.get("type", "textfield")),
        zh=label,
        en=str(component.get("labelEn") or label),
        hint_zh=hint,
        hint_en=str(component.get("descriptionEn") or hint),
        required=bool(rules.get("required", False)),
        disabled=bool(component.get("disabled", False)),
        options=tuple(_option(value) for value in component.get("values", ())),
        least=_decimal_or_none(rules.get("min")),
        most=_decimal_or_none(rules.get("max")),
        min_length=rules.get("minLength"),
        max_length=rules.get("maxLength"),
        pattern=rules.get("pattern"),
        decimals=component.get("decimalDigits"),
        unit=str(component.get("unit") or ""),
        subtype=str(component.get("subtype") or "datetime"),
        default=component.get("defaultValue"),
        prefill=str(component.get("prefill") or ""),
        show_when=(str(when["key"]), when.get("equals")) if when else None,
        personal=component.get("personal") is True or component.get("type") in PERSONAL_KINDS,
    )


def is_shown(field: FormField, answers: Mapping[str, Any]) -> bool:
    """Whether the field is asked at all, given the other answers."""
    if field.show_when is None:
        return True
    key, wanted = field.show_when
    given = answers.get(key)
    if isinstance(wanted, bool):
        return truth(given) is wanted
    return given == wanted or str(given) == str(wanted)


def validate_form(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldProblem]]:
    """Check and convert the answers to a form.

    Answers may be texts as a browser sends them or JSON values. Optional fields left empty are absent from the
    result; a question that is not asked (``showWhen``) is dropped. Nothing is raised for wrong answers: every
    problem is listed, ``path`` being the key of the field.
    """
    known = {field.key: field for field in form_fields(schema)}
    problems = [_unknown(key) for key in answers if key not in known]
    cleaned: dict[str, Any] = {}
    for field in known.values():
        if field.disabled or not is_shown(field, answers):
            continue
        given = answers.get(field.key)
        if _is_empty(given) and not (field.kind == "checkbox" and given is not None):
            if field.required:
                problems.append(_missing(field))
            elif field.kind == "checkbox":
                cleaned[field.key] = False
            continue
        try:
            cleaned[field.key] = converted(field, given)
        except AnswerRefused as refusal:
            problems.append(
                FieldProblem(
                    path=field.key, code=refusal.code, zh=f"{field.zh}：{refusal.zh}", en=f"{field.en}: {refusal.en}"
                )
            )
            continue
        if field.kind == "checkbox" and field.required and not cleaned[field.key]:
            problems.append(_missing(field))
    return cleaned, problems


def without_personal(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a process may know of the answers: it keeps its data for good, so it gets nothing about a person."""
    personal = {field.key for field in form_fields(schema) if field.personal}
    return {key: value for key, value in answers.items() if key not in personal}


def masked_personal(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers for everybody but those who need the whole of them."""
    shown = dict(answers)
    for field in form_fields(schema):
        if field.personal and isinstance(shown.get(field.key), str):
            hide = mask_phone if field.kind == "phone" else mask_person
            shown[field.key] = hide(shown[field.key])
    return shown


def _option(value: Mapping[str, Any] | str) -> Option:
    if isinstance(value, str):
        return Option(value=value, zh=value, en=value)
    code = str(value["value"])
    label = str(value.get("label") or code)
    return Option(value=code, zh=label, en=str(value.get("labelEn") or label))


def _decimal_or_none(value: object) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))


def _is_empty(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _unknown(key: str) -> FieldProblem:
    return FieldProblem(
        path=key, code="unknown-field", zh=f"表单没有「{key}」这一项", en=f"the form has no field {key}"
    )


def _missing(field: FormField) -> FieldProblem:
    if field.kind == "checkbox":
        return FieldProblem(
            path=field.key, code="required", zh=f"{field.zh}：要先确认", en=f"{field.en}: must be confirmed"
        )
    verb = ("请选择", "choose one") if field.options else ("请填写", "fill this in")
    return FieldProblem(path=field.key, code="required", zh=f"{field.zh}：{verb[0]}", en=f"{field.en}: {verb[1]}")
