"""Where a trial went otherwise than a stored test expects, said at the element, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MARKS: Final = {"+": "entered", "-": "cancelled", "*": "compensated"}
_DONE_ZH: Final = {"completed": "完成", "entered": "开始", "cancelled": "取消", "compensated": "撤销"}
_DONE_EN: Final = {"completed": "completed", "entered": "begun", "cancelled": "cancelled", "compensated": "undone"}
_STATES_ZH: Final = {"completed": "已完成", "terminated": "已终止", "failed": "出错停下", "waiting": "仍在等待"}


@dataclass(frozen=True)
class Difference:
    """One thing that is not as expected; ``element`` is its path, empty where no element is meant."""

    element: str
    en: str
    zh: str


def differences(
    expect: Mapping[str, Any], result: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> Iterator[Difference]:
    """Everything in a result that is not as expected, the state first.

    :param names: Chinese names of the elements of the process itself, by id.
    """
    known = {row["element"]: row["name"] for row in result["path"] if row["name"]} | dict(names or {})
    wanted = str(expect.get("state", "completed"))
    if result["state"] != wanted:
        yield _state(wanted, result, known)
    yield from _path(expect.get("path", ()), result["path"], known)
    reached = {row["element"] for row in result["path"]}
    for name in expect.get("never", ()):
        if name in reached:
            yield Difference(name, f"{name} was reached", f"走到了不应走到的“{known.get(name, name)}”")
    for name, value in expect.get("data", {}).items():
        if result["data"].get(name) != value:
            found = result["data"].get(name)
            where = _writer(name, result)
            yield Difference(where, f"{name} is {found!r}, not {value!r}", f"数据 {name} 为 {found!r}，期望 {value!r}")
    if "waiting" in expect:
        waiting = sorted(row["element"] for row in result["waiting"])
        if waiting != sorted(expect["waiting"]):
            other = sorted({*waiting} ^ {*expect["waiting"]})
            yield Difference(
                other[0] if other else "", f"it waits for {waiting}", f"正在等待的是 {_all(waiting, known)}"
            )
    if "incidents" in expect:
        incidents = {row["element"]: row["code"] for row in result["incidents"]}
        if incidents != expect["incidents"]:
            other = sorted({*incidents} ^ {*expect["incidents"]}) or sorted(incidents)
            yield Difference(
                other[0] if other else "", f"the incidents are {incidents}", f"出现的异常在 {_all(incidents, known)}"
            )


def _state(wanted: str, result: Mapping[str, Any], names: Mapping[str, str]) -> Difference:
    codes = [f"{row['element']}: {row['code']} {row['message']}" for row in result["incidents"]]
    places = [row["element"] for row in result["waiting"]]
    at = next((row["element"] for row in (*result["incidents"], *result["waiting"])), "")
    found = str(result["state"])
    return Difference(
        at,
        f"the state is {found}, not {wanted}; incidents {codes}, waiting for {places}",
        f"结果为{_STATES_ZH.get(found, found)}，期望{_STATES_ZH.get(wanted, wanted)}"
        + "".join(
            f"；“{names.get(row['element'], row['element'])}”{_zh(row['message'])}" for row in result["incidents"]
        )
        + (f"；等待 {_all(places, names)}" if places else ""),
    )


def _path(wanted: Sequence[str], rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[Difference]:
    left = list(wanted)
    for row in rows:
        if left:
            event = MARKS.get(left[0][0], "completed")
            if (row["element"], row["event"]) == (left[0].lstrip("+-*"), event):
                del left[0]
    if left:
        event, name = MARKS.get(left[0][0], "completed"), left[0].lstrip("+-*")
        zh = f"“{names.get(name) or name}”没有按期望的顺序{_DONE_ZH[event]}"
        yield Difference(name, f"{left[0]} did not happen, or not in this order ({_DONE_EN[event]})", zh)


def _all(paths: Iterable[str], names: Mapping[str, str]) -> str:
    return "、".join(f"“{names.get(path) or path}”" for path in paths) or "无"


def _zh(message: str) -> str:
    """The Chinese half of what the engine says."""
    return message.partition(" · ")[0]


def _writer(name: str, result: Mapping[str, Any]) -> str:
    """The last step of the process itself that has written a name."""
    top = [row for row in result["steps"] if "/" not in row["element"] and name in row.get("wrote", {})]
    return str(top[-1]["element"]) if top else ""
