"""Three days at a counter, lived through in a minute: what the pictures of the documents show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from io import BytesIO
from typing import Any, Final

import yaml
from sqlalchemy import update

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from app.cli.field_crew import answers
from app.unit_of_work import transaction
from processes.bulk_runner import BulkRunner
from processes.clock import set_offset
from processes.store.jobs import Job
from tests.api.world import ORDERS
from tests.pictures.studio import Studio
from tests.servers import ROOT
from tests.services.whole import SECRET, Whole, stock
from tests.web.site import SEED, Visitor

EXAMPLES: Final = ROOT / "examples" / "orders"
#: A Wednesday afternoon in Shanghai: the pictures show no weekend.
LAST: Final = datetime(2026, 11, 25, 6, 32, tzinfo=UTC)
#: Who does the work of a team: the first of its people.
PEOPLE: Final = {
    team: str(user["login"])
    for user in reversed(yaml.safe_load((SEED / "users.yaml").read_text(encoding="utf-8"))["users"])
    for team in user.get("teams", ())
}


@dataclass
class TownTime:
    """What the neighbours' clock shows."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def neighbours(time: TownTime) -> Twin:
    """The far systems, in memory; their clock goes as the product's."""
    return Twin(load_registry(), now=time.now, seed_data=stock(), secret=SECRET.encode(), callback_delay_s=0.0)


class Town:
    """A product with people in it, and its time."""

    def __init__(self, running: Whole, time: TownTime) -> None:
        self.running = running
        self._time = time
        self._visitors: dict[str, Visitor] = {}
        #: Numbers of orders that pictures show.
        self.told: dict[str, str] = {}

    def live(self) -> None:
        """From Monday morning to Wednesday afternoon."""
        self.at(days=2, hours=5)
        line = self.told["line"] = self.example("leased-line-shanghai-nanjing.json")
        monday = [self.bundle("C100005", "A0013"), self.bundle("C100001", "A0001")]
        self.at(days=2, hours=4)
        self.do(line, 1)
        self.visit(*monday, days=2, hours=3)
        self.at(days=1, hours=5)
        tuesday = [self.bundle("C100002", "A0002"), self.bundle("C100004", "A0003"), self.bundle("C100006", "A0006")]
        self.do(line, 2)
        self.visit(*tuesday[:2], days=1, hours=3)
        self.at(hours=5)
        wednesday = [self.bundle("C100007", "A0007"), self.bundle("C100009", "A0010")]
        self.do(line, 1)
        self.visit(wednesday[0], days=0, hours=4)
        self.do(wednesday[1], 1)
        self.told["bundle"] = wednesday[1]
        self.at(hours=1)
        self.stick()
        self.at()
        self.try_again()
        self.paper()
        self.studio.second_version()

    @cached_property
    def studio(self) -> Studio:
        """What designers do."""
        return Studio(self.visitor("designer"), self.visitor("ops2"))

    def paper(self) -> None:
        """A sheet with mistakes in it, and a quote."""
        front = self.visitor("front")
        row = "C100003,新装,fb-300,A0013,,2027-01-{day:02}"
        lines = [row.format(day=day) for day in range(4, 9)]
        lines[1] = "C999999,新装,fb-300,A0013,,2027-01-05"
        lines[3] = "C100004,新装,fb-300,A9999,,下周"
        content = "\n".join(["客户编号*,业务类型*,销售品,地址编码,外部单号,期望完成日期", *lines]).encode()
        front.post("/sheets", {"file": (BytesIO(content), "门店宽带.csv")})
        form = {"do": "quote", "place-installation": "A0014", "c-ip_mode": "dynamic", "c-ont_model": "ont_wifi6"}
        front.post("/orders/new?customer=C100004&offering=fb-300", form)

    def visit(self, *numbers: str, days: int, hours: float) -> None:
        """Everything people do for these orders; it takes two hours, for far systems answer when it suits them."""
        for half in range(5):
            self.at(days=days, hours=hours - half / 2)
            for number in numbers:
                self.do(number, 40)

    def at(self, *, days: float = 0, hours: float = 0) -> None:
        """Set the product's clock to so long before the last moment, and let all be done that is due."""
        self._time.ahead = LAST - timedelta(days=days, hours=hours) - datetime.now(UTC)
        with transaction(self.running.deps.sessions) as tx:
            set_offset(tx.session, self._time.ahead.total_seconds())
        while self.running.work():
            pass

    def example(self, name: str) -> str:
        """One of the example orders; returns its number."""
        return self._number(self.running.place(name))

    def bundle(self, customer: str, address: str) -> str:
        """A home bundle for somebody, taken at the counter; returns the number of the order."""
        body = json.loads((EXAMPLES / "home-bundle.json").read_text(encoding="utf-8"))
        body["productOrderItem"][0]["product"]["place"][0]["id"] = address
        who = {
            "externalId": f"{customer}-{address}",
            "relatedParty": [{**body["relatedParty"][0], "id": customer}],
            "billingAccount": {"id": f"A{customer}1"},
            "note": [],
        }
        return self._number(str(self.running.call("POST", ORDERS, {**body, **who})["id"]))

    def do(self, number: str, most: int) -> None:
        """Do so many work items of an order, as they come, by those whose they are; or all there are."""
        done = 0
        while done < most:
            self.running.work()
            query = f"/api/v1/work-items?tab=all&order={number}&limit=100"
            rows = self.running.call("GET", query, login="ops2")["items"]
            waiting = [row for row in rows if row["state"] in {"open", "claimed"}]
            if not waiting:
                return
            self._do(waiting[0])
            done += 1

    def stick(self) -> None:
        """A port that takes no more customers, and a shelf that is not as the books say."""
        script = self.running.neighbours.script
        script("refuse", "provisioning.configure_olt_port", code="onu-limit", message="1/2/3: 64 ONUs", times=-1)
        for customer, address in (("C100010", "A0011"), ("C100008", "A0014"), ("C100003", "A0013")):
            self.bundle(customer, address)
        script("refuse", "resource.assign", code="resource-data-wrong", message="SPL-07 port 5: red light", times=-1)
        self.bundle("C100012", "A0005")

    def try_again(self) -> None:
        """Operations try what is stuck again, and it fails again."""
        ops = self.visitor("ops")
        for _ in range(30):
            self._hurry()
            if found := re.findall(r'id="cause-([0-9a-f]+)"', ops.get("/exceptions").get_data(as_text=True)):
                break
        ops.post(f"/exceptions/{found[0]}/retry", {"reason": "端口已扩容 NOC-118"})
        for _ in range(14):
            self._hurry()

    def linked(self, login: str, listing: str, marked: str) -> str:
        """The first address in a page that begins like ``marked``."""
        return re.findall(rf'href="({marked}[^"#?]+)', self.visitor(login).get(listing).get_data(as_text=True))[0]

    def link(self) -> str:
        """The address a customer was given to follow an order."""
        front, page = self.visitor("front"), f"/orders/{self.told['bundle']}/share"
        front.post(page, {})
        return re.findall(r"/my/[\w-]+", front.get(page).get_data(as_text=True))[0]

    def visitor(self, login: str) -> Visitor:
        """Somebody who is logged in."""
        if login not in self._visitors:
            visitor = Visitor(self.running.app.test_client())
            page = visitor.get("/login").get_data(as_text=True)
            token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
            visitor.client.post("/login", data={"csrf_token": token, "login": login, "password": "demo"})
            self._visitors[login] = visitor
        return self._visitors[login]

    def _hurry(self) -> None:
        """Let everything be due that waits for its next try, and be done."""
        deps = self.running.deps
        with deps.sessions.begin() as session:
            session.execute(update(Job).where(Job.state == "ready").values(run_at=deps.clock(session)))
        while self.running.work():
            pass
        BulkRunner(deps.engine.parts, deps.sessions).round()

    def _number(self, order_id: str) -> str:
        self.running.work()
        return str(self.running.call("GET", f"/api/v1/orders/{order_id}")["number"])

    def _do(self, row: Any) -> None:
        login = PEOPLE[str(row["team_code"])]
        item = self.running.call("POST", f"/api/v1/work-items/{row['id']}/claim", {}, login=login)
        result = answers(item.get("form") or {}, item.get("context") or {})
        self.running.call("POST", f"/api/v1/work-items/{row['id']}/complete", {"result": result}, login=login)
