"""Customer identity: the Cognito user pool, its clients and the APIs that its tokens open."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.resources.aws.cognito import PasswordPolicy, UserPool
from twin.resources.aws.cognito_client import Client
from twin.resources.aws.cognito_resource_server import ResourceServer
from twin.resources.declaration import Path
from twin.spec.model.customers import STANDARD_SCOPES, CustomerClient, Customers

AT: Path = ("customers",)
SIGN_IN = {"email": ["email"], "phone": ["phone_number"], "username": []}
MFA = {"off": "OFF", "optional": "OPTIONAL", "required": "ON"}
FLOWS = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
"""No flow in which the password itself travels."""


def build(blueprint: Blueprint) -> None:
    """Declare the pool and what belongs to it."""
    customers = blueprint.org.customers
    if customers is None or not customers.pooled:
        return
    pool = blueprint.add(
        "main", _pool(blueprint, customers), AT, {"mfa": (*AT, "mfa"), "password_policy": (*AT, "passwords")}
    )
    for name, api in customers.apis.items():
        at = (*AT, "apis", name)
        server = ResourceServer(pool=pool.id, identifier=api.identifier, name=name, scopes=dict(api.scopes))
        blueprint.add(name, server, at, {"identifier": (*at, "identifier"), "scopes": (*at, "scopes")})
    for name, client in customers.clients.items():
        _client(blueprint, name, client, pool.id)


def _pool(blueprint: Blueprint, customers: Customers) -> UserPool:
    attributes = SIGN_IN[customers.sign_in_with]
    policy = PasswordPolicy(
        minimum_length=customers.passwords.min_length,
        symbols=customers.passwords.symbols,
        numbers=customers.passwords.digits,
    )
    return UserPool(
        name=blueprint.name("customers"),
        username_attributes=attributes,
        verified_attributes=attributes or ["email"],
        password_policy=policy,
        mfa=MFA[customers.mfa],
        deletion_protection=customers.deletion_protection,
    )


def _client(blueprint: Blueprint, name: str, intent: CustomerClient, pool: str) -> None:
    at = (*AT, "clients", name)
    client = Client(
        pool=pool,
        name=blueprint.name(name),
        generate_secret=intent.secret,
        oauth_flows=list(intent.flows),
        oauth_scopes=[_scope(scope) for scope in intent.scopes],
        callback_urls=list(intent.callback_urls),
        logout_urls=list(intent.logout_urls),
        auth_flows=FLOWS,
        identity_providers=["COGNITO"],
        access_token_minutes=int(intent.access_token.total_seconds()) // 60,
        refresh_token_days=max(1, intent.refresh_token.days),
    )
    places: dict[str, Path] = {"oauth_flows": (*at, "flows"), "oauth_scopes": (*at, "scopes")}
    places |= {field: (*at, field) for field in ("callback_urls", "logout_urls")}
    places |= {"access_token_minutes": (*at, "access_token"), "refresh_token_days": (*at, "refresh_token")}
    blueprint.add(name, client, at, places)


def _scope(scope: str) -> str:
    """Write a scope as Cognito does: an API's own begins with the API's identifier."""
    if scope in STANDARD_SCOPES:
        return scope
    api, _, own = scope.partition("/")
    return f"{ref('aws.cognito.resource_server', api, 'identifier')}/{own}"
