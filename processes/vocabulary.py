"""The ``yizhan:`` attributes and elements of BPMN files: one table.

The check at deployment, ``docs/namespace.md`` and the descriptor for the designer are all made from it.
``python -m processes.vocabulary_docs docs|moddle`` prints the two files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

NAMESPACE: Final = "urn:yizhan:bpmn:1"
PREFIX: Final = "yizhan"

SERVICE: Final = ("serviceTask", "sendTask")
TASKS: Final = (*SERVICE, "userTask", "businessRuleTask", "receiveTask", "task", "manualTask")
ACTIVITIES: Final = (*TASKS, "callActivity", "subProcess", "transaction", "adHocSubProcess")
EVENTS: Final = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
GATEWAYS: Final = ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway")
ANYWHERE: Final = ("process", *ACTIVITIES, *EVENTS, *GATEWAYS, "sequenceFlow", "participant", "lane", "collaboration")
PEOPLE: Final = ("userTask", "adHocSubProcess")
CATCHERS: Final = ("receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent")
THROWERS: Final = ("sendTask", "intermediateThrowEvent", "endEvent")


@dataclass(frozen=True)
class Attribute:
    """One attribute.

    ``kind``: text, number, expression, duration, operation, process, decision, or the allowed words with bars.
    """

    name: str
    on: tuple[str, ...]
    kind: str
    zh: str
    en: str
    example: str = ""


@dataclass(frozen=True)
class Extension:
    """One element inside ``bpmn:extensionElements``; every attribute is (name, needed, kind)."""

    name: str
    on: tuple[str, ...]
    attributes: tuple[tuple[str, bool, str], ...]
    zh: str
    en: str
    example: str = ""


ATTRIBUTES: Final[tuple[Attribute, ...]] = (
    Attribute(
        "nameEn", ANYWHERE, "text", "英文名称（name 为中文）", "English name (name is the Chinese one)", "Reserve port"
    ),
    Attribute(
        "operation",
        SERVICE,
        "operation",
        "要执行的已登记操作",
        "the registered operation to perform",
        "resource.assign",
    ),
    Attribute(
        "undo",
        SERVICE,
        "operation",
        "撤销操作，代替登记表中的",
        "undo operation, instead of the registered one",
        "resource.unassign",
    ),
    Attribute(
        "undoneBy",
        ("userTask",),
        "process",
        "撤销此人工步骤的流程：撤单或回退时按逆序启动，启动数据为本步骤的输入与表单答复；交回待办（有不可回退点的，则开始处理）之后才需要撤销",
        "process that undoes what people did here: it is started when its turn comes in reverse order, with the inputs "
        "of the step and the answers of its form; there is something to undo once the task is handed in, with a point "
        "of no return once somebody has begun it",
        "device_removal",
    ),
    Attribute(
        "change",
        SERVICE,
        "text",
        "订单变更时就地修改本步骤所做之事的操作（代替回退重做）；输入按名称取自本步骤的新输入或旧答复，名称不同的写在括号里",
        "operation that changes in place what the step did when an order is amended, instead of undo and redo; its "
        "inputs are those of the step, else what it was answered, by name; what is called differently stands in "
        "brackets",
        "provisioning.set_access_profile(olt_port=port_binding)",
    ),
    Attribute(
        "changes",
        (*SERVICE, "userTask"),
        "text",
        "可由 change 就地修改的输入，空格分隔；人工步骤：再做一次即可、不必先撤销的输入；其他输入不同则回退重做；"
        "冒号后写明因此改变的输出",
        "the inputs that change can change in place, separated by blanks; of a person's step, those for which doing it "
        "once more is enough; where others differ the step is undone and done again; behind a colon the parts of the "
        "answer that become others by it",
        "profile",
    ),
    Attribute(
        "changeFree",
        (*SERVICE, "userTask"),
        "text",
        "订单变更时即使不同也无须处理的输入，空格分隔",
        "inputs that may be others after an amendment without anything being done for it, separated by blanks",
        "expires_at",
    ),
    Attribute(
        "retry",
        SERVICE,
        "text",
        "重试策略，代替登记表中的：策略编号，或直接写 R5/PT10M（共 5 次，间隔 10 分钟）",
        "retry policy, instead of the registered one: its code, or written out as R5/PT10M (five tries, ten minutes "
        "apart)",
        "sync",
    ),
    Attribute("team", PEOPLE, "text", "由哪类班组处理", "role of the team that does it", "home_field"),
    Attribute("skill", PEOPLE, "text", "需要的技能", "skill it needs", "fibre_splicing"),
    Attribute("form", PEOPLE, "text", "表单编号", "key of the form", "install_at_customer"),
    Attribute(
        "sla",
        ACTIVITIES,
        "text",
        "时限等级编号（时限规则里的 step_levels），与 duration 二选一；都不写则按工单类型的一般用时",
        "code of a level of the promise rules (step_levels), instead of a duration; without either: the usual time of "
        "its kind of work order",
        "step-fast",
    ),
    Attribute(
        "duration",
        ACTIVITIES,
        "duration",
        "自定时限（ISO 8601，天、小时、分钟）：PT4H 为 4 小时工作时间；P2D 为 2 个工作日，到第 2 个工作日下班为止",
        "time of its own (ISO 8601: days, hours, minutes): PT4H is four hours of working time; P2D two working days, "
        "until the second one closes",
        "PT4H",
    ),
    Attribute(
        "calendar",
        ACTIVITIES,
        "text",
        "duration 按哪个日历计算；缺省为班组的日历，没有班组则不分昼夜；noc_24x7 为不分昼夜",
        "calendar by which the duration is counted; without it that of the team, without a team time on the wall, as "
        "with noc_24x7",
        "office_5x8",
    ),
    Attribute("decision", ("businessRuleTask",), "decision", "DMN 决策编号", "id of the DMN decision", "decomposition"),
    Attribute(
        "decisionVersion",
        ("businessRuleTask",),
        "number",
        "固定使用该决策的哪个版本；缺省为执行时生效的版本",
        "the version of the decision that is always taken; without it the one in force at that moment",
        "3",
    ),
    Attribute(
        "calledExpression",
        ("callActivity",),
        "expression",
        "算出被调用流程的编号，代替 calledElement",
        "yields the key of the called process, instead of calledElement",
        "item['plan']",
    ),
    Attribute(
        "businessKey",
        ("callActivity", "startEvent"),
        "expression",
        "子实例的业务键，缺省沿用父实例的；写在事件型开始事件上：所启动实例的业务键",
        "business key of the child instance (without it the parent's); on a start event with an event: of the instance",
        "concat('order:', order.id, '/item:', item.id)",
    ),
    Attribute(
        "messageKey",
        (*CATCHERS, *THROWERS),
        "expression",
        "消息的关联键：等待开始时、发出时算出",
        "correlation key of a message, computed when the wait begins or the message is thrown",
        "order.id",
    ),
    Attribute(
        "chosen",
        ("adHocSubProcess",),
        "expression",
        "要开始的活动编号列表；缺省全部开始",
        "yields the list of ids of the activities to begin; without it all are",
        "['visit', 'call']",
    ),
    Attribute(
        "byHand",
        ("adHocSubProcess",),
        "true|false",
        "活动由人逐个开始：整个子流程是班组的一个待办，完成条件成立或交回待办即结束",
        "a person begins its activities one by one: it is a task of the team itself, and over when its completion "
        "condition holds or the task is handed in",
        "true",
    ),
    Attribute(
        "workOrder",
        ACTIVITIES,
        "text",
        "该步骤是计划里的一张工单（类型）",
        "this step is a work order of the plan (its type)",
        "access_activation",
    ),
    Attribute(
        "pointOfNoReturn",
        ACTIVITIES,
        "soft|hard",
        "步骤开始即越过不可回退点",
        "the point of no return is passed when the step starts",
        "hard",
    ),
    Attribute(
        "milestone",
        (*ACTIVITIES, *EVENTS),
        "text",
        "步骤完成即达到的里程碑",
        "milestone reached when the step completes",
        "tested",
    ),
    Attribute(
        "promiseEndsWith",
        ("process",),
        "text",
        "哪个元素完成时承诺时钟停止",
        "element whose completion stops the promise clock",
        "line_test",
    ),
)

EXTENSIONS: Final[tuple[Extension, ...]] = (
    Extension(
        "input",
        (*ACTIVITIES, "endEvent", "intermediateThrowEvent", "process"),
        (("name", True, "name"), ("value", False, "expression")),
        "步骤的输入，在实例数据上计算；写在 process 上（无 value）则声明流程的启动数据",
        "input of the step, computed over the instance data; on a process (without value) it declares its start data",
        '<yizhan:input name="address" value="item.address_code"/>',
    ),
    Extension(
        "output",
        (*ACTIVITIES, *CATCHERS),
        (("name", True, "name"), ("value", False, "expression")),
        "步骤完成后写入顶层名称；可用 result（答复、表单、子流程数据、决策结果）；无 value 则取整个 result",
        "written to a top-level name when the step is done; may use result (answer, form fields, child's data, "
        "decision); without value: the whole result",
        '<yizhan:output name="port" value="result.port"/>',
    ),
    Extension(
        "data",
        ("process",),
        (("name", True, "name"), ("note", False, "text"), ("noteEn", False, "text")),
        "声明流程的启动数据；声明之后，检查会指出没有谁提供的名称",
        "declares start data of the process; once there is one, the check points out names nobody provides",
        '<yizhan:data name="order"/>',
    ),
)


def attribute(name: str) -> Attribute | None:
    """The row of an attribute."""
    return next((row for row in ATTRIBUTES if row.name == name), None)


def extension(name: str) -> Extension | None:
    """The row of an extension element."""
    return next((row for row in EXTENSIONS if row.name == name), None)


def moddle() -> dict[str, Any]:
    """The descriptor bpmn-js needs to keep and edit the attributes."""
    groups: dict[tuple[str, ...], list[Attribute]] = {}
    for row in ATTRIBUTES:
        groups.setdefault(row.on, []).append(row)
    types: list[dict[str, Any]] = []
    for number, (on, rows) in enumerate(groups.items(), start=1):
        properties = [{"name": row.name, "isAttr": True, "type": "String"} for row in rows]
        extends = sorted({f"bpmn:{name[0].upper()}{name[1:]}" for name in on})
        types.append({"name": f"Attributes{number}", "extends": extends, "properties": properties})
    for element in EXTENSIONS:
        properties = [{"name": name, "isAttr": True, "type": "String"} for name, _, _ in element.attributes]
        name = f"{element.name[0].upper()}{element.name[1:]}"
        types.append({"name": name, "superClass": ["Element"], "properties": properties})
    return {
        "name": "Yizhan",
        "uri": NAMESPACE,
        "prefix": PREFIX,
        "xml": {"tagAlias": "lowerCase"},
        "types": types,
        "associations": [],
    }
