"""Cloudflare Access before an application: which policy decides, and what the visitor gets.

Bypass and Service Auth policies are looked at first, then Block and Allow, each group in its order; who matches none
is refused. https://developers.cloudflare.com/cloudflare-one/policies/access/
"""

import hashlib
from dataclasses import dataclass

from twin.semantics.edge.access_rules import matches
from twin.semantics.edge.asked import Asked
from twin.semantics.edge.configuration import Access, Row
from twin.semantics.edge.outcome import Event
from twin.semantics.edge.replies import Reply, redirect
from twin.semantics.edge.way import Way

FIRST = ("bypass", "non_identity")
FORBIDDEN = Reply(403, {"content-type": ("text/html",)}, b"Forbidden. You don't have permission to view this.")


@dataclass(frozen=True)
class Admission:
    """The decision about a visitor: `bypass`, `allow`, `service`, `deny`, or `login` when nobody has signed in yet."""

    said: str
    policy: str = ""
    by: str = ""
    """The e-mail address or the service token that was admitted."""


def application(access: Access, host: str, path: str) -> Row | None:
    """Return the application that protects an address: the one with the most specific domain.

    https://developers.cloudflare.com/cloudflare-one/policies/access/app-paths/
    """
    found = [(rank, app) for app in access.apps if (rank := _rank(app, host, path)) is not None]
    found.sort(key=lambda item: item[0], reverse=True)
    return found[0][1] if found else None


def _rank(app: Row, host: str, path: str) -> tuple[int, int, int] | None:
    best = None
    for domain in app.get("self_hosted_domains") or [app.get("domain") or ""]:
        name, _, below = str(domain).partition("/")
        below = f"/{below}".rstrip("*").rstrip("/")
        exact = name == host
        wild = name.startswith("*.") and host.endswith(name[1:]) and host != name[2:]
        if (exact or wild) and (path == below or path.startswith(f"{below}/")):
            rank = (int(exact), len(name), len(below))
            best = rank if best is None else max(best, rank)
    return best


def decide(access: Access, app: Row, visitor: Asked) -> Admission:
    """Decide about a visitor: the first policy that takes it."""
    policies = sorted(app.get("policies") or (), key=lambda policy: policy.get("precedence") or 0)
    token = service_token(access, visitor)
    for policy in policies:
        if policy["decision"] == "bypass" and matches(access, policy, visitor, token):
            return Admission("bypass", str(policy["id"]))
        if policy["decision"] == "non_identity" and matches(access, policy, visitor, token):
            return Admission("service", str(policy["id"]), token["name"] if token else "")
    if visitor.identity is None:
        return Admission("login" if any(p["decision"] not in FIRST for p in policies) else "deny")
    for policy in policies:
        if policy["decision"] in ("allow", "deny") and matches(access, policy, visitor, token):
            return Admission(policy["decision"], str(policy["id"]), visitor.identity.email)
    return Admission("deny", "", visitor.identity.email)


def service_token(access: Access, visitor: Asked) -> Row | None:
    """Return the service token that a request carries, None when there is none, it is wrong or it has expired."""
    held = access.service_tokens.get(visitor.header("cf-access-client-id") or "")
    secret = visitor.header("cf-access-client-secret") or ""
    if held is None or hashlib.sha256(secret.encode()).hexdigest() != held["secret"]:
        return None
    return held if visitor.at < held["expires_at"] else None


def admit(way: Way) -> Reply | None:
    """Let a request pass Access, or answer it: 302 to the login, 401 for machines where the app says so, 403."""
    app = application(way.zone.access, way.first.host, way.first.path)
    if app is None:
        return None
    said = decide(way.zone.access, app, way.asked)
    way.log.add("access", said.said, ruleset=str(app["id"]), rule=said.policy, level="account")
    if said.said in ("allow", "service", "bypass"):
        if said.said == "allow":
            lines = {**way.asked.headers, "cf-access-authenticated-user-email": (said.by,)}
            way.asked = way.asked.but(headers=lines)
            way.refresh()
        return None
    way.log.events.append(Event(said.said, "access", str(app["id"]), said.policy, "account", str(app.get("name", ""))))
    if said.said == "deny":
        return FORBIDDEN
    if app.get("service_auth_401_redirect") and way.asked.header("cf-access-client-id"):
        return Reply(401, {"content-type": ("text/html",), "www-authenticate": ("Cloudflare-Access",)})
    login = f"https://{way.zone.access.team}/cdn-cgi/access/login/{way.first.host}"
    return redirect(302, f"{login}?kid={app.get('aud', '')}&redirect_url={way.first.uri}")
