"""Who did it, in the shapes that CloudTrail documents for `userIdentity`.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

import re
from datetime import datetime
from html import unescape
from typing import Any

from twin.world.principals import Key, Principal

CLOUDTRAIL = {
    "type": "AWSService",
    "invokedBy": "cloudtrail.amazonaws.com",
}
WEB_IDENTITY = "AssumeRoleWithWebIdentity"
PARTS = ("Provider", "Audience", "SubjectFromWebIdentityToken")


def user_identity(principal: Principal | None, key: Key | None) -> dict[str, Any]:
    """Return the identity of a caller with the key that signed; a caller who was not recognised is Unknown."""
    if principal is None:
        return {"type": "Unknown"}
    if principal.kind == "service":
        return {"type": "AWSService", "invokedBy": principal.arn}
    if key is None:
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    kinds = {"root": "Root", "user": "IAMUser", "assumed-role": "AssumedRole", "federated-user": "FederatedUser"}
    identity = {
        "type": kinds[principal.kind],
        "principalId": principal.user_id,
        "arn": principal.arn,
        "accountId": principal.account,
        "accessKeyId": key.credentials.access_key_id,
    }
    if principal.kind == "user":
        identity["userName"] = principal.arn.rpartition("/")[2]
    if key.credentials.session_token is None:
        return identity
    return identity | {"sessionContext": _session(principal, key)}


def stranger(identity: dict[str, Any]) -> dict[str, Any]:
    """Return a caller's identity as another account is told it."""
    return {"type": "AWSAccount", "principalId": identity["principalId"], "accountId": identity["accountId"]}


def web_identity(answer: str) -> dict[str, Any]:
    """Return the identity of who took a role with an identity token, as STS's answer names them."""
    told = {name: unescape(found[1]) for name in PARTS if (found := re.search(f"<{name}>([^<]*)</{name}>", answer))}
    provider, subject = told.get("Provider", ""), told.get("SubjectFromWebIdentityToken", "")
    principal = f"{provider}:{told.get('Audience', '')}:{subject}"
    return {"type": "WebIdentityUser", "principalId": principal, "userName": subject, "identityProvider": provider}


def _session(principal: Principal, key: Key) -> dict[str, Any]:
    attributes = _attributes(key, key.issued) if key.issued else {}
    session: dict[str, Any] = {}
    if principal.kind == "assumed-role":
        session["sessionIssuer"] = _role(principal)
        session["webIdFederationData"] = _federation(key)
    elif key.issuer is not None:
        session["sessionIssuer"] = _issuer(key.issuer)
    return session | {"attributes": attributes}


def _attributes(key: Key, issued: datetime) -> dict[str, str]:
    proved = key.session is not None and key.session.mfa is not None
    return {"creationDate": _instant(issued), "mfaAuthenticated": "true" if proved else "false"}


def _federation(key: Key) -> dict[str, Any]:
    provider = key.session.provider if key.session is not None else None
    return {"federatedProvider": provider, "attributes": {}} if provider else {}


def _instant(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _role(principal: Principal) -> dict[str, Any]:
    from twin.world.stores.moto_store import backends

    name = principal.arn.split("/")[1]
    role_id = principal.user_id.partition(":")[0]
    kept = next((r for r in backends("iam")[principal.account]["aws"].roles.values() if r.name == name), None)
    return {
        "type": "Role",
        "principalId": role_id,
        "arn": kept.arn if kept else f"arn:aws:iam::{principal.account}:role/{name}",
        "accountId": principal.account,
        "userName": name,
    }


def _issuer(issuer: Principal) -> dict[str, Any]:
    issued = {
        "type": "Root" if issuer.kind == "root" else "IAMUser",
        "principalId": issuer.user_id,
        "arn": issuer.arn,
        "accountId": issuer.account,
    }
    return issued if issuer.kind == "root" else issued | {"userName": issuer.arn.rpartition("/")[2]}
