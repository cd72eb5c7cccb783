"""What compiling a file yields: processes ready to be stored and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ElementInfo:
    """One element of a diagram as everybody outside the engine room knows it.

    ``type`` is the BPMN local name (``userTask``); ``attributes`` are the ``yizhan:`` ones without prefix;
    ``parent`` is the embedded sub-process around it, if any.
    """

    id: str
    type: str
    name: str = ""
    name_en: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str | None], ...] = ()
    parent: str | None = None


@dataclass(frozen=True)
class StartEvent:
    """An element whose event begins an instance.

    ``kind``: message, signal, timer or conditional. ``name`` of the message or signal; ``value`` is the time (``timer``
    says whether it is a duration, date or cycle) or the condition.
    """

    element_id: str
    kind: str
    name: str = ""
    timer: str = ""
    value: str = ""


@dataclass(frozen=True)
class CompiledProcess:
    """One process: its source, what SpiffWorkflow runs (``spec_json``), and what others ask about it."""

    key: str
    name: str
    name_en: str
    content_hash: str
    xml: bytes
    spec_json: bytes
    elements: dict[str, ElementInfo]
    called_keys: tuple[str, ...] = ()
    decision_keys: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    start_messages: tuple[str, ...] = ()
    starts: tuple[StartEvent, ...] = ()
