"""Who calls the management API: the bearer of a token that the tenant itself granted for it, with its scopes."""

from twin.semantics.tokens import Expectations, FixedKeys, Refused, validate
from twin.wire import Request
from twin.world.saas.auth0.documented import operations
from twin.world.saas.auth0.errors import ManagementError
from twin.world.saas.auth0.signing_keys import published
from twin.world.saas.auth0.state import Record, Tenant


def identify(tenant: Tenant, request: Request) -> Record:
    """Return the claims of the bearer's token; one of another audience, key or time is refused."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token:
        raise ManagementError(401, "Missing authentication")
    if scheme.lower() != "bearer":
        raise ManagementError(401, "Bad HTTP authentication header format")
    expected = Expectations(issuers=(tenant.issuer,), audiences=(tenant.api,))
    verdict = validate(token, FixedKeys(published(tenant)), expected, tenant.clock.now().timestamp())
    if isinstance(verdict, Refused):
        told = (
            "Expired token received for JSON Web Token validation" if verdict.reason == "expired" else "Invalid token"
        )
        raise ManagementError(401, told)
    client = str(verdict.claims.get("azp"))
    if client not in tenant.clients:
        raise ManagementError(401, "Client is not authorized to access resource server.", "invalid_token")
    return dict(verdict.claims)


def check_scopes(claims: Record, operation: str) -> None:
    """Refuse a token that has none of the scopes of which an operation wants one."""
    wanted = operations().get(operation, {}).get("scopes", [])
    if wanted and not set(wanted) & set(str(claims.get("scope", "")).split()):
        message = f"Insufficient scope, expected any of: {','.join(wanted)}"
        raise ManagementError(403, message, "insufficient_scope")
