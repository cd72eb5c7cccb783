"""Writes ``docs/namespace.md`` and the designer's descriptor from the tables the check and the engine use themselves.

``python -m processes.vocabulary_docs docs|moddle`` prints them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Final

from processes import vocabulary
from processes.spiff.expressions import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES
from processes.spiff.functions import FUNCTIONS
from processes.spiff.lint_names import RESERVED
from processes.spiff.messages import RULES

FUNCTION_DOCS: Final = {
    "get": (
        "get(obj, 'key', default)",
        "取字段或列表项，没有则取缺省值",
        "field of an object or item of a list, else the default",
    ),
    "exists": ("exists('order.note')", "名称或路径存在且不为空值", "whether a name or path is there and not null"),
    "len": ("len(items)", "长度", "length"),
    "min": ("min(list) / min(a, b)", "最小值", "smallest"),
    "max": ("max(list) / max(a, b)", "最大值", "largest"),
    "sum": ("sum(list)", "求和", "sum of numbers"),
    "str": ("str(value)", "转文本", "as text"),
    "int": ("int(value)", "转整数", "as whole number"),
    "float": ("float(value)", "转小数", "as number"),
    "round": ("round(value, digits)", "四舍五入", "rounded"),
    "abs": ("abs(value)", "绝对值", "absolute value"),
    "contains": ("contains(list or text, item)", "是否包含；空值为否", "whether it is in there; false for null"),
    "concat": ("concat(a, b, ...)", "连接文本或列表", "texts or lists one after the other"),
    "first": ("first(list, default)", "第一项", "first item"),
    "any_of": ("any_of(list, 'key', value)", "是否有一项满足", "whether one item fits; value and key may be left out"),
    "all_of": ("all_of(list, 'key', value)", "是否每项都满足", "whether all items fit"),
    "pluck": ("pluck(list, 'key')", "取每项的字段", "that field of every item"),
    "where": ("where(list, 'key', value)", "筛选", "the items whose field has that value"),
    "merge": ("merge(obj, obj)", "合并，后者优先", "both objects in one, the second wins"),
    "add_days": ("add_days('2026-11-01', 3)", "日期加减天数", "a date some days later"),
    "split": ("split('a,b', ',')", "切分文本", "text cut into a list"),
    "join": ("join(list, ',')", "拼接文本", "list joined to a text"),
    "lower": ("lower(text)", "小写", "lower case"),
    "upper": ("upper(text)", "大写", "upper case"),
    "starts_with": ("starts_with(text, start)", "是否以…开头", "whether a text starts with another"),
}

HEAD: Final = f"""# The `yizhan:` vocabulary of BPMN files · BPMN 文件里的 `yizhan:` 词汇

Namespace `{vocabulary.NAMESPACE}`, prefix `{vocabulary.PREFIX}`. This page is generated:
`python -m processes.vocabulary_docs docs > docs/namespace.md`; the designer's descriptor comes from the same table:
`python -m processes.vocabulary_docs moddle`.

`name` of an element is its Chinese name, `yizhan:nameEn` the English one. Ids are words (`reserve_port`).
元素的 `name` 是中文名，`yizhan:nameEn` 是英文名；编号用英文单词。
"""

RUN: Final = """## How it runs · 如何运行

- **Data.** Every instance has top-level names; values are JSON. A step reads with `yizhan:input` and writes with
  `yizhan:output`, nothing else. Parallel branches do not see each other's writes before they meet; where they meet,
  the later write of a name wins. · 数据是顶层名称；步骤只通过 input 读、output 写；并行分支汇合时，后写者生效。
- **Service tasks** are jobs: the engine performs the operation outside and comes back with `result`.
  · 服务任务都是作业。
- **Call activities** start an instance of their own: it gets the declared inputs as its start data, and its final data
  is `result`. · 调用活动启动独立的子实例：输入即启动数据，子实例最终数据即 result。
- **Business rule tasks** hand their inputs to the decision; its answer is `result`. · 业务规则任务把输入交给决策表。
- **Multi-instance**: `loopDataInputRef` (a name or expression that yields a list) with `inputDataItem name="item"`;
  results are collected with `loopDataOutputRef` (name of the list) and `outputDataItem` (a name every instance writes),
  in the order of the items. `completionCondition` may use `numberOfInstances`, `numberOfCompletedInstances`,
  `numberOfActiveInstances`. `loopCounter` counts from 0. · 多实例：列表、逐项名称、按序收集结果。
- **Timers**: `PT4H`, `P1D`, `R3/PT10M`, `2026-11-01T09:00:00+08:00` as they are, or an expression that yields such a
  text. A date needs a time zone; months and days are those of the calendar in the area of the order. A repeating timer
  does not drift; firings missed during an outage are left out.
  · 定时器可直接写 ISO 8601，日期须带时区；月、日按订单所在区域的日历。
- **Errors**: a boundary error event whose error has `errorCode="test-failed"` catches that failure of its activity, of
  what runs inside it and of the process it calls; without a code it catches any. The nearest one wins, and exactly one
  catches. The catching path finds `error.code`, `error.message`, `error.element`. · 错误由最近的一个边界事件捕获。
- **Messages**: name and `yizhan:messageKey`; the payload is `result`. One message is taken by one instance, the one
  that has waited longest; it is kept for who comes in time. · 消息按名称和关联键匹配，只被等得最久的一个实例取走。
- **Signals** reach everybody who waits for them at that moment, in every instance, and begin what starts with them.
  · 信号送达此刻等待它的所有实例，并启动以它开始的流程。
- **Beginning by an event**: a message, signal, timer or condition at the start. The payload is the start data, or, with
  `yizhan:output` at the start event, what that makes of `result`. · 由事件启动：负载即启动数据，或由 output 映射。
- **Several definitions in one event**: a catching event goes on with the first of them, at the edge of an activity or
  for an event sub-process each is an event for itself; with `parallelMultiple="true"` all have to happen, and
  `result` holds all payloads. A throwing event throws all of them. Messages that have to come together before a process
  begins (so drawn, or behind a parallel event-based gateway) belong together by their key.
  · 一个事件可有几个定义：任一发生即可；parallelMultiple 则须全部发生；要等齐才启动流程的消息按关联键归到一起。
- **Conditions**: a conditional event fires when data makes its condition true; what cannot be computed yet is not true.
  · 条件事件在数据使条件成立时触发；名称尚不存在视为不成立。
- **Compensation**: a throw undoes what was completed in its scope, newest first: a drawn handler with the data of that
  time, else the undo of the operation. A cancelled transaction does so first. See
  [decision 0025](decisions/0025-compensation-goes-through-the-ledger.md).
  · 补偿按完成的逆序：有处理则运行处理，否则执行登记的撤销操作。
- **Complex gateways** go on when `activationCondition` (over the data and `activationCount`) holds, once per round.
  · 复杂网关：条件成立即放行，每轮一次。
- **Ad-hoc sub-processes** begin what nothing leads to (or what `yizhan:chosen` lists), at once or `Sequential`, until
  `completionCondition` holds. While one runs, more can be begun by hand (`yizhan instance begin`); with
  `yizhan:byHand="true"` only so, and it is a task of its `yizhan:team`, open until handed in; its outputs may use
  `result` (the data inside and what was handed in).
  · 特别子流程：并行或依次进行，直到完成条件成立；也可由人逐个开始活动。
- **Data objects**: associations that name a `dataInput` or `dataOutput` of their activity are mappings, others
  are notes. · 指明输入输出名称的数据关联就是映射，否则只作说明。
- **Start data**: `bpmn:property` elements of a process name its data (and its collected lists), as `yizhan:data` rows
  do. Once there is one, the check points out names that nobody provides. · 声明数据后，检查会指出没有谁提供的名称。
"""

EXPRESSIONS: Final = f"""## Expressions · 表达式

A small part of Python's syntax over JSON: `== != < <= > >= in not and or + - * / // %`, `a if c else b`, `x.field`,
`x['field']`, `list[0]`, `list[1:3]`, `[a, b]`, `{{'k': v}}`, `true false null`.
A missing field is an error (use `get`). No methods, no scripts, no loops.
At most {MAX_CHARACTERS} characters, {MAX_NODES} parts, {MAX_DEPTH} levels.
`now` is the instant of the step as ISO text (UTC). · 只有这些语法；缺字段即报错，可用 get。
"""

DECISIONS: Final = """## Decision tables · 决策表

DMN 1.3 files (`.dmn`), written in FEEL, as the standard says. Hit policies UNIQUE, FIRST, PRIORITY, ANY (an object or
null), COLLECT, RULE ORDER, OUTPUT ORDER (a list of objects); COLLECT with SUM, MIN, MAX or COUNT gives an object with
that value. Input cells: `-`, `"上海"`, `"a","b"`, `< 5`, `[1..10)`, `not("a")`, `? > limit`,
`> @"2026-01-01"`; output cells: FEEL expressions. A decision may need other decisions and business knowledge
models of the same file. Errors name decision, rule and cell. All of it: [decision-tables.md](decision-tables.md).
· 单元格用 FEEL 书写；决策可依赖同一文件中的其他决策和业务知识模型；错误会指明决策、规则和单元格。
"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def render() -> str:
    """The whole page."""
    attributes = _table(
        ("attribute", "on", "value", "中文", "English", "example"),
        (
            (f"`yizhan:{row.name}`", _on(row.on), row.kind, row.zh, row.en, f"`{row.example}`" if row.example else "")
            for row in vocabulary.ATTRIBUTES
        ),
    )
    elements = _table(
        ("element in `bpmn:extensionElements`", "on", "中文", "English", "example"),
        ((f"`yizhan:{row.name}`", _on(row.on), row.zh, row.en, f"`{row.example}`") for row in vocabulary.EXTENSIONS),
    )
    functions = _table(
        ("function", "中文", "English"),
        ((f"`{FUNCTION_DOCS[name][0]}`", *FUNCTION_DOCS[name][1:]) for name in ["exists", *FUNCTIONS]),
    )
    rules = _table(
        ("rule", "", "中文", "English"),
        ((f"`{code}`", rule.severity, _words(rule.zh), _words(rule.en)) for code, rule in RULES.items()),
    )
    reserved = ", ".join(f"`{name}`" for name in sorted(RESERVED))
    return "\n".join(
        (
            HEAD,
            "## Attributes · 属性\n",
            attributes,
            "## Elements · 元素\n",
            elements,
            RUN,
            EXPRESSIONS,
            functions,
            f"Names data cannot have · 保留名称: {reserved}.\n",
            DECISIONS,
            "## What the check says · 检查规则\n",
            rules,
        )
    )


def _on(kinds: tuple[str, ...]) -> str:
    groups = {
        vocabulary.ANYWHERE: "everything",
        vocabulary.ACTIVITIES: "any task, call activity, sub-process",
        vocabulary.CATCHERS: "catching events, receive task",
    }
    if kinds in groups:
        return groups[kinds]
    if set(vocabulary.ACTIVITIES) <= set(kinds):
        rest = [kind for kind in kinds if kind not in vocabulary.ACTIVITIES]
        return ", ".join([groups[vocabulary.ACTIVITIES], *rest])
    return ", ".join(kinds)


def _words(text: str) -> str:
    return text.replace("{detail}", "…").replace("{{", "{").replace("}}", "}")


def main(arguments: list[str]) -> int:
    """Print ``docs`` or ``moddle``."""
    if arguments == ["docs"]:
        sys.stdout.write(render())
    elif arguments == ["moddle"]:
        sys.stdout.write(json.dumps(vocabulary.moddle(), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write("usage: python -m processes.vocabulary_docs docs|moddle\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
