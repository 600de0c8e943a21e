"""Sessions of Access: who signed in, until when, and the cookie that carries it."""

import hashlib
from dataclasses import asdict
from typing import Any

from twin.semantics.edge import Asked, Identity
from twin.world.scene import Scene

SESSIONS = "cloudflare.access.sessions"
COOKIE = "CF_Authorization"
DAY = 86_400.0  # cloudflare-one/identity/users/session-management: 24 hours unless the application says otherwise


def sign_in(scene: Scene, identity: Identity, app: str, *, seconds: float = DAY) -> str:
    """Have somebody sign in to an application, as the identity provider vouched; returns the value of the cookie.

    Only its digest is kept.
    """
    value = scene.ids("cloudflare-access").word(86)
    kept: dict[str, Any] = scene.memory.setdefault(SESSIONS, {})
    kept[_digest(value)] = {"app": app, "identity": asdict(identity), "until": scene.now().timestamp() + seconds}
    return value


def session_of(scene: Scene, asked: Asked, app: str) -> Identity | None:
    """Return who the cookie of a request to an application belongs to, as long as the session lasts."""
    kept: dict[str, Any] = scene.memory.get(SESSIONS, {})
    for value in asked.cookies.get(COOKIE, ()):
        session = kept.get(_digest(value))
        if session is not None and session["app"] == app and asked.at < session["until"]:
            return Identity(**session["identity"])
    return None


def revoke(scene: Scene, app: str) -> None:
    """End every session of an application."""
    kept: dict[str, Any] = scene.memory.get(SESSIONS, {})
    for mark in [mark for mark, session in kept.items() if session["app"] == app]:
        del kept[mark]


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
