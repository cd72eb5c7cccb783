"""The parts of SpiffWorkflow 3.2.0 we stand on, with types.

The library ships none, so the classes we subclass or call are described here as far as we use them.
Nothing of it is changed at run time: we subclass and register.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

__all__ = [
    "DEFAULT_SPEC_CONFIG",
    "BpmnProcessSpec",
    "BpmnSpecMixin",
    "BpmnStartTask",
    "BpmnSubWorkflow",
    "BpmnTaskSpecConverter",
    "BpmnWorkflow",
    "DefaultRegistry",
    "Task",
    "TaskSpec",
    "TaskState",
]

if TYPE_CHECKING:

    class TaskState:
        """Numbers for the states of a token."""

        FUTURE: int
        WAITING: int
        READY: int
        STARTED: int
        COMPLETED: int
        ERROR: int
        CANCELLED: int

    class Task:
        """One token, or the element a token has reached."""

        id: str
        workflow: Any
        task_spec: Any
        data: dict[str, Any]
        internal_data: dict[str, Any]
        state: int
        _state: int
        _children: list[str]

        def __init__(
            self, workflow: Any, task_spec: Any, parent: Task | None = None, state: int = 1, id: str | None = None
        ) -> None: ...
        def has_state(self, state: int) -> bool: ...
        def run(self) -> bool | None: ...
        def complete(self) -> None: ...
        def _ready(self) -> None: ...
        def _set_state(self, value: int) -> None: ...

    class TaskSpec:
        """What all elements have in common."""

        name: str
        extensions: dict[str, Any]
        bpmn_id: str | None
        _wf_spec: Any

        def __init__(self, wf_spec: Any, name: str, **kwargs: Any) -> None: ...
        def connect(self, taskspec: TaskSpec) -> None: ...

    class BpmnSpecMixin(TaskSpec):
        """An element that is drawn in a diagram."""

    class BpmnStartTask(TaskSpec):
        """The root of every scope."""

    class BpmnProcessSpec:
        """The elements of one scope: a process or an embedded sub-process."""

        name: str
        start: Any
        task_specs: dict[str, Any]

        def __init__(self, name: str | None = None) -> None: ...

    class BpmnSubWorkflow:
        """A running embedded sub-process."""

        spec: BpmnProcessSpec
        tasks: dict[str, Task]
        task_tree: Task
        completed: bool
        success: bool
        depth: int

        def __init__(self, spec: Any, parent_task_id: Any, top_workflow: Any, **kwargs: Any) -> None: ...

    class BpmnWorkflow:
        """A running process."""

        spec: BpmnProcessSpec
        subprocess_specs: Mapping[str, BpmnProcessSpec]
        subprocesses: dict[str, Any]
        tasks: dict[str, Task]
        task_tree: Task
        completed: bool
        success: bool

        def __init__(self, spec: Any, subs: Any = None, script_engine: Any = None, **kwargs: Any) -> None: ...

    class DefaultRegistry:
        """Turns specifications into JSON-able dictionaries and back."""

        def convert(self, obj: Any) -> dict[str, Any]: ...
        def restore(self, val: Any) -> Any: ...

    class BpmnTaskSpecConverter:
        """Converter of any element whose facts are in ``extensions``."""

        def __init__(self, target_class: type, registry: DefaultRegistry, typename: str | None = None) -> None: ...

    DEFAULT_SPEC_CONFIG: dict[type, Callable[..., Any]]
else:
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.bpmn.serializer.default.process_spec import BpmnProcessSpecConverter
    from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnStartTaskConverter, BpmnTaskSpecConverter
    from SpiffWorkflow.bpmn.serializer.helpers import DefaultRegistry
    from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
    from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask, _EndJoin
    from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
    from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
    from SpiffWorkflow.specs.base import TaskSpec
    from SpiffWorkflow.task import Task
    from SpiffWorkflow.util.task import TaskState

    # What the library puts into every process by itself.
    DEFAULT_SPEC_CONFIG = {
        BpmnProcessSpec: BpmnProcessSpecConverter,
        BpmnStartTask: BpmnStartTaskConverter,
        SimpleBpmnTask: BpmnTaskSpecConverter,
        _EndJoin: BpmnTaskSpecConverter,
    }
