"""Member accounts of the organization."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import own_tags, tag_problems
from twin.resources.aws.organizations import (
    OUTSIDE,
    name_problems,
    retag_in_organization,
    tags_in_organization,
)
from twin.resources.call import Refused, Steps, aws
from twin.resources.resource import IMMUTABLE, WRITE_ONLY, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

CLOSED = frozenset({"SUSPENDED", "PENDING_CLOSURE", "CLOSED"})
POLLS = 900
"""How often the state of a creation is asked for before it is given up; each asking takes a round trip."""


class Account(Resource):
    """An account that the organization makes; deletion closes it, and AWS removes it 90 days later."""

    TYPE: ClassVar[str] = "aws.organizations.account"
    KEY: ClassVar[tuple[str, ...]] = ("email",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The account's name")
    email: Annotated[str, IMMUTABLE] = Field(description="Its root user's address, unique among all AWS accounts")
    parent: Annotated[str | None, RefTo("aws.organizations.organization", "aws.organizations.unit")] = Field(
        None, description="Id of the unit or root that it belongs to"
    )
    role_name: Annotated[str, WRITE_ONLY, IMMUTABLE] = Field(
        "OrganizationAccountAccessRole", description="The role in it that this account may assume"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all accounts, and parent and tags of each but the governing one; closed ones are left out."""
        reply = yield aws("organizations", "ListAccounts", pages=True, absent=OUTSIDE)
        found = []
        for account in (reply or {}).get("Accounts") or ():
            id_ = account["Id"]
            if (account.get("State") or account.get("Status")) in CLOSED:
                continue
            fields: dict[str, Any] = {"name": account["Name"], "email": account["Email"]}
            outputs = {"id": id_, "arn": account["Arn"]}
            if id_ == scope.account:
                found.append(Observed(id_, fields, outputs, builtin=True))
                continue
            tags = yield from tags_in_organization(id_)
            parent = yield from _parent(id_)
            found.append(
                Observed(
                    id_,
                    {**fields, "parent": parent, "tags": own_tags(tags)},
                    outputs,
                    scope.own(tags),
                    other=scope.other(tags),
                )
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Have the account made, wait until it is, and move it to its place."""
        request = aws(
            "organizations",
            "CreateAccount",
            {
                "AccountName": self.name,
                "Email": self.email,
                "RoleName": self.role_name,
                "Tags": scope.tag_list(address, self.tags),
            },
        )
        status = (yield request)["CreateAccountStatus"]
        for _ in range(POLLS):
            if status["State"] != "IN_PROGRESS":
                break
            reply = yield aws("organizations", "DescribeCreateAccountStatus", {"CreateAccountRequestId": status["Id"]})
            status = reply["CreateAccountStatus"]
        if status["State"] in ("FAILED", "IN_PROGRESS"):
            code = status.get("FailureReason") or status["State"]
            raise Refused(request, code, f"the account {self.name} was not made", status=400)
        id_ = status["AccountId"]
        if self.parent is not None:
            yield from _move(id_, self.parent)
        return {"id": id_, "arn": (yield from _account_arn(id_))}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Move the account, change tags."""
        if "parent" in changed and self.parent is not None:
            yield from _move(observed.id, self.parent)
        if changed & {"tags", "owner"}:
            yield from retag_in_organization(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Close the account."""
        absent = ("AccountNotFoundException", "AccountAlreadyClosedException", *OUTSIDE)
        yield aws("organizations", "CloseAccount", {"AccountId": observed.id}, absent=absent)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check name, address and tags."""
        yield from name_problems("account", self.name)
        yield from tag_problems(self.tags, 50)
        low, high = facts("organizations")["email_length"]
        pattern = facts("organizations")["email_pattern"]
        if "${" not in self.email and not (low <= len(self.email) <= high and re.fullmatch(pattern, self.email)):
            yield Problem("TW0462", f"{self.email!r} is not an address of {low} to {high} characters", "email")


def _parent(id_: str) -> Steps[str]:
    reply = yield aws("organizations", "ListParents", {"ChildId": id_}, pages=True)
    parent: str = reply["Parents"][0]["Id"]
    return parent


def _move(id_: str, parent: str) -> Steps[None]:
    source = yield from _parent(id_)
    if source != parent:
        params = {"AccountId": id_, "SourceParentId": source, "DestinationParentId": parent}
        yield aws("organizations", "MoveAccount", params)


def _account_arn(id_: str) -> Steps[str]:
    reply = yield aws("organizations", "DescribeAccount", {"AccountId": id_})
    arn: str = reply["Account"]["Arn"]
    return arn
