"""Whom a SAML response proves somebody to be, for an account that has its issuer as a provider.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html; the texts are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twin.semantics.saml import Assertion, Untrusted, metadata, read
from twin.world.authorisation.ask import Context
from twin.world.authorisation.entities import state_of
from twin.world.authorisation.session_requests import SHORTEST
from twin.world.aws_errors import AwsError

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
TAG = f"{ATTRIBUTES}PrincipalTag:"
REDEEM = timedelta(minutes=5)
AUDIENCES = ("urn:amazon:webservices", "https://signin.aws.amazon.com/saml")
RECIPIENT = re.compile(r"https://(?:[a-z0-9-]+\.)?signin\.aws\.amazon\.com/(?:platform/)?saml(?:/acs/[\w-]+)?")
PROVIDER = re.compile(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):saml-provider/(?P<name>[\w.-]+)")
NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
# Attributes that become condition keys; the full list is on the page of the condition keys.
KEYS = {
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "saml:edupersonaffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.7": "saml:edupersonentitlement",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "saml:edupersonprincipalname",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.9": "saml:edupersonscopedaffiliation",
    "urn:oid:2.5.4.3": "saml:cn", "urn:oid:0.9.2342.19200300.100.1.3": "saml:mail",
    "urn:oid:0.9.2342.19200300.100.1.1": "saml:uid", "urn:oid:2.5.4.4": "saml:surname",
    "urn:oid:2.5.4.42": "saml:givenname", "urn:oid:2.5.4.11": "saml:organizationstatus",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asserted:
    """Whom a response proves its bearer to be, and what it wants of a session."""

    principal: str
    name: str
    said: Assertion
    qualifier: str
    tags: dict[str, str]
    transitive: frozenset[str]
    source_identity: str | None
    most_seconds: int | None

    @property
    def kind(self) -> str:
        """Return the format of the subject's name as AWS tells it."""
        return self.said.subject_format.removeprefix(NAME_FORMAT)

    def facts(self) -> Context:
        """Return the condition keys that the response gives."""
        _, _, _, _, account, resource = self.principal.split(":", 5)
        found: Context = {
            "SAML:aud": self.said.recipient,
            "SAML:iss": self.said.issuer,
            "SAML:sub": self.said.subject,
            "SAML:sub_type": self.kind,
            "SAML:namequalifier": self.qualifier,
            "SAML:doc": f"{account}/{resource.partition('/')[2]}",
            "aws:FederatedProvider": self.principal,
        }
        found |= {key: list(self.said.attributes[name]) for name, key in KEYS.items() if name in self.said.attributes}
        return found


def asserted(parameters: dict[str, Any], account: str, now: datetime) -> Asserted:
    """Verify the response of a call and return whom it names; AwsError says what is wrong."""
    principal, role = str(parameters.get("PrincipalArn") or ""), str(parameters.get("RoleArn") or "")
    said = _verified(principal, account, str(parameters.get("SAMLAssertion") or ""), now)
    if not set(said.audiences) & {*AUDIENCES, said.recipient} or not RECIPIENT.fullmatch(said.recipient):
        raise _invalid("Response does not contain the required audience.")
    if now >= said.issued + REDEEM:
        raise AwsError("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
    pairs = [{part.strip() for part in value.split(",")} for value in said.attributes.get(f"{ATTRIBUTES}Role", ())]
    if {role, principal} not in pairs:
        raise AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", 403)
    source = _one(said, "SourceIdentity")
    if source is not None and not NAME.fullmatch(source):
        raise _invalid("Source Identity in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    digest = hashlib.sha1(f"{said.issuer}{account}/{principal.rpartition('/')[2]}".encode(), usedforsecurity=False)
    return Asserted(
        principal=principal,
        name=_session_name(said),
        said=said,
        qualifier=base64.b64encode(digest.digest()).decode(),
        tags={name.removeprefix(TAG): values[0] for name, values in said.attributes.items() if name.startswith(TAG)},
        transitive=frozenset(said.attributes.get(f"{ATTRIBUTES}TransitiveTagKeys", ())),
        source_identity=source,
        most_seconds=_most_seconds(said, now),
    )


def _verified(principal: str, account: str, encoded: str, now: datetime) -> Assertion:
    kept = _document(principal, account)
    if kept is None:
        raise _invalid("Specified provider doesn't exist")
    try:
        response = base64.b64decode("".join(encoded.split()), validate=True)
        return read(response, metadata(kept), now)
    except binascii.Error:
        raise _invalid("Invalid base64 SAMLResponse") from None
    except Untrusted as wrong:
        raise _worded(wrong) from wrong


def _document(principal: str, account: str) -> str | None:
    named, state = PROVIDER.fullmatch(principal), state_of(account)
    if named is None or named["account"] != account or state is None:
        return None
    kept = state.saml_providers.get(named["name"])
    return str(kept.saml_metadata_document) if kept is not None else None


def _worded(wrong: Untrusted) -> AwsError:
    if wrong.reason == "expired":
        return AwsError("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
    texts = {
        "bad_signature": "Response signature invalid",
        "unsigned": "Response signature invalid",
        "wrong_issuer": "Failed to assume role: Issuer not present in specified provider",
    }
    return _invalid(texts.get(wrong.reason, f"Your request included an invalid SAML response: {wrong.message}"))


def _session_name(said: Assertion) -> str:
    name = _one(said, "RoleSessionName")
    if name is None:
        raise _invalid("RoleSessionName is required in AuthnResponse")
    if not NAME.fullmatch(name):
        raise _invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return name


def _one(said: Assertion, name: str) -> str | None:
    values = said.attributes.get(f"{ATTRIBUTES}{name}", ())
    return values[0] if values else None


def _most_seconds(said: Assertion, now: datetime) -> int | None:
    """Return how long a session may last for the provider; the attribute SessionDuration is for the console only."""
    if said.session_ends is None:
        return None
    left = int((said.session_ends - now).total_seconds())
    if left < SHORTEST:
        raise _invalid("SessionNotOnOrAfter is less than 15 minutes from now")
    return left


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidIdentityToken", text)
