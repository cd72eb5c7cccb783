"""Words of the designer's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ZH: Final[Mapping[str, str]] = {
    "Result of the check": "检查结果",
    "Errors": "错误",
    "must be repaired": "改好才能发布",
    "nothing stands against deploying": "可以发布",
    "Warnings": "提醒",
    "worth a look": "建议看一看",
    "Deployment": "发布",
    "Open": "打开",
    "not deployed": "没有发布",
    "Findings": "问题",
    "Level": "级别",
    "Element": "元素",
    "Finding": "问题",
    "How to repair it": "怎么改",
    "Back to the processes": "回流程目录",
    "Designer": "设计器",
    "draft after v{n}": "v{n} 之后的草稿",
    "What runs keeps its version; new orders take the new one.": "在跑的订单留在原版本，新订单走新版本。",
    "Drawing needs a wider screen; here you can look.": "画图需要宽一些的屏幕，这里只能查看。",
    "Drawing board": "画布",
    (
        "The drawing board is a script. Without it you can download the file, draw it with another BPMN tool, "
        "and deploy it here."
    ): "画布是一段脚本。没有脚本时，可以下载文件，用别的 BPMN 工具画好，再在这里发布。",
    "Download": "下载",
    "Files": "文件",
    "Check only": "只检查",
    "Check and deploy": "检查并发布",
    "New process": "新建流程",
    "Key": "标识",
    "Leads to": "执行",
    "step of a person": "人工任务",
    "automatic step": "自动步骤",
    "decision table": "规则表",
    "called process": "调用流程",
    "waits for a message": "等消息",
    "start": "开始",
    "end": "结束",
    "wait": "等待",
    "signal to others": "发出信号",
    "exception at a step": "步骤上的例外",
    "sub-process": "子流程",
    "Live version": "线上版本",
    "Running, by version": "运行中（按版本）",
    "Deployed": "发布时间",
    "By": "发布人",
    "Edit": "编辑",
    "No process is deployed yet.": "还没有发布过流程。",
    "Deploy from a file": "从文件发布",
    "BPMN or DMN drawn elsewhere, several files at once if they call each other": (
        "在别处画好的 BPMN 或 DMN；互相调用的文件可以一起传"
    ),
    "live": "线上",
    "older": "旧版",
    "Diagram": "流程图",
    "The diagram is drawn by a script. Without it, read the list of steps below or download the file.": (
        "流程图由脚本绘制。没有脚本时，请看下面的步骤清单或下载文件。"
    ),
    "Steps as a list": "步骤清单",
    "Kind": "类型",
    "Operation, team or called process": "操作、班组或子流程",
    "Versions": "版本",
    "Version": "版本",
    "Running": "运行中",
    "error": "错误",
    "warning": "提醒",
    "Content hash": "内容指纹",
    "New process|name": "新流程",
    "Choose a file.": "请选择文件。",
}
