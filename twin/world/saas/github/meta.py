"""Who the caller is, and what is left of its rate limit."""

from twin.wire import Response
from twin.world.saas.github.access import actor_of
from twin.world.saas.github.routes import route
from twin.world.saas.github.shapes import person
from twin.world.saas.github.state import Hub, Record, Token, stamp
from twin.world.saas.router import Hit, json_response

COUNTS = ("followers", "following", "public_gists", "public_repos", "collaborators", "disk_usage",
          "owned_private_repos", "private_gists", "total_private_repos")  # fmt: skip
UNTOLD = ("bio", "blog", "company", "hireable", "location")


@route("GET", "/user")
def get_user(hub: Hub, hit: Hit) -> Response:
    """Return the person behind the token."""
    account = hub.account(actor_of(hit))
    told: Record = person(account) | dict.fromkeys(UNTOLD) | dict.fromkeys(COUNTS, 0)
    told |= {"name": account.name, "email": account.email, "two_factor_authentication": True}
    told["user_view_type"] = "private"
    return json_response(200, told | {"created_at": stamp(account.created), "updated_at": stamp(account.created)})


@route("GET", "/users/<login>")
def get_account(hub: Hub, hit: Hit) -> Response:
    """Return an account."""
    account = hub.account(hit.path["login"])
    told = person(account) | {"name": account.name}
    return json_response(200, told | {"created_at": stamp(account.created), "updated_at": stamp(account.created)})


@route("GET", "/rate_limit")
def get_rate_limit(hub: Hub, hit: Hit) -> Response:
    """Tell what is left."""
    token: Token | None = hit.principal
    caller, limit = (token.login, "hourly") if token is not None else ("anonymous", "hourly_anonymous")
    core = hub.limits.told(caller, limit, hub.instant())
    search = {"limit": 30, "remaining": 30, "reset": core["reset"], "used": 0}
    return json_response(200, {"resources": {"core": core, "search": search}, "rate": core})
