"""What is said about the extensions of other engines: taken over, not needed here, or standing in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from processes.spiff.rules import Rule, noted, warned

IMPORT_RULES: Final[Mapping[str, Rule]] = {
    # taken over as it was meant
    "taken-over": noted("已转换：{detail}", "taken over: {detail}"),
    "not-needed": noted(
        "{detail} 在这里没有作用，也不需要",
        "{detail} has no effect here and is not needed",
        "可以删除",
        "it may be removed",
    ),
    "tool-note": noted("{detail} 只是备注，不影响运行", "{detail} is a note and does not change what runs"),
    "flow-without-id": noted("顺序流没有编号，已补为 {detail}", "the sequence flow had no id and was given {detail}"),
    "empty-condition": noted("空条件当作没有条件", "an empty condition counts as none"),
    # taken over, but a person should look
    "data-by-name": warned(
        "别的引擎把全部数据交给这一步并收回全部答复；这里只有 yizhan:input 和 yizhan:output 写明的才传递",
        "other engines hand this step all data and keep all of its answer; "
        "here only what yizhan:input and yizhan:output say is passed",
        "补上需要的 yizhan:input 和 yizhan:output",
        "add the yizhan:input and yizhan:output that are needed",
    ),
    "unkept-name": warned(
        "没有哪一步写入名称 {detail}；别的引擎会自动保存答复，这里要写明",
        "no step writes the name {detail}; other engines keep answers by themselves, here it has to be said",
        '在给出它的步骤上加 <yizhan:output name="{detail}"/>，或声明为流程数据',
        'add <yizhan:output name="{detail}"/> to the step that answers it, or declare it as start data',
    ),
    "java-code": warned(
        "{detail} 是 Java 代码，这里不执行；改为执行同名的已登记操作",
        "{detail} is Java code and does not run here; the registered operation of that name is performed instead",
        "登记该操作，或在 yizhan:operation 里选用已有的",
        "register that operation, or choose another one in yizhan:operation",
    ),
    "person-by-name": warned(
        "{detail}：待办交给班组，不直接交给某个人",
        "{detail}: work goes to a team, not to a person by name",
        "用 yizhan:team 指定班组；组长可以指派到人",
        "name the team in yizhan:team; its leader can assign the item to a person",
    ),
    "due-date": warned(
        "{detail}：时限要写成时长",
        "{detail}: the target is a length of time here",
        '写成 yizhan:duration，例如 "PT4H"',
        'write yizhan:duration, such as "PT4H"',
    ),
    "form-fields": warned(
        "表单字段（{detail}）不从图里读取；输出已按字段名补上",
        "form fields ({detail}) are not read from the drawing; outputs of their names were added",
        "建一个表单，并在 yizhan:form 里写它的编号",
        "make a form and name its key in yizhan:form",
    ),
    "start-form": warned(
        "{detail}：流程由订单或接口启动，不由表单启动",
        "{detail}: processes are started by orders and interfaces, not by a form",
        "用 yizhan:data 声明启动数据",
        "declare the start data with yizhan:data",
    ),
    "binding": warned(
        "{detail}：这里总是用调用开始时生效的版本",
        "{detail}: here the version in force when the step begins is used",
        "确认这样可以，或换一个编号",
        "make sure that is meant, or use another key",
    ),
    "starters": warned(
        "{detail}：谁可以启动由角色权限决定",
        "{detail}: who may start a process is a matter of roles here",
        "在用户与角色里设置",
        "set it with users and roles",
    ),
    "all-data": warned(
        "{detail}：这里不能传递全部数据",
        "{detail}: there is no handing over of all data here",
        "逐个写出 yizhan:input 或 yizhan:output",
        "write the yizhan:input or yizhan:output rows one by one",
    ),
    "event-worker": warned(
        "{detail}：这里由引擎自己发出消息，不调用外部程序",
        "{detail}: here the engine sends the message itself and no worker is called",
        "如果要调用外部系统，在事件前放一个服务任务",
        "to call an outside system, put a service task before the event",
    ),
    # stands in the way
    "several-groups": Rule(
        "有多个候选组（{detail}），这里一个任务只属于一类班组",
        "there are several candidate groups ({detail}); a task belongs to one kind of team here",
        "选一个写进 yizhan:team，或拆成几个任务",
        "choose one for yizhan:team, or draw several tasks",
    ),
    "listener": Rule(
        "监听器 {detail} 在这里不会被调用",
        "the listener {detail} would not be called here",
        "画成服务任务，或确认不需要后删除",
        "draw it as a service task, or remove it if nobody needs it",
    ),
    "foreign-task-type": Rule(
        "{detail} 是别的引擎自带的任务类型",
        "{detail} is a kind of task only the other engine has",
        "改为服务任务并在 yizhan:operation 里写明操作",
        "make it a service task and name an operation in yizhan:operation",
    ),
    "no-team": warned(
        "没有指定班组，这个待办不会出现在任何班组的队列里",
        "no team is named, so this task lies in nobody's queue",
        "写上 yizhan:team",
        "name one in yizhan:team",
    ),
    "unknown-value": Rule(
        "这里没有登记 {detail}",
        "{detail} is not known here",
        "选用已有的，或先登记",
        "choose one that exists, or set it up first",
    ),
}
