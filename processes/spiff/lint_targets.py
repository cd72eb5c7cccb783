"""Rules for the time a step is given: one time, written so that it can be counted by working days and hours."""

from __future__ import annotations

from typing import Final

from processes.spiff.fixes import set_attribute
from processes.spiff.model import Node
from processes.spiff.report import Report
from processes.spiff.timers import TimerError, parse_duration

USUAL: Final = ("PT8H", "改为 8 小时", "Change to 8 hours")


def lint_target(node: Node, report: Report) -> None:
    """Check the time of one step."""
    given = node.attributes
    if given.get("duration"):
        _lint_duration(node, given["duration"], report)
    for other in ("duration", "calendar"):
        if given.get("sla") and given.get(other):
            place = f"yizhan:{other}"
            drop = set_attribute(node.id, place, "", "只用时限等级", "Keep the level only")
            detail = f'yizhan:sla="{given["sla"][:100]}", {place}="{given[other][:100]}"'
            report.add("two-times", node.id, node.name, detail, place="yizhan:sla", fixes=[drop])
    if given.get("calendar") and not (given.get("duration") or given.get("sla")):
        drop = set_attribute(node.id, "yizhan:calendar", "", "去掉日历", "Take the calendar off")
        report.add("calendar-alone", node.id, node.name, place="yizhan:calendar", fixes=[drop])


def _lint_duration(node: Node, written: str, report: Report) -> None:
    place, mend = "yizhan:duration", [set_attribute(node.id, "yizhan:duration", *USUAL)]
    try:
        span = parse_duration(written)
    except TimerError as problem:
        report.add("bad-value", node.id, node.name, f"{place}: {problem}", place=place, fixes=mend)
        return
    if span.months or span.rest.microseconds or not span.rest:
        report.add("bad-value", node.id, node.name, f"{place}: {written[:100]}", place=place, fixes=mend)
