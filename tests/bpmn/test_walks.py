"""Whole orders walked through the delivered drawings: who does what, in which order, and the ways back."""

from __future__ import annotations

from typing import Final

from tests.bpmn.walking import TICKET, Refused, Walk, bundle, line, order_data, plain_item

DIFFERENCE: Final = {"field": "profile", "asked": "500M", "built": "300M", "billed": "", "owner_role": "res_config"}


def test_a_home_bundle_goes_all_the_way() -> None:
    walk = Walk()
    walk.run("order_to_activate", order_data(bundle()))
    for step in ("create_access_account", "create_voice_subscriber", "create_iptv_account", "visit_customer"):
        assert walk.did(step) == 1, step
    assert walk.did("bind_set_top_box") == 1
    assert walk.before("configure_olt_port", "visit_customer")
    assert walk.before("visit_customer", "run_test")
    assert walk.before("run_test", "start_charging")
    assert walk.before("start_charging", "compare")
    assert walk.before("complete_item", "close_order")
    assert walk.business_keys == ["order:o1/item:1"]
    assert walk.inputs["resource_assignment/reserve"][0]["order_item"] == "O-2611-000001/1"
    occupied = walk.inputs["resource_occupation/occupy"][0]
    assert occupied["devices"] == ["YZDMA0000100", "STBDM000100"]
    asked = walk.inputs["reconcile_item/compare"][0]
    assert (len(asked["built"]), len(asked["configured"]), len(asked["billed"])) == (1, 1, 1)


def test_a_telephone_on_an_access_of_the_same_order_waits_for_it_and_needs_no_visit() -> None:
    walk = Walk()
    broadband = plain_item("1", "ftth_broadband", characteristics={"downstream_mbps": 300})
    voice = plain_item("2", "fixed_voice", waits_for=["1"], access_product_id="P1")
    walk.run("order_to_activate", order_data(broadband, voice))
    assert walk.did("wait_for_other") == 1
    assert walk.did("visit_customer") == 1
    assert walk.inputs["resource_assignment/find_access"] == [{"product_id": "P1"}]
    assert walk.inputs["voice_activation/create_voice_subscriber"][0]["ont_port"] == "SH20000001/pots-1"
    pushed = walk.inputs["voice_activation/push_ont_config"][0]
    assert (pushed["services"], pushed["product_id"]) == (["internet", "voice"], "P1")
    assert [one["test_type"] for one in walk.inputs["line_test/run_test"]] == ["access", "voice"]


def test_an_order_of_twenty_shops_runs_twenty_plans() -> None:
    walk = Walk()
    traits = {"downstream_mbps": 500, "ip_mode": "static"}
    shops = [plain_item(str(number), "ftth_broadband", characteristics=traits) for number in range(1, 21)]
    walk.run("order_to_activate", order_data(*shops))
    assert walk.did("complete_item") == 20
    assert walk.business_keys == [f"order:o1/item:{number}" for number in range(1, 21)]
    kinds = walk.inputs["resource_assignment/reserve"][0]["resource_kinds"]
    assert kinds == ["splitter_port", "olt_port", "vlan", "ont", "access_account", "ip_address"]


def test_a_leased_line_is_built_at_each_end_in_its_own_area() -> None:
    walk = Walk()
    walk.run("order_to_activate", order_data(line()))
    ends = walk.inputs["line_end_install/install_end"]
    assert [end["area"] for end in ends] == ["SH-SH", "JS-NJ"]
    assert [call["area"] for call in walk.inputs["leased_line_install/install_z_end"]] == ["JS-NJ"]
    places = [one["places"] for one in walk.inputs["line_end_install/reserve_end"]]
    assert places[1] == [{"role": "z_end", "address_code": "A0026", "index": 0}]
    assert walk.inputs["circuit_design/reserve_route"][0]["resource_kinds"] == ["trunk_capacity", "circuit"]
    assert walk.inputs["circuit_opening/create_circuit"][0]["circuit_no"] == "YZC000001"
    assert walk.inputs["leased_line_install/fix_service_date"][0]["day"] == "2026-11-23"
    assert walk.before("install_end", "run_test")
    assert walk.before("accept", "start_charging")


def test_a_line_refused_at_acceptance_is_repaired_and_offered_again() -> None:
    walk = Walk()
    walk.scripted["accept"].append({"decision": "refused", "reason": "丢包"})
    walk.run("order_to_activate", order_data(line()))
    assert walk.did("accept") == 2
    assert walk.inputs["customer_acceptance/open_ticket"][0]["description"] == "丢包"


def test_missing_documents_are_asked_for_and_reviewed_again() -> None:
    walk = Walk()
    walk.scripted["review_documents"].append({"decision": "missing", "missing": "授权书"})
    walk.run("order_to_activate", order_data(line()))
    assert walk.did("document_review/review_documents") == 2
    assert walk.inputs["document_review/request_documents"][0]["missing"] == "授权书"


def test_a_failed_test_becomes_a_ticket_and_the_test_is_repeated() -> None:
    walk = Walk()
    walk.scripted["provisioning.run_test"] += [Refused("test-failed"), Refused("test-failed")]
    walk.run("order_to_activate", order_data(bundle()))
    assert "ticket:t1" in walk.business_keys
    assert walk.did("repair_at_home") == 2  # the retest fails once, too
    assert walk.did("line_test/run_test") == 2
    assert walk.did("confirm_with_customer") == 0
    assert walk.before("close_far_ticket", "close_ticket")


def test_a_terminal_that_does_not_register_takes_the_same_way() -> None:
    walk = Walk()
    walk.scripted["provisioning.run_test"].append(Refused("ont-not-registered"))
    walk.run("order_to_activate", order_data(bundle()))
    assert walk.did("repair_fault") == 1


def test_a_customers_report_ends_only_when_the_customer_agrees() -> None:
    walk = Walk()
    walk.scripted["confirm_with_customer"].append({"restored": "no", "complaint": "晚上还断"})
    walk.run("trouble_ticket", {"ticket": {**TICKET, "source": "customer"}})
    assert walk.did("repair_at_home") == 2
    assert walk.did("confirm_with_customer") == 2
    assert walk.did("dispatch_repair") == 2


def test_a_leased_line_is_repaired_by_the_enterprise_crew() -> None:
    walk = Walk()
    walk.run("trouble_ticket", {"ticket": {**TICKET, "repair": "enterprise"}})
    assert (walk.did("repair_line"), walk.did("repair_at_home")) == (1, 0)


def test_a_difference_holds_the_item_until_the_books_agree() -> None:
    walk = Walk()
    walk.scripted["order.compare"] += [
        {"differences": [DIFFERENCE], "owner": "network"},
        {"differences": [DIFFERENCE], "owner": "billing"},
    ]
    walk.run("order_to_activate", order_data(bundle()))
    assert (walk.did("resolve_network"), walk.did("resolve_billing")) == (1, 1)
    assert walk.did("compare") == 3
    assert walk.inputs["reconcile_item/resolve_network"][0]["differences"] == [DIFFERENCE]
    assert walk.before("resolve_billing", "complete_item")


def test_bad_credit_is_reviewed_and_may_be_released_or_refused() -> None:
    released, refused = Walk(), Walk()
    for walk in (released, refused):
        walk.scripted["billing.check_credit"].append({"verdict": "arrears_open", "arrears_cny": "30.00"})
    released.run("order_to_activate", order_data(bundle()))
    assert (released.did("review_credit"), released.did("close_order")) == (1, 1)
    refused.scripted["review_credit"].append({"decision": "refuse", "reason": "欠费"})
    refused.run("order_to_activate", order_data(bundle()))
    assert refused.inputs["order_to_activate/reject_order"] == [
        {"order_id": "o1", "code": "credit-refused", "reason": "欠费"}
    ]
    assert (refused.did("split_order"), refused.did("close_order")) == (0, 0)


def test_an_address_out_of_coverage_is_corrected_or_refused() -> None:
    again, refused = Walk(), Walk()
    again.scripted["resource.check_feasibility"].append({"verdict": "no_coverage"})
    again.run("order_to_activate", order_data(bundle()))
    assert (again.did("review_feasibility"), again.did("check_feasibility")) == (1, 2)
    refused.scripted["resource.check_feasibility"].append(Refused("address-not-found"))
    refused.scripted["review_feasibility"].append({"decision": "reject", "reason": "无此地址"})
    refused.run("order_to_activate", order_data(bundle()))
    assert refused.inputs["order_to_activate/reject_order"][0]["code"] == "not-feasible"


def test_a_place_that_needs_a_survey_is_surveyed_and_built_before_it_is_reserved() -> None:
    walk = Walk()
    walk.scripted["resource.check_feasibility"].append({"verdict": "survey_needed"})
    walk.scripted["survey_site"].append({"distance_m": 300, "build_needed": True})
    walk.run("order_to_activate", order_data(bundle()))
    assert walk.before("survey_site", "build_drop")
    assert walk.before("build_drop", "reserve")


def test_a_home_bundle_is_disconnected_after_a_day_of_grace() -> None:
    walk = Walk()
    walk.run("order_to_activate", order_data(bundle(action="delete")))
    assert walk.did("check_credit") == 0
    assert walk.did("check_feasibility") == 0
    for step in ("suspend_access", "suspend_voice", "suspend_iptv", "close_access_account", "close_voice"):
        assert walk.did(step) == 1, step
    assert walk.before("stop_charging", "grace_period")
    assert walk.before("grace_period", "close_access_account")
    assert walk.before("clear_olt_port", "release")
    assert walk.before("release", "issue_final_bill")
    assert walk.inputs["resource_release/release"] == [{"release_id": "REL-P1"}]
    (told,) = walk.inputs["billing_stop/unregister_monitoring"]
    assert told["monitor_id"] == "M1" and told["product_id"]
    assert walk.did("recover_devices") == 1


def test_a_leased_line_is_disconnected_at_both_ends() -> None:
    walk = Walk()
    walk.run("order_to_activate", order_data(line(action="delete")))
    assert walk.did("remove_end") == 2
    assert walk.before("block_circuit", "stop_charging")
    assert walk.before("delete_circuit", "remove_end")
    assert walk.inputs["circuit_removal/delete_circuit"][0]["circuit_no"] == "YZC000001"
