"""More lives: what else can be asked for on the way, and things that leave while they are stopped."""

from __future__ import annotations

from typing import Any, Final

from tests.scenario.lives import END, PAUSE, Life, Places, Step, at_home, ends, given_to

STOP: Final = PAUSE[0]


def change(offering: str = "", places: Places = (), **traits: Any) -> Step:
    return Step(order_type="change", offering=offering, traits=traits, places=places)


def install(offering: str, *places: tuple[str, str], **traits: Any) -> Step:
    return Step(order_type="install", offering=offering, traits=traits, places=places)


AT_HOME: Final = (
    Life(
        name="a bundle that grows and shrinks",
        product="home_bundle",
        customer="C100043",
        account="AC1000431",
        steps=(
            install("hb-300", *at_home("A0049"), with_voice=False, with_iptv=False),
            change(with_iptv=True),
            change(with_voice=True),
            change(with_iptv=False),
            Step(order_type="move", places=at_home("A0050")),
            STOP,
            END,
        ),
    ),
    Life(
        name="television over the broadband that is there",
        product="iptv",
        customer="C100006",
        account="AC1000061",
        steps=(install("tv-basic", *at_home("A0003")), change("tv-hd", package="hd"), *PAUSE, END),
    ),
    Life(
        name="television in three rooms",
        product="iptv",
        customer="C100014",
        account="AC1000141",
        steps=(install("tv-hd", *at_home("A0016"), stb_count=3), change("tv-uhd4k", package="uhd4k"), STOP, END),
    ),
    Life(
        name="television that comes by post",
        product="iptv",
        customer="C100016",
        account="AC1000161",
        steps=(install("tv-hd", *at_home("A0018"), self_install=True), change("tv-basic", package="basic"), END),
    ),
    Life(
        name="a telephone over the broadband that is there",
        product="fixed_voice",
        customer="C100008",
        account="AC1000081",
        steps=(
            install("fv-basic", *at_home("A0005"), international=True),
            change(new_number="021-00001011"),
            change(forward_to="021-00001001"),
            STOP,
            END,
        ),
    ),
    Life(
        name="broadband of a business with an address of its own",
        product="ftth_broadband",
        customer="C200010",
        account="AC2000101",
        steps=(
            install("fb-biz-500", *at_home("A0007")),
            change(ont_model="ont_10g"),
            Step(order_type="move", places=at_home("A0010")),
            STOP,
            END,
        ),
    ),
    Life(
        name="a number that comes along",
        product="mobile_line",
        customer="C100039",
        account="AC1000391",
        steps=(
            install("mb-m59", port_in=True, number="15400019998"),
            change(new_sim=True),
            change(new_number="15400011046"),
            Step(order_type="owner_change", traits={"to_customer": "C100040", "new_sim": True}),
            STOP,
            END,
        ),
    ),
)
FOR_BUSINESS: Final = (
    Life(
        name="a line that gets another interface and moves at both ends",
        product="leased_line_province",
        customer="C300002",
        account="AC3000021",
        channel="account_manager",
        steps=(
            install("ll-province-10m", *ends("A0024", "A0033")),
            change(interface_z="10ge_optical"),
            Step(order_type="move", places=ends("A0027", "A0035")),
            STOP,
            END,
        ),
    ),
    Life(
        name="a line whose ends are both built elsewhere",
        product="leased_line_province",
        customer="C300010",
        account="AC3000101",
        channel="account_manager",
        steps=(
            install("ll-province-100m", *ends("A0053", "A0057")),
            change("ll-province-10m", bandwidth_kbps=10240),
            END,
        ),
    ),
    Life(
        name="a network in which all sites are equal, and grow by one",
        product="mpls_vpn",
        customer="C300006",
        account="AC3000061",
        channel="account_manager",
        steps=(
            install("vpn-site-10m", ("site", "A0017"), ("site", "A0026"), topology="full_mesh"),
            change(places=(("site", "A0035"),), add_site=True),
            Step(order_type="move", places=(("site", "A0021"),), site_at="A0017"),
            STOP,
            END,
        ),
    ),
    Life(
        name="a network of boxes that grows by one",
        product="sd_wan",
        customer="C400004",
        account="AC4000041",
        channel="account_manager",
        steps=(
            install("sw-branch", ("hub", "A0045"), ("branch", "A0026")),
            change(places=(("branch", "A0035"),), add_site=True),
            STOP,
            END,
        ),
    ),
    Life(
        name="fewer desktops, then larger ones",
        product="cloud_desktop",
        customer="C200012",
        account="AC2000121",
        channel="account_manager",
        steps=(
            install("cd-std", quantity=4, admin_email="it@example.com"),
            change(quantity=2),
            change("cd-pro", spec="c8m16"),
            given_to("C200004"),
            STOP,
            END,
        ),
    ),
)
OTHERS: Final = (*AT_HOME, *FOR_BUSINESS)
