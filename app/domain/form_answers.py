"""Converts the answers to a form into the types of its fields, or says why one does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from re import fullmatch
from typing import TYPE_CHECKING, Any, Final

from app.domain.studio.form_patterns import MAX_ANSWER

if TYPE_CHECKING:
    from app.domain.forms import FormField

MAX_TEXT: Final = 4000  # characters of one answer; longer ones are mistakes, not answers
MAX_CHOICES: Final = 50
#: A number of a form is a length, a level or an amount: beyond this it is a slip of the keyboard.
MOST_DIGITS: Final = 15
MAX_NUMBER_CHARS: Final = 40
_YES: Final = frozenset({"true", "on", "1", "yes"})
_NO: Final = frozenset({"false", "off", "0", "no", ""})
_MANY_TYPES: Final = frozenset({"checklist", "taglist"})
_ONE_TYPES: Final = frozenset({"select", "radio"})


class AnswerRefused(Exception):
    """An answer that does not fit its field; carries a code and the two sentences."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


def truth(value: object) -> bool:
    """Whether an answer to a yes/no question means yes."""
    if isinstance(value, str):
        return value.strip().lower() in _YES
    return bool(value)


def converted(field: FormField, given: Any) -> Any:
    """The answer in the type of its field.

    :raises AnswerRefused: it does not fit.
    """
    if field.kind in _MANY_TYPES:
        return _chosen_many(field, given)
    if field.kind in _ONE_TYPES:
        return _chosen_one(field, given)
    convert: Callable[[FormField, Any], Any] = _CONVERTERS.get(field.kind, _text)
    return convert(field, given)


def _text(field: FormField, given: Any) -> str:
    if isinstance(given, bool | Mapping | list):
        raise AnswerRefused("wrong-type", "要填文字", "must be text")
    text = str(given).strip()
    longest = field.max_length or MAX_TEXT
    if field.pattern:
        longest = min(longest, MAX_ANSWER)
    if len(text) > longest:
        raise AnswerRefused("too-long", f"最多 {longest} 个字", f"at most {longest} characters")
    if field.min_length and len(text) < field.min_length:
        raise AnswerRefused("too-short", f"至少 {field.min_length} 个字", f"at least {field.min_length} characters")
    if field.pattern and not fullmatch(field.pattern, text):
        hint = (field.hint_zh, field.hint_en) if field.hint_zh else ("格式不对", "the format is not right")
        raise AnswerRefused("wrong-format", hint[0], hint[1])
    return text


def _phone(field: FormField, given: Any) -> str:
    text = _text(field, given).replace(" ", "").replace("-", "")
    if not fullmatch(r"\+?[0-9]{5,15}", text):
        raise AnswerRefused("wrong-format", "要填 5 到 15 位号码", "must be a number of 5 to 15 digits")
    return text


def _number(field: FormField, given: Any) -> int | float:
    if isinstance(given, bool | Mapping | list):
        raise AnswerRefused("wrong-type", "要填数字", "must be a number")
    number = _decimal(str(given), AnswerRefused("wrong-type", "要填数字", "must be a number"))
    _check_range(field, number)
    exponent = number.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if field.decimals is not None and places > field.decimals:
        if field.decimals == 0:
            raise AnswerRefused("too-precise", "要填整数", "must be a whole number")
        raise AnswerRefused("too-precise", f"最多 {field.decimals} 位小数", f"at most {field.decimals} decimals")
    return int(number) if places == 0 else float(number)


def _decimal(text: str, wrong: AnswerRefused) -> Decimal:
    """Read a number, ``wrong`` if it is none; what nobody measures (``1e999999``) would only choke the arithmetic."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise wrong from None
    if not number.is_finite() or len(text) > MAX_NUMBER_CHARS:
        raise wrong
    if abs(number.adjusted()) > MOST_DIGITS:
        raise AnswerRefused("out-of-range", "数值过大或过小", "is beyond all measure")
    return number


def _percent(field: FormField, given: Any) -> int | float:
    number = _number(field, given)
    if not 0 <= number <= 100:
        raise AnswerRefused("out-of-range", "要在 0 到 100 之间", "must be from 0 to 100")
    return number


def _money(field: FormField, given: Any) -> str:
    wrong = AnswerRefused("wrong-type", "要填金额，如 128.00", "must be an amount such as 128.00")
    amount = _decimal(str(given).strip().removeprefix("¥").replace(",", ""), wrong)
    if amount != amount.quantize(Decimal("0.01")):
        raise AnswerRefused("too-precise", "金额最多两位小数", "at most two decimals")
    _check_range(field, amount)
    return str(amount.quantize(Decimal("0.01")))


def _check_range(field: FormField, number: Decimal) -> None:
    unit = f" {field.unit}" if field.unit else ""
    if field.least is not None and field.most is not None and not field.least <= number <= field.most:
        raise AnswerRefused(
            "out-of-range",
            f"要在 {field.least} 到 {field.most}{unit} 之间",
            f"must be from {field.least} to {field.most}{unit}",
        )
    if field.least is not None and number < field.least:
        raise AnswerRefused("out-of-range", f"不能小于 {field.least}{unit}", f"must not be below {field.least}{unit}")
    if field.most is not None and number > field.most:
        raise AnswerRefused("out-of-range", f"不能大于 {field.most}{unit}", f"must not be above {field.most}{unit}")


def _checkbox(_field: FormField, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise AnswerRefused("wrong-type", "只能是“是”或“否”", "must be true or false")


def _moment(field: FormField, given: Any) -> str:
    text = str(given).strip()
    read: Callable[[str], Any] = _MOMENT_READERS.get(field.subtype, datetime.fromisoformat)
    try:
        read(text)
    except ValueError:
        samples = {"date": "2026-11-24", "time": "14:30"}
        sample = samples.get(field.subtype, "2026-11-24T14:30")
        raise AnswerRefused("wrong-format", f"格式如 {sample}", f"write it like {sample}") from None
    return text


def _files(field: FormField, given: Any) -> list[str]:
    names = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    found = [str(name).strip() for name in names if str(name).strip()]
    if len(found) > MAX_CHOICES or any(len(name) > 300 for name in found):
        raise AnswerRefused("too-long", "附件太多或名称太长", "too many files or a name is too long")
    return found


def _chosen_one(field: FormField, given: Any) -> str:
    word = str(given).strip()
    if field.options and word not in {option.value for option in field.options}:
        raise AnswerRefused("not-a-choice", "不在可选范围内", "is not one of the choices")
    return word


def _chosen_many(field: FormField, given: Any) -> list[str]:
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, Sequence) or len(words) > MAX_CHOICES:
        raise AnswerRefused("wrong-type", "要选若干项", "must be a list of choices")
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
