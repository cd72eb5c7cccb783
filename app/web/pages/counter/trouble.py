"""Incidents and differences as rows, wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.ordering.reconciliation import INSTALLED
from app.domain.words import Words
from app.persistence.ordering.reconciliation import Difference
from app.persistence.teamwork.work_items import WorkItem
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.operation_values import OPERATION_VALUES
from app.web.reader import Reader
from app.web.values import plain, without_ids
from app.web.views.order_page import DifferenceRow, IncidentRow
from app.web.views.parts import Tag

#: Names of what steps are handed, beyond those that are compared at the end.
_INPUTS: Final = {
    "product_id": Words("产品号", "Product number"),
    "circuit_no": Words("电路号", "Circuit number"),
    "end_role": Words("端", "End"),
    "far_ticket_no": Words("故障系统单号", "Number at the fault system"),
    "device_model": Words("设备型号", "Device model"),
    "monitor_id": Words("监控编号", "Monitor"),
    "appointment_from": Words("上门时间（起）", "Visit from"),
    "appointment_to": Words("上门时间（止）", "Visit to"),
    "arrears_cny": Words("欠费（元）", "Arrears (CNY)"),
    "credit_left_cny": Words("剩余信用（元）", "Credit left (CNY)"),
    "amount_cny": Words("金额（元）", "Amount (CNY)"),
    "interfaces": Words("接口", "Interfaces"),
    "ends": Words("两端", "Ends"),
    "severity": Words("严重程度", "Severity"),
    "cause": Words("原因", "Cause"),
    "svlan": Words("外层 VLAN", "Outer VLAN"),
    "cvlan": Words("内层 VLAN", "Inner VLAN"),
    "owner": Words("责任方", "Owner"),
    "planned_ont": Words("计划光猫", "Planned ONT"),
    "stb_serial": Words("机顶盒序列号", "Set-top box serial"),
    "device_serial": Words("设备序列号", "Device serial"),
    "odf_from": Words("配线架起", "Frame, from"),
    "odf_to": Words("配线架止", "Frame, to"),
    "route": Words("路由", "Route"),
    "interface": Words("接口", "Interface"),
    "reason": Words("原因", "Reason"),
    "description": Words("说明", "Description"),
    "slot": Words("预约时段", "Slot"),
    "slot_from": Words("上门时间（起）", "Visit from"),
    "slot_to": Words("上门时间（止）", "Visit to"),
    "verdict": Words("预判结果", "Verdict"),
    "segment": Words("故障段落", "Segment"),
    "measured": Words("测试数据", "Measured"),
    "differences": Words("差异", "Differences"),
    "missing": Words("缺少的资料", "Missing"),
    "end": Words("端", "End"),
}
_LABELS: Final = {rule.name: rule.label for rule in INSTALLED}


def input_label(name: str, reader: Reader) -> str:
    """What an input of a step is called on the page."""
    label = _LABELS.get(name) or _INPUTS.get(name) or OPERATION_VALUES.get(name)
    return reader.words(label) if label else name.replace("_", " ")


def known_label(name: str, reader: Reader) -> str:
    """The same where it has a name in both languages; else nothing."""
    label = _LABELS.get(name) or _INPUTS.get(name) or OPERATION_VALUES.get(name)
    return reader.words(label) if label else ""


def difference_row(
    row: Difference, names: Names, reader: Reader, *, order_number: str = "", order_href: str = ""
) -> DifferenceRow:
    """A field on which the books do not agree."""
    t = reader.t
    label = _LABELS.get(row.field)
    settled = row.state != "open"
    return DifferenceRow(
        product_id=row.product_id or "–",
        field=reader.words(label) if label else row.field,
        asked=plain(row.asked, reader.language),
        built=plain(row.built, reader.language),
        billed=plain(row.billed, reader.language),
        owner=names.team_role(row.owner_role),
        state=Tag(t("settled"), "done", "ok") if settled else Tag(t.about("difference", "open"), "alert", "bad"),
        order_number=order_number,
        order_href=order_href,
        found=reader.f.moment(row.found_at),
    )


def incident_row(item: WorkItem, reader: Reader, addresses: Addresses, *, order_number: str) -> IncidentRow:
    """An incident, told by its work item: the step, and the far system's own words."""
    t = reader.t
    title = reader.said(item, "title")
    for prefix in ("异常：", "Incident: "):
        title = title.removeprefix(prefix)
    context = item.context or {}
    is_open = item.state in ("open", "claimed", "paused")
    return IncidentRow(
        id=item.incident_id or "",
        where=title,
        code=str(context.get("code") or ""),
        message=without_ids(str(context.get("message") or "")),
        opened=reader.f.moment(item.created_at),
        attempts=int(context.get("attempts") or 0),
        order_number=order_number or item.number,
        order_href=addresses.order(order_number) if order_number and reader.may("order.view") else "",
        retry_href=addresses.act("incidents", item.incident_id, "retry") if item.incident_id and is_open else "",
        state=Tag(t.about("incident", "open"), "alert", "bad") if is_open else Tag(t("solved"), "done", "ok"),
    )


def advice(known: Mapping[str, str], reader: Reader) -> str:
    """What the list of failures says to do first; in the other language where it says nothing in the reader's."""
    zh, en = known.get("first_action_zh", ""), known.get("first_action", "")
    return (en or zh) if reader.language == "en" else (zh or en)
