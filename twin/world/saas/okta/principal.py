"""Who is calling: from the Authorization header to the API token that it carries."""

import re
from datetime import timedelta

from twin.wire import Request
from twin.world.equal import same
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.state import Org, Record, stamp
from twin.world.saas.okta.token_networks import refuse_outside

# A token dies when it was not used for so long: https://developer.okta.com/docs/guides/create-an-api-token/main/
TOKEN_LIFE = timedelta(days=30)


def identify(org: Org, request: Request) -> Record:
    """Return the token of a request and prolong its life; one space after SSWS is usual, none is accepted as Okta does.

    Unknown, expired and revoked tokens, and those whose owner is not ACTIVE, are E0000011.
    """
    presented = re.fullmatch(r"SSWS ?(\S+)", request.headers.get("Authorization", ""))
    token = _presented(org, presented[1]) if presented else None
    if token is None or token["expiresAt"] <= org.now():
        raise OktaError("E0000011")
    if org.users.get(token["userId"], {}).get("status") != "ACTIVE":
        raise OktaError("E0000011")
    refuse_outside(org, token)
    token["expiresAt"] = stamp(org.clock.now() + TOKEN_LIFE)
    return token


def new_token(org: Org, user: Record, name: str, secret: str) -> Record:
    """Add an API token of a user to the org, which only the Admin Console can do."""
    found = org.new("00T", name=name, userId=user["id"], clientName="Okta API", tokenWindow="P30D")
    found |= {"network": {"connection": "ANYWHERE"}, "expiresAt": stamp(org.clock.now() + TOKEN_LIFE), "secret": secret}
    org.tokens[found["id"]] = found
    return found


def _presented(org: Org, secret: str) -> Record | None:
    for token in org.tokens.values():
        if same(token["secret"], secret):
            return token
    return None
