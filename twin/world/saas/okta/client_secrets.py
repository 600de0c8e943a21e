"""A client secret as the org keeps it."""

import hashlib

from twin.world.saas.okta.state import Org, Record


def new_secret(org: Org, app: Record, given: str | None = None) -> Record:
    """Add an ACTIVE client secret to an app."""
    value = given or org.ids.word(64)
    secret = org.new("ocs", status="ACTIVE", client_secret=value)
    secret["secret_hash"] = hashlib.sha256(value.encode()).hexdigest()[:22]
    app["#secrets"][secret["id"]] = secret
    return secret
