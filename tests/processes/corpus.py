"""Files that somebody drew with other tools, files somebody made to break the check, and what chance makes of both.

``python -m tests.processes.corpus SEED COUNT`` checks all of them in this process, which has 256 MB of data and six
seconds of processor time for each file, and prints how many there were. What takes longer or more ends it.
"""

from __future__ import annotations

import random
import re
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from processes.check import check_files
from tests.processes.drawing import (
    HEAD,
    boundary,
    bpmn,
    call,
    catch,
    event,
    flows,
    io,
    link,
    many,
    node,
    start,
    throw,
    timer,
    user,
)

ROOT = Path(__file__).parents[2]
#: The worst of them takes one on a quiet machine, and two where neighbours share the processor: a limit for hanging.
SECONDS = 6.0
BYTES = 256 * 1024 * 1024
S = start()
ATTRIBUTES = ("id", "default", "sourceRef", "targetRef", "attachedToRef", "name", "calledElement", "isExecutable")


class TooLongError(Exception):
    """A file took longer than it may."""


def real_files() -> dict[str, bytes]:
    """The product's own files and drawings as other tools export them."""
    folders = (ROOT / "bpmn", Path(__file__).parent / "foreign")
    return {file.name: file.read_bytes() for folder in folders for file in folder.glob("*.*mn")}


def _condition(text: str) -> bytes:
    gateway = node("exclusiveGateway", "x", default="x_b")
    return bpmn(S, gateway, user("a"), user("b"), flows("s>x x>a x>b", x_a=text))


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """One at a time: together they would be the memory that is measured."""
    yield "spaces", b"<a>" + b" " * 1_999_000 + b"</a>"
    yield "open brackets", b"<" * 1_999_999
    yield "deep", b"<a>" * 200_000
    yield "zeros", bytes(1_000_000)
    yield "bill", b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 10_000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]><x>&b;</x>'
    yield "utf-16", bpmn(S, user("a"), flows("s>a")).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    yield "a zero inside", bpmn(S).replace(b"startEvent", b"start\x00Event")
    yield "many at the root", (HEAD + "<bpmn:message/>" * 70_000 + "</bpmn:definitions>").encode()
    yield "many notes", bpmn(S, *['<bpmn:textAnnotation id="t"/>'] * 45_000)
    yield "attributes", ("<a " + " ".join(f'a{n}=""' for n in range(180_000)) + "/>").encode()
    for prefix in ("yizhan", "camunda"):
        crowd = " ".join(f'{prefix}:a{n}=""' for n in range(90_000))
        yield f"attributes of {prefix}", bpmn(S, f'<bpmn:userTask id="a" {crowd}/>', flows("s>a"))
    spaces = " ".join(f'xmlns:p{n}="u{n}"' for n in range(4990))
    items = "".join(f'<p{n % 4990}:x p{n % 4990}:a=""/>' for n in range(30_000))
    yield "prefixes", f"{HEAD[:-1]} {spaces}>{items}</bpmn:definitions>".encode()
    yield "huge name", bpmn(S, user("a", name="n" * 1_900_000), flows("s>a"))
    yield "huge id", bpmn(S, user("a" * 900_000), flows("s>a"))
    for text in (
        "${" * 900_000,
        '${"' * 600_000,
        "a " * 900_000,
        "=" + "[" * 1900,
        "=" + "a+" * 900_000,
        "(" * 900_000,
    ):
        yield f"condition {text[:4]}", _condition(text)
    yield "topic", bpmn(S, node("serviceTask", "a", **{"camunda:topic": "${" * 900_000}), flows("s>a"))
    yield "groups", bpmn(S, user("a", **{"camunda:candidateGroups": "a," * 900_000}), flows("s>a"))
    yield "inputs", bpmn(S, user("a", io({f"x{n}": "y" for n in range(40_000)})), flows("s>a"))
    rows = "".join(f'<camunda:in source="a{n}" target="b{n}"/>' for n in range(25_000))
    yield "mappings", bpmn(S, call("a", "q", f"<bpmn:extensionElements>{rows}</bpmn:extensionElements>"), flows("s>a"))
    rows = "".join(f"<camunda:x{n}/>" for n in range(60_000))
    yield "unknown", bpmn(S, call("a", "q", f"<bpmn:extensionElements>{rows}</bpmn:extensionElements>"), flows("s>a"))
    lists = "<camunda:list>" * 80 + "</camunda:list>" * 80
    value = (
        f'<camunda:inputOutput><camunda:inputParameter name="x">{lists}</camunda:inputParameter></camunda:inputOutput>'
    )
    yield "lists", bpmn(S, node("serviceTask", "a", f"<bpmn:extensionElements>{value}</bpmn:extensionElements>"))
    yield "duration", bpmn(S, catch("c", timer("P" + "1" * 1_900_000)), flows("s>c"))
    yield "cycle", bpmn(S, catch("c", timer("R/" * 900_000, "timeCycle")), flows("s>c"))
    everywhere = " ".join(f"a{one}>a{two}" for one in range(42) for two in range(42))
    yield "everything to everything", bpmn(S, *[user(f"a{n}") for n in range(42)], flows("s>a0 " + everywhere))
    timers = [boundary(f"b{n}", "h", timer("PT1H")) for n in range(1900)]
    yield "boundaries", bpmn(S, user("h"), *timers, flows("s>h"))
    gateways = [node("exclusiveGateway", f"g{n}") for n in range(900)]
    yield "a long circle", bpmn(S, *gateways, flows("s>g0 " + " ".join(f"g{n}>g{(n + 1) % 900}" for n in range(900))))
    nested = "".join(f'<bpmn:subProcess id="u{n}">' for n in range(40)) + "</bpmn:subProcess>" * 40
    yield "nested", bpmn(S, nested)
    yield "flows from nowhere", bpmn(S, flows(" ".join(f"x{n}>y{n}" for n in range(1900))))
    links = [*(throw(f"t{n}", link("L")) for n in range(900)), *(catch(f"c{n}", link("L")) for n in range(900))]
    yield "links", bpmn(S, *links, flows("s>t0"))
    messages = [catch(f"c{n}", event("message", f"m{n}")) for n in range(900)]
    yield "messages", bpmn(S, *messages, flows("s>c0 " + " ".join(f"c{n}>c{n + 1}" for n in range(899))))
    properties = [f'<bpmn:property id="p{n}" name="n{n}"/>' for n in range(40_000)]
    yield "properties", bpmn(*properties, S, user("a", many("p1", "it")), flows("s>a"))
    for form in ("= z and " + " and ".join(["(a + 1) * 2 > b[1].c"] * 14), " and ".join(["(a + 1) * 2 > b"] * 15)):
        conditions = {f"x_a{n}": f"{form} and z{n}" for n in range(400)}
        tasks = [user(f"a{n}") for n in range(400)]
        ways = flows("s>x " + " ".join(f"x>a{n}" for n in range(400)), **conditions)
        yield f"conditions {form[:3]}", bpmn(S, *tasks, node("exclusiveGateway", "x"), ways)


def mutated(chance: random.Random, data: bytes) -> bytes:
    """A file as chance leaves it: bytes, words or elements changed, doubled, moved or gone."""
    kind = chance.randrange(4)
    if kind == 0:
        return data[: chance.randrange(len(data))]
    if kind == 1:
        changed = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)
    if kind == 2:
        pieces = re.split(rb"([A-Za-z0-9_.\-${}=]+)", data)
        words = range(1, len(pieces), 2)
        for _ in range(chance.randint(1, 8)):
            extra = [b"", b"0", b"true", b"${", b"= a", b"x" * 300]
            pieces[chance.choice(words)] = chance.choice([pieces[chance.choice(words)], *extra])
        return b"".join(pieces)
    root = etree.fromstring(data)
    for _ in range(chance.randint(1, 8)):
        elements = [item for item in root.iter(etree.Element) if item.getparent() is not None]
        if not elements:
            break
        chosen, other, act = chance.choice(elements), chance.choice(elements), chance.randrange(4)
        parent = chosen.getparent()
        if act == 0 and parent is not None:
            parent.remove(chosen)
        elif act == 1:
            other.append(etree.fromstring(etree.tostring(chosen)))
        elif act == 2 and chosen.attrib:
            del chosen.attrib[chance.choice(list(chosen.attrib))]
        else:
            chosen.set(chance.choice(ATTRIBUTES), chance.choice(["", "x", "false", "${a}", str(other.get("id", ""))]))
    return etree.tostring(root)


def checked(name: str, data: bytes) -> None:
    """Check one file within its six seconds of processor time; the check always has an answer."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        found = check_files({name: data})
    except TooLongError:
        raise TooLongError(f"{name}: longer than {SECONDS} s; it begins {data[:200]!r}") from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if not (found.findings or found.processes or found.decisions):
        raise AssertionError(f"{name}: the check says nothing at all")


def _stop(number: int, frame: object) -> None:
    raise TooLongError


def main(seed: int, count: int) -> int:
    """Check everything; returns how many files there were."""
    signal.signal(signal.SIGPROF, _stop)
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    number = 0
    for name, data in hostile_files():
        checked(f"{name}.bpmn", data)
        number += 1
    real, chance = real_files(), random.Random(seed)
    for name, data in real.items():
        checked(name, data)
    for _ in range(count):
        name = chance.choice(list(real))
        checked(name, mutated(chance, real[name]))
    return number + len(real) + count


if __name__ == "__main__":
    sys.stdout.write(f"{main(int(sys.argv[1]), int(sys.argv[2]))} files\n")
