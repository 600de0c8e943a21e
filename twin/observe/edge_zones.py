"""Cloudflare's zones, read back from its endpoints: settings, records, load balancers and the account's pools."""

from typing import Any

from twin.observe.iam.reader import Send
from twin.resources.call import Refused, cloudflare
from twin.semantics.edge import Zone

NOT_PERMITTED = ("10000", "9109")
"""Codes of a token without the permission, and (assumed) of one without the resource."""


def read_zones(send: Send) -> list[Zone]:
    """Read every zone that the token sees."""
    return [_zone(send, one) for one in send(cloudflare("GET", "/zones", pages=True)) or ()]


def _zone(send: Send, one: dict[str, Any]) -> Zone:
    path = f"/zones/{one['id']}"
    listed = send(cloudflare("GET", f"{path}/settings")) or ()
    # `ssl_recommender` has `enabled` in place of a value.
    settings = {row["id"]: row["value"] for row in listed if "value" in row}
    balancers = tuple(_bought(send, f"{path}/load_balancers"))
    pools = _bought(send, f"/accounts/{one['account']['id']}/load_balancers/pools") if balancers else ()
    return Zone(
        name=one["name"],
        plan=str((one.get("plan") or {}).get("legacy_id", "free")),
        settings=settings,
        records=tuple(send(cloudflare("GET", f"{path}/dns_records", pages=True)) or ()),
        balancers=balancers,
        pools={pool["id"]: pool for pool in pools},
        paused=bool(one.get("paused")),
    )


def _bought(send: Send, path: str) -> list[Any]:
    """Read what belongs to load balancing, which not every account has bought: a 403 means that there is none.

    One for want of a permission hides what there may be.
    """
    try:
        return list(send(cloudflare("GET", path, pages=True)) or ())
    except Refused as refused:
        if refused.status == 403 and refused.code not in NOT_PERMITTED:
            return []
        raise
