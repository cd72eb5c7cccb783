"""What is wrong with the schema of a form, said before anybody is asked its questions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.studio.form_patterns import pattern_problem

TEXTS: Final = frozenset(
    {"textfield", "textarea", "scan", "phone", "address", "resource", "masked_id", "signature", "photo", "file"}
)
NUMBERS: Final = frozenset({"number", "percent", "money"})
CHOICES: Final = frozenset({"select", "radio", "checklist", "taglist"})
SHOWN: Final = frozenset({"group", "text"})
KINDS: Final = TEXTS | NUMBERS | CHOICES | SHOWN | {"checkbox", "datetime"}
#: What form-js would work out in the browser; here nothing but answers decides what is asked.
WORKED_OUT: Final = ("conditional", "valuesKey", "valuesExpression", "expression")
MOMENTS: Final = frozenset({"date", "time", "datetime"})
GOOD_KEY: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]{0,79}$", re.ASCII)
MAX_BYTES: Final = 200_000
MAX_DEPTH: Final = 5
MAX_COMPONENTS: Final = 300


@dataclass(frozen=True)
class SchemaProblem:
    """What is wrong at ``path`` (the key of a question, or its place), in both languages."""

    path: str
    zh: str
    en: str


def read_schema(content: bytes) -> tuple[dict[str, Any], list[SchemaProblem]]:
    """Read a form; with problems it must not be kept. Nothing is raised, whatever the bytes are."""
    if len(content) > MAX_BYTES:
        return {}, [SchemaProblem("", f"表单超过 {MAX_BYTES} 字节", f"the form is larger than {MAX_BYTES} bytes")]
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}, [SchemaProblem("", "不是合法的 JSON", "this is not JSON")]
    if not isinstance(body, dict):
        return {}, [SchemaProblem("", "须是一个 JSON 对象", "a JSON object is needed")]
    return body, list(_problems(body))


def _problems(body: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    if not GOOD_KEY.match(str(body.get("id", ""))):
        yield SchemaProblem(
            "id", "id 是表单编号：字母开头，最长 80 个字符", "id is the key of the form: a letter first"
        )
    if not _text(body.get("name")) or not _text(body.get("nameEn")):
        yield SchemaProblem(
            "name", "name 和 nameEn 是表单的中英文名称", "name and nameEn are its Chinese and English name"
        )
    rows = list(_components(body, "", 0))
    if not rows:
        yield SchemaProblem("components", "表单没有内容", "there is nothing in the form")
    if len(rows) > MAX_COMPONENTS:
        yield SchemaProblem("components", f"最多 {MAX_COMPONENTS} 项", f"at most {MAX_COMPONENTS} components")
        return
    keys = [str(row["key"]) for _, row in rows if isinstance(row, Mapping) and row.get("key")]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield SchemaProblem(key, "key 重复", "the key is used twice")
    for path, row in rows:
        if isinstance(row, Mapping):
            yield from _component(path, row, frozenset(keys))
        else:
            yield SchemaProblem(path, "须是一个 JSON 对象", "a JSON object is needed")


def _components(holder: Mapping[str, Any], path: str, depth: int) -> Iterator[tuple[str, Any]]:
    rows = holder.get("components", [])
    if not isinstance(rows, list) or depth > MAX_DEPTH:
        yield f"{path}components", None
        return
    for place, row in enumerate(rows):
        named = isinstance(row, Mapping) and row.get("key")
        here = str(row["key"]) if named else f"{path}components[{place}]"
        yield here, row
        if isinstance(row, Mapping) and "components" in row:
            yield from _components(row, f"{here}.", depth + 1)


def _component(path: str, row: Mapping[str, Any], keys: frozenset[str]) -> Iterator[SchemaProblem]:
    kind = row.get("type", "textfield")
    if kind not in KINDS:
        yield SchemaProblem(path, f"没有 {kind!s:.40} 这种类型", f"there is no type {kind!s:.40}")
        return
    if kind not in SHOWN and not GOOD_KEY.match(str(row.get("key", ""))):
        yield SchemaProblem(path, "要填的项须有 key：字母开头", "what is answered needs a key, a letter first")
    if kind not in SHOWN and not (_text(row.get("label")) and _text(row.get("labelEn"))):
        yield SchemaProblem(path, "须有 label 和 labelEn", "label and labelEn are needed")
    if kind in CHOICES and not _are_choices(row.get("values")):
        yield SchemaProblem(
            path, "values 须列出选项，每项有 value 和 label", "values list the choices: value and label"
        )
    if kind == "datetime" and row.get("subtype", "datetime") not in MOMENTS:
        yield SchemaProblem(path, "subtype 是 date、time 或 datetime", "subtype is date, time or datetime")
    worked_out = [name for name in WORKED_OUT if row.get(name)]
    if worked_out:
        yield SchemaProblem(
            path,
            f"不支持 {worked_out[0]}：选项写在 values 里，是否显示写在 showWhen 里",
            f"{worked_out[0]} is not supported: choices stand in values, when it is asked in showWhen",
        )
    inside = row.get("components") or ()
    if inside and kind != "group":
        yield SchemaProblem(path, "只有分组可以包含其他项", "only a group has others inside")
    elif any(isinstance(one, Mapping) and one.get("type") == "group" for one in inside):
        yield SchemaProblem(path, "分组里不能再放分组", "a group has no group inside")
    when = row.get("showWhen")
    if when is not None and not (isinstance(when, Mapping) and when.get("key") in keys):
        yield SchemaProblem(path, "showWhen 须指明本表单的一项", "showWhen names another question of the form")
    yield from _rules(path, row.get("validate", {}))


def _rules(path: str, rules: Any) -> Iterator[SchemaProblem]:
    if not isinstance(rules, Mapping):
        yield SchemaProblem(path, "validate 须是一个 JSON 对象", "validate is a JSON object")
        return
    numbers = [rules[name] for name in ("min", "max", "minLength", "maxLength") if rules.get(name) is not None]
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in numbers):
        yield SchemaProblem(
            path, "min、max、minLength、maxLength 须是数字", "min, max, minLength, maxLength are numbers"
        )
    problem = pattern_problem(str(rules.get("pattern") or ""))
    if problem is not None:
        yield SchemaProblem(path, *problem)


def _are_choices(values: Any) -> bool:
    return (
        isinstance(values, list)
        and bool(values)
        and all(isinstance(one, Mapping) and "value" in one and _text(one.get("label")) for one in values)
    )


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
