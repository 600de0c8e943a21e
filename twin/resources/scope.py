"""Whose resources they are and where: the org and environment that own, the accounts that hold."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from twin.address import Address

OWNER_TAG = "twin:owner"
ADDRESS_TAG = "twin:address"
MARK = re.compile(r"\s?\[twin (\S+) (\S+)\]$")


@dataclass(frozen=True, slots=True)
class Scope:
    """The owner of what we make (`acme/prod`) and the accounts in which it is made."""

    org: str
    environment: str
    account: str = ""
    alias: str = ""
    region: str = "us-east-1"
    partition: str = "aws"
    cloudflare_account: str = ""
    cloudflare_plan: str = "free"
    """The plan of the account's zones, which a twin has from the start: an apply buys none."""
    okta_url: str = ""
    auth0_domain: str = ""
    pagerduty: str = ""
    datadog: str = ""
    github_organization: str = ""
    github_members: str = ""
    """Who is in the organisation, as far as the spec names them: logins with commas between them."""
    github_repositories: str = ""
    """Repositories that another environment of the spec keeps and this one relies on: a twin begins with them."""

    @property
    def owner(self) -> str:
        """The value of the ownership tag."""
        return f"{self.org}/{self.environment}"

    def at(self, region: str) -> "Scope":
        """Return the scope in another Region; "" is where it is."""
        return replace(self, region=region) if region else self

    def arn(self, service: str, resource: str, *, region: str | None = None, account: str | None = None) -> str:
        """Write an ARN in this account and region; pass "" for a part that the service leaves empty."""
        where = self.region if region is None else region
        who = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{where}:{who}:{resource}"

    def tags(self, address: Address, tags: Mapping[str, str]) -> dict[str, str]:
        """Return a resource's tags with the two that say who owns it."""
        return {**tags, OWNER_TAG: self.owner, ADDRESS_TAG: str(address)}

    def tag_list(
        self, address: Address, tags: Mapping[str, str], *, key: str = "Key", value: str = "Value"
    ) -> list[dict[str, str]]:
        """Return `tags` as the list of pairs that most AWS services take."""
        return [{key: k, value: v} for k, v in sorted(self.tags(address, tags).items())]

    def own(self, tags: Mapping[str, str]) -> Address | None:
        """Return the address in an ownership tag, when the tag is this org's and environment's."""
        if tags.get(OWNER_TAG) != self.owner or ADDRESS_TAG not in tags:
            return None
        return _address(tags[ADDRESS_TAG])

    def other(self, tags: Mapping[str, str]) -> str:
        """Return who else owns what has these tags: another org or environment; nothing when nobody else does."""
        owner = tags.get(OWNER_TAG, "")
        return owner if owner != self.owner else ""

    def mark(self, address: Address, text: str = "") -> str:
        """Append the owner to a free text (a description, a comment) where a vendor has no tags."""
        return f"{text} [twin {self.owner} {address}]".strip()

    def marked(self, text: str | None) -> Address | None:
        """Return the address that `mark` wrote into a text, when it is this org's and environment's."""
        found = MARK.search(text or "")
        return _address(found[2]) if found and found[1] == self.owner else None

    def marked_by_other(self, text: str | None) -> str:
        """Return which other org or environment wrote its `mark` into a text; nothing when none did."""
        found = MARK.search(text or "")
        return found[1] if found and found[1] != self.owner else ""


def unmark(text: str | None) -> str:
    """Return a free text without the owner that `mark` appended."""
    return MARK.sub("", text or "")


def plain_tags(tags: Iterable[Mapping[str, Any]] | None, *, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Read a vendor's list of tag pairs as a mapping."""
    return {tag[key]: tag.get(value, "") for tag in tags or ()}


def user_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Leave out the tags that the vendor or we ourselves keep."""
    return {k: v for k, v in tags.items() if k not in (OWNER_TAG, ADDRESS_TAG) and not k.startswith("aws:")}


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except ValueError:
        return None
