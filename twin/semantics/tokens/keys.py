"""Where the keys of an issuer come from: a fixed set, or a cache of one that rotates."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

Jwk = Mapping[str, Any]


class Keys(Protocol):
    """A source of an issuer's public keys."""

    def named(self, key_id: str, now: float) -> Sequence[Jwk]:
        """Return the keys of an id, none when the issuer does not have it."""
        ...

    def every(self, now: float) -> Sequence[Jwk]:
        """Return all keys, for tokens that name none."""
        ...


def key_list(jwks: Any) -> tuple[Jwk, ...]:
    """Return the keys of a JWK Set (RFC 7517, section 5); ValueError when it is none."""
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, list) or not all(isinstance(key, Mapping) for key in keys):
        raise ValueError("a key set is an object with a list of objects in `keys`")
    return tuple(keys)


class FixedKeys:
    """The keys of one JWK Set."""

    def __init__(self, jwks: Any) -> None:
        self._keys = key_list(jwks)

    def named(self, key_id: str, now: float) -> Sequence[Jwk]:
        """Return the keys of an id."""
        return [key for key in self._keys if key.get("kid") == key_id]

    def every(self, now: float) -> Sequence[Jwk]:
        """Return all keys."""
        return self._keys


class JwksCache:
    """Keys fetched when first needed, again after `lifetime` seconds, and when a token names an unknown one.

    An unknown id makes it fetch at most every `pause` seconds, so that forged ids cannot make it flood the issuer.
    A fetch that fails (OSError, ValueError) leaves the keys that are there for as long as `stale` seconds.
    """

    def __init__(
        self, fetch: Callable[[], Any], *, lifetime: float = 300, pause: float = 30, stale: float = 3600
    ) -> None:
        self._fetch = fetch
        self._lifetime, self._pause, self._stale = lifetime, pause, stale
        self._keys = FixedKeys({"keys": []})
        self._fetched: float | None = None
        self._tried: float | None = None

    def named(self, key_id: str, now: float) -> Sequence[Jwk]:
        """Return the keys of an id, after a fetch when it is unknown and the last one is long enough ago."""
        self._refresh(now)
        found = self._keys.named(key_id, now)
        if not found and self._may_try(now):
            self._try(now)
            found = self._keys.named(key_id, now)
        return found

    def every(self, now: float) -> Sequence[Jwk]:
        """Return all keys."""
        self._refresh(now)
        return self._keys.every(now)

    def _refresh(self, now: float) -> None:
        old = self._fetched is None or now - self._fetched >= self._lifetime
        if old and (self._fetched is None or self._may_try(now)):
            self._try(now)
        if self._fetched is not None and now - self._fetched >= self._lifetime + self._stale:
            self._keys = FixedKeys({"keys": []})

    def _may_try(self, now: float) -> bool:
        return self._tried is None or now - self._tried >= self._pause

    def _try(self, now: float) -> None:
        self._tried = now
        try:
            self._keys = FixedKeys(self._fetch())
        except (OSError, ValueError):
            if self._fetched is None:
                raise
            return
        self._fetched = now
