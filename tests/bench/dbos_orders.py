"""order-8 as a workflow of DBOS: ``dbos_orders DATABASE_URL``, in an environment of its own (see ``peers``).

Each automatic step is a DBOS step, so its result is durable before the next; three of them run side by side. The
human task is an event that is set (people can see it) and a message that is waited for. Speaks the language of
``order_process``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from dbos import DBOS, SetWorkflowID  # type: ignore[import-not-found,unused-ignore]

from tests.bench.order_data import FORMS, RESULTS, order_data


def say(*words: object) -> None:
    """One line to whoever measures."""
    print(*words, flush=True)


@DBOS.step()
async def automatic(operation: str, _inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Every automatic step."""
    return RESULTS[operation]


@DBOS.workflow()
async def order_8(number: int, data: Mapping[str, Any]) -> str:
    """An order of eight steps."""
    order = data["order"]
    reserved = await automatic("order.reserve", {"order": order["id"], "address": order["address_code"]})
    given = {"order": order["id"], **reserved}
    works = ("order.access", "order.voice", "order.device")
    done = await asyncio.gather(*(automatic(operation, given) for operation in works))
    await DBOS.set_event_async("task", "install")
    say("task", number, number)
    form = await DBOS.recv_async("install", timeout_seconds=600)
    if not form["accepted"]:
        return "refused"
    await automatic("order.bill", {"order": order["id"], "works": done, "meter": form["meter"]})
    return "done"


async def start(number: int) -> None:
    """Submit an order, and say when its end is recorded."""
    with SetWorkflowID(str(number)):
        handle = await DBOS.start_workflow_async(order_8, number, order_data(number))
    say("started", number, number)
    await handle.get_result()
    say("finished", number)


async def complete(number: str) -> None:
    """Hand in the human task."""
    await DBOS.send_async(number, dict(FORMS), "install")


async def listen() -> None:
    """Do what the lines say until there are no more."""
    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()
    say("ready")
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word, rest = line.split()
        task = asyncio.create_task(start(int(rest)) if word == "start" else complete(rest))
        running.add(task)
        task.add_done_callback(running.discard)
        task.add_done_callback(told)
    await asyncio.gather(*running)


def told(task: asyncio.Task[None]) -> None:
    """A failure ends the bench."""
    if problem := task.exception():
        say("failed", repr(problem))


def main() -> None:
    """Run until the input ends."""
    url = sys.argv[1]
    DBOS(config={"name": "order-8", "system_database_url": url, "log_level": "ERROR"})
    DBOS.launch()
    asyncio.run(listen())
    DBOS.destroy()


if __name__ == "__main__":
    main()
