"""The rules of how we want to work: a drawing that breaks one can run, and a person says why it is so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from processes.spiff.rules import Rule, noted, warned

BUSINESS_RULES: Final[Mapping[str, Rule]] = {
    "operation-input": warned(
        "操作需要输入 {detail}，这里没有给",
        "the operation needs the input {detail}, which is not handed over",
        "加上这个输入",
        "add the input",
    ),
    "operation-extra": warned(
        "操作没有输入 {detail}，给了也不会被读取",
        "the operation has no input {detail}; nobody would read it",
        "改名或去掉",
        "rename it, or take it out",
    ),
    "operation-output": warned(
        "操作的答复里没有 {detail}",
        "the answer of the operation has no {detail}",
        "按操作目录改正名称",
        "take a name of the operation catalogue",
    ),
    "irreversible-early": warned(
        "操作 {detail} 无法撤销，之前却没有硬不可撤点",
        "the operation {detail} cannot be undone, and no hard point of no return stands before it",
        "在本步骤或它之前设硬不可撤点",
        "set the hard point of no return here or at a step before it",
    ),
    "unsafe-repeat": warned(
        "操作 {detail} 不能安全重试，出错时又没有出路",
        "the operation {detail} cannot be repeated safely, and no path leads on when it fails",
        "在步骤上加错误边界事件",
        "put an error event on the edge of the step",
    ),
    "return-order": warned(
        "软不可撤点在硬不可撤点 {detail} 之后，永远不起作用",
        "the soft point of no return stands behind the hard one ({detail}) and never matters",
        "去掉它，或移到前面",
        "take it out, or put it before",
    ),
    "no-time-limit": warned(
        "一直等下去：没有时限",
        "this waits for ever: there is no time limit",
        "加定时边界事件，或与定时器竞争（事件网关）",
        "put a timer on its edge, or let it race a timer behind an event-based gateway",
    ),
    "no-target-time": warned(
        "没有时限（SLA），不会预警也不会升级",
        "there is no time by which it is to be done (SLA), so nobody is warned when it takes too long",
        "选择时限等级或自定时限，或填写工单类型（用它的一般用时）",
        "choose a level or a time of its own, or the work order whose usual time counts",
    ),
    "no-form": warned(
        "没有表单，办理人不知道要填什么",
        "there is no form, so whoever does it is not asked anything",
        "选一个表单",
        "choose a form",
    ),
    "nameless-end": warned(
        "有多个结束事件，这一个没有名称，看不出结果",
        "there are several ends and this one has no name: nobody sees what came out",
        "用结果命名，例如“已开通”“已退单”",
        "name it after the outcome, such as “activated” or “rejected”",
    ),
    "no-name": warned("没有名称", "it has no name", "写上名称", "give it a name"),
    "no-english-name": warned("没有英文名称", "it has no English name", "写上英文名称", "give it an English name"),
    "no-chinese-name": warned("没有中文名称", "it has no Chinese name", "写上中文名称", "give it a Chinese name"),
    "branches-overwrite": warned(
        "并行分支都写 {detail}，汇合后只剩后写的",
        "branches that run side by side write {detail}; where they meet only the later one stays",
        "换一个名称，或先汇合再写",
        "use two names, or write it behind the join",
    ),
    "join-never": warned(
        "汇合要等 {detail} 的几条分支，可它只会走其中一条",
        "the join waits for ways out of {detail}, of which only one is ever taken",
        "改用排他网关汇合",
        "join them with an exclusive gateway",
    ),
    "runs-twice": warned(
        "{detail} 的并行分支没有汇合，从这里起会走多遍",
        "the parallel ways out of {detail} meet here without a join: from here on everything runs more than once",
        "用并行网关汇合",
        "join them with a parallel gateway first",
    ),
    "unlimited-loop": warned(
        "自动循环没有次数限制：{detail}",
        "a circle of automatic steps without a limit: {detail}",
        "加定时等待、人工步骤，或计数并写进条件",
        "put a timer or a person into it, or count and say so in a condition",
    ),
    "name-not-always": noted(
        "{detail} 不是每条路都会写入，没有时会出错停下",
        "{detail} is not written on every way here; where it is not, the instance stops with an incident",
        "用 exists('{detail}') 判断，或在其他路上也写入",
        "ask exists('{detail}') first, or write it on the other ways too",
    ),
}
