"""What a credential may do at this moment, asked of the gateway's own authoriser without making a call."""

from typing import TYPE_CHECKING

from twin.world.authorisation.ask import Ask, Context
from twin.world.authorisation.context import GLOBAL_SERVICES, times
from twin.world.authorisation.session_limits import never
from twin.world.principals import Key

if TYPE_CHECKING:
    from twin.world.gateway import Gateway


def alive(gateway: "Gateway", access_key_id: str) -> Key | None:
    """Return a key that a call could be signed with now; None when it is inactive, expired, deleted or unknown."""
    key = gateway.authorisation.key(access_key_id, gateway.keys.find(access_key_id))
    if key is None or not key.active or (key.expires is not None and key.expires <= gateway.keys.now()):
        return None
    return key


def may(gateway: "Gateway", key: Key, ask: Ask, *, region: str) -> bool:
    """Tell whether the holder of a living key may do something, from the loopback address and over TLS.

    Conditions on what only a call could say (its tags, its parameters) are not met.
    """
    service, _, action = ask.action.partition(":")
    if never(key, service, action):
        return False
    bound = gateway.authorisation.binder.bound(key.principal, key)
    known: Context = dict(bound.facts) | times(gateway.keys.now()) | dict(ask.context)
    known |= {"aws:SecureTransport": "true", "aws:SourceIp": "127.0.0.1", "aws:ViaAWSService": "false"}
    known["aws:RequestedRegion"] = "us-east-1" if service in GLOBAL_SERVICES else region
    return gateway.authorisation.decision(ask, bound, known).allowed
