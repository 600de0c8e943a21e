"""Okta's own OpenAPI documents, and what they have wrong."""

import json
import re

from vendor_contract import Contract

from twin.world.saas.okta import server  # noqa: F401 - binds the operations
from twin.world.saas.okta.state import ROUTER

DOCUMENTS = ("okta-users-groups", "okta-apps", "okta-policies-authn", "okta-org-log-authz", "okta-oauth2")
APP_NULL = "the vendor's own examples of apps hold null; one of its documents says nullable, the other not"
# Fields that the service sends as null and a document calls not nullable: field -> why it is let through.
NULL_IN_REALITY = dict.fromkeys(
    ("errorRedirectUrl", "loginRedirectUrl", "admin", "enduser", "helpUrl", "message", "defaultRelayState"), APP_NULL
) | {
    "description": "a group without a description comes back with null",
    "region": "the document's own words: null if empty",
    "legacyEventType": "events without a legacy name carry null",
    "geographicalContext": "the vendor's own examples of events hold null where the place is unknown",
    "alternateId": "the vendor's own examples of rate limit events hold null",
    "displayName": "the vendor's own examples of rate limit events hold null",
}
# Nullable by the document, whose enumerations forget it.
NULL_IN_REALITY |= dict.fromkeys(
    ("authenticationProvider", "credentialProvider", "credentialType"), "an API token proves no credential of a user"
)
UNTOLD = {
    ("* */authorize", "*"): "answers by redirect, of which the document tells nothing",
    ("* */logout", "302"): "sends back where the app allows, of which the document tells nothing",
}


def refusal(path, response):
    """Assert the shape of the vendor's errors, which OAuth's endpoints have from OAuth."""
    if not response.body:
        return
    body = json.loads(response.body)
    if path.startswith("/oauth2/") and "error" in body:
        assert set(body) == {"error", "error_description"}
        return
    assert set(body) == {"errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"}
    assert re.fullmatch(r"E\d{7}|[a-z_]+", body["errorCode"])
    assert "{0}" not in body["errorSummary"]


CONTRACT = Contract(DOCUMENTS, ROUTER, refusal=refusal, untold=UNTOLD, nulls=NULL_IN_REALITY)
