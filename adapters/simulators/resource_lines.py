"""Ends and routes of lines: fibres and ports at each end, capacity on the trunks between them."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from adapters.errors import Rejected
from adapters.simulators.resource_stock import Holder, make_up, none_left
from adapters.simulators.store import Doc
from adapters.simulators.work import Work

GATEWAY = "NODE-GW-EAST"


def bandwidth_kbps(characteristics: Mapping[str, Any]) -> int:
    """Return the bandwidth asked for, kbit/s; 10240 if nothing is said."""
    for name in ("bandwidth_kbps", "site_bandwidth_kbps"):
        if characteristics.get(name):
            return int(characteristics[name])
    return 10240


def ends(work: Work, item: Mapping[str, Any]) -> list[tuple[str, Doc]]:
    """Return the ends of a line or sites of a network as (role, address).

    Places given in the inputs count; else, for a quantity above 1, those of the order item; else the
    address of the inputs alone. Roles are ``a`` and ``z``, or the positions of sites.
    """
    places = work.inputs.get("places")
    if not isinstance(places, list) or not places:
        many = int(work.inputs.get("quantity") or 1) > 1 or not work.text("address_code")
        places = item.get("places") if many else None
    if not places:
        role = "z" if str(item.get("role") or item.get("end") or "a").startswith("z") else "a"
        return [(role, work.must_get("addresses", work.text("address_code"), "address-not-found"))]
    found: list[tuple[str, Doc]] = []
    for number, place in enumerate(places, start=1):
        code = str(place.get("address_code") or place.get("address") or place.get("id") or "")
        found.append((short_role(place, number), work.must_get("addresses", code, "address-not-found")))
    return found


def short_role(place: Mapping[str, Any], number: int) -> str:
    """Return ``a`` or ``z`` for an end of a line, for a site its position: the one it says, else ``number``."""
    role = str(place.get("role") or "")
    if role in ("a_end", "z_end", "a", "z"):
        return role[0]
    index = place.get("index")
    return str(number if index is None else index)


def is_at(doc: Mapping[str, Any], places: Any) -> bool:
    """Whether a unit belongs to one of these places; what belongs to no place belongs to all, and none given is all."""
    roles = [short_role(place, number) for number, place in enumerate(places or (), start=1)]
    return not roles or doc.get("role") is None or doc["role"] in roles


def hold_route(
    work: Work, where: list[tuple[str, Doc]], characteristics: Mapping[str, Any], holder: Holder
) -> list[str]:
    """Take capacity on each trunk from the first end to the last, and return the keys of the units.

    :raises Rejected: ``no-trunk-capacity``, no route has room.
    """
    kbps = bandwidth_kbps(characteristics)
    first = _node(work, where[0][1])
    is_international = bool(characteristics.get("z_country") or characteristics.get("partner"))
    last = GATEWAY if is_international else _node(work, where[-1][1])
    trunks = _route(work, first, last, kbps)
    if trunks is None:
        raise none_left("trunk_capacity", f"{first} to {last}")
    keys: list[str] = []
    for code in trunks:
        trunk = work.must_get("trunks", code, "no-trunk-capacity")
        trunk["used_kbps"] = int(trunk["used_kbps"]) + kbps
        work.store.put("trunks", code, trunk)
        unit = f"{code}/{holder.reservation_id}"
        keys.append(make_up(work.store, "trunk_capacity", unit, holder, of=code, kbps=kbps))
    return keys


def hold_desktops(work: Work, desktops: int, characteristics: Mapping[str, Any], holder: Holder) -> str:
    """Take room for desktops in a pool of the wanted region. :raises Rejected: ``no-cloud-capacity``."""
    region = str(characteristics.get("region") or "")
    for code, pool in work.store.find("pools"):
        fits = int(pool["used_desktops"]) + desktops <= int(pool["desktops_max"]) or work.is_ample
        if fits and region in ("", pool.get("region")):
            pool["used_desktops"] = int(pool["used_desktops"]) + desktops
            work.store.put("pools", code, pool)
            unit = f"{code}/{holder.reservation_id}"
            return make_up(work.store, "cloud_pool", unit, holder, of=code, desktops=desktops)
    raise none_left("cloud_pool", region)


def _node(work: Work, address: Mapping[str, Any]) -> str:
    exchange = str(address.get("exchange") or "")
    rows = work.store.find("nodes", site=exchange)
    if not rows:
        raise Rejected("resource-data-wrong", f"no node stands in exchange {exchange}")
    return rows[0][0]


def _route(work: Work, first: str, last: str, kbps: int) -> list[str] | None:
    """Return the shortest chain of trunks with room for ``kbps``; equal ends need none."""
    links: dict[str, list[tuple[str, str]]] = {}
    for code, trunk in work.store.find("trunks"):
        if work.is_ample or int(trunk["capacity_kbps"]) - int(trunk["used_kbps"]) >= kbps:
            links.setdefault(trunk["from_node"], []).append((trunk["to_node"], code))
            links.setdefault(trunk["to_node"], []).append((trunk["from_node"], code))
    came: dict[str, tuple[str, str] | None] = {first: None}
    queue = deque([first])
    while queue and last not in came:
        here = queue.popleft()
        for there, code in links.get(here, ()):
            if there not in came:
                came[there] = (here, code)
                queue.append(there)
    if last not in came:
        return None
    chain: list[str] = []
    step = came[last]
    while step is not None:
        chain.append(step[1])
        step = came[step[0]]
    return chain[::-1]
