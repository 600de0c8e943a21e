"""What an application of each sign-on mode may hold, and what it holds when nothing is said.

Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Application/
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from twin.world.saas.okta.shapes import (
    READ_ONLY,
    Check,
    anything,
    boolean,
    choice,
    integer,
    listing,
    nullable,
    open_record,
    record,
    text,
)

MODES = ("OPENID_CONNECT", "SAML_2_0", "BOOKMARK")
CATALOGUE = {"amazon_aws": "SAML_2_0", "bookmark": "BOOKMARK", "oidc_client": "OPENID_CONNECT"}
ALGORITHMS = ("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
NAME_ID = "urn:oasis:names:tc:SAML:1.1:nameid-format:"


def uri(at: str, value: Any) -> Iterator[str]:
    """Accept an absolute URI."""
    if not isinstance(value, str) or not urlsplit(value).scheme:
        yield f"{at}: '{value}' is not a valid URI"


URIS = listing(uri, most=250)
CREDENTIALS = record(
    userNameTemplate=record(
        template=text(), type=choice("NONE", "BUILT_IN", "CUSTOM"), pushStatus=text(), userSuffix=text()
    ),
    signing=open_record(),
    oauthClient=record(
        client_id=text(least=6, most=100),
        client_secret=text(least=14, most=100),
        autoKeyRotation=boolean,
        pkce_required=boolean,
        token_endpoint_auth_method=choice(
            "client_secret_basic", "client_secret_jwt", "client_secret_post", "none", "private_key_jwt"
        ),
    ),
)
COMMON: dict[str, Check] = READ_ONLY | {
    "label": text(least=1, most=100),
    "name": text(least=1),
    "signOnMode": choice(*MODES),
    "visibility": open_record(autoSubmitToolbar=boolean, autoLaunch=boolean, hide=record(iOS=boolean, web=boolean)),
    "accessibility": record(selfService=boolean, errorRedirectUrl=text(), loginRedirectUrl=text()),
    "credentials": CREDENTIALS,
    "profile": open_record(),
    "features": anything,
    "licensing": anything,
    "orn": anything,
    "universalLogout": anything,
    "expressConfiguration": anything,
}
SETTINGS: dict[str, Check] = {
    "app": open_record(),
    "notes": record(admin=text(), enduser=text()),
    "notifications": anything,
    "implicitAssignment": boolean,
    "manualProvisioning": boolean,
    "emOptInStatus": anything,
    "identityStoreId": text(),
    "inlineHookId": text(),
}
CLIENT = record(
    "grant_types",
    application_type=choice("browser", "native", "service", "web"),
    grant_types=listing(
        choice(
            "authorization_code", "client_credentials", "implicit", "interaction_code", "password", "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:openid:params:grant-type:ciba",
        )
    ),
    response_types=listing(choice("code", "id_token", "token")),
    redirect_uris=URIS,
    post_logout_redirect_uris=URIS,
    client_uri=uri,
    logo_uri=uri,
    policy_uri=uri,
    tos_uri=uri,
    initiate_login_uri=uri,
    jwks_uri=uri,
    jwks=record("keys", keys=listing(open_record("kty", kty=choice("RSA", "EC")))),
    consent_method=choice("REQUIRED", "TRUSTED"),
    issuer_mode=choice("CUSTOM_URL", "DYNAMIC", "ORG_URL"),
    wildcard_redirect=choice("DISABLED", "SUBDOMAIN"),
    idp_initiated_login=record("mode", mode=choice("DISABLED", "SPEC", "OKTA"), default_scope=listing(text())),
    refresh_token=record(rotation_type=choice("ROTATE", "STATIC"), leeway=integer(0, 60)),
    dpop_bound_access_tokens=boolean,
    participate_slo=boolean,
    frontchannel_logout_uri=uri,
    frontchannel_logout_session_required=boolean,
    request_object_signing_alg=choice(*ALGORITHMS),
    id_token_encrypted_response_alg=text(),
    subject_type=choice("public", "pairwise"),
    sector_identifier_uri=uri,
    network=open_record(),
)  # fmt: skip
STATEMENT = record(
    "type name",
    type=choice("EXPRESSION", "GROUP"),
    name=text(least=1, most=512),
    namespace=text(),
    values=listing(text()),
    filterType=choice("STARTS_WITH", "EQUALS", "CONTAINS", "REGEX"),
    filterValue=text(),
)
SAML_FIELDS: dict[str, Check] = {
    "defaultRelayState": text(),
    "ssoAcsUrl": uri,
    "recipient": uri,
    "destination": uri,
    "audience": text(least=1),
    "idpIssuer": text(),
    "spIssuer": text(),
    "subjectNameIdTemplate": text(),
    "subjectNameIdFormat": choice(
        *(NAME_ID + kind for kind in ("emailAddress", "unspecified", "x509SubjectName")),
        *(f"urn:oasis:names:tc:SAML:2.0:nameid-format:{kind}" for kind in ("persistent", "transient")),
    ),
    "signatureAlgorithm": choice("RSA_SHA1", "RSA_SHA256"),
    "digestAlgorithm": choice("SHA1", "SHA256"),
    "authnContextClassRef": choice(
        *(CONTEXT + kind for kind in ("Password", "PasswordProtectedTransport", "TLSClient", "unspecified", "X509")),
        "urn:federation:authentication:windows",
        "oasis:names:tc:SAML:2.0:ac:classes:Kerberos",
    ),
    "acsEndpoints": listing(record("url", url=uri, index=integer()), most=100),
    "attributeStatements": listing(STATEMENT),
    "configuredAttributeStatements": listing(STATEMENT),
    "samlAssertionLifetimeSeconds": integer(1),
    "slo": record(enabled=boolean, issuer=text(), logoutUrl=uri),
    "participateSlo": open_record(),
    "spCertificate": record("x5c", x5c=listing(text(least=1), most=1)),
    "assertionEncryption": open_record(),
    "inlineHooks": listing(anything),
    "samlSignedRequestEnabled": boolean,
    **dict.fromkeys(("audienceOverride", "recipientOverride", "destinationOverride", "ssoAcsUrlOverride"), text()),
    **dict.fromkeys(
        ("responseSigned", "assertionSigned", "honorForceAuthn", "requestCompressed", "allowMultipleAcsEndpoints"),
        boolean,
    ),
}
SAML_REQUIRED = (
    "ssoAcsUrl recipient destination audience "
    "subjectNameIdFormat signatureAlgorithm digestAlgorithm authnContextClassRef"
)


def shape_of(mode: str, *, custom: bool) -> Check:
    """Return the shape of an application of a mode; a custom SAML app must state its own endpoints."""
    if mode == "OPENID_CONNECT":
        settings = record("oauthClient", **SETTINGS, oauthClient=CLIENT)
        return record("label signOnMode credentials settings", **COMMON, settings=settings)
    if mode == "BOOKMARK":
        link = record("url", url=uri, requestIntegration=boolean)
        settings = record("app", **(SETTINGS | {"app": link}))
        return record("label signOnMode settings", **COMMON, settings=settings)
    sign_on = record(SAML_REQUIRED if custom else "", **SAML_FIELDS)
    settings = record("signOn" if custom else "app", **SETTINGS, signOn=nullable(sign_on))
    return record("label signOnMode settings", **COMMON, settings=settings)


SETTINGS_DEFAULTS: dict[str, Any] = {
    "app": {},
    "notifications": {"vpn": {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}},
    "manualProvisioning": False,
    "implicitAssignment": False,
    "notes": {"admin": None, "enduser": None},
}
CLIENT_DEFAULTS: dict[str, Any] = {
    "redirect_uris": [],
    "response_types": [],
    "application_type": "web",
    "consent_method": "TRUSTED",
    "issuer_mode": "DYNAMIC",
    "idp_initiated_login": {"mode": "DISABLED", "default_scope": []},
    "wildcard_redirect": "DISABLED",
    "dpop_bound_access_tokens": False,
}
SIGN_ON_DEFAULTS: dict[str, Any] = {
    "defaultRelayState": None,
    "subjectNameIdTemplate": "${user.userName}",
    "idpIssuer": "http://www.okta.com/${org.externalKey}",
    "responseSigned": True,
    "assertionSigned": True,
    "honorForceAuthn": True,
    "requestCompressed": False,
    "allowMultipleAcsEndpoints": False,
    "acsEndpoints": [],
    "attributeStatements": [],
    "inlineHooks": [],
    "samlSignedRequestEnabled": False,
    "slo": {"enabled": False},
}
