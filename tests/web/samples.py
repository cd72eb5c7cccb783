"""Fixed data for the pages: the same few orders everywhere, the clock at Tue 2026-11-24 14:32 Chinese time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from app.web.charts.small import Part, pieces
from app.web.form_rendering import form_page
from app.web.formats import Formats
from app.web.ordering.gantt import Gantt, Step, build_gantt
from app.web.texts import Texts
from app.web.views import (
    customers,
    new_order,
    operations,
    order_page,
    orders,
    process_catalogue,
    processes,
    tickets,
    work,
)
from app.web.views import task as task_views
from app.web.views.parts import (
    Choice,
    Fault,
    Pages,
    Pair,
    SlaCell,
    StopKind,
    Tab,
    Tag,
    station_line,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """A wall-clock time in Shanghai, as an aware UTC instant."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI).astimezone(UTC)


NOW = at("11-24T14:32:05")
WORKING = [(at(f"11-{d}T08:30"), at(f"11-{d}T18:00")) for d in ("20", "23", "24", "25", "26")]
PAGES = Pages(first=1, last=7, total=57, after="?offset=7")
DONE = Tag("已完成", "done", "ok")
RUN = Tag("处理中", "play", "run")
HELD = Tag("待补充", "pause", "")
BAD = Tag("已失败", "alert", "bad")


def gantt(language: str) -> Gantt:
    """The work orders of a leased line, as in the design."""
    f, t = Formats(language, SHANGHAI), Texts(language)
    zh = language == "zh"
    steps = [
        Step(
            name="资源预占" if zh else "Reserve resources",
            who="资源系统 · 自动" if zh else "Resource system · automatic",
            tone="done",
            started=at("11-20T10:06"),
            ended=at("11-20T10:06:12"),
            label="10:06 完成，用时 12 秒" if zh else "10:06 done, took 12 s",
        ),
        Step(
            name="外线勘察" if zh else "Site survey",
            who="东区外线班 · 李*",
            tone="done",
            started=at("11-20T10:30"),
            ended=at("11-20T16:20"),
            label="16:20",
        ),
        Step(
            name="光缆施工" if zh else "Fibre construction of the second end",
            who="东区外线班 · 李*",
            tone="done",
            started=at("11-23T08:40"),
            ended=at("11-24T11:40"),
            label="11:40",
        ),
        Step(
            name="数据配置" if zh else "Data configuration",
            who="浦东数据班 · 张*",
            tone="running",
            started=at("11-24T13:05"),
            plan_to=at("11-24T15:40"),
            label="预计 15:40" if zh else "expected 15:40",
        ),
        Step(
            name="联机激活",
            who="联机指令 · 自动",
            tone="planned",
            plan_from=at("11-24T15:50"),
            plan_to=at("11-24T16:10"),
        ),
        Step(
            name="端到端测试",
            who="测试班 · 未领",
            tone="planned",
            plan_from=at("11-25T08:30"),
            plan_to=at("11-25T10:30"),
            label="2:00",
        ),
        Step(
            name="计费开通",
            who="计费系统 · 自动",
            tone="planned",
            plan_from=at("11-25T10:40"),
            plan_to=at("11-25T11:00"),
        ),
        Step(
            name="竣工确认",
            who="张江营业厅 · 陈*",
            tone="planned",
            plan_from=at("11-25T11:00"),
            plan_to=at("11-25T15:00"),
        ),
    ]
    return build_gantt(
        steps,
        start=at("11-20T10:00"),
        now=NOW,
        promise=at("11-25T18:00"),
        expected=at("11-25T15:00"),
        is_final=False,
        working=WORKING,
        pauses=[(at("11-23T13:00"), at("11-23T14:30"))],
        words=f,
        says={"now": t("now"), "promise": t("Promise"), "spare": t("spare"), "late": t("over")},
    )


def quick_gantt(language: str = "zh") -> Gantt:
    """An order in the demonstration: done in seconds, promised for the evening."""
    f, t = Formats(language, SHANGHAI), Texts(language)
    start = at("11-24T14:31:10")
    steps = []
    for n, name in enumerate(
        ("资源预占", "资源配置", "宽带账号开通", "局端数据制作", "语音开通", "上门安装", "线路测试", "起租计费")
    ):
        begin = start + timedelta(seconds=5 * n)
        tone = "done" if n < 5 else "running" if n == 5 else "planned"
        steps.append(
            Step(
                name=name,
                who="自动",
                tone=tone,  # type: ignore[arg-type]
                started=begin if n < 6 else None,
                ended=begin + timedelta(seconds=3) if n < 5 else None,
                plan_from=begin,
                plan_to=begin + timedelta(seconds=40),
                label="用时 3 秒" if n < 5 else "等 东区装维班" if n == 5 else "",
            )
        )
    return build_gantt(
        steps,
        start=start,
        now=NOW,
        promise=at("11-24T20:00"),
        expected=start + timedelta(seconds=80),
        is_final=False,
        working=[],
        pauses=[],
        words=f,
        says={"now": t("now"), "promise": t("Promise"), "spare": t("spare"), "late": t("over")},
    )


def order_list() -> orders.OrderList:
    """Seven orders, one late, two at risk, one paused."""
    stops: list[tuple[list[StopKind], str]] = [
        (["done"] * 4 + ["fail"], "计费开通，失败"),
        (["done", "done", "done", "here", "next"], "测速"),
        (["done", "done", "wait", "next"], "等码号，重试 2/5"),
        (["done", "done", "here", "next"], "外线施工"),
        (["done"] * 3 + ["here"] + ["next"] * 4, "数据配置"),
        (["done", "here", "next"], "联机指令"),
        (["here"], "受理"),
    ]
    slas = [
        SlaCell("超时 0:32", "late", "alert", 72),
        SlaCell("剩 1:58", "risk", "clock", 66),
        SlaCell("剩 2:58", "risk", "clock", 58),
        SlaCell("剩 21:28", "", "", 37),
        SlaCell("剩 1天3时", "", "", 45),
        SlaCell("停表 0:50", "held", "pause", 14),
        SlaCell("剩 6天3时", "", "", 3),
    ]
    people = ("康桥社区医院", "李*", "申晨律师事务所", "周*", "示例科技有限公司", "欧阳*", "张江生物医药园")
    goods = (
        "企业宽带 300M",
        "家庭融合 500M",
        "语音 ×12",
        "宽带移机",
        "专线（省内） 100M",
        "宽带 1000M",
        "专线（本地） 10M",
    )
    waits = ("计费组", "东区装维班", "资源系统", "外线班", "浦东数据班", "客户", "")
    states = (BAD, RUN, RUN, RUN, RUN, HELD, Tag("已受理", "draft", ""))
    rows = tuple(
        orders.OrderRow(
            number=f"O-2611-0000{29 + n}",
            href="/order",
            customer=people[n],
            product=goods[n],
            state=states[n],
            progress=station_line(*stops[n]),
            waits_for=waits[n],
            promised="11-24 16:30",
            sla=slas[n],
            area="上海本地网",
        )
        for n in range(7)
    )
    counts = (
        Tab("在途", "?", True, 57),
        Tab("超时", "?late=1", False, 1, True),
        Tab("24 小时内到期", "?", False, 2),
        Tab("停表中", "?", False, 1),
        Tab("已结束", "?", False, 412),
    )
    return orders.OrderList(
        rows=rows,
        counts=counts,
        pages=PAGES,
        query="",
        state="",
        area="",
        mine=False,
        view="open",
        due="",
        without_day_href="/orders",
        states=(Choice("inProgress", "处理中"), Choice("pending", "待补充")),
        areas=(Choice("SH", "上海分公司"), Choice("SH-SH", "上海本地网")),
        filtered=False,
        can_submit=True,
    )


def work_order_rows() -> tuple[order_page.WorkOrderRow, ...]:
    """The table beside the chart."""
    return (
        order_page.WorkOrderRow(
            name="资源预占", who="资源系统", state=DONE, started="11-20 10:06", ended="11-20 10:06", length="12 秒"
        ),
        order_page.WorkOrderRow(
            name="数据配置", who="浦东数据班", state=RUN, started="11-24 13:05", ended="预计 11-24 15:40", length="1:27"
        ),
    )


EVENTS = (
    order_page.EventRow(at="11-24 13:05", iso="2026-11-24T13:05+08:00", text="数据配置，领取", who="张*", now=True),
    order_page.EventRow(at="11-24 11:40", iso="2026-11-24T11:40+08:00", text="光缆施工完成", who="李*"),
    order_page.EventRow(at="11-23 13:00", iso="2026-11-23T13:00+08:00", text="停表 1:30，客户改约", who="李*"),
    order_page.EventRow(at="11-20 10:00", iso="2026-11-20T10:00+08:00", text="受理", who="陈*"),
)
DIFFERENCE = order_page.DifferenceRow(
    product_id="P10000101",
    field="下行速率",
    asked="500 Mbit/s",
    built="500 Mbit/s",
    billed="300 Mbit/s",
    owner="帐务组",
    state=Tag("待处理", "alert", "bad"),
    order_number="O-2611-000042",
    order_href="/order",
    found="11-24 14:02",
)
INCIDENT = order_page.IncidentRow(
    id="1",
    where="计费开通",
    code="billing-system-down",
    message="计费系统返回 503，5 次；最近 14:31",
    opened="11-24 13:58",
    attempts=5,
    order_number="O-2611-000029",
    order_href="/order",
    retry_href="/retry",
    state=Tag("待处理", "alert", "bad"),
)


def order(language: str = "zh", **more: object) -> order_page.OrderPage:
    """The page of the leased line."""
    zh = language == "zh"
    values: dict[str, object] = {
        "number": "O-2611-000042",
        "href": "/orders/O-2611-000042",
        "kind": "专线（省内） 新装" if zh else "Leased line, in-province: install",
        "state": RUN if zh else Tag("In progress", "play", "run"),
        "facts": (
            Pair("客户", "示例科技有限公司", href="/customer"),
            Pair("产品", "数据专线 100M"),
            Pair("A 端", "浦东示例一路***"),
            Pair("Z 端", "徐汇虚构路***"),
            Pair("受理", "11-20 10:00 陈*，营业厅"),
        ),
        "strip": order_page.Strip(
            promised="11-25 周三 18:00",
            left=SlaCell("1天3小时28分"),
            left_note="工作时间 12:58",
            expected="11-25 15:00",
            expected_tone="ok",
            expected_note="早 3:00",
            paused="1:30",
            paused_note="1 次",
        ),
        "gantt": gantt(language),
        "gantt_text": "八张工单，三张完成。",
        "work_orders": work_order_rows(),
        "sla": order_page.SlaPanel(
            state=Tag("按时", "done", "ok"),
            summary="35 工作小时已用 22:02",
            used_px=210.2,
            used_label="已用 22:02",
            marks=((250.5, "75%"), (300.6, "90%")),
            rows=(
                Pair("规则", "金级客户专线：35 工作小时，11-20 10:00 起"),
                Pair("停表", "11-23 13:00–14:30，客户改约"),
                Pair("承诺", "原 11-25 16:30，加停表 1:30 = 18:00"),
                Pair("剩余", "12:58"),
            ),
        ),
        "customer": order_page.CustomerView(
            stops=(
                order_page.CustomerStop("已受理", "done"),
                order_page.CustomerStop("施工", "done"),
                order_page.CustomerStop("调测", "here"),
                order_page.CustomerStop("交付", "next"),
            ),
            sentence="正在开通和测试，马上就好。预计 11-25 15:00 前完成。",
        ),
        "events": EVENTS,
        "event_count": 14,
        "differences": (),
        "incidents": (),
        "tickets": (),
        "acts": (order_page.Act(text="撤单", href="/cancel", icon="slash"),),
        "items": ((Pair("业务", "新装"), Pair("产品", "专线（省内）"), Pair("带宽", "100 Mbit/s")),),
        "waits_for": "",
        "is_final": False,
        "as_table": False,
        "may_retry": True,
        **more,
    }
    return order_page.OrderPage(**values)  # type: ignore[arg-type]


def work_row(n: int, **more: object) -> work.WorkListRow:
    """One row of the work list."""
    values: dict[str, object] = {
        "id": str(n),
        "number": f"W-2611-{n:06d}",
        "href": "/task",
        "order_number": f"O-2611-{n:06d}",
        "customer": "锦东酒店管理",
        "tier": "金",
        "title": "上门安装",
        "note": None,
        "product": "家庭融合 500M",
        "area": "上海本地网",
        "team": "东区装维班",
        "owner": "",
        "is_mine": False,
        "is_open": True,
        "sla": SlaCell("剩 1:08", "risk", "clock", 60),
        "claim_href": "/claim",
        **more,
    }
    return work.WorkListRow(**values)  # type: ignore[arg-type]


def work_list() -> work.WorkList:
    """Late, mine, somebody else's, an incident."""
    rows = (
        work_row(18, sla=SlaCell("超时 0:25", "late", "alert", 72), note=Tag("异常", "alert", "bad"), title="计费开通"),
        work_row(42, is_mine=True, owner="我", claim_href="", release_href="/release", customer="李*"),
        work_row(31, owner="周*", claim_href="", sla=SlaCell("剩 1:35", "risk", "clock", 58)),
        work_row(48, sla=SlaCell("停表 0:50", "held", "pause", 35), customer="王*"),
        work_row(
            63, sla=SlaCell("剩 21:10", "", "", 9), claim_href="", why_not="张* 刚刚先领走了这一条。", owner="张*"
        ),
    )
    tabs = (Tab("班组任务池", "?", True, 48), Tab("我的", "?tab=mine", False, 5), Tab("已完成", "?tab=done", False, 72))
    return work.WorkList(
        tabs=tabs,
        tab="team",
        rows=rows,
        pages=PAGES,
        query="",
        claim_next_href="/next",
        claim_next_number="O-2611-000018",
        shows_done=False,
        chips=(work.Chip("区域", "浦东", "/work"),),
        choices=(work.FilterChoice("due", "到期", (Choice("today", "今天到期"),)),),
        columns=(work.Column("tier", "级别"), work.Column("came", "到达时间", shown=False)),
        heads=(
            work.Column("left", "剩余", sort_href="/work", sorted_by=True),
            work.Column("order", "订单", sort_href="/work?sort=order"),
            work.Column("customer", "客户"),
            work.Column("tier", "级别"),
            work.Column("task", "任务"),
            work.Column("product", "业务"),
            work.Column("team", "班组"),
            work.Column("owner", "谁在办"),
        ),
        density="compact",
        views=(work.View("v1", "浦东专线未领", "/work?tab=free", starred=True, current=False, count=9),),
        here_href="/work?tab=team",
        arguments=(("tab", "team"),),
        questions=2,
        filtered=False,
        clear_href="/work",
        export_href="/work?format=csv",
        bulk=work.BulkBar("/work/bulk", (Choice("t1", "数据班"),), (Choice("back", "李*"),)),
    )


FORM = {
    "id": "install_at_customer",
    "name": "客户端安装",
    "nameEn": "Install at customer",
    "components": [
        {"type": "text", "text": "请先核对地址和光猫。", "textEn": "Check address and terminal first."},
        {
            "type": "scan",
            "key": "ont_serial",
            "label": "光猫序列号",
            "labelEn": "ONT serial",
            "prefill": "planned_ont",
            "description": "扫码或手工输入",
            "descriptionEn": "Scan or type",
            "validate": {"required": True, "pattern": "[A-Z]{4}[0-9A-F]{8}"},
        },
        {
            "type": "number",
            "key": "optical_power_dbm",
            "label": "光功率",
            "labelEn": "Optical power",
            "unit": "dBm",
            "decimalDigits": 1,
            "validate": {"required": True, "min": -40, "max": 10},
        },
        {"type": "number", "key": "speed_mbps", "label": "测速", "labelEn": "Measured speed", "unit": "Mbit/s"},
        {
            "type": "select",
            "key": "result",
            "label": "结果",
            "labelEn": "Result",
            "validate": {"required": True},
            "values": [
                {"value": "done", "label": "装好", "labelEn": "Installed"},
                {"value": "absent", "label": "客户不在", "labelEn": "Customer absent"},
            ],
        },
        {
            "type": "textarea",
            "key": "why",
            "label": "说明",
            "labelEn": "Remark",
            "showWhen": {"key": "result", "equals": "absent"},
            "validate": {"required": True},
        },
        {
            "type": "group",
            "label": "自检",
            "labelEn": "Checks",
            "components": [
                {
                    "type": "checkbox",
                    "key": "lamps",
                    "label": "指示灯正常",
                    "labelEn": "Lamps as they should be",
                    "validate": {"required": True},
                },
                {"type": "photo", "key": "photos", "label": "照片", "labelEn": "Photos"},
            ],
        },
    ],
}


def task(language: str = "zh", **more: object) -> task_views.TaskPage:
    """The technician's page."""
    values: dict[str, object] = {
        "row": work_row(42, is_mine=True, owner="我", claim_href="", release_href="/release"),
        "state": Tag("我在办，13:05 领取", "user", "run"),
        "due": "到期 11-24 15:40",
        "form": form_page(FORM, language=language, inputs={"planned_ont": "HWTC1A2B3C4D"}),
        "incident": None,
        "difference": None,
        "files": {
            "photos": (
                task_views.FileRow(
                    number="W-2611-000042-1",
                    name="光功率.jpg",
                    size="212 KB",
                    who="李*",
                    at="11-24 14:10",
                    href="/files/1",
                    show_href="/files/1?show=1",
                    remove_href="/files/1/remove",
                ),
            )
        },
        "context": task_views.TaskContext(
            tabs=(Tab("订单", "/t", True), Tab("历史", "/t", False, 14)),
            tab="order",
            inputs=(Pair("OLT 端口", "OLT-SH-01/0/1", code=True), Pair("LOID", "SH0210012345", code=True)),
            pairs=(
                Pair("客户", "李*，金级"),
                Pair("业务", "家庭融合 500M，新装"),
                Pair("客户承诺", "11-24 周二 20:00"),
                Pair("地址", "浦东新区示例一路 8 号 1 栋 101"),
                Pair("联系人", "李* 154****1003"),
            ),
            plan=(
                task_views.PlanStop("资源配置", "done"),
                task_views.PlanStop("开通", "done"),
                task_views.PlanStop("上门安装", "here"),
                task_views.PlanStop("线路测试", "next"),
            ),
            events=EVENTS[:3],
        ),
        "questions": (
            task_views.QuestionRow(
                id="q1", text="端口换过吗？", who="李*", to="接入数据班", at="11-24 14:00", answer_href="/answer"
            ),
        ),
        "returned": "",
        "acts": task_views.TaskActs(
            hand_over_href="/hand-over",
            colleagues=(Choice("a", "张*"),),
            send_back_href="/send-back",
            send_back_to="订单管理组",
            return_reasons=(Choice("data-wrong", "资料有误"),),
            ask_href="/ask",
            ask_people=(Choice("person:a", "张*"),),
            follow_up_href="/follow-up",
        ),
        "refused": task_views.Refused(),
        "result": (),
        "complete_href": "/complete",
        "can_complete": True,
        "why_not": "",
        "order_href": "/order",
        **more,
    }
    return task_views.TaskPage(**values)  # type: ignore[arg-type]


CUSTOMER_ROW = customers.CustomerRow(
    number="C100003", name="吕*", contact="154****1003", area="上海本地网", tier="普通", products=3, href="/c"
)
PRODUCT = customers.ProductRow(
    product_id="P10000101",
    name="家庭融合套餐 500M",
    detail="500 Mbit/s，含固话，含电视",
    address="浦东新区示例一路***",
    state=Tag("在用", "done", ""),
    since="2023-01-01",
    is_part=False,
    change_hrefs=(Choice("/orders/new", "拆机"),),
    report_href="/report",
)


def customer() -> customers.CustomerPage:
    """A customer with a bundle."""
    part = customers.ProductRow(
        product_id="P10000102",
        name="光纤宽带",
        detail="500 Mbit/s",
        address="浦东新区示例一路***",
        state=Tag("在用", "done", ""),
        since="2023-01-01",
        is_part=True,
        report_href="/report",
        locked_by="O-2611-000042",
        locked_href="/order",
    )
    return customers.CustomerPage(
        number="C100001",
        name="卫*",
        facts=(
            Pair("客户号", "C100001"),
            Pair("级别", "普通"),
            Pair("联系方式", "154****1001"),
            Pair("区域", "上海本地网"),
        ),
        tabs=(Tab("已装产品", "/c", True, 1),),
        tab="products",
        groups=(customers.ProductGroup(title="家庭融合套餐", rows=(PRODUCT, part)),),
        new_order_href="/orders/new",
    )


def ticket_row() -> tickets.TicketRow:
    """A fault found by our own line test."""
    return tickets.TicketRow(
        number="T-2611-000007",
        href="/t",
        customer="李*",
        product="光纤宽带 500M",
        text="开通测试不通过：光衰过大",
        source="开通测试",
        state=Tag("修复中", "play", "run"),
        opened="11-24 14:02",
        sla=SlaCell("剩 21:30", "", "", 8),
    )


def ticket() -> tickets.TicketPage:
    """Its page."""
    return tickets.TicketPage(
        row=ticket_row(),
        facts=(
            Pair("故障系统单号", "F-88001", code=True),
            Pair("严重程度", "一般"),
            Pair("相关订单", "O-2611-000042", href="/order"),
        ),
        steps=(("受理", "done"), ("修复中", "here"), ("已修复", "next"), ("客户确认", "next")),
        events=EVENTS[:2],
        work=(Pair("W-2611-000055", "修障 · 东区装维班", href="/w"),),
        is_final=False,
    )


def order_form(step: int = 3, language: str = "zh") -> new_order.NewOrder:
    """The counter's page, filled in as far as ``step``."""
    if step == 1:
        return new_order.NewOrder(customer_query="154", hits=(CUSTOMER_ROW,), searched=True, action="/orders/new")
    base = {
        "customer_no": "C100003",
        "customer": "吕*",
        "customer_facts": (
            Pair("客户号", "C100003"),
            Pair("级别", "普通"),
            Pair("信用", "信用分 626"),
            Pair("欠费", "无欠费"),
        ),
        "action": "/orders/new",
        "change_customer_href": "/orders/new",
    }
    if step == 2:
        cards = tuple(
            new_order.OfferingCard(
                code=f"hb-{m}",
                name=f"家庭融合 {m}M",
                monthly=f"¥{p}.00 / 月",
                one_off="一次性 ¥100.00",
                note="合同 24 个月",
                href="/o",
            )
            for m, p in ((300, 129), (500, 149), (1000, 199))
        )
        groups = (
            new_order.OfferingGroup(product="家庭融合套餐", note="光纤宽带、固定电话、互动电视", cards=cards),
            new_order.OfferingGroup(product="光纤宽带", note="", cards=cards[:2]),
        )
        return new_order.NewOrder(**base, groups=groups)  # type: ignore[arg-type]
    schema = {
        "components": [
            {
                "type": "select",
                "key": "c-downstream_mbps",
                "label": "下行速率（Mbit/s）",
                "labelEn": "Downstream (Mbit/s)",
                "defaultValue": "500",
                "disabled": True,
            },
            {
                "type": "checkbox",
                "key": "c-with_voice",
                "label": "含固话",
                "labelEn": "With voice",
                "defaultValue": True,
            },
            {"type": "checkbox", "key": "c-with_iptv", "label": "含电视", "labelEn": "With IPTV", "defaultValue": True},
        ]
    }
    place = new_order.PlaceField(
        role="installation",
        label="装机地址",
        query="示例一路",
        hits=(
            Choice("A0013", "浦东新区示例一路 8 号 1 栋 101", "A0013 · 有空闲端口 · 距分纤箱 40 米"),
            Choice("A0014", "浦东新区示例一路 8 号 1 栋 102", "A0014 · 有空闲端口"),
        ),
        chosen="",
        chosen_text="",
        problem="请选择地址。",
    )
    return new_order.NewOrder(
        **base,
        offering="hb-500",
        offering_name="家庭融合 500M",
        form=form_page(schema, language=language),
        places=(place,),
        accounts=(Choice("AC1", "AC1000031"),),
        account_no="AC1",
        change_offering_href="/o",
        checks=(
            new_order.CheckRow("信用", Tag("可以", "done", "ok"), "信用分 626，无欠费"),
            new_order.CheckRow(
                "网络资源", Tag("没有答复", "clock", "warn"), "对方系统没有答复。可以先提交，系统稍后会再查。"
            ),
        ),
        pledge=new_order.Pledge(
            when="11-24 周二 20:00",
            iso="2026-11-24T20:00+08:00",
            steps=(
                ("11-24 14:32", "提交后开始计时"),
                ("", "城镇家庭装机：当天 16:00 前受理，当天 20:00 前装好"),
                ("", "11-24 周二 20:00"),
            ),
        ),
        prices=new_order.PriceList(
            rows=(Pair("家庭融合 500M", "¥149.00 / 月"), Pair("安装调测费", "¥100.00")),
            monthly="¥149.00",
            first_bill="¥249.00",
        ),
        faults=(Fault("place-installation", "装机地址：请选择地址。"),),
    )  # type: ignore[arg-type]


def process_list() -> process_catalogue.Catalogue:
    """Two processes, one with a draft."""
    draft = processes.DraftRow(
        id="d1", name="home_install.bpmn", title="家庭宽带装机", note="", errors=1, warnings=2, saved="11-20 10:00",
        by="王*", owner="王*", base_version=3,
    )  # fmt: skip
    rows = tuple(
        process_catalogue.ProcessRow(
            key=key,
            name=name,
            href="/p",
            products="宽带",
            folder="home",
            version=version,
            archived=False,
            deployed="11-20 10:00",
            by="王*",
            running=tuple(process_catalogue.RunningPart(version=n, count=c, href="/r") for n, c in running),
            pieces=pieces([Part(f"v{n}", c, "v0") for n, c in running], 96),
            total=sum(c for _, c in running),
            total_href="/r",
            drafts=(draft,) if running else (),
            own_draft="",
            begun=40,
            failed=1,
            rate="2.5%",
            rate_href="/h",
            compare_href="",
            try_href="/t",
        )
        for key, name, version, running in (
            ("home_install", "家庭宽带装机", 3, ((3, 12), (2, 4))),
            ("trouble_ticket", "故障处理", 1, ()),
        )
    )
    return process_catalogue.Catalogue(
        pages=Pages(first=1, last=3, total=3),
        rows=rows,
        folders=(Tab("全部", "/p", True, 2),),
        folder="",
        query="",
        drafts=(draft,),
        drafts_total=1,
        all_drafts_href="",
        choices=(),
        may_edit=True,
        is_archive=False,
    )


def version() -> processes.VersionPage:
    """One version."""
    rows = tuple(
        processes.VersionRow(
            version=n,
            href="/v",
            source_href="/s",
            deployed="11-20 10:00",
            by="王*",
            running=n * 4,
            content_hash="ab12",
            current=n == 3,
        )
        for n in (3, 2, 1)
    )
    return processes.VersionPage(
        key="home_install",
        name="家庭宽带装机",
        version=3,
        is_live=True,
        facts=(Pair("标识", "home_install", code=True), Pair("发布时间", "11-20 10:00 王*"), Pair("运行中", "12")),
        versions=rows,
        steps=(("资源预占", "自动任务", "resource.reserve"), ("上门安装", "人工任务", "home_field")),
        source_href="/s",
        file_name="home_install.bpmn",
        may_edit=True,
    )


def editor() -> processes.EditorPage:
    """The drawing board."""
    return processes.EditorPage(
        key="home_install",
        name="家庭宽带装机",
        version=3,
        file_name="home_install.bpmn",
        source_href="/s",
        back_href="/p",
        draft_id="d",
        revision=1,
        deploy_href="/d",
        try_href="/t",
    )


def checked() -> processes.CheckPage:
    """A refused file."""
    return processes.CheckPage(
        file_names="home_install.bpmn",
        findings=(
            processes.FindingRow(
                tag=Tag("错误", "alert", "bad"),
                file="home_install.bpmn",
                element="计费开通",
                element_id="start_charging",
                text="没有选操作",
                fix="选 billing.start_charging",
                rule="operation-unknown",
            ),
            processes.FindingRow(
                tag=Tag("提醒", "warn", "warn"),
                file="home_install.bpmn",
                element="上门安装",
                element_id="install",
                text="超时后没有升级人",
                fix="加一个升级事件",
                rule="no-escalation",
            ),
        ),
        errors=1,
        warnings=1,
        deployed="",
        deployed_href="",
        can_deploy=True,
    )


def operations_page() -> operations.OperationsPage:
    """One incident, one difference."""
    return operations.OperationsPage(
        incidents=(INCIDENT,),
        differences=(DIFFERENCE,),
        may_retry=True,
        may_reconcile=True,
        last_run=(Pair("时间", "11-24 14:00"), Pair("比对数", "182"), Pair("差异数", "1")),
        late=1,
        open_orders=57,
    )


def login(**more: object) -> SimpleNamespace:
    """The login page in demonstration mode."""
    language = str(more.get("language", "zh"))
    t = Texts(language)
    accounts = tuple(
        SimpleNamespace(login=name, password="demo", role=role, note=note)
        for name, role, note in (
            ("front", "前台受理", "上海本地网"),
            ("back", "后台班组", "上海分公司"),
            ("field", "外线装维", "上海本地网"),
            ("designer", "流程设计师", "集团"),
            ("ops", "运营监控", "上海分公司"),
        )
    )
    values = {
        "language": language,
        "sheets": (),
        "accounts": accounts,
        "zh_href": "?lang=zh",
        "en_href": "?lang=en",
        "action": "/login",
        "next": "",
        "place": t("Demonstration environment"),
        "problem": "",
        "login": "",
        "idle_min": 30,
        "stops": tuple(t(s) for s in ("Intake|stop", "Resources", "Field work", "Activation", "Billing", "Done")),
    }
    return SimpleNamespace(**{**values, **more})
