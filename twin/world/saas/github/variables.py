"""Variables of a repository and of its environments.

https://docs.github.com/en/rest/actions/variables
"""

import re

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.environments import ONE, environment_of
from twin.world.saas.github.errors import GithubError, conflict, not_found, unprocessable
from twin.world.saas.github.figures import figure
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

OF_REPOSITORY, OF_ENVIRONMENT = f"{REPO}/actions/variables", f"{ONE}/variables"
NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*")


def _table(hub: Hub, hit: Hit) -> tuple[Repository, dict[str, Record], str]:
    repo = repository_of(hub, hit)
    if "environment" not in hit.path:
        return repo, repo.variables, ""
    held = environment_of(repo, hit.path["environment"])
    return repo, held["#variables"], held["name"]


def _checked(body: Record) -> Record:
    name, value = str(body.get("name", "X")).upper(), body.get("value")
    if not NAME.fullmatch(name):
        raise unprocessable("Variable names can only contain alphanumeric characters and underscores, "
                            "and must not start with a number or GITHUB_.")  # fmt: skip
    if value is not None and len(value.encode()) > figure("variable_bytes"):
        raise unprocessable("Variable value is too large")
    return body | ({"name": name} if "name" in body else {})


def _list(hub: Hub, hit: Hit) -> Response:
    return page(hit, sorted(_table(hub, hit)[1].values(), key=lambda one: one["name"]), dict, "variables")


def _get(hub: Hub, hit: Hit) -> Response:
    held = _table(hub, hit)[1].get(hit.path["name"].upper())
    if held is None:
        raise not_found()
    return json_response(200, held)


def _create(hub: Hub, hit: Hit) -> Response:
    repo, table, environment = _table(hub, hit)
    body = object_of(hit, name=str, value=str)
    demanded(body, "name", "value")
    body = _checked(body)
    if body["name"] in table:
        raise conflict("Already exists - Variable already exists")
    most = figure("variables_of_an_environment" if environment else "variables_of_a_repository")
    if len(table) >= most:
        raise GithubError(422, f"Maximum of {most} variables reached")
    told = {"name": body["name"], "value": body["value"], "created_at": hub.now(), "updated_at": hub.now()}
    table[body["name"]] = told
    hub.note(
        f"{'environment' if environment else 'repo'}.create_actions_variable", actor_of(hit), repo, key=body["name"]
    )
    return json_response(201, {})


def _update(hub: Hub, hit: Hit) -> Response:
    repo, table, environment = _table(hub, hit)
    body, held = _checked(object_of(hit, name=str, value=str)), table.get(hit.path["name"].upper())
    if held is None:
        raise not_found()
    del table[held["name"]]
    held |= {name: body[name] for name in ("name", "value") if name in body} | {"updated_at": hub.now()}
    table[held["name"]] = held
    hub.note(
        f"{'environment' if environment else 'repo'}.update_actions_variable", actor_of(hit), repo, key=held["name"]
    )
    return Response(204)


def _delete(hub: Hub, hit: Hit) -> Response:
    repo, table, environment = _table(hub, hit)
    if table.pop(hit.path["name"].upper(), None) is None:
        raise not_found()
    kind = "environment" if environment else "repo"
    hub.note(f"{kind}.remove_actions_variable", actor_of(hit), repo, key=hit.path["name"].upper())
    return Response(204)


for place, permission in ((OF_REPOSITORY, "variables"), (OF_ENVIRONMENT, "environments")):
    route("GET", place, f"{permission}:read", role="push")(_list)
    route("GET", f"{place}/<name>", f"{permission}:read", role="push")(_get)
    route("POST", place, f"{permission}:write", role="push")(_create)
    route("PATCH", f"{place}/<name>", f"{permission}:write", role="push")(_update)
    route("DELETE", f"{place}/<name>", f"{permission}:write", role="push")(_delete)
