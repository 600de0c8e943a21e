"""PagerDuty, which publishes no document: its operations are the server's, and its refusals have two shapes."""

import json

from vendor_contract import Contract

from twin.world.saas.pagerduty import server  # noqa: F401 - binds the operations
from twin.world.saas.pagerduty.state import ROUTER

EVENTS = ("/v2/", "/integration/", "/x-ere/")
ME = "/users/me"  # always refused, by a sentence without a code: the account's key is nobody's


def refusal(path, response):
    """Assert the shape of the errors of the REST API, or of the Events API, which has no codes."""
    body = json.loads(response.body)
    if path.startswith(EVENTS):
        assert set(body) == {"status", "message", "errors"}
        return
    assert set(body) == {"error"}
    if path == ME:
        assert isinstance(body["error"], str)
        return
    assert {"message", "code"} <= set(body["error"]) <= {"message", "code", "errors"}


CONTRACT = Contract((), ROUTER, refusal=refusal, unserved=(f"GET {ME}",))
