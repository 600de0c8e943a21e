"""The address of a resource: its type and its name, with one string form used everywhere."""

import re
from dataclasses import dataclass
from functools import total_ordering

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# What stands in another Region than its org has that Region behind its name.
PLACED = re.compile(rf"{NAME.pattern}(?:@[a-z]{{2}}(?:-[a-z]+)+-[0-9]+)?")
# The system alone says how many segments a type has, so that a string splits in one way only.
TYPE = re.compile(r"aws\.[a-z0-9]+\.[a-z0-9_]+|(?:auth0|cloudflare|datadog|github|okta|pagerduty)\.[a-z0-9_]+")


@total_ordering
@dataclass(frozen=True, slots=True)
class Address:
    """`aws.s3.bucket.data-lake`: type `aws.s3.bucket`, name `data-lake`; in another Region `data-lake@us-west-2`."""

    type: str
    name: str

    def __post_init__(self) -> None:
        """Refuse what would not survive a round trip through its string form."""
        if not TYPE.fullmatch(self.type):
            raise ValueError(f"{self.type!r} is not a resource type")
        if not PLACED.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a resource name: letters, digits, - and _, and @ before a Region")

    def __str__(self) -> str:
        return f"{self.type}.{self.name}"

    def __lt__(self, other: "Address") -> bool:
        return (self.type, self.name) < (other.type, other.name)

    @property
    def system(self) -> str:
        """The vendor system that holds the resource, such as `aws` or `okta`."""
        return self.type.partition(".")[0]

    @property
    def region(self) -> str:
        """The Region in which the resource stands; "" for the org's own."""
        return self.name.partition("@")[2]

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read an address back from its string form; ValueError when it is none."""
        type_, _, name = text.rpartition(".")
        return cls(type_, name)
