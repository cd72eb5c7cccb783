"""What each right is called, in the order in which people think of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.texts import Sentence

#: Group -> right -> what it lets somebody do. A test holds that every right is here once.
RIGHTS: Final[Mapping[Sentence, Mapping[str, Sentence]]] = {
    Sentence("Orders and customers"): {
        "order.view": Sentence("see orders"),
        "order.submit": Sentence("take orders"),
        "order.amend": Sentence("amend orders"),
        "order.cancel": Sentence("cancel orders"),
        "order.hold": Sentence("hold orders and let them go on"),
        "order.approve": Sentence("agree to late cancels"),
        "order.share": Sentence("give customers a link to their order"),
        "customer.view": Sentence("see customers, masked"),
        "customer.edit": Sentence("make and change customers"),
        "customer.merge": Sentence("merge customers"),
        "customer.internal": Sentence("keep internal customers"),
        "personal.reveal": Sentence("see personal data in full, with a reason"),
    },
    Sentence("Work"): {
        "item.view": Sentence("see work items"),
        "item.claim": Sentence("claim work items"),
        "item.complete": Sentence("complete work items"),
        "item.assign": Sentence("give work items to others"),
        "item.visit": Sentence("visit customers with the phone"),
        "ticket.view": Sentence("see trouble tickets"),
        "ticket.open": Sentence("report faults"),
    },
    Sentence("Operations"): {
        "ops.view": Sentence("see the control room and exceptions"),
        "incident.retry": Sentence("try failed steps again"),
        "incident.skip": Sentence("skip failed steps"),
        "instance.repair": Sentence("repair orders that stand still"),
        "instance.cancel": Sentence("cancel instances of processes"),
        "repair.agree": Sentence("agree to repairs as the second person"),
        "bulk.run": Sentence("act on many at once"),
        "system.hold": Sentence("hold neighbours and processes"),
        "reconcile.run": Sentence("compare books with the neighbours"),
        "audit.view": Sentence("read the audit"),
    },
    Sentence("Processes and catalogue"): {
        "process.view": Sentence("see processes"),
        "process.edit": Sentence("draw processes"),
        "process.deploy": Sentence("deploy processes"),
        "process.agree": Sentence("agree to deployments as the second person"),
        "process.migrate": Sentence("move running instances to another version"),
        "catalogue.view": Sentence("see the catalogue"),
        "catalogue.edit": Sentence("change the catalogue"),
    },
    Sentence("Promises"): {
        "rules.view": Sentence("see the rules of promises and calendars"),
        "sla.rules": Sentence("change the rules of promises"),
        "calendar.edit": Sentence("change calendars"),
        "sla.decide": Sentence("agree to stops of clocks"),
        "sla.revoke": Sentence("take stops back"),
        "sla.measure": Sentence("write down visits and speeds"),
        "sla.cause": Sentence("name why a promise was broken"),
        "compensation.decide": Sentence("decide on compensation"),
    },
    Sentence("Administration"): {
        "admin.view": Sentence("see users, teams and rights"),
        "admin.users": Sentence("change users, teams and areas"),
        "admin.settings": Sentence("change parameters and tokens"),
    },
}
