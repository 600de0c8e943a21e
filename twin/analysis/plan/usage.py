"""A record of what principals did, read from CloudTrail's events in any of the forms in which they are kept."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from twin.data_files import read_yaml

DATA = Path(__file__).parent / "data" / "trail.yaml"


class UsageMistake(ValueError):
    """A usage record that is none of CloudTrail's forms."""


@dataclass
class Usage:
    """What each principal did, with the ARNs that its events name; `seen` are the services with data events."""

    actions: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    seen: set[str] = field(default_factory=set)
    events: int = 0

    def of(self, principal: str) -> Mapping[str, set[str]]:
        """Return the actions of a principal (the ARN of a user or role), each with the resources it was done on."""
        return self.actions.get(principal, {})


@cache
def facts() -> Mapping[str, Any]:
    """Return what CloudTrail calls otherwise than IAM, and what it records only when asked."""
    found: Mapping[str, Any] = read_yaml(DATA.read_text(encoding="utf-8"))
    return found


def read_usage(written: str) -> Usage:
    """Read `{"Records": […]}` (a log file), `{"Events": […]}` (a reply of LookupEvents), a list, or JSON lines."""
    usage = Usage()
    for event in _events(written):
        usage.events += 1
        principal, source = _principal(event), str(event.get("eventSource", ""))
        if (
            principal is None
            or not source
            or event.get("errorCode") in ("AccessDenied", "Client.UnauthorizedOperation")
        ):
            continue
        prefix = facts()["prefixes"].get(source, source.partition(".")[0])
        if event.get("eventCategory") == "Data" or event.get("managementEvent") is False:
            usage.seen.add(prefix)
        arns = {str(one["ARN"]) for one in event.get("resources") or () if one.get("ARN")}
        for action in _actions(prefix, str(event.get("eventName", ""))):
            usage.actions[principal][action.lower()] |= arns
    return usage


def _actions(prefix: str, name: str) -> Iterable[str]:
    told = facts()["actions"].get(f"{prefix}:{name}")
    if told:
        return list(told)
    plain = name.rstrip("0123456789v_") if prefix == "lambda" else name
    return [f"{prefix}:{plain}"]


def _principal(event: Mapping[str, Any]) -> str | None:
    """Return the user or role behind an event: of a session, the role that issued it."""
    who = event.get("userIdentity") or {}
    issuer = ((who.get("sessionContext") or {}).get("sessionIssuer") or {}).get("arn")
    found = issuer or who.get("arn")
    return str(found) if found else None


def _events(written: str) -> Iterator[Mapping[str, Any]]:
    try:
        whole = json.loads(written)
    except json.JSONDecodeError:
        try:
            whole = [json.loads(line) for line in written.splitlines() if line.strip()]
        except json.JSONDecodeError as wrong:
            raise UsageMistake(f"neither JSON nor JSON lines: {wrong.msg}") from wrong
    if isinstance(whole, Mapping):
        whole = whole.get("Records") or whole.get("Events") or ([whole] if "eventName" in whole else whole)
    if not isinstance(whole, list) or not all(isinstance(one, Mapping) for one in whole):
        raise UsageMistake("no events of CloudTrail: a log file, a reply of LookupEvents or JSON lines are wanted")
    for one in whole:
        yield json.loads(one["CloudTrailEvent"]) if "CloudTrailEvent" in one else one
