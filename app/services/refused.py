"""What the engine refuses, in the words of the application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from app.errors import Conflict, NotFound
from processes.errors import NotThere, ProcessError

#: Why the engine refuses, by its codes; its own sentence stands behind.
REFUSALS: Final = {
    "cannot-move": "无法调整到该步骤",
    "cannot-begin": "不能手工开始该活动",
    "plan-changed": "流程已有变化，请重新查看方案",
    "instance-not-running": "流程实例未在运行",
    "incident-closed": "该异常已处理",
    "outcome-open": "上一次调用的结果未知",
    "wrong-inputs": "输入参数不符合要求",
    "stale-task": "该步骤已经结束",
    "nothing-to-do": "没有符合条件的对象",
    "illegal-move": "当前状态不允许该操作",
}


@contextmanager
def refusals() -> Iterator[None]:
    """Say in both languages why the engine refuses."""
    try:
        yield
    except NotThere as error:
        raise NotFound(str(error), f"没有找到：{error}") from error
    except ProcessError as error:
        zh = REFUSALS.get(error.code, "操作被拒绝")
        raise Conflict(str(error), f"{zh}：{error}", facts={"refused": error.code}) from error
