"""The counterparts of a migration as people change them: only what needs a look has a choice, the rest is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.persistence.repairs.migration_search import Reason
from app.web.addresses import with_arguments
from app.web.pages.ordering.diagrams import said_element
from app.web.pages.studio.migration_names import TwoVersions
from app.web.views.migrations import MappingRow
from app.web.views.parts import Choice, Tag
from processes.spiff.definition import ElementInfo

#: What comes before the id of an element in the names of the form's fields.
FIELD = "m:"
#: Nothing ever waits there, so nobody needs a counterpart of it.
NO_PLACES = frozenset({"startEvent", "endEvent"})


def mapping_rows(
    two: TwoVersions, reasons: Collection[Reason], standing: Mapping[str, int], href: str, chosen: str, *, frozen: bool
) -> tuple[tuple[MappingRow, ...], tuple[MappingRow, ...]]:
    """The rows with a choice, and those that answer to themselves; ``chosen`` is one that shall have a choice, too."""
    counterparts = two.migration.counterparts
    asked = {one.element_id for one in reasons if one.code in _MENDED} | {chosen}
    open_rows: list[MappingRow] = []
    same_rows: list[MappingRow] = []
    for element_id, element in two.old.items():
        if element.type in NO_PLACES or element_id not in counterparts:
            continue
        target = counterparts[element_id]
        is_open = target != element_id or element_id in asked
        row = _row(two, element, target, standing.get(element_id, 0), href, with_choice=is_open and not frozen)
        (open_rows if is_open else same_rows).append(row)
    flows = {one.detail for one in reasons if one.code == "flow-gone"}
    flows |= {one for one in counterparts if one not in two.old}
    open_rows += [_flow_row(two, one, counterparts.get(one), frozen=frozen) for one in sorted(flows)]
    open_rows.sort(key=lambda row: (bool(row.target), -row.standing, row.name))
    return tuple(open_rows), tuple(same_rows)


#: What another counterpart may mend.
_MENDED = frozenset({"element-gone", "handler-gone", "kind-differs", "other-scope", "other-host", "repeat-differs"})


def _row(
    two: TwoVersions, element: ElementInfo, target: str | None, standing: int, href: str, *, with_choice: bool
) -> MappingRow:
    t = two.reader.t
    return MappingRow(
        element_id=element.id,
        field=f"{FIELD}{element.id}",
        name=said_element(element, two.reader),
        kind=two.kind(element),
        standing=standing,
        standing_href=with_arguments(href, {"at": element.id}) + "#each" if standing else "",
        target=target or "",
        target_name=two.name(target) if target else t("none"),
        choices=_choices(two, element, target) if with_choice else (),
        tag=_tag(two, element.id, target, standing),
        hint=_suggested(two, element, target),
        change_href=with_arguments(href, {"map": element.id}) + "#mapping",
    )


def _flow_row(two: TwoVersions, flow_id: str, target: str | None, *, frozen: bool) -> MappingRow:
    t = two.reader.t
    ends = {flow.target for flow in two.old_drawing.flows if flow.id == flow_id}
    joined = {two.migration.counterparts.get(end, end) for end in ends}
    fitting = [flow for flow in two.new_drawing.flows if flow.target in joined or flow.id == target]
    return MappingRow(
        element_id=flow_id,
        field=f"{FIELD}{flow_id}",
        name=two.flow(flow_id) or flow_id,
        kind=t("branch that has arrived at a join"),
        standing=0,
        standing_href="",
        target=target or "",
        target_name=two.flow(target) if target else t("none"),
        choices=() if frozen else tuple(Choice(flow.id, two.flow(flow.id)) for flow in fitting),
        tag=_tag(two, flow_id, target, 1),
        hint="",
        change_href="",
    )


def _choices(two: TwoVersions, element: ElementInfo, target: str | None) -> tuple[Choice, ...]:
    """Only what can take over what waits there: elements of the same kind; and what is chosen already."""
    fitting = [one for one in two.new.values() if one.type == element.type or one.id == target]
    taken = {other for one, other in two.migration.counterparts.items() if other is not None and one != element.id}
    found = sorted(fitting, key=lambda one: (one.id in taken, said_element(one, two.reader)))
    t = two.reader.t
    return tuple(
        Choice(
            one.id,
            t("{name} (has a counterpart already)", name=said_element(one, two.reader))
            if one.id in taken and one.id != target
            else said_element(one, two.reader),
        )
        for one in found
    )


def _tag(two: TwoVersions, old_id: str, target: str | None, standing: int) -> Tag | None:
    t = two.reader.t
    if target is None:
        return Tag(t("to be chosen"), "warn", "warn") if standing else Tag(t("not in the new version"), "slash")
    return Tag(t("by its id"), "done", "ok") if target == old_id else Tag(t("chosen"), "user", "ok")


def _suggested(two: TwoVersions, element: ElementInfo, target: str | None) -> str:
    """The one new element that is of the same kind and name, where nothing is chosen."""
    if target is not None:
        return ""
    alike = [
        one
        for one in two.new.values()
        if one.id not in two.old and (one.type, one.name) == (element.type, element.name)
    ]
    return alike[0].id if len(alike) == 1 else ""
