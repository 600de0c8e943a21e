"""The account's password policy."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.iam_account import GONE
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope

NAMES = {
    "minimum_length": "MinimumPasswordLength",
    "lowercase": "RequireLowercaseCharacters",
    "uppercase": "RequireUppercaseCharacters",
    "numbers": "RequireNumbers",
    "symbols": "RequireSymbols",
    "users_may_change": "AllowUsersToChangePassword",
    "maximum_age": "MaxPasswordAge",
    "remembered": "PasswordReusePrevention",
    "hard_expiry": "HardExpiry",
}
RANGES = {"minimum_length": "password_length", "maximum_age": "password_age_days", "remembered": "password_reuse"}


class PasswordPolicy(Resource):
    """What the passwords of IAM users must be like; there is one per account."""

    TYPE: ClassVar[str] = "aws.iam.password_policy"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: Annotated[Literal["account"], IMMUTABLE] = Field("account", description="The one there is")
    minimum_length: int = Field(14, description="6 to 128 characters")
    lowercase: bool = Field(True, description="Whether a lower-case letter is required")
    uppercase: bool = Field(True, description="Whether an upper-case letter is required")
    numbers: bool = Field(True, description="Whether a digit is required")
    symbols: bool = Field(True, description="Whether a symbol is required")
    users_may_change: bool = Field(True, description="Whether users may change their own password")
    maximum_age: int = Field(0, description="Days after which a password expires, 1 to 1,095; 0 is never")
    remembered: int = Field(24, description="How many passwords may not be used again, 1 to 24; 0 is none")
    hard_expiry: bool = Field(False, description="Whether an expired password needs an administrator")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the policy; an account without one has none."""
        reply = yield aws("iam", "GetAccountPasswordPolicy", absent=GONE)
        if reply is None:
            return []
        policy = reply["PasswordPolicy"]
        numbers = ("minimum_length", "maximum_age", "remembered")
        fields = {n: policy.get(v) or (0 if n in numbers else False) for n, v in NAMES.items()}
        return [Observed("account", {"name": "account", **fields}, {"id": "account"})]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Set the policy."""
        yield self._set()
        return {"id": "account"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Set the policy anew; what a call leaves out falls back to IAM's default."""
        yield self._set()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the policy, so that IAM's default holds."""
        yield aws("iam", "DeleteAccountPasswordPolicy", absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """There is one per account."""
        return {"id": "account"}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the documented ranges."""
        for name, fact in RANGES.items():
            low, high = facts("iam")[fact]
            value = getattr(self, name)
            if not low <= value <= high and (value or name == "minimum_length"):
                yield Problem("TW0459", f"{name} is {low} to {high}, not {value}", name)

    def _set(self) -> Call:
        return aws(
            "iam", "UpdateAccountPasswordPolicy", {v: _value(n, getattr(self, n)) for n, v in sorted(NAMES.items())}
        )


def _value(name: str, value: Any) -> Any:
    """Leave out an age or a memory of 0, which IAM knows only as absent."""
    return None if name in ("maximum_age", "remembered") and not value else value
