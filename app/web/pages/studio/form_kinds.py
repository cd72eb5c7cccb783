"""The types of questions a form may have, as its builder offers them: names, groups, and what each may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.domain.studio.form_schema import CHOICES, NUMBERS, TEXTS
from app.web.reader import Reader
from app.web.texts import Sentence, Texts

#: type -> what people call it, and the group of form-js it stands in.
NAMES: Final[Mapping[str, tuple[Sentence, str]]] = {
    "textfield": (Sentence("Line of text"), "basic-input"),
    "textarea": (Sentence("Long text"), "basic-input"),
    "number": (Sentence("Number", "form"), "basic-input"),
    "percent": (Sentence("Percentage"), "basic-input"),
    "money": (Sentence("Amount of money"), "basic-input"),
    "datetime": (Sentence("Date or time"), "basic-input"),
    "phone": (Sentence("Telephone number"), "basic-input"),
    "address": (Sentence("Address", "form"), "basic-input"),
    "resource": (Sentence("Resource"), "basic-input"),
    "masked_id": (Sentence("Identity number, masked"), "basic-input"),
    "scan": (Sentence("Scanned code"), "basic-input"),
    "photo": (Sentence("Photos"), "basic-input"),
    "file": (Sentence("Files", "form"), "basic-input"),
    "signature": (Sentence("Signature"), "basic-input"),
    "checkbox": (Sentence("Yes or no"), "selection"),
    "select": (Sentence("Choice from a list"), "selection"),
    "radio": (Sentence("Choice of a few"), "selection"),
    "checklist": (Sentence("Several of a few"), "selection"),
    "taglist": (Sentence("Several of a list"), "selection"),
    "text": (Sentence("Paragraph"), "presentation"),
    "group": (Sentence("Frame around questions"), "container"),
}


def form_kinds(reader: Reader) -> list[dict[str, Any]]:
    """``{type, name, name_zh, name_en, group, has}`` of every type, in the order in which they are offered."""
    return [
        {
            "type": kind,
            "name": reader.t(name),
            "name_zh": Texts("zh")(name),
            "name_en": name.text,
            "group": group,
            "has": _has(kind),
        }
        for kind, (name, group) in NAMES.items()
    ]


def _has(kind: str) -> list[str]:
    """The parts of a question of this type that its builder asks for."""
    if kind == "text":
        return ["text"]
    if kind == "group":
        return ["label"]
    found = ["key", "label", "description", "required", "disabled", "prefill", "personal", "showWhen"]
    if kind in TEXTS - {"photo", "file"}:
        found += ["length", "pattern"]
    if kind in NUMBERS:
        found += ["range", "decimals", "unit"] if kind != "money" else ["range"]
    if kind in CHOICES:
        found.append("values")
    if kind == "datetime":
        found.append("subtype")
    return found


def kind_name(kind: str, reader: Reader) -> str:
    """What people call a type; the type itself where there is none of that name."""
    return reader.t(NAMES[kind][0]) if kind in NAMES else kind
