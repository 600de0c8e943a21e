"""Single sign-on to a SAML app: from a signed-on browser to a form that posts the assertion to its service provider.

https://developer.okta.com/docs/concepts/saml/
"""

from html import escape

from twin.wire import Response
from twin.world.saas.okta.app_access import uses
from twin.world.saas.okta.authorize import sign_in_page
from twin.world.saas.okta.client_authentication import form_of
from twin.world.saas.okta.errors import OktaError, not_found
from twin.world.saas.okta.log_events import app_user, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.saml_attributes import attributes_of, audience_of, filled
from twin.world.saas.okta.saml_response import Statement, response
from twin.world.saas.okta.sign_on_sessions import signed_on, verdict_of, with_cookie
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.router import Hit

SSO = "/app/<name>/<external>/sso/saml"


@ROUTER.route("GET", SSO)
@ROUTER.route("POST", SSO)
def single_sign_on(org: Org, hit: Hit) -> Response:
    """Answer with a form for the service provider; whoever is not signed on is sent to the sign-in page."""
    fields = form_of(hit) if hit.request.method == "POST" else dict(hit.query.items())
    if "SAMLRequest" in fields:
        raise OktaError("E0000060", f"{hit.request.method} {SSO} for a request of the service provider's")
    app = _app(org, hit)
    who = signed_on(org, hit, fields.get("sessionToken", ""))
    if who is None:
        return sign_in_page(org, hit)
    if not uses(org, app["id"], who.user):
        raise OktaError("E0000006")
    verdict = verdict_of(org, app, who)
    if verdict.access == "DENY":
        raise OktaError("E0000006")
    if not verdict.demands["satisfied"]:
        return sign_in_page(org, hit)
    to = audience_of(app)
    issuer = filled((app["settings"].get("signOn") or {}).get("idpIssuer") or ISSUER, org, app, who.user)
    subject = filled(to.name_template, org, app, who.user)
    said = Statement(issuer, subject, to, who.at, attributes_of(org, app, who.user))
    form = {"SAMLResponse": response(org, app, said), "RelayState": fields.get("RelayState", "")}
    about = (target("AppInstance", app), app_user(app, who.user))
    log(org, "user.authentication.sso", *about, debug={"signOnMode": "SAML 2.0"})
    return with_cookie(_posting(to.acs, form), who)


ISSUER = "http://www.okta.com/${org.externalKey}"


def _app(org: Org, hit: Hit) -> Record:
    for app in org.apps.values():
        if app["#external"] == hit.path["external"] and app["name"] == hit.path["name"]:
            if app["signOnMode"] == "SAML_2_0" and app["status"] == "ACTIVE":
                return app
            break
    raise not_found("AppInstance", hit.path["external"])


def _posting(place: str, fields: dict[str, str]) -> Response:
    inputs = "".join(f'<input name="{name}" type="hidden" value="{escape(value)}"/>' for name, value in fields.items())
    page = (
        '<!DOCTYPE html><html><body><form id="appForm" '
        f'action="{escape(place)}" method="POST">{inputs}</form>'
        "<script>document.getElementById('appForm').submit()</script></body></html>"
    )
    reply = Response(200, body=page.encode())
    reply.headers["Content-Type"] = "text/html;charset=utf-8"
    return reply
