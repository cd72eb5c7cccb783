"""Running instances of an old version at every kind of place, and a newer version of their process."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from lxml import etree
from sqlalchemy import select

from app.domain.actors import Actor
from app.services.studio import process_deployments
from app.unit_of_work import transaction
from processes import versions
from processes.bulk_runner import BulkRunner
from processes.store.instances import UserTask
from scripts.draw.__main__ import laid_out
from tests.processes.drawing import boundary, bpmn, catch, end, event, flows, start, timer
from tests.processes.drawing import user as person
from tests.web.site import Site

KEY: Final = "copper_swap"
DESIGNER: Final = Actor(login="designer", role="designer", area="CN", area_path="CN")
NAMES: Final = {
    "survey": ("现场查勘", "Survey"),
    "look": ("远程查勘", "Remote survey"),
    "visit": ("上门施工", "Visit"),
    "rate": ("用户评价", "Rating"),
    "test": ("测速", "Speed test"),
}


def step(element_id: str) -> str:
    zh, en = NAMES[element_id]
    return person(element_id, name=zh, yz_nameEn=en, yz_team="home_field")


def drawing(*steps: str) -> bytes:
    """A chain of steps, laid out; who is late at the visit is reminded meanwhile."""
    ids = [one.split('id="', 1)[1].split('"', 1)[0] for one in steps]
    links = " ".join(f"{one}>{two}" for one, two in pairwise(["s", *ids, "e"]))
    late = boundary("late", "visit", timer("PT8H"), interrupting=False)
    more = (late, end("reminded"), flows("late>reminded"))
    text = str(bpmn(start(name="开始", yz_nameEn="Begin"), *steps, end(), flows(links), *more, key=KEY), "utf-8")
    named = text.replace('name="流程"', 'name="铜缆换光纤" yizhan:nameEn="Copper to fibre"')
    return laid_out(etree.fromstring(named.encode()))


def old_version() -> bytes:
    """Survey, visit, speed test."""
    return drawing(step("survey"), step("visit"), step("test"))


def new_version() -> bytes:
    """The survey is another step, the visit is as before, the line says by itself how fast it is."""
    zh, en = NAMES["test"]
    message = catch("test", event("message", "line_ready"), name=zh, yz_nameEn=en, yz_messageKey="'K'")
    return drawing(step("look"), step("visit"), message, step("rate"))


def moving(site: Site, *, at_survey: int, at_visit: int, at_test: int) -> None:
    """Deploy both versions, with so many instances of the old one at each of its steps."""
    deps = site.world.deps
    process_deployments.deploy({f"{KEY}.bpmn": old_version()}, DESIGNER, deps)
    for steps, count in ((0, at_survey), (1, at_visit), (2, at_test)):
        for _ in range(count):
            begun = begin(site)
            for _ in range(steps):
                step_on(site, begun)
    process_deployments.deploy({f"{KEY}.bpmn": new_version()}, DESIGNER, deps)


def begin(site: Site, *, area: str = "SH-SH", business_key: str = "trial:copper") -> str:
    """One more instance of the version in force; returns its id."""
    deps = site.world.deps
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        return deps.engine.start(
            tx.session, KEY, business_key=business_key, area=area, data={}, now=now, actor="front"
        ).id


def begin_on_old(site: Site) -> str:
    """One more of the old version: the new one is taken back for a moment; nothing may run on it."""
    deps = site.world.deps
    with transaction(deps.sessions) as tx:
        versions.withdraw(tx.session, KEY, 2, actor="designer", now=deps.clock(tx.session))
    begun = begin(site)
    process_deployments.deploy({f"{KEY}.bpmn": new_version()}, DESIGNER, deps)
    return begun


def step_on(site: Site, instance_id: str) -> None:
    """Somebody does the step it waits at."""
    deps = site.world.deps
    with transaction(deps.sessions) as tx:
        open_one = select(UserTask.id).where(UserTask.instance_id == instance_id, UserTask.state == "open")
        task = tx.session.scalars(open_one).one()
        deps.engine.complete_user_task(tx.session, task, {}, actor="field", now=deps.clock(tx.session))


def moved(site: Site) -> None:
    """Let the bulk run do all it may do now."""
    deps = site.world.deps
    while BulkRunner(deps.engine.parts, deps.sessions).round():
        pass
