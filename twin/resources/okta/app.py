"""Apps: OIDC clients, SAML service providers, and the groups that they are assigned to."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.canonical import UNORDERED
from twin.resources.okta.org import GONE, fact, lifecycle, listing, twins
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark


class App(Resource):
    """What apps share: a label, an admin's note that marks the owner, and the policy that guards the sign-in."""

    KEY: ClassVar[tuple[str, ...]] = ("label",)
    TAGGED: ClassVar[bool] = True

    label: str = Field(min_length=1, max_length=100)
    note: str = Field("", description="For admins")
    authentication_policy: Annotated[str | None, RefTo("okta.authentication_policy")] = Field(
        None, description="The id of the policy that guards the sign-in; the org's default when left out"
    )

    @classmethod
    def mine(cls, app: Mapping[str, Any]) -> bool:
        """Tell whether an app of the org is of this type."""
        raise NotImplementedError(cls.TYPE)

    @classmethod
    def settings(cls, app: Mapping[str, Any]) -> dict[str, Any]:
        """Return the type's own fields of an app."""
        raise NotImplementedError(cls.TYPE)

    @classmethod
    def outputs(cls, app: Any) -> dict[str, Any]:
        """Return what others may refer to."""
        return {"id": app["id"]}

    def body(self, note: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the app as the API takes it."""
        raise NotImplementedError(self.TYPE)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all apps with one list."""
        return [cls._observe(scope, app) for app in (yield from listing("/api/v1/apps")) if cls.mine(app)]

    @classmethod
    def _observe(cls, scope: Scope, app: Mapping[str, Any]) -> Observed:
        note = ((app.get("settings") or {}).get("notes") or {}).get("admin")
        policy = ((app.get("_links") or {}).get("accessPolicy") or {}).get("href", "")
        fields = {
            "label": app["label"],
            "note": unmark(note),
            "authentication_policy": policy.rpartition("/")[2] or None,
            **cls.settings(app),
        }
        outputs = {**cls.outputs(app), "status": app.get("status")}
        return Observed(app["id"], fields, outputs, owner=scope.marked(note))

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the app, active, and set its policy."""
        app = yield okta("POST", "/api/v1/apps", self.body(scope.mark(address, self.note), {}), {"activate": "true"})
        yield from self._guard(app["id"])
        return self.outputs(app)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the app anew in place, and its policy."""
        if changed - {"authentication_policy"}:
            body = self.body(scope.mark(address, self.note), observed.outputs)
            yield okta("PUT", f"/api/v1/apps/{observed.id}", body)
        if "authentication_policy" in changed:
            yield from self._guard(observed.id)

    def _guard(self, id_: str) -> Steps[None]:
        if self.authentication_policy is not None:
            yield okta("PUT", f"/api/v1/apps/{id_}/policies/{self.authentication_policy}")

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Deactivate and delete: Okta deletes only inactive apps."""
        path = f"/api/v1/apps/{observed.id}"
        if observed.outputs.get("status") != "INACTIVE":
            yield lifecycle(path, "deactivate")
        yield okta("DELETE", path, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Labels tell apps apart."""
        yield from twins(self, address, peers, "label")


GrantType = Literal[
    "authorization_code", "implicit", "interaction_code", "password", "refresh_token", "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange",
]  # fmt: skip


class AppOidc(App):
    """An OpenID Connect client."""

    TYPE: ClassVar[str] = "okta.app_oidc"
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "client_id")

    application_type: Annotated[Literal["web", "browser", "native", "service"], IMMUTABLE] = "web"
    grant_types: Annotated[list[GrantType], UNORDERED] = Field(default_factory=lambda: ["authorization_code"])
    response_types: Annotated[list[Literal["code", "token", "id_token"]], UNORDERED] = Field(
        default_factory=lambda: ["code"]
    )
    redirect_uris: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    post_logout_redirect_uris: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    token_endpoint_auth_method: Literal[
        "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"
    ] = "client_secret_basic"
    pkce_required: bool = True

    @classmethod
    def mine(cls, app: Mapping[str, Any]) -> bool:
        """Tell whether an app is a custom OIDC client."""
        return bool(app["signOnMode"] == "OPENID_CONNECT" and app["name"] == "oidc_client")

    @classmethod
    def settings(cls, app: Mapping[str, Any]) -> dict[str, Any]:
        """Return the client's fields."""
        client, credentials = app["settings"]["oauthClient"], app["credentials"]["oauthClient"]
        lists = ("grant_types", "response_types", "redirect_uris", "post_logout_redirect_uris")
        return {
            "application_type": client.get("application_type"),
            **{name: list(client.get(name) or ()) for name in lists},
            "token_endpoint_auth_method": credentials.get("token_endpoint_auth_method"),
            "pkce_required": credentials.get("pkce_required"),
        }

    @classmethod
    def outputs(cls, app: Any) -> dict[str, Any]:
        """Return the id of the app and of the client; the client's secret stays at Okta."""
        return {"id": app["id"], "client_id": app["credentials"]["oauthClient"]["client_id"]}

    def body(self, note: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the app; one that is written anew keeps its client id."""
        client = {
            "application_type": self.application_type,
            "grant_types": self.grant_types,
            "response_types": self.response_types,
            "redirect_uris": self.redirect_uris,
            "post_logout_redirect_uris": self.post_logout_redirect_uris,
            "consent_method": "TRUSTED",
        }
        credentials = {
            "token_endpoint_auth_method": self.token_endpoint_auth_method,
            "autoKeyRotation": True,
            "pkce_required": self.pkce_required,
            **({"client_id": outputs["client_id"]} if "client_id" in outputs else {}),
        }
        return {
            "name": "oidc_client",
            "label": self.label,
            "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": credentials},
            "settings": {"oauthClient": client, "notes": {"admin": note}},
        }

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The grants fit the type of application, redirects are safe."""
        yield from super().check(address, peers)
        allowed = fact("grant_types")[self.application_type]
        for grant in self.grant_types:
            if grant not in allowed:
                message = f"a {self.application_type} application cannot use the grant {grant}"
                yield Problem("TW0610", message, "grant_types", f"one of {', '.join(allowed)}")
        yield from self._check_redirects()
        public = self.application_type in ("browser", "native") and self.token_endpoint_auth_method == "none"
        if self.application_type == "browser" and not public:
            message = "a browser application cannot keep a secret"
            yield Problem("TW0612", message, "token_endpoint_auth_method", "use none, with PKCE")
        if public and not self.pkce_required:
            yield Problem("TW0612", "a client without a secret needs PKCE", "pkce_required")

    def _check_redirects(self) -> Iterator[Problem]:
        flows = {"authorization_code", "implicit", "interaction_code"} & set(self.grant_types)
        if flows and not self.redirect_uris:
            yield Problem("TW0611", "the grants redirect, and there is no redirect URI", "redirect_uris")
        for field in ("redirect_uris", "post_logout_redirect_uris"):
            for uri in getattr(self, field):
                if not unknown(uri) and not self._safe(uri):
                    yield Problem("TW0611", f"{uri} is no https URI", field, "http is for localhost alone")

    def _safe(self, uri: str) -> bool:
        parts = urlsplit(uri)
        if parts.scheme in ("http", "https"):
            local = parts.hostname in ("localhost", "127.0.0.1", "::1")
            return bool(parts.hostname) and not parts.fragment and (parts.scheme == "https" or local)
        return self.application_type == "native" and "." in parts.scheme


class SamlAttribute(BaseModel):
    """A statement in the assertion: values by expression, or the user's groups by a filter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    values: list[str] = Field(default_factory=list, description="Expressions or texts")
    group_filter: str | None = Field(None, description="A regular expression; the matching groups are the values")


class AppSaml(App):
    """A SAML 2.0 service provider, such as AWS."""

    TYPE: ClassVar[str] = "okta.app_saml"

    acs_url: str = Field(description="Where the assertion is posted, as in https://signin.aws.amazon.com/saml")
    audience: str = Field(description="The service provider's entity id, as in urn:amazon:webservices")
    name_id_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    name_id: str = Field("${user.userName}", description="An expression")
    attributes: list[SamlAttribute] = Field(default_factory=list)

    @classmethod
    def mine(cls, app: Mapping[str, Any]) -> bool:
        """Tell whether an app speaks SAML 2.0."""
        return bool(app["signOnMode"] == "SAML_2_0")

    @classmethod
    def settings(cls, app: Mapping[str, Any]) -> dict[str, Any]:
        """Return the service provider's fields."""
        sign_on = app["settings"].get("signOn") or {}
        return {
            "acs_url": sign_on.get("ssoAcsUrl"),
            "audience": sign_on.get("audience"),
            "name_id_format": sign_on.get("subjectNameIdFormat"),
            "name_id": sign_on.get("subjectNameIdTemplate"),
            "attributes": [_attribute(item) for item in sign_on.get("attributeStatements") or ()],
        }

    def body(self, note: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the app: assertion and response signed with SHA-256."""
        sign_on = {
            "ssoAcsUrl": self.acs_url,
            "recipient": self.acs_url,
            "destination": self.acs_url,
            "audience": self.audience,
            "idpIssuer": "http://www.okta.com/${org.externalKey}",
            "subjectNameIdTemplate": self.name_id,
            "subjectNameIdFormat": self.name_id_format,
            "responseSigned": True,
            "assertionSigned": True,
            "signatureAlgorithm": "RSA_SHA256",
            "digestAlgorithm": "SHA256",
            "honorForceAuthn": True,
            "requestCompressed": False,
            "allowMultipleAcsEndpoints": False,
            "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "attributeStatements": [_statement(item) for item in self.attributes],
        }
        return {
            "label": self.label,
            "signOnMode": "SAML_2_0",
            "settings": {"signOn": sign_on, "notes": {"admin": note}},
        }

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The assertion travels over https; AWS wants two attributes."""
        yield from super().check(address, peers)
        if not unknown(self.acs_url) and urlsplit(self.acs_url).scheme != "https":
            yield Problem("TW0613", f"{self.acs_url} is no https URL", "acs_url")
        if self.name_id_format not in fact("name_id_formats"):
            choice = ", ".join(fact("name_id_formats"))
            yield Problem("TW0614", f"{self.name_id_format!r} is no name id format", "name_id_format", f"one of {choice}")
        if self.audience == fact("aws_saml")["audience"]:
            missing = [name for name in fact("aws_saml")["attributes"] if name not in {a.name for a in self.attributes}]
            for name in missing:
                yield Problem("TW0615", f"AWS wants the attribute {name} in the assertion", "attributes")


def _statement(attribute: SamlAttribute) -> dict[str, Any]:
    plain = {"name": attribute.name, "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"}
    if attribute.group_filter is not None:
        return {**plain, "type": "GROUP", "filterType": "REGEX", "filterValue": attribute.group_filter}
    return {**plain, "type": "EXPRESSION", "values": attribute.values}


def _attribute(statement: Mapping[str, Any]) -> dict[str, Any]:
    group = statement.get("filterValue") if statement.get("type") == "GROUP" else None
    return {"name": statement["name"], "values": list(statement.get("values") or ()), "group_filter": group}


class AppAssignment(Resource):
    """One group assigned to one app; an assignment of our app that nobody declared is drift."""

    TYPE: ClassVar[str] = "okta.app_assignment"
    KEY: ClassVar[tuple[str, ...]] = ("app", "group")

    app: Annotated[str, RefTo("okta.app_oidc", "okta.app_saml"), IMMUTABLE] = Field(description="The app's id")
    group: Annotated[str, RefTo("okta.group"), IMMUTABLE] = Field(description="The group's id")
    priority: int | None = Field(None, description="Whose profile wins for members of several groups")
    profile: dict[str, Any] | None = Field(None, description="What the app is told of the members")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """List the groups of the apps that are ours or wanted."""
        named = {key[0] for key in wanted.keys} | {id_.partition("/")[0] for id_ in wanted.ids}
        found = []
        for app in (yield from listing("/api/v1/apps")):
            kind = next((kind for kind in (AppOidc, AppSaml) if kind.mine(app)), None)
            note = ((app.get("settings") or {}).get("notes") or {}).get("admin")
            if kind is None or not (scope.marked(note) or app["id"] in named):
                continue
            for item in (yield from listing(f"/api/v1/apps/{app['id']}/groups")):
                id_ = f"{app['id']}/{item['id']}"
                fields = {"app": app["id"], "group": item["id"], "priority": item.get("priority"),
                          "profile": item.get("profile") or {}}  # fmt: skip
                found.append(Observed(id_, fields, {"id": id_}, member_of=(kind.TYPE, app["id"])))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Assign the group."""
        given = {"priority": self.priority, "profile": self.profile}
        body = {name: value for name, value in given.items() if value is not None}
        yield okta("PUT", f"/api/v1/apps/{self.app}/groups/{self.group}", body)
        return {"id": f"{self.app}/{self.group}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Assign anew with another priority or profile."""
        yield from self.create(scope, address)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Take the app from the group."""
        app, group = observed.fields["app"], observed.fields["group"]
        yield okta("DELETE", f"/api/v1/apps/{app}/groups/{group}", absent=GONE)
