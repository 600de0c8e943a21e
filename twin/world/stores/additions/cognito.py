"""Cognito: changes of user pools, their tags, change and removal of resource servers."""

from typing import Any

from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpBackend
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.responses import ActionResult, EmptyResult

from twin.world.stores.additions import adds

LASTING = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")


def _server(response: Any) -> Any:
    names = (response._get_param("UserPoolId"), response._get_param("Identifier"))
    return response.backend.describe_resource_server(*names)


def _tags(response: Any) -> dict[str, str]:
    arn = response._get_param("ResourceArn")
    pools = response.backend.user_pools.values()
    pool = next((pool for pool in pools if pool.arn == arn), None)
    if pool is None:
        raise ResourceNotFoundError(f"User pool {arn.rpartition('/')[2]} does not exist.")
    kept: dict[str, str] = pool.extended_config.setdefault("UserPoolTags", {})
    return kept


@adds(CognitoIdpResponse)
def update_resource_server(response: Any) -> ActionResult:
    """Change the name and the scopes of a resource server."""
    server = _server(response)
    server.name, server.scopes = response._get_param("Name"), response._get_param("Scopes") or []
    return ActionResult({"ResourceServer": server.to_json()})


@adds(CognitoIdpResponse)
def delete_resource_server(response: Any) -> ActionResult:
    """Take a resource server out of its pool."""
    server = _server(response)
    del response.backend.describe_user_pool(server.user_pool_id).resource_servers[server.identifier]
    return EmptyResult()


@adds(CognitoIdpResponse)
def tag_resource(response: Any) -> ActionResult:
    """Tag a user pool."""
    _tags(response).update(response._get_param("Tags"))
    return EmptyResult()


@adds(CognitoIdpResponse)
def untag_resource(response: Any) -> ActionResult:
    """Take tags from a user pool."""
    tags = _tags(response)
    for key in response._get_param("TagKeys"):
        tags.pop(key, None)
    return EmptyResult()


@adds(CognitoIdpResponse)
def list_tags_for_resource(response: Any) -> ActionResult:
    """Tell the tags of a user pool."""
    return ActionResult({"Tags": _tags(response)})


@adds(CognitoIdpBackend)
def update_user_pool(backend: Any, user_pool_id: str, extended_config: dict[str, Any]) -> None:
    """Set a pool's settings anew, all but those that last for its life; moto drops these."""
    pool = backend.describe_user_pool(user_pool_id)
    lasting = {key: pool.extended_config[key] for key in LASTING if key in pool.extended_config}
    pool.update_extended_config({**extended_config, **lasting})
