"""Applications: creation by sign-on mode, lifecycle, secrets, keys, assignments."""

import base64
from xml.etree import ElementTree

import pytest
from cryptography import x509

OIDC = {
    "name": "oidc_client",
    "label": "Portal",
    "signOnMode": "OPENID_CONNECT",
    "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_post"}},
    "settings": {
        "oauthClient": {
            "redirect_uris": ["https://portal.example/callback"],
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
            "application_type": "web",
        }
    },
}
SAML = {
    "label": "Wiki",
    "signOnMode": "SAML_2_0",
    "settings": {
        "signOn": {
            "ssoAcsUrl": "https://wiki.example/saml",
            "recipient": "https://wiki.example/saml",
            "destination": "https://wiki.example/saml",
            "audience": "wiki",
            "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "signatureAlgorithm": "RSA_SHA256",
            "digestAlgorithm": "SHA256",
            "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        }
    },
}
AWS = {
    "name": "amazon_aws",
    "label": "AWS",
    "signOnMode": "SAML_2_0",
    "settings": {"app": {"awsEnvironmentType": "aws.amazon", "sessionDuration": 3600}},
}
BOOKMARK = {
    "name": "bookmark",
    "label": "Docs",
    "signOnMode": "BOOKMARK",
    "settings": {"app": {"url": "https://docs.example"}},
}


def client(**changes):
    """Return an OIDC app with other client settings."""
    settings = OIDC["settings"]["oauthClient"] | changes
    return OIDC | {"settings": {"oauthClient": settings}}


@pytest.mark.parametrize(
    ("body", "name"),
    [(OIDC, "oidc_client"), (SAML, "acme_wiki_1"), (AWS, "amazon_aws"), (BOOKMARK, "bookmark")],
)
def test_an_app_of_each_kind_lives_from_creation_to_deletion(call, body, name):
    """Each is created active, listed, relabelled, and deleted only once it is inactive."""
    app = call("POST", "/api/v1/apps", body)
    assert (app["name"], app["status"], app["id"][:3]) == (name, "ACTIVE", "0oa")
    path = f"/api/v1/apps/{app['id']}"
    assert call("GET", path)["label"] == body["label"]
    assert [one["id"] for one in call("GET", f'/api/v1/apps?filter=name eq "{name}"')] == [app["id"]]
    assert call("PUT", path, body | {"label": "Renamed"})["label"] == "Renamed"
    call("DELETE", path, expect=(403, "E0000056"))
    call("POST", f"{path}/lifecycle/deactivate")
    call("POST", f"{path}/lifecycle/activate")
    assert call("GET", path)["status"] == "ACTIVE"
    call("POST", f"{path}/lifecycle/deactivate")
    assert call("GET", '/api/v1/apps?filter=status eq "ACTIVE"') == []
    call("DELETE", path)
    call("GET", path, expect=(404, "E0000007"))


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (client(redirect_uris=[]), "redirect_uris"),
        (client(response_types=["token"]), "response_types"),
        (client(grant_types=["magic"]), "grant_types"),
        (client(application_type="toaster"), "application_type"),
        (client(redirect_uris=["portal"]), "redirect_uris"),
        (client(application_type="service"), "grant_types"),
        (client(shoe=1), "shoe"),
        (OIDC | {"label": ""}, "label"),
        (SAML | {"settings": {"signOn": {"ssoAcsUrl": "https://x"}}}, "audience"),
        (BOOKMARK | {"settings": {"app": {}}}, "url"),
        (BOOKMARK | {"signOnMode": "AUTO_LOGIN"}, "signOnMode"),
    ],
)
def test_nonsense_is_refused_with_its_cause(call, body, cause):
    """Every wrong field is named and no app exists afterwards."""
    call("POST", "/api/v1/apps", body, expect=(400, "E0000001"))
    assert cause in call.causes()
    assert call("GET", "/api/v1/apps") == []


def test_an_unknown_catalogue_app_is_not_found(call):
    """Names outside the catalogue are refused."""
    call("POST", "/api/v1/apps", AWS | {"name": "no_such_app"}, expect=(404, "E0000007"))


def test_a_client_secret_is_told_once_and_rotates_by_overlap(call):
    """At most two secrets; the only active one cannot be deactivated, an active one not deleted."""
    app = call("POST", "/api/v1/apps", OIDC)
    first = app["credentials"]["oauthClient"]["client_secret"]
    assert "client_secret" not in call("GET", f"/api/v1/apps/{app['id']}")["credentials"]["oauthClient"]
    path = f"/api/v1/apps/{app['id']}/credentials/secrets"
    (old,) = call("GET", path)
    assert old["client_secret"] == first
    call("POST", f"{path}/{old['id']}/lifecycle/deactivate", expect=(400, "E0000001"))
    new = call("POST", path, {})
    assert call("GET", f"{path}/{new['id']}")["client_secret"] != first
    call("POST", path, {}, expect=(400, "E0000001"))
    call("DELETE", f"{path}/{old['id']}", expect=(400, "E0000001"))
    call("POST", f"{path}/{old['id']}/lifecycle/deactivate")
    assert call("POST", f"{path}/{old['id']}/lifecycle/activate")["status"] == "ACTIVE"
    call("POST", f"{path}/{old['id']}/lifecycle/deactivate")
    call("DELETE", f"{path}/{old['id']}")
    assert [one["id"] for one in call("GET", path)] == [new["id"]]


def test_saml_metadata_carries_the_app_certificate(call):
    """The certificate in the metadata is the one of the key list, and it verifies itself."""
    app = call("POST", "/api/v1/apps", SAML)
    path = f"/api/v1/apps/{app['id']}"
    kid = app["credentials"]["signing"]["kid"]
    (key,) = call("GET", f"{path}/credentials/keys")
    assert key["kid"] == kid
    assert call("GET", f"{path}/credentials/keys/{kid}") == key
    metadata = call("GET", f"{path}/sso/saml/metadata?kid={kid}")
    text = ElementTree.fromstring(metadata).find(".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate").text
    assert text == key["x5c"][0]
    found = x509.load_der_x509_certificate(base64.b64decode(text))
    found.verify_directly_issued_by(found)
    call("GET", f"{path}/sso/saml/metadata?kid=other", expect=(404, "E0000007"))


def test_groups_and_users_are_assigned_and_their_dashboards_show_it(call):
    """A group brings its members, a single assignment is the user's own, and each can be taken back."""
    app = call("POST", "/api/v1/apps", OIDC)
    path = f"/api/v1/apps/{app['id']}"
    ada, bob, group = call.user("ada", query=""), call.user("bob", query=""), call.group()
    call("PUT", f"/api/v1/groups/{group['id']}/users/{ada['id']}")
    assert call("PUT", f"{path}/groups/{group['id']}", {"priority": 0})["id"] == group["id"]
    call("PUT", f"{path}/groups/{group['id']}")
    assert call("GET", f"{path}/groups/{group['id']}")["priority"] == 0
    assert [one["id"] for one in call("GET", f"{path}/groups")] == [group["id"]]
    assert [one["id"] for one in call("GET", f"/api/v1/groups/{group['id']}/apps")] == [app["id"]]
    call("POST", f"{path}/users", {"id": bob["id"], "scope": "USER"})
    scopes = {one["id"]: one["scope"] for one in call("GET", f"{path}/users")}
    assert scopes == {ada["id"]: "GROUP", bob["id"]: "USER"}
    assert [one["appInstanceId"] for one in call("GET", f"/api/v1/users/{ada['id']}/appLinks")] == [app["id"]]
    call("DELETE", f"{path}/users/{ada['id']}", expect=(403, "E0000001"))
    call("POST", f"{path}/users/{bob['id']}", {"credentials": {"userName": "bobby"}})
    assert call("GET", f"{path}/users/{bob['id']}")["credentials"]["userName"] == "bobby"
    call("DELETE", f"{path}/users/{bob['id']}")
    call("GET", f"{path}/users/{bob['id']}", expect=(404, "E0000007"))
    call("DELETE", f"{path}/groups/{group['id']}")
    assert call("GET", f"{path}/users") == []
    assert call("GET", f"/api/v1/users/{ada['id']}/appLinks") == []


def test_a_deactivated_user_loses_apps(call):
    """Deactivation takes single assignments; assigning a deactivated user is refused."""
    app, ada = call("POST", "/api/v1/apps", OIDC), call.user("ada", query="")
    call("POST", f"/api/v1/apps/{app['id']}/users", {"id": ada["id"]})
    call("POST", f"/api/v1/users/{ada['id']}/lifecycle/deactivate")
    assert call("GET", f"/api/v1/apps/{app['id']}/users") == []
    call("POST", f"/api/v1/apps/{app['id']}/users", {"id": ada["id"]}, expect=(403, "E0000117"))


def test_an_app_moves_between_authentication_policies(call):
    """A new app is under the default policy; deleting its policy brings it back there."""
    app = call("POST", "/api/v1/apps", OIDC)
    default = app["_links"]["accessPolicy"]["href"]
    policy = call("POST", "/api/v1/policies", {"type": "ACCESS_POLICY", "name": "Strong"})
    call("PUT", f"/api/v1/apps/{app['id']}/policies/{policy['id']}")
    moved = call("GET", f"/api/v1/apps/{app['id']}")["_links"]["accessPolicy"]["href"]
    assert moved.endswith(policy["id"])
    call("DELETE", f"/api/v1/policies/{policy['id']}")
    assert call("GET", f"/api/v1/apps/{app['id']}")["_links"]["accessPolicy"]["href"] == default
    session = call("GET", "/api/v1/policies?type=OKTA_SIGN_ON")[0]
    call("PUT", f"/api/v1/apps/{app['id']}/policies/{session['id']}", expect=(400, "E0000001"))
