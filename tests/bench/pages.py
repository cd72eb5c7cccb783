"""Every page with many orders: how long each takes, how heavy it is, and what the browser loads beside it.

Pages are found by their routes, so that a new one is measured without being named; one that nobody may open, or that
needs more than an example here, is said to be left out.
"""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.event import listen

from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import read
from app.web.assets import PAGE_ENTRY, assets_at
from tests.bench.figures import line, ms, note, percentile
from tests.bench.meters import now
from tests.bench.volume_asks import DATABASE, SEES_ALL, SELLS, WATCHES, WORKS, product, spread, token_of
from tests.bench.volume_kept import VOLUME, fill_once, fresh, server_in
from tests.bench.volume_month import summed_up

#: What no page may exceed with 100,000 orders; the bench prints it beside what it measured.
LIMITS: Final = {"p95_ms": 400, "html_bytes": 60_000, "js_gzip_bytes": 80_000}
#: Who is asked, in this order, until a page opens.
PEOPLE: Final = (SEES_ALL, WATCHES, SELLS, WORKS, "sh.lead", "admin", "designer", "auditor", "sla.approver")
WARM_UP: Final = 2
#: What is searched for in the bar: digits of a phone, initials, a name, a part of a number, what there is not.
TEXTS: Final = ("1390", "9000123", "wwm", "王伟", "李芳", "O-V0000123", "VOLUME-00000", "zqxwv", "no such name")


def pages(folder: Path, *, finished: int, waiting: int, times: int, is_kept: bool) -> Iterator[dict[str, Any]]:
    """A line for each page, one for each text that is searched, and one for the scripts."""
    fill_once(folder, finished=finished, waiting=waiting)
    with server_in(folder, durable=True) as server:
        fresh(server, is_kept=is_kept)
        with product(server.url(VOLUME)) as (app, deps):
            yield summed_up(deps)  # as the chores do while a system runs
            asked: list[str] = []
            listen(deps.database, "before_cursor_execute", lambda *told: asked.append(told[2]))
            heads = {login: {"Authorization": f"Bearer {token_of(deps, login)}"} for login in PEOPLE}
            client = app.test_client(use_cookies=False)
            for name, path in _addresses(app, deps):
                yield from _page(client, heads, name, path, times, asked)
            for text in TEXTS:
                yield _search(client, heads, text, times)
            yield _scripts(deps)


def _addresses(app: Any, deps: Any) -> Iterator[tuple[str, str]]:
    """Endpoint and address of every page that is asked for with GET, examples filled in."""
    with read(deps.read_sessions) as session:
        order = session.scalars(select(ProductOrder.number).where(ProductOrder.number.like("O-V%")).limit(1)).one()
        task = session.scalars(select(WorkItem.number).where(WorkItem.completed_at.is_(None)).limit(1)).one()
    samples = {"order": order, "customer": "V00000001", "task": task, "topic": "counter", "key": "order_8", "n": "1"}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: str(rule.rule)):
        if not rule.endpoint.startswith("web.") or "GET" not in (rule.methods or ()):
            continue
        kind = "order" if "/orders/" in rule.rule else "customer" if "/customers/" in rule.rule else "task"
        path = re.sub(r"<(?:\w+:)?number>", samples[kind], rule.rule)
        path = re.sub(r"<(?:\w+:)?topic>", samples["topic"], path).replace("<key>", samples["key"])
        yield rule.endpoint, path


def _page(
    client: Any, heads: dict[str, Any], name: str, path: str, times: int, asked: list[str]
) -> Iterator[dict[str, Any]]:
    if "<" in path:
        note(f"pages: {name} is left out, nothing here stands for {path}")
        return
    for login in PEOPLE:
        first = client.get(path, headers=heads[login])
        if first.status_code == 200 and first.content_type.startswith("text/html"):
            break
    else:
        note(f"pages: {name} is left out, {path} answers {first.status_code} {first.content_type}")
        return
    took, size, worked = [], 0, []
    for number in range(times + WARM_UP):
        asked.clear()
        began, at_work = now(), time.process_time()
        answer = client.get(path, headers=heads[login])
        body = answer.get_data()
        if number >= WARM_UP:
            took.append(now() - began)
            worked.append(time.process_time() - at_work)
        size = max(size, len(body))
    # On a machine that does other things too, the CPU of the web and the number of questions say more than the time.
    more = {"cpu_ms": ms(percentile(worked, 50)), "statements": len(asked), "html_bytes": size, "login": login}
    yield line("pages", name, DATABASE, 0, **spread(took), **more, limits=LIMITS)


def _search(client: Any, heads: dict[str, Any], text: str, times: int) -> dict[str, Any]:
    took, found = [], 0
    for number in range(times + WARM_UP):
        began = now()
        answer = client.post("/search", data={"q": text}, headers=heads[SEES_ALL])
        found = answer.get_data(as_text=True).count("data-href")
        if number >= WARM_UP:
            took.append(now() - began)
    return line("pages", f"search {text}", DATABASE, 0, **spread(took), found=found, limits=LIMITS)


def _scripts(deps: Any) -> dict[str, Any]:
    """What a page loads beside itself: its scripts, packed."""
    folder = Path(deps.settings.static_dist_dir).parent
    names = assets_at(deps.settings.static_dist_dir).scripts(PAGE_ENTRY)
    sizes = {name: len(gzip.compress((folder / name).read_bytes())) for name in names}
    return line("pages", "scripts", DATABASE, 0, js_gzip_bytes=sum(sizes.values()), files=sizes, limits=LIMITS)
