"""What Cognito refuses about domains of user pools and about the flows of their clients.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUserPool.html
"""

from typing import Any
from urllib.parse import urlsplit

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.bounds import hold

MACHINE = "client_credentials"
STANDARD = {"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"}
LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1")


@refuses("cognito-idp", "CreateUserPoolDomain")
def domain_of_one_pool(asked: Asked) -> None:
    """A domain leads to one pool; one of Cognito's own is a prefix, and a pool has one of them."""
    from twin.world.stores.moto_store import backends

    domain = asked.parameters.get("Domain")
    if not asked.parameters.get("CustomDomainConfig"):
        hold("cognito-idp", "DomainType", domain, "domain")
    for regions in list(backends("cognito-idp").values()):
        for backend in list(regions.values()):
            if domain in backend.user_pool_domains:
                raise _invalid("Domain already associated with another user pool.")


@refuses("cognito-idp", "DeleteUserPool")
def pool_without_domain(asked: Asked) -> None:
    """A pool goes after its domain."""
    pool = asked.parameters.get("UserPoolId")
    if any(one.user_pool_id == pool for one in asked.state().user_pool_domains.values()):
        raise _invalid("User pool cannot be deleted. It has a domain configured that should be deleted first.")


@refuses("cognito-idp", "CreateUserPoolClient", "UpdateUserPoolClient")
def flows_of_a_client(asked: Asked) -> None:
    """A machine's flow goes with no other, and with a secret; scopes are there; callbacks are safe."""
    given = asked.parameters
    pool = asked.state().user_pools.get(given.get("UserPoolId"))
    flows = given.get("AllowedOAuthFlows") or ()
    if MACHINE in flows and len(flows) > 1:
        message = "client_credentials flow can not be selected along with code flow or implicit flow."
        raise Refusal("InvalidOAuthFlowException", message)
    client = pool.clients.get(given.get("ClientId")) if pool is not None else None
    secret = client.secret if client is not None else given.get("GenerateSecret")
    if MACHINE in flows and not secret:
        message = "client_credentials flow can not be selected if client does not have a client secret."
        raise Refusal("InvalidOAuthFlowException", message)
    for url in given.get("CallbackURLs") or ():
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in LOCAL:
            raise _invalid(f"{url} cannot use the HTTP protocol.")
    if pool is not None:
        _scopes(pool, given.get("AllowedOAuthScopes") or ())


@refuses("cognito-idp", "ListResourceServers")
def pool_is_there(asked: Asked) -> None:
    """A pool whose servers are asked for is there."""
    name = asked.parameters.get("UserPoolId")
    if name not in asked.state().user_pools:
        raise Refusal("ResourceNotFoundException", f"User pool {name} does not exist.")


@refuses("cognito-idp", "AdminUpdateUserAttributes", "AdminCreateUser")
def attributes_of_a_pool(asked: Asked) -> None:
    """A user has attributes that the pool has."""
    pool = asked.state().user_pools.get(asked.parameters.get("UserPoolId"))
    for given in asked.parameters.get("UserAttributes") or ():
        if (
            pool is not None
            and str(given["Name"]).startswith("custom:")
            and given["Name"] not in pool.schema_attributes
        ):
            raise Refusal("InvalidParameterException", "Attributes did not conform to the schema: Type for attribute "
                          f"{{{given['Name']}}} could not be determined")  # fmt: skip


def _scopes(pool: Any, wanted: Any) -> None:
    known = STANDARD | {
        f"{server.identifier}/{scope['ScopeName']}"
        for server in pool.resource_servers.values()
        for scope in server.scopes
    }
    unknown = [scope for scope in wanted if scope not in known]
    if unknown:
        raise Refusal("ScopeDoesNotExistException", f"Invalid scope requested: {', '.join(unknown)}")


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)
