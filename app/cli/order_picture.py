"""An order as a small live picture for the terminal: the station line, the work orders, whom it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

MARKS: Final = {
    "completed": ("●", "green"),
    "inProgress": ("◉", "blue"),
    "pending": ("◌", "yellow"),
    "held": ("◌", "yellow"),
    "failed": ("◆", "red"),
    "cancelled": ("○", "dim"),
    "acknowledged": ("○", "dim"),
}
#: The operator and its customers live by one clock.
WALL_CLOCK: Final = ZoneInfo("Asia/Shanghai")
UNKNOWN_MARK: Final = ("○", "dim")


def order_picture(view: Mapping[str, Any], *, note: str) -> RenderableType:
    """``view`` is the answer of ``/api/v1/orders/{id}``; ``note`` says what the field crew just did."""
    head = Text.assemble(
        (str(view["number"]), "bold"),
        "  ",
        (str(view["state"]), "bold green" if view["state"] == "completed" else "bold blue"),
        "  promised " + local_time(view.get("promised_at"), "%Y-%m-%d %H:%M"),
    )
    waits = view.get("waits_for") or []
    lines: list[RenderableType] = [head, work_order_table(view.get("work_orders") or [])]
    if waits:
        lines.append(Text("waits for: " + "; ".join(wait_text(wait) for wait in waits), style="yellow"))
    if note:
        lines.append(Text(note, style="dim"))
    return Group(*lines)


def work_order_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line per work order, in the order of the plan."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "item", "work order", "", "state", "from", "to"):
        table.add_column(title)
    for row in rows:
        mark, colour = MARKS.get(str(row["state"]), UNKNOWN_MARK)
        table.add_row(
            Text(mark, style=colour),
            str(row.get("item_no") or ""),
            str(row.get("name_zh") or row.get("type")),
            str(row.get("name_en") or ""),
            Text(str(row["state"]), style=colour),
            local_time(row.get("started_at"), "%H:%M:%S"),
            local_time(row.get("ended_at"), "%H:%M:%S"),
        )
    return table


def wait_text(wait: object) -> str:
    """One thing the order waits for, in English with the Chinese name where there is one."""
    if not isinstance(wait, Mapping):
        return str(wait)
    return str(wait.get("text") or wait.get("text_en") or wait.get("en") or wait.get("title_en") or wait.get("kind"))


def local_time(at: object, form: str) -> str:
    """An ISO instant as the clock on the wall in China shows it, or nothing."""
    return datetime.fromisoformat(str(at)).astimezone(WALL_CLOCK).strftime(form) if at else ""
