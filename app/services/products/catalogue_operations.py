"""Operations that come with a catalogue: they fit together, and those in use keep what drawings rely on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from adapters.operations import OperationDataRefused, OperationRegistry
from app.domain.products.catalogue_check import said
from app.domain.products.catalogue_entries import Body, Entries
from app.errors import FieldProblem

#: What the registry says, by how it begins, in Chinese; groups go into it.
IN_CHINESE: Final = (
    (r"unknown mode", "调用方式未知"),
    (r"unknown effect", "读写类型未知"),
    (r"unknown idempotency", "幂等类型未知"),
    (r"unknown retry policy", "重试策略不存在"),
    (r"unknown undo", "撤销操作不存在"),
    (r"a write needs an undo.*", "写操作必须有撤销操作，或声明不可撤销、仅作撤销用"),
    (r"undo_from is no output", "undo_from 不是输出"),
    (r"code does not begin with the adapter", "操作编码必须以适配器编码开头"),
    (r"undo (\S+) needs (\S+)", "撤销操作 {0} 需要输入 {1}"),
)


def operation_problems(
    known: Entries, changed: Entries, whole: Entries, *, adapters: Collection[str]
) -> list[FieldProblem]:
    """What is wrong with the operations once the changed entries are in.

    :param adapters: codes of the neighbours there are ports to.
    """
    found = [problem for body in changed.get("operation", {}).values() for problem in by_itself(body, known, adapters)]
    data = {"operations": list(whole["operation"].values()), "retry_policies": list(whole["retry_policy"].values())}
    try:
        OperationRegistry.from_data(data)
    except OperationDataRefused as refused:
        found += [in_both_tongues(problem, whole) for problem in refused.problems]
    return found


def by_itself(body: Body, known: Entries, adapters: Collection[str]) -> Iterator[FieldProblem]:
    """There is such a neighbour; and what drawings in use give and take stays."""
    if body["adapter"] not in adapters:
        zh, en = f"没有适配器 {body['adapter']}", f"there is no adapter {body['adapter']}"
        yield said("operation", body, "adapter", "unknown-reference", zh, en)
    before = known["operation"].get(str(body["code"]))
    if before is None:
        return
    for name in ("adapter", "effect"):
        if before[name] != body[name]:
            zh, en = f"在用操作的 {name} 不可变更", f"the {name} of an operation in use stays"
            yield said("operation", body, name, "in-use", zh, en)
    taken = {*body["inputs"], *body.get("optional_inputs", ())}
    for name in sorted({*before["inputs"], *before.get("optional_inputs", ())} - taken):
        zh, en = f"在用输入 {name} 不可去掉", f"the input {name} is in use and stays"
        yield said("operation", body, "inputs", "in-use", zh, en)
    for name in sorted({*body["inputs"]} - {*before["inputs"]}):
        zh, en = f"新输入 {name} 只能是可选的", f"the new input {name} can only be optional"
        yield said("operation", body, "inputs", "in-use", zh, en)
    for name in sorted({*before["outputs"]} - {*body["outputs"]}):
        zh, en = f"在用输出 {name} 不可去掉", f"the output {name} is in use and stays"
        yield said("operation", body, "outputs", "in-use", zh, en)


def in_both_tongues(problem: str, whole: Entries) -> FieldProblem:
    """A problem the registry has found, as ``code: text``."""
    code, _, text = problem.partition(": ")
    named: dict[str, Any] = {"code": code} if code in whole["operation"] else {"code": "?"}
    zh = next(
        (said_zh.format(*match.groups()) for form, said_zh in IN_CHINESE if (match := re.fullmatch(form, text))),
        f"操作定义有误（{text}）",
    )
    field = text.split()[0] if text.startswith(("undo", "mode", "effect")) else "code"
    return said("operation", named, field, "operation-invalid", zh, text or problem)
