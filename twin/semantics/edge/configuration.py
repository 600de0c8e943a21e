"""A zone as its endpoints tell it: the plain answers of Cloudflare's API, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Access:
    """The account's Access: applications with their policies, groups, service tokens, and the team's domain."""

    apps: Sequence[Row] = ()
    groups: Mapping[str, Row] = field(default_factory=dict)
    service_tokens: Mapping[str, Row] = field(default_factory=dict)
    """By client id: `id`, `name`, `expires_at` in seconds, and `secret`, its SHA-256."""
    team: str = "twin.cloudflareaccess.com"


@dataclass(frozen=True)
class Zone:
    """A zone: what `GET` answers for it, its settings by id, its records, rulesets of both levels, balancers and so on.

    `rulesets` and `account_rulesets` are the latest versions with their rules; `health` tells of each pool's origins
    whether they are up (`{pool id: {origin name: bool}}`), and knows nothing of a pool without a monitor.
    """

    name: str
    plan: str = "free"
    settings: Mapping[str, Any] = field(default_factory=dict)
    records: Sequence[Row] = ()
    rulesets: Sequence[Row] = ()
    account_rulesets: Sequence[Row] = ()
    balancers: Sequence[Row] = ()
    pools: Mapping[str, Row] = field(default_factory=dict)
    health: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    packs: Sequence[Row] = ()
    access: Access = field(default_factory=Access)
    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    paused: bool = False

    def setting(self, name: str) -> Any:
        """Return the value of a setting, its default where nobody set it."""
        return self.settings.get(name, DEFAULTS.get(name))


DEFAULTS: Mapping[str, Any] = {
    "ssl": "full",
    "min_tls_version": "1.0",
    "tls_1_3": "on",
    "always_use_https": "off",
    "browser_cache_ttl": 14400,
    "cache_level": "aggressive",
    "development_mode": "off",
    "security_header": {"strict_transport_security": {"enabled": False}},
    "cname_flattening": "flatten_at_root",
}
"""The defaults of the settings that the edge looks at; GET /zones/{zone_id}/settings tells them all."""
