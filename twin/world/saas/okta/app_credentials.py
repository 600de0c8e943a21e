"""Credentials of apps: client secrets that rotate by overlap, signing keys, SAML metadata."""

from xml.sax.saxutils import quoteattr

from twin.wire import Response
from twin.world.saas.okta.apps import APPS, find_app
from twin.world.saas.okta.body import object_of, verify
from twin.world.saas.okta.client_secrets import new_secret
from twin.world.saas.okta.errors import not_found, refuse
from twin.world.saas.okta.links import base, lifecycle
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.shapes import STATUS, record, text
from twin.world.saas.okta.signing_keys import certificate, certificate_text, public_jwk, thumbprint
from twin.world.saas.okta.state import ROUTER, Org, Record, find, stamp
from twin.world.saas.router import Hit, json_response

SECRETS = f"{APPS}/<app_id>/credentials/secrets"
KEYS = f"{APPS}/<app_id>/credentials/keys"
ABOUT = "OAuth2ClientSecretMediated"
MOST_SECRETS = 2
BODY = record(client_secret=text(least=14, most=100, pattern=r"[\x21-\x7e]+"), status=STATUS)
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"
NAME_ID = "urn:oasis:names:tc:SAML:1.1:nameid-format:"


def _client(org: Org, hit: Hit) -> Record:
    app = find_app(org, hit)
    if app["signOnMode"] != "OPENID_CONNECT":
        raise not_found("OAuth2Client", app["id"])
    return app


def _render(hit: Hit, app: Record, secret: Record) -> Record:
    href = f"{base(hit)}{APPS}/{app['id']}/credentials/secrets/{secret['id']}"
    return {**secret, "_links": lifecycle(href, secret["status"])}


def _secret(org: Org, hit: Hit) -> tuple[Record, Record]:
    app = _client(org, hit)
    return app, find(app["#secrets"], hit.path["secret_id"], "OAuth2ClientSecret")


def _named(secret: Record) -> Record:
    # The target names a secret by its id; the record of the secret itself has its value.
    return target("ClientSecret", {"id": secret["id"]})


def _log(org: Org, verb: str, app: Record, secret: Record) -> None:
    log(org, f"app.oauth2.credentials.lifecycle.{verb}", target("AppInstance", app), _named(secret))


def _log_read(org: Org, app: Record, secrets: list[Record]) -> None:
    log(org, "app.oauth2.client.read_client_secret", target("AppInstance", app), *map(_named, secrets))


@ROUTER.route("GET", SECRETS)
def list_secrets(org: Org, hit: Hit) -> Response:
    """List the client secrets of an app."""
    app = _client(org, hit)
    secrets = list(app["#secrets"].values())
    _log_read(org, app, secrets)
    return json_response(200, [_render(hit, app, secret) for secret in secrets])


@ROUTER.route("POST", SECRETS)
def create_secret(org: Org, hit: Hit) -> Response:
    """Add a second client secret; an app has two at most."""
    app = _client(org, hit)
    body = object_of(hit) if hit.request.body else {}
    verify(body, BODY, ABOUT)
    if len(app["#secrets"]) >= MOST_SECRETS:
        refuse(ABOUT, "You've reached the maximum number of client secrets per client.")
    secret = new_secret(org, app, body.get("client_secret"))
    secret["status"] = body.get("status", "ACTIVE")
    _log(org, "create", app, secret)
    return json_response(201, _render(hit, app, secret))


@ROUTER.route("GET", f"{SECRETS}/<secret_id>")
def get_secret(org: Org, hit: Hit) -> Response:
    """Return one client secret."""
    app, secret = _secret(org, hit)
    _log_read(org, app, [secret])
    return json_response(200, _render(hit, app, secret))


@ROUTER.route("DELETE", f"{SECRETS}/<secret_id>")
def delete_secret(org: Org, hit: Hit) -> Response:
    """Delete a client secret that is INACTIVE."""
    app, secret = _secret(org, hit)
    if secret["status"] == "ACTIVE":
        refuse(ABOUT, "You can't delete an active client secret. Deactivate the secret before deleting it.")
    del app["#secrets"][secret["id"]]
    _log(org, "delete", app, secret)
    return Response(204)


@ROUTER.route("POST", f"{SECRETS}/<secret_id>/lifecycle/activate")
def activate_secret(org: Org, hit: Hit) -> Response:
    """Activate a client secret."""
    return _set_status(org, hit, "ACTIVE", "activate")


@ROUTER.route("POST", f"{SECRETS}/<secret_id>/lifecycle/deactivate")
def deactivate_secret(org: Org, hit: Hit) -> Response:
    """Deactivate a client secret that is not the only active one."""
    app, secret = _secret(org, hit)
    active = [one for one in app["#secrets"].values() if one["status"] == "ACTIVE"]
    if active == [secret]:
        refuse(ABOUT, "You can't deactivate the only active client secret.")
    return _set_status(org, hit, "INACTIVE", "deactivate")


def _set_status(org: Org, hit: Hit, status: str, verb: str) -> Response:
    app, secret = _secret(org, hit)
    if secret["status"] != status:
        secret["status"] = status
        org.touch(secret)
        _log(org, verb, app, secret)
    return json_response(200, _render(hit, app, secret))


def _key(org: Org, kid: str, created: str) -> Record:
    found = certificate(org.secret, kid, org.name, created)
    shown = {name: value for name, value in public_jwk(org.secret, kid).items() if name != "alg"}
    dates = {"created": created, "lastUpdated": created, "expiresAt": stamp(found.not_valid_after_utc)}
    return {**shown, **dates, "x5c": [certificate_text(found)], "x5t#S256": thumbprint(found)}


@ROUTER.route("GET", KEYS)
def list_keys(org: Org, hit: Hit) -> Response:
    """List the signing keys of an app."""
    keys = find_app(org, hit)["#keys"]
    return json_response(200, [_key(org, kid, created) for kid, created in keys.items()])


@ROUTER.route("GET", f"{KEYS}/<kid>")
def get_key(org: Org, hit: Hit) -> Response:
    """Return one signing key."""
    keys, kid = find_app(org, hit)["#keys"], hit.path["kid"]
    if kid not in keys:
        raise not_found("JsonWebKey", kid)
    return json_response(200, _key(org, kid, keys[kid]))


@ROUTER.route("GET", f"{APPS}/<app_id>/sso/saml/metadata")
def get_metadata(org: Org, hit: Hit) -> Response:
    """Return the SAML metadata of the identity provider for one app, with the certificate of a key."""
    app = find_app(org, hit)
    if app["signOnMode"] != "SAML_2_0":
        raise not_found("SamlMetadata", app["id"])
    kid = hit.query.get("kid") or app["credentials"]["signing"]["kid"]
    if kid not in app["#keys"]:
        raise not_found("JsonWebKey", kid)
    found = certificate_text(certificate(org.secret, kid, org.name, app["#keys"][kid]))
    document = _metadata(base(hit), app, found)
    reply = Response(200, body=document.encode())
    reply.headers["Content-Type"] = "text/xml"
    return reply


def _metadata(host: str, app: Record, found: str) -> str:
    sso = quoteattr(f"{host}/app/{app['name']}/{app['#external']}/sso/saml")
    signed = str(bool(app["settings"]["signOn"]["samlSignedRequestEnabled"])).lower()
    entity = quoteattr(f"http://www.okta.com/{app['#external']}")
    services = "".join(
        f'<md:SingleSignOnService Binding="{BINDING}{kind}" Location={sso}/>' for kind in ("HTTP-POST", "HTTP-Redirect")
    )
    formats = "".join(f"<md:NameIDFormat>{NAME_ID}{kind}</md:NameIDFormat>" for kind in ("unspecified", "emailAddress"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<md:EntityDescriptor entityID={entity} xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        f'<md:IDPSSODescriptor WantAuthnRequestsSigned="{signed}" '
        'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">'
        '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>'
        f"{found}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        f"{formats}{services}</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
