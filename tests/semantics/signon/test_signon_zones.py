"""The tables of Okta's pages on IP zones and on the exempt zone, row by row."""

import pytest
from signon_rows import asked, cidr, default_policy, network, session_policy, session_rule, zone

from twin.semantics.signon import decide

A, B, C, D = "1.1.1.1", "2.2.2.2", "3.3.3.3", "1.1.1.0"


def addresses(*listed):
    """Return gateways or proxies of single addresses."""
    return cidr(*(f"{one}/32" for one in listed))


def inside(chain, gateways, proxies, *others):
    """Return whether a request over a chain of addresses comes from the zone."""
    zones = [zone("z", gateways=addresses(*gateways), proxies=addresses(*proxies)), *others]
    policy = session_policy("P", session_rule("in", conditions=network("z")))
    return decide(asked([policy, default_policy()], zones=zones, ip_chain=chain))["rule"] == "in"


@pytest.mark.parametrize(
    ("chain", "gateways", "proxies", "expected"),
    [
        ([A], [A], [], True),
        ([A], [A], [B], True),
        ([A], [], [], False),
        ([A], [], [A], False),
        ([A, B], [B], [], True),
        ([A, B], [B], [C], True),
        ([A, B], [A], [B], True),
        ([A, B], [], [], False),
        ([A, B], [A], [], False),
        ([A, B], [A], [C], False),
        ([A, B, C], [A], [B, C], True),
        ([A, B, C], [A], [C], False),
        ([A, B, B, B, B], [A], [B], True),
        ([A, B, B, B, B, B], [A], [B], False),
    ],
)
def test_chain_is_followed_from_its_end_over_the_proxies_of_the_zone(chain, gateways, proxies, expected):
    """To a gateway, over no more than five addresses."""
    assert inside(chain, gateways, proxies) is expected


def test_proxy_of_another_zone_is_not_trusted():
    """Gateway and proxy must be in one zone."""
    assert not inside([A, B], [A], [], zone("other", gateways=[], proxies=addresses(B)))
    assert inside([A, B], [A], [B], zone("other", gateways=[], proxies=addresses(B)))


@pytest.mark.parametrize(
    ("chain", "blocked", "exempt", "access"),
    [
        ([A, B, C], [], [], "ALLOW"),
        ([A, B, C], [], [A], "ALLOW"),
        ([A, B, C], [A, B], [A, B], "ALLOW"),
        ([D, A, B, C], [A], [A], "ALLOW"),
        ([A, B, C], [A], [], "DENY"),
        ([A, B, C], [B], [], "DENY"),
        ([A, B, C], [A, B], [A], "DENY"),
    ],
)
def test_every_blocklisted_address_of_the_chain_must_be_exempt(chain, blocked, exempt, access):
    """One that is not forbids the request before any policy."""
    zones = [
        zone("blocked", gateways=addresses(*blocked), usage="BLOCKLIST"),
        zone("exempt", gateways=addresses(*exempt), useAsExemptList=True),
    ]
    assert decide(asked([default_policy()], zones=zones, ip_chain=chain))["access"] == access
