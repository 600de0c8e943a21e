"""What a token may not see of a zone is told, and not taken for what was never bought."""

import pytest

from twin.observe.edge_zones import read_zones
from twin.resources.call import Refused


def shown(code):
    """Cloudflare with one zone, whose load balancers are refused with a code."""

    def send(call):
        if call.service == "/zones":
            return [{"id": "z1", "name": "acme.example", "account": {"id": "a1"}}]
        if call.service.endswith("/load_balancers"):
            raise Refused(call, code, "no", status=403)
        return []

    return send


def test_missing_permission_is_no_missing_product():
    """A 403 of an account without load balancing leaves the zone; one for want of a permission is passed on."""
    assert [zone.balancers for zone in read_zones(shown("1002"))] == [()]
    with pytest.raises(Refused, match="10000"):
        read_zones(shown("10000"))
