"""Custom authorization servers: their scopes, claims and access policies are owned whole."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.canonical import canonical
from twin.resources.okta.members import Member, write
from twin.resources.okta.org import GONE, fact, lifecycle, listing, without_empty
from twin.resources.resource import Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

ROOT = "/api/v1/authorizationServers"


class Part(BaseModel):
    """One member of a server's lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)


class Scopes(Part):
    """A scope that clients may ask for."""

    description: str = ""
    consent: Literal["IMPLICIT", "REQUIRED", "FLEXIBLE"] = "IMPLICIT"
    default: bool = False
    publish: bool = Field(False, description="Whether the server's metadata tells of it")

    def body(self) -> dict[str, Any]:
        """Return the scope as the API takes it."""
        publish = "ALL_CLIENTS" if self.publish else "NO_CLIENTS"
        described = {"description": self.description} if self.description else {}
        return {"name": self.name, **described, "consent": self.consent, "default": self.default,
                "metadataPublish": publish}  # fmt: skip

    @classmethod
    def observe(cls, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a scope as the API tells it."""
        return {
            "name": item["name"],
            "description": item.get("description") or "",
            "consent": item.get("consent"),
            "default": item.get("default"),
            "publish": item.get("metadataPublish") == "ALL_CLIENTS",
        }


class Claim(Part):
    """What a token says of its user: by an expression, or the groups that a filter lets through."""

    token: Literal["access", "id"] = "access"  # noqa: S105 - a kind of token
    value: str = Field(description="An expression, or the filter of the groups")
    groups: Literal["STARTS_WITH", "EQUALS", "CONTAINS", "REGEX"] | None = Field(
        None, description="How to filter groups"
    )
    scopes: list[str] = Field(default_factory=list, description="Only with one of these scopes")
    always: bool = Field(True, description="Whether every token holds it")

    def body(self) -> dict[str, Any]:
        """Return the claim as the API takes it."""
        filtered = {} if self.groups is None else {"group_filter_type": self.groups}
        return {
            "name": self.name,
            "status": "ACTIVE",
            "claimType": "RESOURCE" if self.token == "access" else "IDENTITY",  # noqa: S105 - a kind of token
            "valueType": "EXPRESSION" if self.groups is None else "GROUPS",
            "value": self.value,
            "conditions": {"scopes": self.scopes},
            "alwaysIncludeInToken": self.always,
            **filtered,
        }

    @classmethod
    def observe(cls, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a claim as the API tells it."""
        return {
            "name": item["name"],
            "token": "access" if item.get("claimType") == "RESOURCE" else "id",
            "value": item.get("value"),
            "groups": item.get("group_filter_type") if item.get("valueType") == "GROUPS" else None,
            "scopes": list((item.get("conditions") or {}).get("scopes") or ()),
            "always": item.get("alwaysIncludeInToken"),
        }


class TokenRule(Part):
    """Which grants of which people give which scopes, and how long the tokens last."""

    grant_types: list[str]
    groups: list[str] = Field(default_factory=list, description="Ids of the groups it is for; everyone when empty")
    scopes: list[str] = Field(default_factory=lambda: ["*"])
    access_token_minutes: int = 60
    refresh_token_minutes: int = Field(0, description="0 is no end")
    refresh_window_minutes: int = Field(10080, description="An unused refresh token dies after so long")

    def body(self) -> dict[str, Any]:
        """Return the rule as the API takes it."""
        groups = self.groups
        if not groups and set(self.grant_types) - {"client_credentials"}:
            groups = ["EVERYONE"]
        return {
            "type": "RESOURCE_ACCESS",
            "name": self.name,
            "conditions": {
                "people": {"groups": {"include": groups}},
                "grantTypes": {"include": self.grant_types},
                "scopes": {"include": self.scopes},
            },
            "actions": {
                "token": {
                    "accessTokenLifetimeMinutes": self.access_token_minutes,
                    "refreshTokenLifetimeMinutes": self.refresh_token_minutes,
                    "refreshTokenWindowMinutes": self.refresh_window_minutes,
                }
            },
        }

    @classmethod
    def observe(cls, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a rule as the API tells it."""
        conditions, token = item.get("conditions") or {}, (item.get("actions") or {}).get("token") or {}
        groups = ((conditions.get("people") or {}).get("groups") or {}).get("include") or ()
        return {
            "name": item["name"],
            "grant_types": list((conditions.get("grantTypes") or {}).get("include") or ()),
            "groups": [group for group in groups if group != "EVERYONE"],
            "scopes": list((conditions.get("scopes") or {}).get("include") or ()),
            "access_token_minutes": token.get("accessTokenLifetimeMinutes"),
            "refresh_token_minutes": token.get("refreshTokenLifetimeMinutes"),
            "refresh_window_minutes": token.get("refreshTokenWindowMinutes"),
        }

    def faults(self) -> Iterator[str]:
        """Yield the lifetimes that Okta refuses."""
        for field, (low, high) in fact("token_minutes").items():
            value = getattr(self, field)
            if not low <= value <= high:
                yield f"{field} is {low} to {high}, not {value}"
        if 0 < self.refresh_token_minutes < self.access_token_minutes:
            yield "a refresh token lasts at least as long as an access token"


class AccessPolicy(Part):
    """The rules for the clients it names."""

    description: str = Field("Access", min_length=1, max_length=255)
    clients: list[str] = Field(default_factory=lambda: ["ALL_CLIENTS"], description="Client ids, or ALL_CLIENTS")
    rules: list[TokenRule]

    def body(self) -> dict[str, Any]:
        """Return the policy, without its rules, as the API takes it."""
        return {
            "type": "OAUTH_AUTHORIZATION_POLICY",
            "status": "ACTIVE",
            "name": self.name,
            "description": self.description,
            "conditions": {"clients": {"include": self.clients}},
        }

    @classmethod
    def observe(cls, item: Mapping[str, Any], rules: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the fields of a policy as the API tells it."""
        clients = ((item.get("conditions") or {}).get("clients") or {}).get("include") or ()
        return {"name": item["name"], "description": item.get("description"), "clients": list(clients), "rules": rules}


class AuthorizationServer(Resource):
    """An OAuth 2.0 server that issues tokens for an audience; the owner is marked in its description."""

    TYPE: ClassVar[str] = "okta.authorization_server"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "issuer")

    name: str = Field(min_length=1, max_length=100)
    description: str = ""
    audiences: list[str] = Field(description="Okta takes one")
    scopes: list[Scopes] = Field(default_factory=list)
    claims: list[Claim] = Field(default_factory=list)
    policies: Annotated[list[AccessPolicy], RefTo("okta.app_oidc", "okta.group")] = Field(
        default_factory=list, description="In order of priority"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all servers with one list, and the parts of those that are ours or wanted."""
        found = []
        for server in (yield from listing(ROOT)):
            owner, other = scope.marked(server.get("description")), scope.marked_by_other(server.get("description"))
            fields = {key: server.get(key) for key in ("name", "audiences")}
            fields["description"] = unmark(server.get("description"))
            outputs = {"id": server["id"], "issuer": server.get("issuer"), "status": server.get("status")}
            if owner or server["id"] in wanted.ids or (server["name"],) in wanted.keys:
                parts, ids = yield from _parts(f"{ROOT}/{server['id']}")
                fields, outputs = {**fields, **parts}, {**outputs, "parts": ids}
            builtin = server["name"] == fact("default_server")
            found.append(Observed(server["id"], fields, outputs, owner=owner, other=other, builtin=builtin))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the server, then its scopes, claims and policies."""
        server = yield okta("POST", ROOT, self._body(scope, address))
        yield from self._write(f"{ROOT}/{server['id']}", {}, {})
        return {"id": server["id"], "issuer": server["issuer"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the server when it differs, and those of its parts that do."""
        path = f"{ROOT}/{observed.id}"
        if changed - {"scopes", "claims", "policies"}:
            yield okta("PUT", path, self._body(scope, address))
        if changed & {"scopes", "claims", "policies"}:
            yield from self._write(path, observed.outputs.get("parts", {}), observed.fields)

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": scope.mark(address, self.description),
            "audiences": self.audiences,
            "issuerMode": "ORG_URL",
        }

    def _write(self, path: str, ids: Mapping[str, Any], seen: Mapping[str, Any]) -> Steps[None]:
        for kind in ("scopes", "claims"):
            parts: list[Scopes] | list[Claim] = getattr(self, kind)
            known = _by_name(seen.get(kind) or ())
            members = [Member(p.name, p.body(), _equal(p.model_dump(mode="json"), known.get(p.name))) for p in parts]
            yield from write(f"{path}/{kind}", members, ids.get(kind, {}))
        known, rules = _by_name(seen.get("policies") or ()), ids.get("rules", {})
        members = []
        for place, policy in enumerate(self.policies):
            there = known.get(policy.name)
            same = _equal(policy.model_dump(mode="json", exclude={"rules"}), there and {**there, "rules": None})
            members.append(Member(policy.name, {**policy.body(), "priority": place + 1}, same))
        written = yield from write(f"{path}/policies", members, ids.get("policies", {}))
        for policy in self.policies:
            before = (known.get(policy.name) or {}).get("rules") or []
            members = []
            for place, rule in enumerate(policy.rules):
                same = place < len(before) and _equal(rule.model_dump(mode="json"), before[place])
                members.append(Member(rule.name, {**rule.body(), "priority": place + 1}, same))
            yield from write(f"{path}/policies/{written[policy.name]}/rules", members, rules.get(policy.name, {}))

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Deactivate and delete the server with its parts."""
        path = f"{ROOT}/{observed.id}"
        if observed.outputs.get("status") != "INACTIVE":
            yield lifecycle(path, "deactivate")
        yield okta("DELETE", path, absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare scopes and claims as sets, policies and rules in order."""
        if name in ("scopes", "claims"):
            return _equal(_by_name(desired), _by_name(observed or ()))
        return _equal(desired, observed) if name == "policies" else super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """One audience, names of their own, scopes that exist, lifetimes within bounds."""
        if self.name == fact("default_server"):
            yield Problem("TW0604", "the server `default` is Okta's own", "name")
        if len(self.audiences) != 1:
            yield Problem("TW0660", f"a server has one audience, not {len(self.audiences)}", "audiences")
        for field in ("scopes", "claims", "policies"):
            names = [part.name for part in getattr(self, field)]
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield Problem("TW0620", f"two of the {field} are named {name!r}", field)
        known = {scope.name for scope in self.scopes} | set(fact("reserved_scopes")) | {"*"}
        for scope in self.scopes:
            if scope.name in fact("reserved_scopes"):
                yield Problem("TW0661", f"the scope {scope.name!r} is Okta's own", "scopes")
        for policy in self.policies:
            for rule in policy.rules:
                for name in sorted(set(rule.scopes) - known):
                    yield Problem("TW0662", f"rule {rule.name!r}: the server has no scope {name!r}", "policies")
                for fault in rule.faults():
                    yield Problem("TW0663", f"rule {rule.name!r}: {fault}", "policies")


def _parts(path: str) -> Steps[tuple[dict[str, Any], dict[str, Any]]]:
    """Read scopes, claims and policies with rules, without those that Okta made."""
    scopes = [item for item in (yield from listing(f"{path}/scopes")) if not item.get("system")]
    claims = [item for item in (yield okta("GET", f"{path}/claims", pages=True)) if not item.get("system")]
    policies = [item for item in (yield okta("GET", f"{path}/policies", pages=True)) if not item.get("system")]
    fields: dict[str, Any] = {
        "scopes": [Scopes.observe(item) for item in scopes],
        "claims": [Claim.observe(item) for item in claims],
        "policies": [],
    }
    ids: dict[str, Any] = {"scopes": _ids(scopes), "claims": _ids(claims), "policies": _ids(policies), "rules": {}}
    for policy in sorted(policies, key=lambda item: item.get("priority") or 0):
        rules = yield okta("GET", f"{path}/policies/{policy['id']}/rules", pages=True)
        own = sorted((r for r in rules if not r.get("system")), key=lambda r: r.get("priority") or 0)
        fields["policies"].append(AccessPolicy.observe(policy, [TokenRule.observe(rule) for rule in own]))
        ids["rules"][policy["name"]] = _ids(own)
    return fields, ids


def _ids(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {item["name"]: item["id"] for item in items}


def _by_name(items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {item["name"]: item for item in items}


def _equal(one: Any, other: Any) -> bool:
    return bool(canonical(without_empty(one)) == canonical(without_empty(other)))
