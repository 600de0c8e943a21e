"""What is asked for with `expand` is embedded, or refused by name, never left out without a word."""

import pytest
from oauth_clients import service_app


def test_groups_tell_their_figures(call):
    """Members, apps and administrator roles are counted per group."""
    group, user = call.group("Ops"), call.user()
    call("PUT", f"/api/v1/groups/{group['id']}/users/{user['id']}")
    call("POST", f"/api/v1/groups/{group['id']}/roles", {"type": "APP_ADMIN"})
    app = service_app(call)
    call("PUT", f"/api/v1/apps/{app['id']}/groups/{group['id']}", {})
    (found,) = call("GET", "/api/v1/groups?q=Ops&expand=stats")
    told = {name: value for name, value in found["_embedded"]["stats"].items() if name != "_links"}
    assert told == {"usersCount": 1, "groupPushMappingsCount": 0, "appsCount": 1, "hasAdminPrivilege": True}
    (plain,) = call("GET", "/api/v1/groups?q=Ops&expand=nothing")
    assert "_embedded" not in plain


def test_assignments_bring_their_subjects(call):
    """The embedded object is the one that its own address returns."""
    app, group, user = service_app(call), call.group("Ops"), call.user(query="?activate=true")
    path = f"/api/v1/apps/{app['id']}"
    call("PUT", f"{path}/groups/{group['id']}", {})
    call("POST", f"{path}/users", {"id": user["id"], "scope": "USER"})
    (assigned,) = call("GET", f"{path}/groups?expand=group")
    assert assigned["_embedded"]["group"] == call("GET", f"/api/v1/groups/{group['id']}")
    assert call("GET", f"{path}/groups/{group['id']}?expand=group") == assigned
    one = call("GET", f"{path}/users/{user['id']}?expand=user")
    assert one["_embedded"]["user"] == call("GET", f"/api/v1/users/{user['id']}")


@pytest.mark.parametrize(
    "path",
    [
        "groups?expand=app",
        "policies?type=PASSWORD&expand=rules",
        "apps?expand=user/00u",
        "users/me?expand=blocks",
        "users/me/roles?expand=targets/groups",
    ],
)
def test_other_documented_expansions_are_refused_by_name(call, path):
    """A reply without what was asked for would say that there is none."""
    call("GET", f"/api/v1/{path}", expect=(400, "E0000060"))
