"""The signing keys of authorization servers: one ACTIVE, one NEXT, one EXPIRED, moved on by each rotation.

https://developer.okta.com/docs/concepts/key-rotation/
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from twin.semantics.tokens.keys import Jwk
from twin.wire import Response
from twin.world.saas.okta.authorization_servers import SERVERS, find_server
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.errors import not_found
from twin.world.saas.okta.issuers import event, named_server
from twin.world.saas.okta.key_generations import FIGURES, ROTATION, generation, rotate, statuses
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.shapes import choice, record
from twin.world.saas.okta.signing_keys import private_key, public_jwk
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.router import Hit, json_response

KEYS = f"{SERVERS}/<server_id>/credentials/keys"
USE = record("use", use=choice("sig"))


def signer(org: Org, server: Record | None) -> tuple[str, rsa.RSAPrivateKey]:
    """Return the key that signs now, with its id."""
    kid = next(iter(statuses(org, server)))
    return kid, private_key(org.secret, kid)


class ServerKeys:
    """The key set of a server: the next key and the last one beside that which signs; a key is made when asked for."""

    def __init__(self, org: Org, server: Record | None) -> None:
        self._secret, self._ids = org.secret, tuple(statuses(org, server))

    def named(self, key_id: str, now: float) -> Sequence[Jwk]:
        """Return the key of an id."""
        return [public_jwk(self._secret, key_id)] if key_id in self._ids else []

    def every(self, now: float) -> Sequence[Jwk]:
        """Return all keys."""
        return [public_jwk(self._secret, kid) for kid in self._ids]


def _safe_to_keep(org: Org, server: Record | None) -> int:
    """Return for how many seconds a client may keep the key set: until the next rotation."""
    least = int(FIGURES["least_key_cache"]["seconds"])
    if server is None or server["credentials"]["signing"]["rotationMode"] == "MANUAL":
        return int(ROTATION.total_seconds())
    due = datetime.fromisoformat(server["credentials"]["signing"]["nextRotation"])
    return max(least, int((due - org.clock.now()).total_seconds()))


@ROUTER.route("GET", "/oauth2/v1/keys")
@ROUTER.route("GET", "/oauth2/<server_id>/v1/keys")
def get_published(org: Org, hit: Hit) -> Response:
    """Return the key set, and for how long it may be kept."""
    server = named_server(org, hit)
    keys = ServerKeys(org, server).every(org.clock.now().timestamp())
    return json_response(
        200, {"keys": keys}, {"Cache-Control": f"max-age={_safe_to_keep(org, server)}, must-revalidate"}
    )


def _render(org: Org, hit: Hit, kid: str, status: str) -> Record:
    href = f"{base(hit)}{SERVERS}/{hit.path['server_id']}/credentials/keys/{kid}"
    return {"status": status, **public_jwk(org.secret, kid), "_links": {"self": link(href, "GET")}}


@ROUTER.route("GET", KEYS)
def list_server_keys(org: Org, hit: Hit) -> Response:
    """List the signing keys of a server."""
    found = statuses(org, find_server(org, hit))
    return json_response(200, [_render(org, hit, kid, status) for kid, status in found.items()])


@ROUTER.route("GET", f"{KEYS}/<kid>")
def get_server_key(org: Org, hit: Hit) -> Response:
    """Return one signing key of a server."""
    found, kid = statuses(org, find_server(org, hit)), hit.path["kid"]
    if kid not in found:
        raise not_found("AuthorizationServerJsonWebKey", kid)
    return json_response(200, _render(org, hit, kid, found[kid]))


@ROUTER.route("POST", f"{SERVERS}/<server_id>/credentials/lifecycle/keyRotate")
def rotate_server_keys(org: Org, hit: Hit) -> Response:
    """Let the next key sign at once, expire the one that did, and forget the one that expired before."""
    server = find_server(org, hit)
    checked(hit, USE, "use")
    generation(org, server)
    rotate(org, server, org.clock.now())
    log(org, event(server, "key.rollover"), target("AuthorizationServer", server))
    return list_server_keys(org, hit)
