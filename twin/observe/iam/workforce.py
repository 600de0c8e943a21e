"""Okta's groups and people, and the AWS roles that the assertions of its SAML apps name for them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.observe.iam.org import Door, Member, Object
from twin.observe.iam.reader import Send
from twin.resources.call import okta

ROLE = "https://aws.amazon.com/SAML/Attributes/Role"
_PAIR = re.compile(r"(arn:aws[a-z-]*:iam::\d{12}:[a-z-]+/[^\s,\"']+),(arn:aws[a-z-]*:iam::\d{12}:[a-z-]+/[^\s,\"']+)")
_GROUP = re.compile(r"isMemberOfGroupName\(\s*\"([^\"]+)\"\s*\)")
_ANY_TEST = re.compile(r"isMemberOf\w+\(")


@dataclass(slots=True)
class _Directory:
    """Members by the name of their group, and who an app is assigned to."""

    members: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def workforce(send: Send) -> list[Object]:
    """Return the memberships, and the doors from groups and people to roles."""
    directory = _Directory()
    for group in send(okta("GET", "/api/v1/groups", query={"limit": 200}, pages=True)) or ():
        name = group["profile"]["name"]
        people = send(okta("GET", f"/api/v1/groups/{group['id']}/users", query={"limit": 200}, pages=True)) or ()
        directory.names[group["id"]] = name
        directory.members[name] = [one["profile"]["login"] for one in people if one.get("status") != "DEPROVISIONED"]
    found: list[Object] = [
        Member(person_key(login), group_key(name)) for name, logins in directory.members.items() for login in logins
    ]
    for app in send(okta("GET", "/api/v1/apps", query={"limit": 200}, pages=True)) or ():
        if app.get("signOnMode") == "SAML_2_0" and app.get("status") == "ACTIVE":
            found += _doors(app, directory, send)
    return list(dict.fromkeys(found))


def group_key(name: str) -> str:
    """Name a group of Okta as a node."""
    return f"okta:group/{name}"


def person_key(login: str) -> str:
    """Name a person of Okta as a node."""
    return f"okta:user/{login}"


def _doors(app: Mapping[str, Any], directory: _Directory, send: Send) -> Iterator[Door]:
    groups = send(okta("GET", f"/api/v1/apps/{app['id']}/groups", query={"limit": 200}, pages=True)) or ()
    users = send(okta("GET", f"/api/v1/apps/{app['id']}/users", query={"limit": 200}, pages=True)) or ()
    assigned = [directory.names[one["id"]] for one in groups if one["id"] in directory.names]
    logins = [one["credentials"]["userName"] for one in users if (one.get("credentials") or {}).get("userName")]
    for expression in _roles(app):
        for first, second in _PAIR.findall(expression):
            role, provider = (first, second) if ":role/" in first else (second, first)
            for holder in _holders(expression, assigned, (logins, directory)):
                yield Door(holder, app["label"], role, provider)


def _roles(app: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of the assertion's attribute that names roles."""
    sign_on = (app.get("settings") or {}).get("signOn") or {}
    for statement in sign_on.get("attributeStatements") or ():
        if statement.get("name") == ROLE:
            yield from statement.get("values") or ()


def _holders(expression: str, assigned: Iterable[str], beside: tuple[list[str], _Directory]) -> Iterator[str]:
    """Yield the groups and people whom an expression gives its role, of those who may open the app.

    A test that is not understood is taken to hold for everyone who may open the app.
    """
    logins, directory = beside
    opening = {*logins, *(login for group in assigned for login in directory.members.get(group, ()))}
    wanted = _GROUP.findall(expression)
    if not wanted or len(wanted) != len(_ANY_TEST.findall(expression)):
        yield from (group_key(name) for name in assigned)
        yield from (person_key(login) for login in logins)
        return
    for group in wanted:
        if group in assigned:
            yield group_key(group)
        else:
            yield from (person_key(one) for one in directory.members.get(group, ()) if one in opening)
