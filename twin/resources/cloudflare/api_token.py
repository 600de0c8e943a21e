"""Account-owned API tokens; the value goes into a secret of AWS Secrets Manager and nowhere else."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.errors import TargetError
from twin.resources.call import Steps, aws, cloudflare
from twin.resources.canonical import UNORDERED, canonical
from twin.resources.resource import WRITE_ONLY, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class TokenPolicy(BaseModel):
    """What a token may do on which resources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effect: Literal["allow", "deny"] = "allow"
    permission_groups: list[str] = Field(description="By name, as in DNS Write")
    resources: dict[str, str] = Field(description="As in com.cloudflare.api.account.zone.<zone id>: '*'")


class ApiToken(Resource):
    """A token that belongs to the account and not to one of its members."""

    TYPE: ClassVar[str] = "cloudflare.api_token"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    INCOMPLETE: ClassVar[Literal["update", "replace"]] = "replace"

    name: str = Field(min_length=1, max_length=120)
    policies: Annotated[list[TokenPolicy], RefTo("cloudflare.zone"), UNORDERED]
    expires_on: str | None = Field(None, description="A moment in UTC, as in 2027-01-01T00:00:00Z")
    allowed_from: Annotated[list[str], UNORDERED] = Field(
        default_factory=list, description="Ranges from which it works; everywhere when empty"
    )
    store: Annotated[str, RefTo("aws.secretsmanager.secret"), WRITE_ONLY] = Field(
        description="The id or ARN of the secret that receives the value"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all tokens of the account with one list; no list ever holds a value."""
        tokens = yield cloudflare("GET", _path(scope), pages=True)
        return [Observed(token["id"], _fields(token), {"id": token["id"]}) for token in tokens]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the token and put its value into the secret."""
        token = yield cloudflare("POST", _path(scope), (yield from self._body(scope)))
        yield aws("secretsmanager", "PutSecretValue", {"SecretId": self.store, "SecretString": token["value"]})
        return {"id": token["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write name, policies and limits; a new store receives a new value, for the old one cannot be read."""
        if changed & {"name", "policies", "expires_on", "allowed_from"}:
            yield cloudflare("PUT", f"{_path(scope)}/{observed.id}", (yield from self._body(scope)))
        if "store" in changed:
            value = yield cloudflare("PUT", f"{_path(scope)}/{observed.id}/value", {})
            yield aws("secretsmanager", "PutSecretValue", {"SecretId": self.store, "SecretString": value})

    def _body(self, scope: Scope) -> Steps[dict[str, Any]]:
        groups = yield cloudflare("GET", f"{_path(scope)}/permission_groups", pages=True)
        policies = [
            {
                "effect": policy.effect,
                "permission_groups": [{"id": _group(groups, name)} for name in policy.permission_groups],
                "resources": policy.resources,
            }
            for policy in self.policies
        ]
        body: dict[str, Any] = {"name": self.name, "policies": policies}
        if self.expires_on:
            body["expires_on"] = self.expires_on
        if self.allowed_from:
            body["condition"] = {"request_ip": {"in": self.allowed_from}}
        return body

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Revoke the token."""
        yield cloudflare("DELETE", f"{_path(scope)}/{observed.id}", absent=("404", "1001"))

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare policies with their groups as sets."""
        if name == "policies" and isinstance(desired, list) and isinstance(observed, list):
            return bool(canonical(_sorted(desired), [UNORDERED]) == canonical(_sorted(observed), [UNORDERED]))
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A token has a policy, and each policy a permission and a resource."""
        if not self.policies:
            yield Problem("TW0540", "a token without a policy may do nothing", "policies")
        for policy in self.policies:
            if not policy.permission_groups or not policy.resources:
                yield Problem("TW0540", "a policy names at least one permission group and one resource", "policies")


def _path(scope: Scope) -> str:
    return f"/accounts/{scope.cloudflare_account}/tokens"


def _group(groups: Any, name: str) -> str:
    """Return the id of a permission group; a plan's stand-in for the list gives itself."""
    if not isinstance(groups, list):
        return str(groups[name])
    ids = [str(group["id"]) for group in groups if group["name"] == name]
    if not ids:
        raise TargetError(f"Cloudflare has no permission group {name!r} for account-owned tokens")
    return ids[0]


def _fields(token: Mapping[str, Any]) -> dict[str, Any]:
    policies = [
        {
            "effect": policy["effect"],
            "permission_groups": [group.get("name") or group["id"] for group in policy["permission_groups"]],
            "resources": policy["resources"],
        }
        for policy in token.get("policies") or ()
    ]
    condition = token.get("condition") or {}
    ranges = condition.get("request_ip") or condition.get("request.ip") or {}
    return {
        "name": token.get("name"),
        "policies": policies,
        "expires_on": token.get("expires_on"),
        "allowed_from": list(ranges.get("in") or ()),
    }


def _sorted(policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**policy, "permission_groups": sorted(policy["permission_groups"])} for policy in policies]
