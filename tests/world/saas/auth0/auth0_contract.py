"""Auth0's own OpenAPI document of the management API, and what it has wrong."""

import json

from vendor_contract import Contract

from twin.world.saas.auth0 import server  # noqa: F401 - binds the operations
from twin.world.saas.auth0.documented import PREFIX
from twin.world.saas.auth0.state import ROUTER


def repair(_, raw):
    """Let a last page of checkpoints be a numbered page too: the vendor says "one of" where it means "any of"."""
    for schema in raw["components"]["schemas"].values():
        if any("$ref" in one and "aginated" in one["$ref"] for one in schema.get("oneOf", ())):
            schema["anyOf"] = schema.pop("oneOf")


def refusal(path, response):
    """Assert the shape of the management API's errors."""
    if path.startswith(PREFIX):
        assert {"statusCode", "error", "message"} <= set(json.loads(response.body))


CONTRACT = Contract(("auth0-management",), ROUTER, base=PREFIX, repair=repair, refusal=refusal)
