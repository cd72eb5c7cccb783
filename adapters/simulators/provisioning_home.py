"""Pretended elements of home services: AAA, OLT, ITMS, IMS, IPTV platform, mobile core."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.service_kinds import (
    ACCESS,
    IPTV,
    MOBILE,
    OLT,
    ONT,
    VOICE,
    ServiceKind,
    olt_vlan_key,
    plain,
)
from adapters.simulators.services import (
    change,
    create,
    find_service,
    go_on,
    halt,
    must_find,
    remove,
    service_key,
    services_of,
    snapshot,
)
from adapters.simulators.work import Handler, Work

MAX_ONUS: Final = 64


def create_access_account(work: Work) -> dict[str, Any]:
    name = work.text("account_name")
    create(work, ACCESS, name)
    return {"account_name": name}


def set_access_profile(work: Work) -> dict[str, Any]:
    """New speed, or another port in a move; the OLT of the product follows."""
    name, profile = work.text("account_name"), work.inputs.get("profile")
    if str(profile).startswith("unknown"):
        raise Rejected("profile-unknown", f"profile {profile} is not on the element")
    doc = must_find(work, ACCESS, name)
    previous = {
        "account_name": name,
        "olt_port": doc["values"].get("port_binding"),
        "profile": doc["values"].get("profile"),
    }
    doc["values"]["port_binding"] = plain(work.inputs.get("olt_port")) or previous["olt_port"]
    doc["values"]["profile"] = plain(profile) or previous["profile"]
    work.store.put("services", service_key(ACCESS, name), doc)
    for key, olt in services_of(work, doc["product_id"]) if doc.get("product_id") else ():
        if olt["domain"] == "olt" and profile:
            olt["values"]["profile"] = profile
            work.store.put("services", key, olt)
    return {"profile": doc["values"]["profile"], "previous": previous}


def configure_olt_port(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``vlan-conflict``, ``onu-limit``."""
    port, loid = work.text("olt_port"), work.text("loid")
    if not port or not loid:
        raise Rejected("element-rejected", "olt_port and loid must be given")
    key = f"{port}:{loid}"
    vlan = olt_vlan_key(port, work.inputs.get("svlan"), work.inputs.get("cvlan"))
    holder = work.store.get("olt_vlans", vlan)
    if holder is not None and holder["loid"] != loid:
        raise Rejected("vlan-conflict", f"VLAN {vlan} is in use")
    onus = [] if work.is_ample else work.store.find("services", site=port, limit=MAX_ONUS + 1)
    if len([name for name, _ in onus if name != service_key(OLT, key)]) >= MAX_ONUS:
        raise Rejected("onu-limit", f"{port} carries {MAX_ONUS} ONUs already")
    work.store.put("olt_vlans", vlan, {"loid": loid})
    known = find_service(work, OLT, key)
    service_port = known["values"]["service_port_id"] if known else work.number("SP", 6)
    create(work, OLT, key, site=port, service_port_id=service_port)
    return {"service_port_id": service_port}


def clear_olt_port(work: Work) -> dict[str, Any]:
    port = work.text("olt_port")
    answer = remove(work, OLT, f"{port}:{work.text('loid')}")
    if answer["snapshot"] is not None:
        work.store.delete("olt_vlans", olt_vlan_key(port, answer["snapshot"]["svlan"], answer["snapshot"]["cvlan"]))
    return answer


def push_ont_config(work: Work) -> dict[str, Any]:
    """The answer tells what was there before, so that the undo brings that back."""
    loid = work.text("loid")
    known = find_service(work, ONT, loid)
    create(work, ONT, loid)
    before = None if known is None else {name: known["values"].get(name) for name in ONT.fields}
    return {"itms_task_id": work.number("ITMS"), "previous": before}


def clear_ont_config(work: Work) -> dict[str, Any]:
    loid, previous = work.text("loid"), work.mapping("previous")
    doc = find_service(work, ONT, loid)
    if doc is None or not previous:
        return remove(work, ONT, loid)
    before = snapshot(ONT, doc)
    work.store.put("services", service_key(ONT, loid), {**doc, "values": previous})
    return {"snapshot": before, "removed_at": work.at}


def create_voice_subscriber(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``number-in-use``."""
    number = work.text("number")
    create(work, VOICE, number)
    return _ims_names(number)


def change_voice_number(work: Work) -> dict[str, Any]:
    return _rename(work, VOICE, "old_number", "new_number")


def set_voice_features(work: Work) -> dict[str, Any]:
    """New features, or another terminal in a move; what is not given stays."""
    previous = change(work, VOICE, work.text("number"), ("features", "ont_port"))
    return {"features": work.inputs.get("features"), "previous": previous}


def create_iptv_account(work: Work) -> dict[str, Any]:
    account = work.text("iptv_account")
    create(work, IPTV, account)
    return {"iptv_account": account}


def bind_stb(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``device-already-sold``, the box is bound to another account."""
    account, mac = work.text("iptv_account"), work.text("stb_mac").upper()
    doc = must_find(work, IPTV, account)
    if not mac:
        raise Rejected("device-not-in-stock", "stb_mac is empty")
    holder = work.store.get("stbs", mac)
    if holder is not None and holder["iptv_account"] != account:
        raise Rejected("device-already-sold", f"{mac} is bound to {holder['iptv_account']}")
    work.store.put("stbs", mac, {"iptv_account": account})
    doc["values"]["stb_macs"] = sorted({*doc["values"].get("stb_macs", []), mac})
    doc["values"]["stb_mac"] = mac
    work.store.put("services", service_key(IPTV, account), doc)
    return {"bound_at": work.at}


def unbind_stb(work: Work) -> dict[str, Any]:
    account, mac = work.text("iptv_account"), work.text("stb_mac").upper()
    doc = find_service(work, IPTV, account)
    if doc is not None:
        macs = [other for other in doc["values"].get("stb_macs", []) if other != mac]
        doc["values"].update(stb_macs=macs, stb_mac=macs[-1] if macs else None)
        work.store.put("services", service_key(IPTV, account), doc)
    work.store.delete("stbs", mac)
    product_id = None if doc is None else doc.get("product_id")
    kept = {"iptv_account": account, "stb_mac": mac, "product_id": product_id}
    return {"snapshot": kept, "removed_at": work.at}


def delete_iptv_account(work: Work) -> dict[str, Any]:
    """Boxes still bound are let go."""
    doc = find_service(work, IPTV, work.text("iptv_account"))
    for mac in doc["values"].get("stb_macs", []) if doc else ():
        work.store.delete("stbs", mac)
    return remove(work, IPTV, work.text("iptv_account"))


def set_iptv_package(work: Work) -> dict[str, Any]:
    previous = change(work, IPTV, work.text("iptv_account"), ("package",))
    return {"package": work.inputs.get("package"), "previous": previous}


def create_mobile_subscriber(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``sim-not-found``, ``number-in-use``."""
    _check_sim(work, work.text("iccid"))
    create(work, MOBILE, work.text("msisdn"))
    return {"activated_at": work.at}


def set_mobile_plan(work: Work) -> dict[str, Any]:
    previous = change(work, MOBILE, work.text("msisdn"), ("plan",))
    return {"plan": work.inputs.get("plan"), "previous": previous}


def swap_sim(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``sim-not-found``."""
    new = work.text("new_iccid")
    _check_sim(work, new)
    doc = must_find(work, MOBILE, work.text("msisdn"))
    old = doc["values"].get("iccid")
    doc["values"]["iccid"] = new
    work.store.put("services", service_key(MOBILE, work.text("msisdn")), doc)
    return {"iccid": new, "previous": {"msisdn": work.text("msisdn"), "iccid": old}}


def change_mobile_number(work: Work) -> dict[str, Any]:
    return _rename(work, MOBILE, "old_msisdn", "new_msisdn")


def port_in_number(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``port-authorisation-expired``."""
    if not work.text("authorisation_code"):
        raise Rejected("port-authorisation-expired", "no authorisation code")
    work.store.put("portings", work.text("msisdn"), {"donor": work.text("donor"), "ported_at": work.at})
    return {"ported_at": work.at}


def _rename(work: Work, kind: ServiceKind, old_name: str, new_name: str) -> dict[str, Any]:
    old, new = work.text(old_name), work.text(new_name)
    doc = must_find(work, kind, old)
    if new != old and find_service(work, kind, new) is not None:
        raise Rejected("number-in-use", f"{new} is in use")
    work.store.delete("services", service_key(kind, old))
    work.store.put("services", service_key(kind, new), {**doc, "code": new})
    return {kind.key: new, "previous": {kind.key: old}}


def _ims_names(number: str) -> dict[str, Any]:
    digits = number.replace("-", "").lstrip("0")
    return {"impi": f"86{digits}@ims.example", "impu": f"sip:+86{digits}@ims.example"}


def _check_sim(work: Work, iccid: str) -> None:
    if work.store.get("units", f"sim:{iccid}") is None:
        raise Rejected("sim-not-found", f"SIM {iccid or '(empty)'} is not loaded")


def deleting(kind: ServiceKind) -> Handler:
    """Return the handler that removes a service of a kind."""
    return lambda work: remove(work, kind, work.text(kind.key))


def halting(kind: ServiceKind, output: str) -> Handler:
    """Return the handler that stops a service of a kind."""
    return lambda work: {output: halt(work, kind, work.text(kind.key))}


def going_on(kind: ServiceKind) -> Handler:
    """Return the handler that lets a service of a kind run again."""
    return lambda work: go_on(work, kind, work.text(kind.key))


HANDLERS: Final[Mapping[str, Handler]] = {
    "provisioning.create_access_account": create_access_account,
    "provisioning.delete_access_account": deleting(ACCESS),
    "provisioning.set_access_profile": set_access_profile,
    "provisioning.suspend_access": halting(ACCESS, "suspended_at"),
    "provisioning.resume_access": going_on(ACCESS),
    "provisioning.configure_olt_port": configure_olt_port,
    "provisioning.clear_olt_port": clear_olt_port,
    "provisioning.push_ont_config": push_ont_config,
    "provisioning.clear_ont_config": clear_ont_config,
    "provisioning.create_voice_subscriber": create_voice_subscriber,
    "provisioning.delete_voice_subscriber": deleting(VOICE),
    "provisioning.set_voice_features": set_voice_features,
    "provisioning.change_voice_number": change_voice_number,
    "provisioning.suspend_voice": halting(VOICE, "suspended_at"),
    "provisioning.resume_voice": going_on(VOICE),
    "provisioning.create_iptv_account": create_iptv_account,
    "provisioning.delete_iptv_account": delete_iptv_account,
    "provisioning.bind_stb": bind_stb,
    "provisioning.unbind_stb": unbind_stb,
    "provisioning.set_iptv_package": set_iptv_package,
    "provisioning.suspend_iptv": halting(IPTV, "suspended_at"),
    "provisioning.resume_iptv": going_on(IPTV),
    "provisioning.create_mobile_subscriber": create_mobile_subscriber,
    "provisioning.delete_mobile_subscriber": deleting(MOBILE),
    "provisioning.set_mobile_plan": set_mobile_plan,
    "provisioning.swap_sim": swap_sim,
    "provisioning.change_mobile_number": change_mobile_number,
    "provisioning.suspend_mobile": halting(MOBILE, "suspended_at"),
    "provisioning.resume_mobile": going_on(MOBILE),
    "provisioning.port_in_number": port_in_number,
}
