"""From rows of the decision to service orders."""

from __future__ import annotations

from typing import Any

from app.domain.ordering.decomposition import services_needed
from app.domain.words import Words

NAMES = {"rfs_pon_access": Words("PON 接入", "PON access")}
RESOURCES = {"rfs_pon_access": ["splitter_port", "ont"], "rfs_iptv_account": ["stb"]}
LINE: dict[str, Any] = {
    "action": "add",
    "area": "SH-SH",
    "places": [
        {"role": "a_end", "address_code": "A1", "area": "SH-SH"},
        {"role": "z_end", "address_code": "A9", "area": "SC-CD"},
    ],
    "characteristics": {"stb_count": 2},
}


def needed(*rows: dict[str, Any]) -> list[Any]:
    return services_needed(rows, LINE, names=NAMES, resources=RESOURCES)


def test_a_row_is_a_service_with_name_and_resources() -> None:
    (service,) = needed({"cfs": "cfs_internet_access", "rfs": "rfs_pon_access"})
    assert (service.name.en, service.resources, service.action) == ("PON access", ("splitter_port", "ont"), "add")
    assert (service.area, service.part) == ("SH-SH", {})


def test_resources_of_the_row_win() -> None:
    (service,) = needed({"cfs": "cfs_tv", "rfs": "rfs_iptv_account", "resources": "iptv_account, stb"})
    assert service.resources == ("iptv_account", "stb")


def test_a_line_has_a_segment_at_each_end_in_its_own_area() -> None:
    ends = needed({"cfs": "cfs_private_line", "rfs": "rfs_line_segment", "for_each": "end"})
    assert [(end.part["role"], end.area) for end in ends] == [("a_end", "SH-SH"), ("z_end", "SC-CD")]


def test_pieces_are_counted_by_a_characteristic() -> None:
    boxes = needed({"cfs": "cfs_tv", "rfs": "rfs_iptv_account", "for_each": "stb_count"})
    assert [box.part for box in boxes] == [{"piece": 1}, {"piece": 2}]


def test_components_that_share_a_service_share_it_once() -> None:
    twice = needed(
        {"cfs": "cfs_voice", "rfs": "rfs_pon_access"},
        {"cfs": "cfs_voice", "rfs": "rfs_pon_access"},
        {"cfs": "cfs_tv", "rfs": "rfs_pon_access"},
    )
    assert [service.cfs for service in twice] == ["cfs_voice", "cfs_tv"]
