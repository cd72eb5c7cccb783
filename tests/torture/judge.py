"""The judge of every experiment: nothing acknowledged is lost, nothing took effect twice, nothing is left over.

It asks the database beside the system, the books of the neighbours, and the product's own `yizhan invariants`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from processes.by_people import PEOPLE
from tests.torture.cluster import Cluster
from tests.torture.load import Sent

REST_WITHIN_S = 120
LOOK_S = 0.5
LAST_STEPS_S = 60.0
#: Orders that are not final and for which something is still on its way: work that is due or in hand, an answer that
#: has not come, news unread, a timer that is due. What remains is open for a person, or nothing at all (see `lost`).
MOVING = """
SELECT o.number, o.external_id, o.state,
       (SELECT count(*) FROM job j WHERE j.root_id = o.process_instance_id
          AND j.state IN ('ready', 'leased', 'sent', 'waiting_answer')) AS jobs,
       (SELECT count(*) FROM work_item w WHERE w.order_id = o.id
          AND w.state IN ('open', 'claimed', 'paused')) AS people,
       (SELECT count(*) FROM incident i JOIN process_instance p ON p.id = i.instance_id
         WHERE p.root_id = o.process_instance_id AND i.state = 'open') AS incidents
FROM product_order o
WHERE o.state NOT IN ('completed', 'partial', 'failed', 'cancelled', 'rejected')
"""
JOBS = "SELECT operation_id, state, kind, element_id, phase, attempts, detached, outcome_unknown, last_error FROM job"
LEFT_OVER = {
    "leases older than 60 s": "SELECT id FROM job WHERE state IN ('leased', 'sent') AND lease_until < :then",
    "timers more than 60 s late": "SELECT id FROM timer WHERE state = 'waiting' AND due_at < :then",
    "news unread for 60 s": "SELECT id FROM inbox_message WHERE state = 'received' AND received_at < :then",
    "work items without a user task": """
        SELECT w.id FROM work_item w LEFT JOIN user_task u ON u.id = w.user_task_id
        WHERE w.kind = 'task' AND w.state IN ('open', 'claimed', 'paused') AND (u.id IS NULL OR u.state <> 'open')""",
    "user tasks without a work item": """
        SELECT u.id FROM user_task u LEFT JOIN work_item w ON w.user_task_id = u.id
        WHERE u.state = 'open' AND (w.id IS NULL OR w.state NOT IN ('open', 'claimed', 'paused'))""",
}


@dataclass
class Verdict:
    """What was found; ``problems`` is empty when all is well."""

    rested_at: float = 0.0  # on the monotonic clock
    orders: dict[str, int] = field(default_factory=dict)
    at_a_person: int = 0
    at_an_incident: int = 0
    effects: int = 0
    duplicates: int = 0
    problems: list[str] = field(default_factory=list)


def judge(
    cluster: Cluster,
    sent: Sequence[Sent],
    *,
    within_s: float = REST_WITHIN_S,
    at_rest: Callable[[], None] = lambda: None,
) -> Verdict:
    """Wait until everything is at rest, then look at everything.

    :param at_rest: called in between, to send home who still works.
    """
    verdict = Verdict()
    began = time.monotonic()
    wait_for_rest(cluster, verdict, within_s=within_s)
    rested_at = verdict.rested_at
    at_rest()
    # What people handed in at the last moment is on its way again.
    left_s = max(within_s - (time.monotonic() - began), LAST_STEPS_S)
    moving = wait_for_rest(cluster, verdict, within_s=left_s)
    verdict.rested_at = rested_at
    verdict.problems += [f"still on its way after {within_s:g} s: {row}" for row in moving[:10]]
    look_at_orders(cluster, sent, verdict)
    look_at_rows(cluster, verdict)
    look_at_books(cluster, verdict)
    ask_the_product(cluster, verdict)
    return verdict


def open_orders(cluster: Cluster) -> list[dict[str, Any]]:
    """The orders that are not final, with what they wait for."""
    return [dict(row._mapping) for row in cluster.sql_patiently(MOVING)]


def wait_for_rest(cluster: Cluster, verdict: Verdict, *, within_s: float) -> list[dict[str, Any]]:
    """Wait until every order is final or waits at a person or an incident; returns those that do not."""
    began = time.monotonic()
    while True:
        rows = open_orders(cluster)
        moving = [row for row in rows if row["jobs"] or not (row["people"] or row["incidents"])]
        verdict.rested_at = time.monotonic()
        verdict.at_a_person = sum(1 for row in rows if row["people"] and not row["incidents"])
        verdict.at_an_incident = sum(1 for row in rows if row["incidents"])
        if not moving or verdict.rested_at > began + within_s:
            return moving
        time.sleep(LOOK_S)


def look_at_orders(cluster: Cluster, sent: Sequence[Sent], verdict: Verdict) -> None:
    """Each acknowledged order is there once under its id; a refused one is not; an unknown one is once or not."""
    rows = cluster.sql_patiently("SELECT external_id, id, state FROM product_order")
    there: dict[str, list[str]] = {}
    for external_id, order_id, _state in rows:
        there.setdefault(external_id, []).append(order_id)
    verdict.orders = dict(Counter(state for _number, _id, state in rows))
    for one in sent:
        found = there.pop(one.external_id, [])
        if one.state == "acked" and found != [one.order_id]:
            verdict.problems.append(f"{one.external_id} was acknowledged as {one.order_id}, there is {found}")
        if one.state == "refused" and found:
            verdict.problems.append(f"{one.external_id} was refused and is there: {one.words}")
        if len(found) > 1:
            verdict.problems.append(f"{one.external_id} is there {len(found)} times")


def look_at_rows(cluster: Cluster, verdict: Verdict) -> None:
    """Nothing is orphaned."""
    ((then,),) = cluster.sql_patiently(
        "SELECT datetime('now', '-60 seconds')"
        if cluster.env["YIZHAN_DATABASE_URL"].startswith("sqlite")
        else "SELECT clock_timestamp() - interval '60 seconds'"
    )
    for name, query in LEFT_OVER.items():
        found = cluster.sql_patiently(query, **({"then": then} if ":then" in query else {}))
        verdict.problems += [f"{name}: {[row[0] for row in found[:5]]} of {len(found)}"] if found else []


def look_at_books(cluster: Cluster, verdict: Verdict) -> None:
    """Each operation that is in our ledger took effect once there, and what took effect there is known here."""
    answer = httpx.get(f"{cluster.neighbours_now()}/control/effects", timeout=120)
    writes = [row for row in answer.json() if row["is_write"]]
    verdict.effects = sum(row["count"] for row in writes)
    twice = [row for row in writes if row["count"] > 1]
    verdict.duplicates = len(twice)
    verdict.problems += [f"{row['operation']} took effect {row['count']} times: {row}" for row in twice[:10]]
    # What people did has no book at a neighbour.
    of_neighbours = "SELECT operation_id, undo_operation_id FROM effect WHERE adapter <> :people"
    ledger = cluster.sql_patiently(of_neighbours, people=PEOPLE)
    known = {key for row in ledger for key in row if key}
    jobs = {row[0]: tuple(row) for row in cluster.sql_patiently(JOBS)}
    known |= {key for key, (_key, state, *_more) in jobs.items() if state in ("incident", "done")}
    there = {row["operation_id"]: row["operation"] for row in writes if row["count"] == 1}
    verdict.problems += [
        f"took effect there, unknown here: {there[key]}, our job: {jobs.get(key, key)}"
        for key in sorted(there.keys() - known)[:10]
    ]
    missing = sorted({key for key, _undo in ledger} - there.keys())
    verdict.problems += [f"in our ledger, not there: {key}" for key in missing[:10]]


def ask_the_product(cluster: Cluster, verdict: Verdict) -> None:
    """`yizhan invariants` finds nothing, the neighbours asked."""
    done = cluster.command("invariants", "--json", timeout_s=900)
    if done.returncode != 0:
        try:
            found = json.loads(done.stdout)
        except ValueError:
            found = [done.stdout[-500:], done.stderr[-1500:]]
        verdict.problems += [f"yizhan invariants ({len(found)}): {row}" for row in found[:10]]
    elif "not asked" in done.stderr:
        verdict.problems.append(f"yizhan invariants: {done.stderr.strip()}")
