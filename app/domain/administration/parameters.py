"""Settings that may be changed while the system runs: what each is called, and how its value is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from app.domain.words import Words


@dataclass(frozen=True)
class Changeable:
    """One setting. ``choices`` only where it is one of a few."""

    name: Words
    about: Words
    kind: Literal["whole", "number", "choice"] = "whole"
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> Any:
        """The value in a text. :raises ValueError: it is none."""
        plain = text.strip()
        if self.kind == "choice":
            if plain not in self.choices:
                raise ValueError(plain)
            return plain
        return int(plain) if self.kind == "whole" else float(plain)


CHANGEABLE: Final[Mapping[str, Changeable]] = {
    "session_idle_min": Changeable(
        Words("无操作自动退出（分钟）", "Logged out after so many idle minutes"),
        Words("对已登录的人也立即生效", "counts for those who are logged in too"),
    ),
    "session_max_h": Changeable(
        Words("登录最长保持（小时）", "A login lasts so many hours at most"),
        Words("从下次登录起生效", "counts from the next login on"),
    ),
    "login_max_failures": Changeable(
        Words("登录失败次数上限", "Wrong logins before one has to wait"),
        Words("同一用户名在同一地址", "of one login from one address"),
    ),
    "login_window_min": Changeable(
        Words("登录失败计数时段（分钟）", "Minutes in which wrong logins are counted"),
        Words("过后可再试", "after them one may try again"),
    ),
    "language": Changeable(
        Words("默认语言", "Language for who asks for none"), Words("zh 或 en", "zh or en"), "choice", ("zh", "en")
    ),
    "bulk_starts_per_s": Changeable(
        Words("批量受理每秒开工订单数", "Orders of large sheets begun in a second"),
        Words("0 表示受理后立即开工", "0: each as soon as it is accepted"),
        "number",
    ),
    "second_person_deploys": Changeable(
        Words("发布流程须第二人同意", "A second person agrees to deployments"),
        Words(
            "yes 总是，no 从不，auto 仅生产环境（非演示）",
            "yes: always, no: never, auto: in production that is no demo",
        ),
        "choice",
        ("auto", "yes", "no"),
    ),
    "keep_history_days": Changeable(
        Words("流程历史保留天数", "Days for which history is kept"),
        Words("0 表示永久保留；到期后删除，不能恢复", "0: for ever; what is older is removed for good"),
    ),
}
