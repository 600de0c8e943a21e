"""How people sign in to Okta, read back from its endpoints: policies with their rules, apps, people, authenticators."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.observe.iam.reader import Send
from twin.resources.call import okta

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with the groups that they are in, by id and name."""

    id: str
    login: str
    type: str
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """An app that is active: the authentication policy that guards it, and the ids of the people who may open it."""

    id: str
    label: str
    mode: str
    kind: str
    policy: str
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class SignOn:
    """All of it; each policy carries its `rules`. `methods` are the active ones, as `okta_verify/push`."""

    sessions: tuple[Record, ...]
    policies: tuple[Record, ...]
    apps: tuple[Opened, ...]
    people: tuple[Someone, ...]
    methods: tuple[str, ...]


def read_sign_on(send: Send) -> SignOn:
    """Read one org."""
    apps = [_opened(send, app) for app in _all(send, "/api/v1/apps") if app.get("status") == "ACTIVE"]
    return SignOn(
        sessions=_policies(send, "OKTA_SIGN_ON"),
        policies=_policies(send, "ACCESS_POLICY"),
        apps=tuple(apps),
        people=_people(send),
        methods=_methods(send),
    )


def _all(send: Send, path: str) -> list[Any]:
    return list(send(okta("GET", path, query={"limit": 200}, pages=True)) or ())


def _policies(send: Send, kind: str) -> tuple[Record, ...]:
    listed = send(okta("GET", "/api/v1/policies", query={"type": kind}, pages=True)) or ()
    return tuple({**one, "rules": _all(send, f"/api/v1/policies/{one['id']}/rules")} for one in listed)


def _opened(send: Send, app: Record) -> Opened:
    href = ((app.get("_links") or {}).get("accessPolicy") or {}).get("href", "")
    found = re.search(r"/policies/(\w+)", href)
    client = (app.get("settings") or {}).get("oauthClient") or {}
    people = frozenset(one["id"] for one in _all(send, f"/api/v1/apps/{app['id']}/users"))
    kind = str(client.get("application_type", ""))
    return Opened(app["id"], app["label"], app["signOnMode"], kind, found[1] if found else "", people)


def _people(send: Send) -> tuple[Someone, ...]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for group in _all(send, "/api/v1/groups"):
        for member in _all(send, f"/api/v1/groups/{group['id']}/users"):
            groups.setdefault(member["id"], []).append((group["id"], group["profile"]["name"]))
    return tuple(
        Someone(one["id"], one["profile"]["login"], _type(one), tuple(groups.get(one["id"], ())))
        for one in _all(send, "/api/v1/users")
        if one.get("status") not in ("DEPROVISIONED", "SUSPENDED")
    )


def _type(user: Record) -> str:
    return str((user.get("type") or {}).get("id", ""))


def _methods(send: Send) -> tuple[str, ...]:
    found = []
    for one in _all(send, "/api/v1/authenticators"):
        if one.get("status") == "ACTIVE":
            methods = send(okta("GET", f"/api/v1/authenticators/{one['id']}/methods")) or ()
            found += [f"{one['key']}/{method['type']}" for method in methods if method.get("status") == "ACTIVE"]
    return tuple(found)
