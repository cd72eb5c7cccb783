"""What a dry run of a migration says of an instance, in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Weight = Literal["needs_mapping", "blocked", "note"]


@dataclass(frozen=True)
class Saying:
    """One thing that can be said; ``{element}`` and ``{detail}`` are filled in."""

    weight: Weight
    zh: str
    en: str


SAYINGS: Final[dict[str, Saying]] = {
    "element-gone": Saying(
        "needs_mapping",
        "正停在 {element}，新版本没有这个元素；请指定对应元素",
        "it stands at {element}, which the new version does not have; name its counterpart",
    ),
    "flow-gone": Saying(
        "needs_mapping",
        "汇聚网关 {element} 已收到连线 {detail} 的分支，新版本没有这条连线；请指定对应连线",
        "the branch of flow {detail} has arrived at {element}, which has no such flow in the new version; name its"
        " counterpart",
    ),
    "handler-gone": Saying(
        "needs_mapping",
        "{element} 已完成且可补偿，新版本没有它的补偿处理；请指定对应元素",
        "{element} is completed and could be compensated; the new version has no handler for it: name its counterpart",
    ),
    "other-scope": Saying(
        "blocked",
        "{element} 的对应元素 {detail} 在另一个子流程里；请先移动令牌",
        "{detail}, the counterpart of {element}, lies in another sub-process; move the token first",
    ),
    "kind-differs": Saying(
        "blocked",
        "{element} 与 {detail} 的类型不同，正在等待的工作无法照旧进行",
        "{element} and {detail} are of different kinds; what waits at the one cannot wait at the other",
    ),
    "repeat-differs": Saying(
        "blocked",
        "{element} 的多实例或循环方式在新版本中不同",
        "{element} is repeated in another way in the new version",
    ),
    "other-host": Saying(
        "blocked",
        "边界事件 {element} 在新版本中附着在另一个步骤上",
        "the boundary event {element} is attached to another step in the new version",
    ),
    "join-starves": Saying(
        "blocked",
        "新版本的汇聚网关 {element} 还要等一条没有令牌会走到的分支，会永远停住",
        "the join {element} of the new version waits for a branch on which nothing can come any more",
    ),
    "call-under-way": Saying(
        "blocked",
        "{element} 已向外部系统发出 {detail}，新版本调用的是另一个操作；等它有结果再迁移",
        "{element} has sent {detail} to a far side, and the new version calls another operation; wait for the outcome",
    ),
    "inputs-refused": Saying(
        "blocked",
        "{element} 按新版本的输入无法重算：{detail}",
        "the inputs of {element} cannot be computed as the new version draws them: {detail}",
    ),
    "cannot-arm": Saying(
        "blocked",
        "新版本增加的事件 {element} 无法开始等待：{detail}",
        "the event {element}, new in this version, cannot begin to wait: {detail}",
    ),
    "not-running": Saying(
        "blocked",
        "实例不在运行中（{detail}）",
        "the instance does not run ({detail})",
    ),
    "not-started": Saying("blocked", "实例还没有走第一步", "the instance has not taken its first step"),
    "other-version": Saying(
        "blocked",
        "实例已不在要迁出的版本上",
        "the instance is not on the version to be left any more",
    ),
    "unreadable": Saying(
        "blocked",
        "实例保存的状态无法读取：{detail}",
        "the saved state of the instance cannot be read: {detail}",
    ),
    "timer-kept": Saying(
        "note",
        "{element} 的定时保持原到期时间（新版本写的是 {detail}）",
        "{element} keeps the due time it has (the new version says {detail})",
    ),
    "message-kept": Saying(
        "note",
        "{element} 仍等待原来的消息 {detail}",
        "{element} goes on waiting for {detail}, as it did",
    ),
    "event-dropped": Saying(
        "note",
        "新版本没有 {element}，它的定时或订阅将取消",
        "{element} is not in the new version; its timer or subscription ends",
    ),
    "event-armed": Saying(
        "note",
        "新版本增加的 {element} 从迁移时起开始等待",
        "{element} is new and begins to wait when the instance is moved",
    ),
    "call-renewed": Saying(
        "note",
        "{element} 的调用还没有成功，将按新版本的操作和输入重做",
        "the call of {element} has not succeeded yet; it is made as the new version draws it",
    ),
    "call-kept": Saying(
        "note",
        "{element} 的调用已发出，保持原来的输入",
        "the call of {element} is out and keeps the inputs it was sent with",
    ),
    "form-kept": Saying(
        "note",
        "{element} 的待办保持领取人、表单和已填内容",
        "the to-do of {element} keeps its person, its form and what is filled in",
    ),
    "child-kept": Saying(
        "note",
        "{element} 调用的子流程 {detail} 照旧运行",
        "the called process {detail} of {element} goes on as it is",
    ),
}


def said(code: str, element: str = "", detail: str = "") -> dict[str, Any]:
    """One reason as it is kept and shown: code, element, and the sentence in both languages."""
    saying = SAYINGS[code]
    filled = {"element": element, "detail": detail}
    return {
        "code": code,
        "element_id": element,
        "detail": detail,
        "zh": saying.zh.format(**filled),
        "en": saying.en.format(**filled),
    }
