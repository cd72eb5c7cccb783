"""Why somebody gives a work item back to where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.words import Words
from app.errors import FieldProblem, InvalidInput

RETURN_REASONS: Final[Mapping[str, Words]] = {
    "wrong-team": Words("不属于本班组", "Not the work of this team"),
    "data-missing": Words("资料不全", "Data or documents are missing"),
    "data-wrong": Words("资料有误", "Data are wrong"),
    "cannot-be-done": Words("按此方案无法施工", "Cannot be done as it is planned"),
    "other": Words("其他原因", "Something else"),
}


def return_reason(code: str) -> Words:
    """The name of a reason. :raises InvalidInput: it is not on the list."""
    if code not in RETURN_REASONS:
        raise wrong("reason", "choose a reason from the list", "请选择退回原因")
    return RETURN_REASONS[code]


def said(text: str, field: str, most: int = 500) -> str:
    """What somebody wrote, without blanks around it. :raises InvalidInput: nothing, or more than fits."""
    plain = text.strip()
    if not plain:
        raise wrong(field, "say it in a few words", "请填写说明")
    if len(plain) > most:
        raise wrong(field, f"at most {most} characters", f"最多 {most} 个字")
    return plain


def wrong(field: str, en: str, zh: str) -> InvalidInput:
    """A refusal that names its field."""
    return InvalidInput(en, zh, details=[FieldProblem(path=field, code="invalid", zh=zh, en=en)])
