"""Sends the reads of one account, and notes what it was not shown instead of passing over it."""

from collections.abc import Callable
from typing import Any

from twin.resources.call import Call, Refused, aws

Send = Callable[[Call], Any]


class Reader:
    """Reads of one account in one Region; `gaps` collects what was refused, `canonical` whose the ids of S3 are."""

    def __init__(self, send: Send, account: str, region: str) -> None:
        self.send, self.account, self.region = send, account, region
        self.gaps: list[str] = []
        self.canonical: dict[str, str] = {}

    def read(
        self, service: str, operation: str, params: Any = None, *, absent: tuple[str, ...] = (), pages: bool = True
    ) -> Any:
        """Return a reply with all its pages; an empty one when it is refused, which becomes a gap."""
        try:
            reply = self.send(aws(service, operation, params, region=self.region, pages=pages, absent=absent))
        except Refused as refused:
            self.gaps.append(f"{self.account}: {refused}")
            return {}
        return reply or {}

    def arn(self, service: str, rest: str) -> str:
        """Write an ARN of the account and Region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def role(self, name: str | None) -> tuple[str, ...]:
        """Return a role that is told by ARN or by name, as Glue does; none when there is none."""
        if not name:
            return ()
        return (name if name.startswith("arn:") else f"arn:aws:iam::{self.account}:role/{name}",)
