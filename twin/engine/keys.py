"""The keys to a twin's accounts, in the one list that its address and its targets share."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What clients need to be let in, each under its vendor's name; AWS's have none."""

    access_key_id: str
    okta_url: str
    secret_access_key: str = field(repr=False)
    cloudflare_token: str = field(repr=False)
    okta_token: str = field(repr=False)
    auth0_domain: str = ""
    auth0_client_id: str = ""
    auth0_client_secret: str = field(repr=False, default="")
    pagerduty_token: str = field(repr=False, default="")
    datadog_api_key: str = field(repr=False, default="")
    datadog_app_key: str = field(repr=False, default="")
    github_token: str = field(repr=False, default="")

    def keys(self) -> dict[str, Any]:
        """Return the keys alone, by name."""
        return {one.name: getattr(self, one.name) for one in fields(Keys)}
