"""Cognito user pools."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.limits import matches, one_of, within
from twin.resources.aws.tagging import COGNITO
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope, user_tags

SERVICE = "cognito-idp"
GONE = ("ResourceNotFoundException",)


class PasswordPolicy(BaseModel):
    """What a password must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minimum_length: int = 8
    uppercase: bool = True
    lowercase: bool = True
    numbers: bool = True
    symbols: bool = True
    temporary_days: int = Field(default=7, description="Days that a temporary password is good")


class UserPool(Resource):
    """A directory of customers who sign in."""

    TYPE: ClassVar[str] = "aws.cognito.user_pool"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "issuer")

    name: str
    username_attributes: Annotated[list[str], UNORDERED, IMMUTABLE] = Field(
        default_factory=lambda: ["email"], description="What stands in for a user name: email, phone_number"
    )
    verified_attributes: Annotated[list[str], UNORDERED] = Field(default_factory=lambda: ["email"])
    password_policy: PasswordPolicy = PasswordPolicy()
    mfa: Literal["OFF", "OPTIONAL", "ON"] = Field("OFF", description="By authenticator app")
    sign_up: bool = Field(True, description="Whether anybody may sign up; else administrators make the users")
    deletion_protection: bool = False
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read every pool; Cognito lists names only, so each takes a DescribeUserPool, which tells its tags too."""
        found = []
        for id_ in (yield from pools()):
            reply = yield aws(SERVICE, "DescribeUserPool", {"UserPoolId": id_}, absent=GONE)
            if reply is not None:
                found.append(_observed(scope, reply["UserPool"]))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the pool, and turn on its second factor."""
        params = {**self._settings(), "PoolName": self.name, "UserPoolTags": scope.tags(address, self.tags)}
        params |= {"UsernameAttributes": self.username_attributes} if self.username_attributes else {}
        reply = yield aws(SERVICE, "CreateUserPool", params)
        id_ = reply["UserPool"]["Id"]
        if self.mfa != "OFF":
            yield self._second_factor(id_)
        return {"id": id_, **_derived(scope, id_)}

    def _settings(self) -> dict[str, Any]:
        policy = self.password_policy
        return {
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": policy.minimum_length,
                    "RequireUppercase": policy.uppercase,
                    "RequireLowercase": policy.lowercase,
                    "RequireNumbers": policy.numbers,
                    "RequireSymbols": policy.symbols,
                    "TemporaryPasswordValidityDays": policy.temporary_days,
                }
            },
            "AutoVerifiedAttributes": self.verified_attributes,
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not self.sign_up},
            "DeletionProtection": "ACTIVE" if self.deletion_protection else "INACTIVE",
        }

    def _second_factor(self, id_: str) -> Call:
        params: dict[str, Any] = {"UserPoolId": id_, "MfaConfiguration": self.mfa}
        if self.mfa != "OFF":
            params["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
        return aws(SERVICE, "SetUserPoolMfaConfig", params)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Set all settings anew, as UpdateUserPool resets what it is not given; then the second factor, then tags."""
        if changed - {"tags", "owner", "mfa"}:
            params = {**self._settings(), "UserPoolId": observed.id, "PoolName": self.name}
            yield aws(SERVICE, "UpdateUserPool", {**params, "UserPoolTags": scope.tags(address, self.tags)})
        if changed - {"tags", "owner"} and ("mfa" in changed or self.mfa != "OFF"):
            yield self._second_factor(observed.id)
        if changed & {"tags", "owner"}:
            yield from COGNITO.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Lift the protection and delete the pool with its users."""
        if observed.fields.get("deletion_protection"):
            unprotect = {"UserPoolId": observed.id, "DeletionProtection": "INACTIVE"}
            yield aws(SERVICE, "UpdateUserPool", unprotect, absent=GONE)
        yield aws(SERVICE, "DeleteUserPool", {"UserPoolId": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name and the password policy are ones that Cognito takes."""
        yield from matches("services", "cognito.name", self.name, "name")
        policy = self.password_policy
        yield from within("services", "cognito.password_length", policy.minimum_length, "password_policy")
        yield from within("services", "cognito.temporary_days", policy.temporary_days, "password_policy")
        for name in self.username_attributes:
            yield from one_of("services", "cognito.username_attributes", name, "username_attributes")
        for name in self.verified_attributes:
            yield from one_of("services", "cognito.username_attributes", name, "verified_attributes")


def pools() -> Steps[list[str]]:
    """Return the ids of all user pools of the Region."""
    reply = yield aws(SERVICE, "ListUserPools", {"MaxResults": 60}, pages=True)
    return [item["Id"] for item in reply["UserPools"]]


def _derived(scope: Scope, id_: str) -> dict[str, str]:
    return {
        "arn": scope.arn("cognito-idp", f"userpool/{id_}"),
        "issuer": f"https://cognito-idp.{scope.region}.amazonaws.com/{id_}",
    }


def _observed(scope: Scope, item: Mapping[str, Any]) -> Observed:
    tags, policy = item.get("UserPoolTags") or {}, item["Policies"]["PasswordPolicy"]
    return Observed(
        id=item["Id"],
        fields={
            "name": item["Name"],
            "username_attributes": item.get("UsernameAttributes") or [],
            "verified_attributes": item.get("AutoVerifiedAttributes") or [],
            "password_policy": {
                "minimum_length": policy.get("MinimumLength"),
                "uppercase": policy.get("RequireUppercase", False),
                "lowercase": policy.get("RequireLowercase", False),
                "numbers": policy.get("RequireNumbers", False),
                "symbols": policy.get("RequireSymbols", False),
                "temporary_days": policy.get("TemporaryPasswordValidityDays"),
            },
            "mfa": item.get("MfaConfiguration", "OFF"),
            "sign_up": not (item.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly", False),
            "deletion_protection": item.get("DeletionProtection") == "ACTIVE",
            "tags": user_tags(tags),
        },
        outputs={"id": item["Id"], **_derived(scope, item["Id"])},
        owner=scope.own(tags),
        other=scope.other(tags),
    )
