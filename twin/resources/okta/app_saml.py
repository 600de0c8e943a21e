"""SAML service providers, such as AWS."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Call, Steps, okta
from twin.resources.okta.app import App
from twin.resources.okta.org import fact
from twin.resources.reference import unknown
from twin.resources.resource import Observed, Peers, Problem, Wanted
from twin.resources.scope import Scope


class SamlAttribute(BaseModel):
    """A statement in the assertion: values by expression, or the user's groups by a filter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    values: list[str] = Field(default_factory=list, description="Expressions or texts")
    group_filter: str | None = Field(None, description="A regular expression; the matching groups are the values")


class AppSaml(App):
    """A SAML 2.0 service provider, such as AWS."""

    TYPE: ClassVar[str] = "okta.app_saml"
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "metadata")

    acs_url: str = Field(description="Where the assertion is posted, as in https://signin.aws.amazon.com/saml")
    audience: str = Field(description="The service provider's entity id, as in urn:amazon:webservices")
    name_id_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    name_id: str = Field("${user.userName}", description="An expression")
    attributes: list[SamlAttribute] = Field(default_factory=list)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all apps with one list, and the metadata of those that are ours."""
        found = []
        for app in (yield from super().read(scope, wanted)):
            if app.owner or app.id in wanted.ids:
                app = replace(app, outputs={**app.outputs, "metadata": (yield _metadata(app.id))})
            found.append(app)
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the app and learn the metadata that its service provider wants."""
        made = yield from super().create(scope, address)
        return {**made, "metadata": (yield _metadata(made["id"]))}

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
            yield Problem(
                "TW0614", f"{self.name_id_format!r} is no name id format", "name_id_format", f"one of {choice}"
            )
        if self.audience in fact("aws_saml")["audiences"]:
            missing = [name for name in fact("aws_saml")["attributes"] if name not in {a.name for a in self.attributes}]
            for name in missing:
                yield Problem("TW0615", f"AWS wants the attribute {name} in the assertion", "attributes")


def _metadata(id_: str) -> Call:
    return okta("GET", f"/api/v1/apps/{id_}/sso/saml/metadata")


def _statement(attribute: SamlAttribute) -> dict[str, Any]:
    plain = {"name": attribute.name, "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"}
    if attribute.group_filter is not None:
        return {**plain, "type": "GROUP", "filterType": "REGEX", "filterValue": attribute.group_filter}
    return {**plain, "type": "EXPRESSION", "values": attribute.values}


def _attribute(statement: Mapping[str, Any]) -> dict[str, Any]:
    group = statement.get("filterValue") if statement.get("type") == "GROUP" else None
    return {"name": statement["name"], "values": list(statement.get("values") or ()), "group_filter": group}
