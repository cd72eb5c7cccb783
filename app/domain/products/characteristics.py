"""The check of what is said about a product against its catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.products.catalogue import Characteristic, Offering, OrderType, ProductSpec
from app.errors import FieldProblem


@dataclass(frozen=True)
class Checked:
    """Characteristics that may be built, or what is wrong with them."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[FieldProblem] = field(default_factory=list)


def problem(path: str, code: str, zh: str, en: str) -> FieldProblem:
    """One thing that is wrong, in both languages."""
    return FieldProblem(path=path, code=code, zh=zh, en=en)


def check_characteristics(
    spec: ProductSpec,
    order_type: OrderType,
    given: Mapping[str, Any],
    *,
    offering: Offering | None = None,
    present: Mapping[str, Any] | None = None,
    path: str = "",
) -> Checked:
    """Check what the caller says about a product and fill in the rest.

    :param present: characteristics of the installed product; what is not said stays as it is.
    :param path: where the characteristics are in the input, put before the code in each problem.
    :return: the complete values; with problems the values are of no use.
    """
    own = {part.code: part for part in order_type.characteristics if not part.products or spec.code in part.products}
    known = {**spec.characteristics, **own}
    fixed = dict(offering.fixed) if offering is not None else {}
    problems = [
        problem(
            f"{path}{code}",
            "unknown-characteristic",
            f"{spec.name.zh} 没有特性 {code}",
            f"{spec.name.en} has no {code}",
        )
        for code in given
        if code not in known
    ]
    values = dict(present or {})
    for code, part in known.items():
        where = f"{path}{code}"
        if code in given:
            problems += _judge(part, given[code], fixed.get(code), present, where)
            values[code] = given[code]
        elif code in fixed:
            values[code] = fixed[code]
        elif code not in values:
            problems += _fill(part, values, present=present, own=code in own, path=where)
    return Checked(values, problems)


def _judge(
    part: Characteristic, value: Any, fixed: Any, present: Mapping[str, Any] | None, path: str
) -> list[FieldProblem]:
    wrong = part.complaint(value)
    if wrong is not None:
        code, words = wrong
        return [problem(path, code, f"{part.name.zh}{words.zh}", f"{part.name.en} {words.en}")]
    if fixed is not None and value != fixed:
        return [
            problem(
                path,
                "fixed-by-offering",
                f"{part.name.zh}由该销售品固定为 {fixed}",
                f"{part.name.en} is fixed to {fixed} by the offering",
            )
        ]
    before = (present or {}).get(part.code, value)
    if not part.amendable and value != before:
        return [
            problem(
                path,
                "not-amendable",
                f"{part.name.zh}不能变更，请拆机后新装",
                f"{part.name.en} cannot be changed; disconnect and install anew",
            )
        ]
    return []


def _fill(
    part: Characteristic, values: dict[str, Any], *, present: Mapping[str, Any] | None, own: bool, path: str
) -> list[FieldProblem]:
    installed = present is not None and not own
    if part.default is not None and not installed:
        values[part.code] = part.default
    elif part.required and not part.assigned and not installed:
        return [problem(path, "required", f"缺少{part.name.zh}", f"{part.name.en} is missing")]
    return []
