"""Every rule a definition can break: what is wrong and how to mend it, in Chinese and English.

Texts may use ``{detail}``. The key of a row is the rule code of the finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from processes.spiff.messages_business import BUSINESS_RULES
from processes.spiff.messages_import import IMPORT_RULES
from processes.spiff.rules import Rule
from processes.spiff.rules import warned as _warn

FILE_RULES: Final[Mapping[str, Rule]] = {
    "too-large": Rule(
        "文件超过 2 MB", "the file is larger than 2 MB", "拆分成多个流程", "split it into several processes"
    ),
    "doctype": Rule(
        "文件含有 DOCTYPE，可能夹带实体",
        "the file has a DOCTYPE, which may carry entities",
        "删除 DOCTYPE",
        "remove the DOCTYPE",
    ),
    "xml-broken": Rule(
        "不是合法的 XML：{detail}",
        "this is not well-formed XML: {detail}",
        "用设计器重新导出",
        "export it again from the designer",
    ),
    "too-deep": Rule("XML 嵌套过深", "the XML is nested too deeply", "减少子流程嵌套", "nest fewer sub-processes"),
    "not-bpmn": Rule(
        "不是 BPMN 2.0 或 DMN 1.3 文件（{detail}）",
        "this is neither a BPMN 2.0 nor a DMN 1.3 file ({detail})",
        "上传 .bpmn 或 .dmn 文件",
        "give a .bpmn or .dmn file",
    ),
    "no-process": Rule("文件中没有流程", "the file has no process", "画一个流程", "draw a process"),
    "too-many-elements": Rule(
        "元素太多（一张图最多 2000 个）",
        "there are too many elements (a drawing has at most 2000)",
        "拆分成多个流程，用调用活动连接",
        "split it and link the parts by call activities",
    ),
    "too-many-attributes": Rule(
        "有元素的属性超过 200 个",
        "an element has more than 200 attributes",
        "用设计器重新导出",
        "export it again from the designer",
    ),
    "more-findings": _warn(
        "还有更多问题没有列出", "there are more findings than are listed", "先改正列出的", "mend these first"
    ),
    "decision-invalid": Rule(
        "决策表有错：{detail}", "the decision table is wrong: {detail}", "改正该单元格", "correct the cell"
    ),
    "decision-doubtful": _warn(
        "决策表可能有错：{detail}", "the decision table may be wrong: {detail}", "核对该处", "look at it again"
    ),
    "duplicate-decision": Rule(
        "决策 {detail} 出现两次", "the decision {detail} is there twice", "换一个编号", "give one another id"
    ),
}

PROCESS_RULES: Final[Mapping[str, Rule]] = {
    "missing-id": Rule("元素没有编号", "the element has no id", "给它一个编号", "give it an id"),
    "bad-id": Rule(
        "编号 {detail} 不合规：用字母、数字、下划线，以字母开头，最长 100 个字符",
        "the id {detail} does not fit: letters, digits and underscores, a letter first, at most 100 characters",
        "改用英文单词，例如 reserve_port",
        "use words such as reserve_port",
    ),
    "duplicate-id": Rule("编号 {detail} 重复", "the id {detail} is used twice", "换一个编号", "use another id"),
    "duplicate-process": Rule(
        "流程编号 {detail} 出现两次", "the process id {detail} is there twice", "换一个编号", "give one another id"
    ),
    "not-executable": Rule(
        "流程标为不可执行",
        'the process says isExecutable="false"',
        "设为可执行，或删除该流程",
        'set isExecutable="true" or remove it',
    ),
    "left-out": _warn(
        "流程标为不可执行，不会部署（例如合作方的泳池）",
        'the process says isExecutable="false" and is left out (a partner\'s pool, for example)',
        "如果要运行它，设为可执行",
        'set isExecutable="true" if it is meant to run',
    ),
    "no-start": Rule("没有可以开始的节点", "there is no element to begin with", "加一个开始事件", "add a start event"),
    "several-starts": Rule(
        "流程有多个普通开始事件", "the process has several plain start events", "只留一个", "keep one of them"
    ),
    "unsupported-element": Rule(
        "不支持元素 {detail}",
        "the element {detail} is not supported",
        "改用支持的元素",
        "draw it with supported elements",
    ),
    "condition-never-changes": Rule(
        "条件事件只在数据变化时计算：{detail} 不取决于数据，或取决于时间",
        "a conditional event is looked at when data changes: {detail} depends on no data, or on time",
        "写成关于流程数据的条件；等待时间用定时器",
        "write a condition about the data of the process; to wait for a time, use a timer",
    ),
    "instantiate": Rule(
        "只有没有入口的接收任务或事件网关才能启动流程",
        "only a receive task or an event-based gateway that nothing leads to can start the process",
        "去掉入口，或改用开始事件",
        "take the way in away, or use a start event",
    ),
    "parallel-race": Rule(
        "并行事件网关只能用来启动流程",
        "a parallel event-based gateway can only start a process",
        "在流程中间改用并行网关，其后各接一个捕获事件",
        "inside a process draw a parallel gateway with a catching event on each way out",
    ),
    "gathering-start": Rule(
        "要等齐才启动流程的只能是消息：只有消息带有关联键，能说明哪些属于同一件事（{detail}）",
        "only messages can be waited for together before a process begins: nothing but their key says which belong "
        "together ({detail})",
        "改用消息，或让任一事件启动流程，再在流程中等待其余事件",
        "use messages, or begin with any of the events and wait for the others inside the process",
    ),
    "script": Rule(
        "不允许脚本（{detail}）",
        "scripts are not allowed ({detail})",
        "用 yizhan:input / yizhan:output 映射，或注册的操作",
        "use yizhan:input / yizhan:output mappings or a registered operation",
    ),
    "foreign-extension": Rule(
        "{detail} 属于别的引擎，这里不起作用",
        "{detail} belongs to another engine and would do nothing here",
        "改用 yizhan 属性（见 docs/namespace.md）",
        "use the yizhan attributes (docs/namespace.md)",
    ),
    "unknown-attribute": Rule(
        "没有 yizhan:{detail} 这个属性或元素",
        "there is no attribute or element yizhan:{detail}",
        "对照 docs/namespace.md 改正拼写",
        "compare the spelling with docs/namespace.md",
    ),
    "misplaced-attribute": Rule(
        "yizhan:{detail} 不能用在这种元素上",
        "yizhan:{detail} has no meaning on this kind of element",
        "移到合适的元素上",
        "move it to an element it is meant for",
    ),
    "bad-value": Rule(
        "{detail} 的值不对", "the value of {detail} does not fit", "对照 docs/namespace.md", "see docs/namespace.md"
    ),
    "two-times": Rule(
        "时限给了两次（{detail}）",
        "the time is given twice ({detail})",
        "时限等级和自定时限只留一个",
        "keep the level or the time of its own, not both",
    ),
    "calendar-alone": Rule(
        "选了日历却没有时限，日历不起作用",
        "there is a calendar and no time that is counted by it",
        "填写时限，或去掉日历",
        "fill in the time, or take the calendar off",
    ),
    "missing-operation": Rule(
        "服务任务没有指定操作",
        "the service task names no operation",
        "填写 yizhan:operation",
        "fill in yizhan:operation",
    ),
    "unknown-operation": Rule(
        "没有登记操作 {detail}",
        "no operation {detail} is registered",
        "选用已登记的操作，或先登记",
        "choose a registered operation, or register it first",
    ),
    "missing-decision": Rule(
        "业务规则任务没有指定决策",
        "the business rule task names no decision",
        "填写 yizhan:decision",
        "fill in yizhan:decision",
    ),
    "unknown-decision": Rule(
        "找不到决策 {detail}", "there is no decision {detail}", "一并提交该 DMN 文件", "hand in the DMN file as well"
    ),
    "unknown-decision-version": Rule(
        "决策没有这个可用的版本：{detail}",
        "the decision has no such version, or it was taken back: {detail}",
        "选用现有版本，或改用最新版本",
        "choose a version there is, or take the newest",
    ),
    "old-decision-version": _warn(
        "固定使用的决策版本不是最新的：{detail}",
        "the decision is pinned to a version that is not the newest: {detail}",
        "核对是否仍要旧版本；否则改用最新版本",
        "keep it if the older one is meant; otherwise take the newest",
    ),
    "missing-call-target": Rule(
        "调用活动没有指定流程",
        "the call activity names no process",
        "填写 calledElement 或 yizhan:calledExpression",
        "fill in calledElement or yizhan:calledExpression",
    ),
    "unknown-process": Rule(
        "找不到被调用的流程 {detail}",
        "there is no process {detail} to call",
        "先部署它，或一并提交",
        "deploy it first, or hand it in as well",
    ),
    "call-cycle": Rule(
        "流程互相调用成环：{detail}",
        "processes call each other in a circle: {detail}",
        "去掉其中一个调用",
        "take one of the calls out",
    ),
    "dangling-reference": Rule(
        "引用的 {detail} 不存在", "it refers to {detail}, which does not exist", "改正引用", "correct the reference"
    ),
    "bad-flow": Rule(
        "顺序流 {detail} 的起点或终点不对",
        "the sequence flow {detail} starts or ends at the wrong place",
        "重新连线",
        "draw the flow again",
    ),
    "unreachable": Rule(
        "从开始事件走不到这里",
        "nothing leads here from a start event",
        "连上顺序流，或删除",
        "connect it, or remove it",
    ),
    "gateway-without-flow": Rule("网关没有出口", "the gateway has no way out", "连上顺序流", "connect a flow"),
    "ambiguous-default": Rule(
        "排他网关有多条既无条件又非默认的流",
        "several flows of the exclusive gateway have no condition and are not the default",
        "写条件或设默认流",
        "write conditions or choose a default flow",
    ),
    "implicit-default": _warn(
        "唯一没有条件的流当作默认流",
        "the only flow without a condition is taken as the default",
        "把它设为默认流",
        "mark it as the default flow",
    ),
    "no-default": _warn(
        "没有默认流：条件都不成立时流程会停成异常",
        "there is no default flow: if no condition holds, the instance stops with an incident",
        "设一条默认流",
        "add a default flow",
    ),
    "ignored-condition": Rule(
        "这里的条件不会被计算",
        "a condition here would not be looked at",
        "改用排他网关或包容网关",
        "use an exclusive or inclusive gateway",
    ),
    "endless-loop": Rule(
        "循环中没有等待：{detail}",
        "a circle without anything to wait for: {detail}",
        "在循环里放一个任务或定时器",
        "put a task or a timer into the circle",
    ),
    "unsupported-event": Rule(
        "这里不支持 {detail} 事件",
        "a {detail} event is not supported here",
        "改用支持的事件",
        "use an event that is supported here",
    ),
    "missing-event": Rule(
        "事件没有定义等待什么",
        "the event does not say what it waits for",
        "选择消息、定时器等",
        "choose message, timer ...",
    ),
    "several-events": Rule(
        "同一事件的几个定义不能放在一起：{detail}",
        "these definitions cannot stand in one event: {detail}",
        "拆成多个事件",
        "split it into several events",
    ),
    "event-names-nothing": Rule(
        "没有说明是哪个{detail}",
        "it does not say which {detail}",
        "选一个，或新建并命名",
        "choose one, or make one and give it a name",
    ),
    "nameless-event": Rule(
        "事件引用的{detail}没有名称", "the {detail} of the event has no name", "填写名称", "give it a name"
    ),
    "timer": Rule(
        "定时器不对：{detail}",
        "the timer is wrong: {detail}",
        "写成 PT4H、R3/PT10M 或带时区的日期",
        "write PT4H, R3/PT10M or a date with a time zone",
    ),
    "bad-boundary": Rule(
        "边界事件要附着在任务或子流程上，不能有入口",
        "a boundary event sits on a task or sub-process and has no way in",
        "重新放置",
        "place it again",
    ),
    "error-interrupts": Rule(
        "错误事件总要中断所在的活动",
        "an error event always interrupts",
        "设为中断型，或改用升级事件",
        "make it interrupting, or use an escalation",
    ),
    "decision-input": Rule(
        "决策需要输入 {detail}，这里没有给",
        "the decision needs the input {detail}, which is not handed over",
        "加一行 yizhan:input",
        "add a yizhan:input",
    ),
    "call-input": _warn(
        "被调用的流程依赖数据 {detail}，这里没有给",
        "the called process relies on the data {detail}, which is not handed over",
        "加一行 yizhan:input",
        "add a yizhan:input",
    ),
    "call-extra": _warn(
        "被调用的流程没有声明数据 {detail}，给了也没有用",
        "the called process declares no data {detail}: nothing comes of handing it over",
        "去掉这行输入，或在被调用的流程里声明",
        "remove the input, or declare it in the called process",
    ),
    "bad-start": Rule("开始事件不能有入口", "a start event has no way in", "删除该流", "remove the flow"),
    "bad-end": Rule("结束事件不能有出口", "an end event has no way out", "删除该流", "remove the flow"),
    "bad-event-gateway": Rule(
        "事件网关之后只能是中间捕获事件或接收任务，且只有这一个入口",
        "behind an event-based gateway there are only catching events or receive tasks with no other way in",
        "改画",
        "draw it that way",
    ),
    "bad-event-subprocess": Rule(
        "事件子流程要有一个带定义的开始事件，且没有连线",
        "an event sub-process has one start event with a definition and no flows",
        "改正",
        "correct it",
    ),
    "link": Rule(
        "链接事件 {detail} 没有配对",
        "the link event {detail} has no partner",
        "同一层放一个同名的",
        "put one of the same name on the same level",
    ),
    "cancel": Rule(
        "取消事件只能用于事务子流程，且其边界上要有取消事件",
        "a cancel event belongs to a transaction with a cancel boundary event",
        "改用错误事件",
        "use an error event",
    ),
    "expression": Rule(
        "表达式不对：{detail}",
        "the expression is wrong: {detail}",
        "按 docs/namespace.md 的语法改正",
        "correct it (syntax: docs/namespace.md)",
    ),
    "foreign-expression": Rule(
        "表达式用了别的写法，无法转换：{detail}",
        "the expression is in another language and cannot be taken over: {detail}",
        "按 docs/namespace.md 的语法改写",
        "write it in the language of docs/namespace.md",
    ),
    "unknown-name": Rule(
        "没有谁提供名称 {detail}",
        "nobody provides the name {detail}",
        "改正拼写，或声明输出 / 流程数据",
        "correct it, or declare an output or process data",
    ),
    "bad-name": Rule(
        "{detail} 不能作名称",
        "{detail} cannot be used as a name",
        "用字母、数字、下划线，避开保留词",
        "use letters, digits and underscores, and no reserved word",
    ),
    "loop": Rule("重复设置不对：{detail}", "the repetition is wrong: {detail}", "改正", "correct it"),
    "loop-overwrites": _warn(
        "各次实例会互相覆盖输出",
        "the instances overwrite each other's outputs",
        "设 loopDataOutputRef 和 outputDataItem 收集成列表",
        "collect them with loopDataOutputRef and outputDataItem",
    ),
    "quantity": Rule(
        "startQuantity / completionQuantity 须是 1 到 100 的整数，多个令牌才开始的活动要有入口：{detail}",
        "startQuantity and completionQuantity are whole numbers from 1 to 100, and what waits for tokens has a way in: "
        "{detail}",
        "改正或删除该属性",
        "correct or remove the attribute",
    ),
    "ad-hoc": Rule(
        "特别子流程里没有开始和结束事件：没有入口的活动就是起点",
        "an ad-hoc sub-process has no start and end events: it begins with what nothing leads to",
        "删除该事件",
        "remove the event",
    ),
    "compensation-handler": Rule(
        "补偿边界事件要用关联连到唯一一个 isForCompensation 活动，两者都没有顺序流",
        "a compensation boundary event is tied by an association to one activity marked isForCompensation, and neither "
        "has sequence flows",
        "用关联连接，去掉顺序流",
        "tie them by an association and take the flows away",
    ),
    "compensation-twice": Rule(
        "一个活动最多有一个补偿处理（边界事件或事件子流程）",
        "an activity has one compensation handler at most: a boundary event or an event sub-process",
        "只留一个",
        "keep one of them",
    ),
    "compensation-ref": Rule(
        "要补偿的活动 {detail} 不在本层",
        "the activity {detail} to compensate is not in the same scope as this event",
        "引用同一层的活动，或不写引用以补偿整层",
        "name an activity of the same scope, or none to compensate the whole scope",
    ),
    "compensation-nowhere": Rule(
        "补偿事件子流程要放在普通子流程里：最外层没有谁能触发它",
        "a compensation event sub-process belongs inside a sub-process: nobody could trigger it here",
        "移到要补偿的子流程里，或删除",
        "move it into the sub-process it makes good for, or remove it",
    ),
    "data-ignored": _warn(
        "这条数据关联没有说明对应哪个输入或输出，只作说明，不起作用",
        "this data association does not say which input or output it means; it is a note, nothing more",
        "在 ioSpecification 里写出名称，或用 yizhan:input / yizhan:output",
        "name them in the ioSpecification, or use yizhan:input / yizhan:output",
    ),
    "does-nothing": _warn(
        "普通任务不等待，直接通过",
        "a plain task waits for nothing and is passed at once",
        "改为用户任务或服务任务",
        "make it a user or a service task",
    ),
    "nested-too-deep": Rule(
        "子流程嵌套超过 20 层", "sub-processes are nested more than 20 levels", "减少嵌套", "nest less"
    ),
}

RULES: Final[Mapping[str, Rule]] = {**FILE_RULES, **PROCESS_RULES, **IMPORT_RULES, **BUSINESS_RULES}
