"""The tokens of OIDC providers: signed by a key of the issuer's, meant for the provider's audience, in time.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twin.semantics.tokens import Expectations, FixedKeys, Refused, validate
from twin.semantics.tokens.compact import parts
from twin.semantics.tokens.verdict import Refusal
from twin.world.authorisation.ask import Context
from twin.world.authorisation.entities import state_of
from twin.world.aws_errors import AwsError

IssuerKeys = Callable[[str], Any]
# Claims of any provider that are condition keys; GitHub's tokens have more.
CLAIMS = ("sub", "aud", "amr", "email", "oaud")
GITHUB = "token.actions.githubusercontent.com"
GITHUB_CLAIMS = (
    "actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository", "repository_id",
    "repository_owner", "workflow",
)  # fmt: skip
TAGS, SOURCE = "https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity"
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom a provider's token proves its bearer to be."""

    provider: str
    principal: str
    subject: str
    audience: str
    claims: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None


def identify(token: str, account: str, now: datetime, *, keys: IssuerKeys) -> Identified:
    """Verify a token for an account that has an identity provider for its issuer; AwsError says what is wrong."""
    try:
        _, claimed = parts(token)
    except Refusal as wrong:
        raise _invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from wrong
    issuer = str(claimed.get("iss") or "")
    provider = issuer.removeprefix("https://").rstrip("/")
    kept = _provider(account, provider)
    if kept is None:
        raise _invalid(f"No OpenIDConnect provider found in your account for {issuer}")
    jwks = keys(issuer)
    if jwks is None:
        raise AwsError(
            "TwinUnsupportedOperation",
            f"The twin has no identity provider {issuer}, so it cannot verify its tokens; "
            "a scenario may lay its keys in `gateway.authorisation.issuers`.",
        )
    audiences = tuple(kept.client_id_list)
    expected = Expectations(issuers=(issuer,), audiences=audiences, algorithms=ALGORITHMS, required=("sub", "iat"))
    verdict = validate(token, FixedKeys(jwks), expected, now.timestamp())
    if isinstance(verdict, Refused):
        raise _worded(verdict, claimed, now)
    claims = dict(verdict.claims)
    audience = str(claims.get("azp") or _first(claims.get("aud")))
    told = claims.get(TAGS) or {}
    tags = {name: str(_first(value)) for name, value in (told.get("principal_tags") or {}).items()}
    return Identified(
        provider, f"arn:aws:iam::{account}:oidc-provider/{provider}", str(claims["sub"]), audience, claims, tags,
        frozenset(told.get("transitive_tag_keys") or ()), claims.get(SOURCE),
    )  # fmt: skip


def provider_facts(who: Identified) -> Context:
    """Return the condition keys that a token gives: its provider's name before each claim."""
    names = CLAIMS + (GITHUB_CLAIMS if who.provider == GITHUB else ())
    facts: Context = {f"{who.provider}:{name}": who.claims[name] for name in names if name in who.claims}
    if "azp" in who.claims:
        # With an authorised party, that is the audience, and the token's own audience the original one.
        facts |= {f"{who.provider}:oaud": who.claims.get("aud", ""), f"{who.provider}:aud": who.claims["azp"]}
    return facts | {"aws:FederatedProvider": who.principal}


def published_keys(issuer: str, get: Callable[[str], bytes | None]) -> Any:
    """Return the key set of an issuer, as OpenID Connect Discovery finds it; None when it is not there."""
    document = _json(get(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    place = document.get("jwks_uri") if isinstance(document, dict) else None
    found = _json(get(str(place) if place else f"{issuer.rstrip('/')}/.well-known/jwks.json"))
    return found if isinstance(found, dict) and "keys" in found else None


def _provider(account: str, provider: str) -> Any:
    state = state_of(account)
    kept = state.open_id_providers.values() if state is not None else ()
    return next((each for each in kept if each.url.rstrip("/") == provider), None)


def _worded(verdict: Refused, claimed: dict[str, Any], now: datetime) -> AwsError:
    if verdict.reason == "expired":
        return AwsError(
            "ExpiredTokenException",
            f"Token expired: current date/time {int(now.timestamp())} must be before the expiration date/time "
            f"{claimed.get('exp')}",
        )
    texts = {
        "wrong_audience": "Incorrect token audience",
        "unknown_key": "Couldn't retrieve verification key from your identity provider,  please reference "
        "AssumeRoleWithWebIdentity documentation for requirements",
        "missing_claim": "Missing a required claim: " + verdict.message,
    }
    return _invalid(texts.get(verdict.reason, "The provided token could not be validated: " + verdict.message))


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidIdentityToken", text)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _json(body: bytes | None) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
