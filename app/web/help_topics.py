"""Which document of the handbook helps on which page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TOPICS: Final = (
    "basics",
    "counter",
    "orders",
    "sheets",
    "field",
    "phone",
    "board",
    "operations",
    "designer",
    "decisions",
    "catalogue",
    "promises",
    "administration",
)
_BY_PAGE: Final[Mapping[str, str]] = {
    "web.sheets": "sheets",
    "web.sheet": "sheets",
    "web.bring_sheet": "sheets",
    "web.mend_sheet": "sheets",
    "web.submit_sheet": "sheets",
    "web.search": "basics",
    "web.bell": "basics",
    "web.find": "basics",
    "web.order": "orders",
    "web.amend_look": "orders",
    "web.amend_order": "orders",
    "web.decide_amendment": "orders",
    "web.cancel_look": "orders",
    "web.cancel_order": "orders",
    "web.decide_cancel": "orders",
    "web.hold_look": "orders",
    "web.hold_order": "orders",
    "web.pause_order": "orders",
    "web.resume_order": "orders",
    "web.visit_look": "orders",
    "web.move_visit": "orders",
    "web.share_look": "orders",
    "web.make_link": "orders",
    "web.promise_look": "orders",
    "web.order_diagram": "orders",
    "web.work_list": "field",
    "web.task": "field",
    "web.complete_item": "field",
    "web.questions": "field",
    "web.work_bulk": "field",
    "web.save_view": "field",
    "web.answer_question": "field",
    "web.attach_files": "field",
    "web.hand_over_item": "field",
    "web.send_item_back": "field",
    "web.send_item_again": "field",
    "web.ask_about_item": "field",
    "web.follow_item_up": "field",
    "web.hold_item": "field",
    "web.team_board": "board",
    "web.move_cards": "board",
    "web.balance": "board",
    "web.field": "phone",
    "web.visit": "phone",
    "web.complete_visit": "phone",
    "web.operations": "operations",
    "web.control_room": "operations",
    "web.exceptions": "operations",
    "web.audit": "operations",
    "web.bulk_runs": "operations",
    "web.bulk_run": "operations",
    "web.catalogue": "catalogue",
    "web.catalogue_product": "catalogue",
    "web.bring_in": "catalogue",
    "web.bring_in_file": "catalogue",
    "web.admin_dispatch": "catalogue",
    "web.account": "administration",
    "web.heat_map": "operations",
    "web.repair": "operations",
    "web.repair_act": "operations",
    "web.decide_repair": "operations",
    "web.processes": "designer",
    "web.process": "designer",
    "web.process_version": "designer",
    "web.edit_process": "designer",
    "web.new_process": "designer",
    "web.upload_process": "designer",
}


def help_topic(endpoint: str) -> str:
    """The topic for a page; the counter's where nothing else is said, for most pages are about orders."""
    if endpoint in _BY_PAGE:
        return _BY_PAGE[endpoint]
    if endpoint.startswith("web.sla_"):
        return "promises"
    return "administration" if endpoint.startswith("web.admin_") else "counter"
