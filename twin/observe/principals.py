"""Who did what: each event traced back, through the roles that were assumed, to whom it began with."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from twin.observe.happenings import OK, Happening, oldest_first

SUBJECTS = {"AssumeRoleWithSAML": "subject", "AssumeRoleWithWebIdentity": "subjectFromWebIdentityToken"}
"""Where a reply says whom an identity provider vouched for, of the calls that need no credentials."""

CALLS = ("trail", "cloudflare")
FAILED = ("FAILURE", "DENY")
"""Outcomes of Okta that are refusals; ALLOW, CHALLENGE, SKIPPED and UNKNOWN are none."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An event, the principal that it goes back to, from where it came, and with which key.

    `through` are the sessions on the way, the first one assumed first; `traced` is false when the log that was read
    does not say who assumed the first of them.
    """

    happening: Happening
    principal: str
    address: str
    key: str
    through: tuple[str, ...] = ()
    traced: bool = True

    @property
    def refused(self) -> bool:
        """Whether it is a call that failed."""
        if self.happening.source == "okta":
            return (self.happening.detail.get("outcome") or {}).get("result") in FAILED
        return self.happening.source in CALLS and self.happening.result != OK


@dataclass(frozen=True)
class Principal:
    """Whom events go back to, with its deeds, the oldest first."""

    name: str
    deeds: tuple[Deed, ...]

    @cached_property
    def refused(self) -> int:
        """How many of its calls failed."""
        return sum(deed.refused for deed in self.deeds)

    @cached_property
    def addresses(self) -> Mapping[str, int]:
        """From where it came, and how often, the most frequent first."""
        counts = Counter(deed.address for deed in self.deeds if deed.address)
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    @cached_property
    def sessions(self) -> tuple[tuple[str, ...], ...]:
        """The sessions that it acted through, each with those on the way to it."""
        return tuple(dict.fromkeys(deed.through for deed in self.deeds if deed.through))


def deeds(found: Iterable[Happening]) -> list[Deed]:
    """Trace events back that are told the newest first; the oldest comes first. Packets are nobody's deeds."""
    ordered = [one for one in oldest_first(found) if one.source != "flows"]
    issued = {key: one for one in ordered if (key := _issued(one))}
    owners = {_key(one): one.principal for one in ordered if one.source == "trail" and _key(one)}
    return [_traced(one, issued, owners) for one in ordered]


def principals(found: Sequence[Deed]) -> list[Principal]:
    """Return deeds by whom they go back to, in the order in which each began."""
    groups: dict[str, list[Deed]] = {}
    for deed in found:
        groups.setdefault(deed.principal, []).append(deed)
    return [Principal(name, tuple(group)) for name, group in groups.items()]


def _traced(one: Happening, issued: Mapping[str, Happening], owners: Mapping[str, str]) -> Deed:
    """Follow the keys from the one that signed back to one that no call gave out."""
    began = one
    through: list[str] = []
    name = owners.get(_key(one)) or _vouched(one) or one.principal
    while (key := _key(began)) in issued and len(through) < len(issued):
        session, began = name, issued[key]
        name = _vouched(began) or began.principal
        through.append(session)
    traced = _identity(began).get("type") != "AssumedRole"
    return Deed(one, name, _address(one), _key(one), tuple(reversed(through)), traced)


def _identity(one: Happening) -> Mapping[str, Any]:
    return one.detail.get("userIdentity") or {}


def _key(one: Happening) -> str:
    """Return the id of the access key that signed a call, or that a finding is about."""
    named = (one.detail.get("Resource") or {}).get("AccessKeyDetails") or {}
    return str(_identity(one).get("accessKeyId") or named.get("AccessKeyId") or "")


def _issued(one: Happening) -> str:
    """Return the id of the access key that a call gave out for a session; CreateAccessKey gives out a user's own."""
    answered = one.detail.get("responseElements") or {}
    return str((answered.get("credentials") or {}).get("accessKeyId") or "")


def _vouched(one: Happening) -> str:
    """Return whom an identity provider vouched for, as it writes them."""
    answered = one.detail.get("responseElements") or {}
    return str(answered.get(SUBJECTS.get(one.detail.get("eventName", ""), "")) or "")


def _address(one: Happening) -> str:
    told = one.detail
    call = ((told.get("Service") or {}).get("Action") or {}).get("AwsApiCallAction") or {}
    found = (
        told.get("sourceIPAddress"),
        (told.get("client") or {}).get("ipAddress"),
        (told.get("actor") or {}).get("ip"),
        (call.get("RemoteIpDetails") or {}).get("IpAddressV4"),
    )
    return str(next((address for address in found if address), ""))
