"""A BPMN file as we read it: scopes, nodes and flows, before anything is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from processes.spiff.definition import ElementInfo

ACTIVITIES = frozenset(
    {
        "task",
        "manualTask",
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS


@dataclass
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: str | None = None
    name: str = ""


@dataclass
class Event:
    """What an event is about. ``kind``: none, message, timer, signal, conditional, error, escalation, compensation,
    cancel, terminate, link. ``value``: the timer's text or the condition; ``ref``: the activity compensated."""

    kind: str = "none"
    name: str = ""
    code: str | None = None
    timer: str = ""
    value: str = ""
    ref: str = ""
    wait: bool = True


@dataclass
class Raised:
    """What a repeated activity throws when an instance is done. ``when``: each, first, or if ``condition`` holds."""

    when: str
    event: Event
    condition: str | None = None


@dataclass
class AdHoc:
    """How an ad-hoc sub-process goes: its ``until`` condition, and the expression that chooses what is begun.

    ``by_hand``: nothing else begins by itself, and it stays open until a person says that it is over.
    """

    sequential: bool = False
    cancel: bool = True
    until: str | None = None
    chosen: str | None = None
    by_hand: bool = False


@dataclass
class Loop:
    """Multi-instance or standard loop characteristics as written."""

    mode: str
    items: str | None = None
    cardinality: str | None = None
    item: str | None = None
    collect: str | None = None
    output: str | None = None
    until: str | None = None
    condition: str | None = None
    test_before: bool = False
    maximum: int | None = None
    raises: list[Raised] = field(default_factory=list)


@dataclass
class Node:
    """A flow node; ``helper`` ones were put in by the compiler and are in no diagram.

    ``tied``: the activities an association ties to a compensation event. ``handler``, set by the compiler: what makes
    good for this activity, an event sub-process inside it or the activity tied to its compensation event.
    ``others``: the further definitions of an event that has several; ``gathers``: all of them have to happen (of a
    gateway: all events behind it), not any. ``twin_of``, set by the compiler: it stands for a further definition.
    ``enters_at``, too: tokens come to that helper first.
    """

    id: str
    type: str
    name: str = ""
    name_en: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    inputs: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[tuple[str, str | None]] = field(default_factory=list)
    default: str | None = None
    event: Event = field(default_factory=Event)
    others: list[Event] = field(default_factory=list)
    gathers: bool = False
    twin_of: str = ""
    enters_at: str = ""
    attached_to: str = ""
    interrupting: bool = True
    loop: Loop | None = None
    inner: Scope | None = None
    by_event: bool = False
    called: str = ""
    message: str = ""
    helper: bool = False
    may_drop: bool = False
    cancel_caught: bool = False
    instantiate: bool = False
    for_compensation: bool = False
    start_quantity: int = 1
    completion_quantity: int = 1
    activation: str | None = None
    ad_hoc: AdHoc | None = None
    tied: list[str] = field(default_factory=list)
    handler: Node | None = None

    @property
    def events(self) -> list[Event]:
        """All definitions of an event, or what a receive task waits for; of anything else, one that says nothing."""
        if self.type == "receiveTask":
            return [Event("message", name=self.message)]
        return [self.event, *self.others]

    @property
    def is_wait(self) -> bool:
        """Whether a token stays here until something happens outside."""
        if self.type == "sendTask" and self.message:
            return False
        if self.type in ("userTask", "serviceTask", "sendTask", "receiveTask", "callActivity"):
            return True
        if self.type in ("intermediateCatchEvent", "boundaryEvent"):
            return all(event.kind in ("message", "timer", "signal", "conditional") for event in self.events)
        if self.ad_hoc is not None and self.ad_hoc.by_hand:
            return True
        return self.inner is not None and any(node.is_wait for node in self.inner.nodes.values())


@dataclass
class Scope:
    """A process or an embedded sub-process."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    owner: Node | None = None
    around: Scope | None = None

    def leaving(self, node_id: str) -> list[Flow]:
        """The flows that leave a node, in document order."""
        return [flow for flow in self.flows.values() if flow.source == node_id]

    def entering(self, node_id: str) -> list[Flow]:
        """The flows that lead to a node, in document order."""
        return [flow for flow in self.flows.values() if flow.target == node_id]

    def boundaries(self, node_id: str) -> list[Node]:
        """The boundary events at an activity."""
        return [node for node in self.nodes.values() if node.attached_to == node_id]

    def starting(self) -> list[Node]:
        """The elements whose event starts an instance; the plain start is not among them."""
        found = []
        for node in self.nodes.values():
            if node.type == "startEvent" and node.event.kind != "none":
                found.append(node)
            elif node.instantiate and node.type == "eventBasedGateway":
                found += [self.nodes[flow.target] for flow in self.leaving(node.id) if flow.target in self.nodes]
            elif node.instantiate:
                found.append(node)
        return found

    def walk(self) -> Iterator[tuple[Scope, Node]]:
        """Every node of this scope and of those inside it."""
        for node in self.nodes.values():
            yield self, node
            if node.inner is not None:
                yield from node.inner.walk()


@dataclass
class ProcessModel:
    """One process of a file. ``declared`` names its start data; None if it does not say; ``drawn`` its data objects.

    ``foreign``: it was drawn for another engine and taken over.
    """

    key: str
    file: str
    name: str = ""
    name_en: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    declared: list[str] | None = None
    drawn: list[str] = field(default_factory=list)
    foreign: bool = False
    root: Scope = field(default_factory=Scope)


def info_of(scope: Scope, node: Node) -> ElementInfo:
    """What the world outside needs to know of a node."""
    return ElementInfo(
        id=node.id,
        type=node.type,
        name=node.name,
        name_en=node.name_en,
        attributes=dict(node.attributes),
        inputs=tuple(node.inputs),
        outputs=tuple(node.outputs),
        parent=scope.owner.id if scope.owner is not None else None,
    )


def paths_of(model: ProcessModel) -> dict[str, str]:
    """Where each element is, by id: ``home_install/visit/fit``."""
    found = {model.key: model.key}
    todo = [(model.key, model.root)]
    while todo:
        way, scope = todo.pop()
        for node in scope.nodes.values():
            found[node.id] = f"{way}/{node.id}"
            if node.inner is not None:
                todo.append((found[node.id], node.inner))
        found.update({flow_id: f"{way}/{flow_id}" for flow_id in scope.flows})
    return found
