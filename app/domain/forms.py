"""Forms of user tasks: read the schema, check the answers.

The schema is a subset of form-js JSON with bilingual labels and a few field types of our own
(``docs/handbook/designer.en.md`` describes it). The same check guards the task page, the API and the services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from re import fullmatch
from typing import Any, Final

from app.errors import FieldProblem

MAX_TEXT: Final = 4000  # characters of one answer; longer ones are mistakes, not answers
MAX_CHOICES: Final = 50
_YES: Final = frozenset({"true", "on", "1", "yes"})
_NO: Final = frozenset({"false", "off", "0", "no", ""})
_MANY_TYPES: Final = frozenset({"checklist", "taglist"})
_ONE_TYPES: Final = frozenset({"select", "radio"})


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


class _Refused(Exception):
    """An answer that does not fit its field; carries a code and the two sentences."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


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
    )


def is_shown(field: FormField, answers: Mapping[str, Any]) -> bool:
    """Whether the field is asked at all, given the other answers."""
    if field.show_when is None:
        return True
    key, wanted = field.show_when
    given = answers.get(key)
    if isinstance(wanted, bool):
        return _truth(given) is wanted
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
            cleaned[field.key] = _converted(field, given)
        except _Refused as refusal:
            problems.append(
                FieldProblem(
                    path=field.key, code=refusal.code, zh=f"{field.zh}：{refusal.zh}", en=f"{field.en}: {refusal.en}"
                )
            )
            continue
        if field.kind == "checkbox" and field.required and not cleaned[field.key]:
            problems.append(_missing(field))
    return cleaned, problems


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


def _truth(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _YES
    return bool(value)


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


def _converted(field: FormField, given: Any) -> Any:
    if field.kind in _MANY_TYPES:
        return _chosen_many(field, given)
    if field.kind in _ONE_TYPES:
        return _chosen_one(field, given)
    convert: Callable[[FormField, Any], Any] = _CONVERTERS.get(field.kind, _text)
    return convert(field, given)


def _text(field: FormField, given: Any) -> str:
    if isinstance(given, bool | Mapping | list):
        raise _Refused("wrong-type", "要填文字", "must be text")
    text = str(given).strip()
    longest = field.max_length or MAX_TEXT
    if len(text) > longest:
        raise _Refused("too-long", f"最多 {longest} 个字", f"at most {longest} characters")
    if field.min_length and len(text) < field.min_length:
        raise _Refused("too-short", f"至少 {field.min_length} 个字", f"at least {field.min_length} characters")
    if field.pattern and not fullmatch(field.pattern, text):
        hint = (field.hint_zh, field.hint_en) if field.hint_zh else ("格式不对", "the format is not right")
        raise _Refused("wrong-format", hint[0], hint[1])
    return text


def _phone(field: FormField, given: Any) -> str:
    text = _text(field, given).replace(" ", "").replace("-", "")
    if not fullmatch(r"\+?[0-9]{5,15}", text):
        raise _Refused("wrong-format", "要填 5 到 15 位号码", "must be a number of 5 to 15 digits")
    return text


def _number(field: FormField, given: Any) -> int | float:
    if isinstance(given, bool | Mapping | list):
        raise _Refused("wrong-type", "要填数字", "must be a number")
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        raise _Refused("wrong-type", "要填数字", "must be a number") from None
    if not number.is_finite():
        raise _Refused("wrong-type", "要填数字", "must be a number")
    _check_range(field, number)
    exponent = number.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if field.decimals is not None and places > field.decimals:
        if field.decimals == 0:
            raise _Refused("too-precise", "要填整数", "must be a whole number")
        raise _Refused("too-precise", f"最多 {field.decimals} 位小数", f"at most {field.decimals} decimals")
    return int(number) if places == 0 else float(number)


def _percent(field: FormField, given: Any) -> int | float:
    number = _number(field, given)
    if not 0 <= number <= 100:
        raise _Refused("out-of-range", "要在 0 到 100 之间", "must be from 0 to 100")
    return number


def _money(field: FormField, given: Any) -> str:
    try:
        amount = Decimal(str(given).strip().removeprefix("¥").replace(",", ""))
    except InvalidOperation:
        raise _Refused("wrong-type", "要填金额，如 128.00", "must be an amount such as 128.00") from None
    if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        raise _Refused("too-precise", "金额最多两位小数", "at most two decimals")
    _check_range(field, amount)
    return str(amount.quantize(Decimal("0.01")))


def _check_range(field: FormField, number: Decimal) -> None:
    unit = f" {field.unit}" if field.unit else ""
    if field.least is not None and field.most is not None and not field.least <= number <= field.most:
        raise _Refused(
            "out-of-range",
            f"要在 {field.least} 到 {field.most}{unit} 之间",
            f"must be from {field.least} to {field.most}{unit}",
        )
    if field.least is not None and number < field.least:
        raise _Refused("out-of-range", f"不能小于 {field.least}{unit}", f"must not be below {field.least}{unit}")
    if field.most is not None and number > field.most:
        raise _Refused("out-of-range", f"不能大于 {field.most}{unit}", f"must not be above {field.most}{unit}")


def _checkbox(_field: FormField, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _Refused("wrong-type", "只能是“是”或“否”", "must be true or false")


def _moment(field: FormField, given: Any) -> str:
    text = str(given).strip()
    read: Callable[[str], Any] = _MOMENT_READERS.get(field.subtype, datetime.fromisoformat)
    try:
        read(text)
    except ValueError:
        samples = {"date": "2026-11-24", "time": "14:30"}
        sample = samples.get(field.subtype, "2026-11-24T14:30")
        raise _Refused("wrong-format", f"格式如 {sample}", f"write it like {sample}") from None
    return text


def _files(field: FormField, given: Any) -> list[str]:
    names = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    found = [str(name).strip() for name in names if str(name).strip()]
    if len(found) > MAX_CHOICES or any(len(name) > 300 for name in found):
        raise _Refused("too-long", "附件太多或名称太长", "too many files or a name is too long")
    return found


def _chosen_one(field: FormField, given: Any) -> str:
    word = str(given).strip()
    if field.options and word not in {option.value for option in field.options}:
        raise _Refused("not-a-choice", "不在可选范围内", "is not one of the choices")
    return word


def _chosen_many(field: FormField, given: Any) -> list[str]:
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, Sequence) or len(words) > MAX_CHOICES:
        raise _Refused("wrong-type", "要选若干项", "must be a list of choices")
    return [_chosen_one(field, word) for word in words]


_MOMENT_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}

_CONVERTERS: Final[Mapping[str, Callable[[FormField, Any], Any]]] = {
    "number": _number,
    "percent": _percent,
    "money": _money,
    "checkbox": _checkbox,
    "datetime": _moment,
    "phone": _phone,
    "photo": _files,
    "file": _files,
}
