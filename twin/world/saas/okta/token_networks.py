"""From where an API token may be used: anywhere, or inside or outside of network zones."""

from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.log_events import outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.sign_on import zones_around
from twin.world.saas.okta.state import Org, Record


def refuse_outside(org: Org, token: Record) -> None:
    """Refuse a call from where its token may not be used, and tell the log; E0000006 is assumed for it."""
    network = token["network"]
    if network["connection"] != "ZONE":
        return
    inside = zones_around(org, org.caller.ip)
    include, exclude = network.get("include") or [], network.get("exclude") or []
    if (include and not inside & set(include)) or inside & set(exclude):
        reason = "The address is outside of the zones of the token"
        log(org, "system.api_token.request_outside_allowed_range", target("Token", token),
            outcome=outcome_of("DENY", reason))  # fmt: skip
        raise OktaError("E0000006")
