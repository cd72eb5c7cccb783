"""What people answer in cases, put to a form that is to change: what it no longer asks, and what it no longer takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.forms import form_fields, validate_form
from app.services.studio.case_runs import CaseProblem

#: A question that is new is answered by people when it comes: no case has to know it before.
NOT_MEANT: Final = frozenset({"required", "unknown-field"})


@dataclass(frozen=True)
class ChangedForms:
    """Forms as they are and as they are to be, by key; ``asked``: form by element id, by process."""

    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    after: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def put_to(self, process: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[CaseProblem]]:
        """A case without the answers to questions that are gone, and the answers that are refused now.

        What a process makes of an answer that is missing shows when the case is run.
        """
        said, problems = dict(body), list[CaseProblem]()
        people = dict(body.get("answers", {}).get("userTasks", {}))
        for path, given in people.items():
            form = self._form_at(process, path)
            if not form or given is None:
                continue
            rows = given if isinstance(given, list) else [given]
            people[path] = [self._still(form, row) if isinstance(row, Mapping) else row for row in rows]
            for row in rows:
                problems += self._refused(form, path, row) if isinstance(row, Mapping) else ()
        if people:
            said["answers"] = {**body.get("answers", {}), "userTasks": people}
        return said, problems

    def _form_at(self, process: str, path: str) -> str:
        """The changed form that is asked there; a path leads into a process that is called."""
        element = path.rpartition("/")[2]
        if "/" not in path:
            return self.asked.get(process, {}).get(element, "")
        return next((forms[element] for forms in self.asked.values() if element in forms), "")

    def _still(self, form: str, row: Mapping[str, Any]) -> dict[str, Any]:
        was, now = ({one.key for one in form_fields(side.get(form, {}))} for side in (self.before, self.after))
        return {key: value for key, value in row.items() if key not in was - now}

    def _refused(self, form: str, path: str, row: Mapping[str, Any]) -> Iterator[CaseProblem]:
        known = {(one.path, one.code) for one in validate_form(self.before.get(form, {}), row)[1]}
        for one in validate_form(self.after[form], row)[1]:
            if one.code not in NOT_MEANT and (one.path, one.code) not in known:
                zh, en = f"表单 {form} 不再接受：{one.zh}", f"the form {form} does not take this any more: {one.en}"
                yield CaseProblem(path, zh, en)
