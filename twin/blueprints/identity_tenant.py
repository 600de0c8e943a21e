"""Customer identity at Auth0: APIs, applications with their secrets, connections and roles."""

from typing import Literal

from twin.blueprints.blueprint import Blueprint, ref
from twin.resources.auth0.client import Client
from twin.resources.auth0.client_grant import ClientGrant
from twin.resources.auth0.connection import Connection
from twin.resources.auth0.resource_server import ResourceServer
from twin.resources.auth0.role import Permission, Role
from twin.resources.aws.secretsmanager import Secret
from twin.resources.declaration import Path
from twin.spec.model.customer_tenant import Auth0Client, Auth0Connection, CustomerTenant

AT: Path = ("customers", "auth0")
AppType = Literal["regular_web", "spa", "native", "non_interactive"]
KINDS: dict[str, AppType] = {"web": "regular_web", "spa": "spa", "native": "native", "machine": "non_interactive"}
PUBLIC = ("spa", "native")


def build(blueprint: Blueprint) -> None:
    """Declare what the tenant holds."""
    tenant = blueprint.org.customers.auth0 if blueprint.org.customers else None
    if tenant is None:
        return
    for name, api in tenant.apis.items():
        at = (*AT, "apis", name)
        server = ResourceServer(
            name=name,
            identifier=api.identifier,
            scopes=dict(api.scopes),
            token_lifetime=int(api.token_lifetime.total_seconds()),
            offline_access=api.offline_access,
        )
        blueprint.add(name, server, at, {f: (*at, f) for f in ("identifier", "scopes", "token_lifetime")})
    for name, client in tenant.clients.items():
        _client(blueprint, name, client)
    for name, connection in tenant.connections.items():
        _connection(blueprint, name, connection, tenant)
    for name, role in tenant.roles.items():
        at = (*AT, "roles", name)
        permissions = [
            Permission(api=_identifier(api), name=scope) for api, scopes in role.permissions.items() for scope in scopes
        ]
        made = Role(name=name, description=role.description or "", permissions=permissions)
        blueprint.add(name, made, at, {"name": at, "permissions": (*at, "permissions")})


def _identifier(api: str) -> str:
    return ref("auth0.resource_server", api, "identifier")


def _client(blueprint: Blueprint, name: str, intent: Auth0Client) -> None:
    """Declare a client, the store of its secret where it has one, and what a machine is granted."""
    at, machine, public = (*AT, "clients", name), intent.kind == "machine", intent.kind in PUBLIC
    store = None
    if not public:
        told = f"The Auth0 client {name}"
        secret = Secret(name=blueprint.name("auth0", name), description=told)
        store = blueprint.add(f"auth0-{name}", secret, at).arn
    client = Client(
        name=blueprint.name(name),
        app_type=KINDS[intent.kind],
        grant_types=["client_credentials"] if machine else ["authorization_code", "refresh_token"],
        callbacks=list(intent.callbacks),
        allowed_logout_urls=list(intent.logouts),
        token_endpoint_auth_method="none" if public else "client_secret_post",
        rotation=public,
        store=store,
    )
    places: dict[str, Path] = {"app_type": (*at, "kind"), "callbacks": (*at, "callbacks")}
    made = blueprint.add(name, client, at, {**places, "allowed_logout_urls": (*at, "logouts")})
    for api, scopes in intent.apis.items():
        place = (*at, "apis", api)
        grant = ClientGrant(client=made.id, audience=_identifier(api), scopes=list(scopes))
        blueprint.add(f"{name}-{api}", grant, place, {"scopes": place})


def _connection(blueprint: Blueprint, name: str, intent: Auth0Connection, tenant: CustomerTenant) -> None:
    at = (*AT, "connections", name)
    people = [client for client, told in tenant.clients.items() if told.kind != "machine"]
    clients = people if intent.clients is None else list(intent.clients)
    connection = Connection(
        name=name,
        strategy=intent.strategy,
        options={"client_id": intent.client_id} if intent.client_id else {},
        client_secret=intent.client_secret,
        clients=[ref("auth0.client", client) for client in clients],
    )
    places: dict[str, Path] = {"name": at, "strategy": (*at, "strategy"), "clients": (*at, "clients")}
    blueprint.add(name, connection, at, {**places, "client_secret": (*at, "client_secret")})
