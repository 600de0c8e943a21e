"""Whether a policy of Access takes a visitor: include is any, require is all, exclude is none.

https://developers.cloudflare.com/cloudflare-one/policies/access/#rule-types
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from twin.semantics.edge.asked import Asked
from twin.semantics.edge.configuration import Access, Row

Test = Callable[[Access, Mapping[str, Any], Asked, "Row | None"], bool]


def matches(access: Access, policy: Row, visitor: Asked, token: Row | None) -> bool:
    """Tell whether the rules of a policy or group take a visitor; without an include they take nobody."""

    def holds(rule: Mapping[str, Any]) -> bool:
        return _holds(access, rule, visitor, token)

    if not any(map(holds, policy.get("include") or ())):
        return False
    return all(map(holds, policy.get("require") or ())) and not any(map(holds, policy.get("exclude") or ()))


def _holds(access: Access, rule: Mapping[str, Any], visitor: Asked, token: Row | None) -> bool:
    ((kind, given),) = rule.items()
    test = TESTS.get(kind)
    return test is not None and test(access, given or {}, visitor, token)


def supported() -> frozenset[str]:
    """Return the kinds of rules that can be decided here; others never take anybody."""
    return frozenset(TESTS)


def _group(access: Access, given: Mapping[str, Any], visitor: Asked, token: Row | None) -> bool:
    group = access.groups.get(str(given["id"]))
    return group is not None and matches(access, group, visitor, token)


def _email(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    return visitor.identity is not None and visitor.identity.email.lower() == str(given["email"]).lower()


def _domain(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    domain = visitor.identity.email.rpartition("@")[2].lower() if visitor.identity else ""
    return bool(domain) and domain == str(given["domain"]).lower()


def _everyone(_access: Access, _given: Mapping[str, Any], _visitor: Asked, _token: Row | None) -> bool:
    return True


def _address(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    return ip_address(visitor.ip) in ip_network(str(given["ip"]), strict=False)


def _country(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    return bool(visitor.country == given["country_code"])


def _named_group(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    """Ask for a group of the identity provider, by its name or id, at the provider that the rule names."""
    if visitor.identity is None:
        return False
    provider = given.get("identity_provider_id") or given.get("connection_id")
    wanted = str(given.get("name") or given.get("id") or given.get("email") or "")
    return wanted in visitor.identity.groups and provider in (None, visitor.identity.provider)


def _login(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    return visitor.identity is not None and bool(visitor.identity.provider == given["id"])


def _method(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    return visitor.identity is not None and given["auth_method"] in visitor.identity.methods


def _token(_access: Access, given: Mapping[str, Any], _visitor: Asked, token: Row | None) -> bool:
    return token is not None and bool(token["id"] == given["token_id"])


def _any_token(_access: Access, _given: Mapping[str, Any], _visitor: Asked, token: Row | None) -> bool:
    return token is not None


def _certificate(_access: Access, _given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    return bool(visitor.certificate and visitor.certificate.get("verified"))


def _common_name(_access: Access, given: Mapping[str, Any], visitor: Asked, _token: Row | None) -> bool:
    shown = visitor.certificate
    return shown is not None and bool(shown.get("verified")) and bool(shown["common_name"] == given["common_name"])


TESTS: dict[str, Test] = {
    "group": _group,
    "email": _email,
    "email_domain": _domain,
    "everyone": _everyone,
    "ip": _address,
    "geo": _country,
    "okta": _named_group,
    "azureAD": _named_group,
    "gsuite": _named_group,
    "login_method": _login,
    "auth_method": _method,
    "service_token": _token,
    "any_valid_service_token": _any_token,
    "certificate": _certificate,
    "common_name": _common_name,
}
