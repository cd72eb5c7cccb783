"""What replaces the library's own way of walking a task tree, for every kind of element at once.

The library predicts all future tasks, looks for work by walking the tree, and updates every waiting task after each
step; that costs more with every step taken. Here nothing is predicted, tokens that can run are put in a queue when
they become ready, and an element that completes sends its tokens on itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.spiff.library import Task

if TYPE_CHECKING:
    from processes.spiff.specs.node import Node as Base
else:
    Base = object


class Live(Base):
    """First base of every element class at run time; the classes that are only compiled do not have it."""

    def test(self) -> None:
        """The check at deployment has done this once; not again at every step."""

    def _predict(self, my_task: Task, *args: Any, **kwargs: Any) -> None:
        """No future tasks are kept."""

    def _update(self, my_task: Task) -> None:
        if self.arrive(my_task):
            my_task._ready()

    def _on_ready_hook(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.queue.append(my_task)

    def _run_hook(self, my_task: Task) -> bool | None:
        return self.perform(my_task)

    def _on_complete(self, my_task: Task) -> None:
        self.leave(my_task)
