"""The account's alias, which its sign-in page has in its address."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.iam_account import GONE
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope


class AccountAlias(Resource):
    """A name for the account, unique in the partition; an account has at most one."""

    TYPE: ClassVar[str] = "aws.iam.account_alias"
    KEY: ClassVar[tuple[str, ...]] = ("alias",)

    alias: Annotated[str, IMMUTABLE] = Field(description="3 to 63 lower-case letters, digits and single hyphens")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the alias, if there is one."""
        reply = yield aws("iam", "ListAccountAliases", pages=True)
        return [Observed(alias, {"alias": alias}, {"id": alias}) for alias in reply.get("AccountAliases") or ()]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Set the alias."""
        yield aws("iam", "CreateAccountAlias", {"AccountAlias": self.alias})
        return {"id": self.alias}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the alias."""
        yield aws("iam", "DeleteAccountAlias", {"AccountAlias": observed.id}, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The alias is its own id."""
        return {"id": self.alias}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the alias."""
        if not re.fullmatch(facts("iam")["account_alias_pattern"], self.alias):
            yield Problem("TW0440", f"{self.alias!r} is not an account alias", "alias", "as in acme-prod")
