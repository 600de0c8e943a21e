"""Identity providers of the account: OpenID Connect (GitHub, EKS) and SAML (Okta)."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.iam_account import GONE, name_problems
from twin.resources.aws.kept_settings import own_tags, tag_problems
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope, plain_tags


class OidcProvider(Resource):
    """An OpenID Connect issuer whose tokens roles may trust."""

    TYPE: ClassVar[str] = "aws.iam.oidc_provider"
    KEY: ClassVar[tuple[str, ...]] = ("url",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    url: Annotated[str, IMMUTABLE] = Field(
        description="The issuer's URL, as in https://token.actions.githubusercontent.com"
    )
    clients: Annotated[list[str], UNORDERED] = Field(
        default_factory=lambda: ["sts.amazonaws.com"], description="All audiences that are accepted"
    )
    thumbprints: Annotated[list[str] | None, UNORDERED] = Field(
        None, description="SHA-1 thumbprints of the issuer's certificate authority; IAM finds them out when left out"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the list of providers, then each one; there is no batch read, and few are there."""
        reply = yield aws("iam", "ListOpenIDConnectProviders")
        found = []
        for item in reply.get("OpenIDConnectProviderList") or ():
            arn = item["Arn"]
            provider = yield aws("iam", "GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": arn}, absent=GONE)
            if provider is None:
                continue
            tags = plain_tags(provider.get("Tags"))
            fields = {
                "url": f"https://{provider['Url'].removeprefix('https://')}",
                "clients": list(provider.get("ClientIDList") or ()),
                "thumbprints": list(provider.get("ThumbprintList") or ()),
                "tags": own_tags(tags),
            }
            found.append(Observed(arn, fields, {"id": arn, "arn": arn}, scope.own(tags), other=scope.other(tags)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the provider."""
        reply = yield aws(
            "iam",
            "CreateOpenIDConnectProvider",
            {
                "Url": self.url,
                "ClientIDList": self.clients,
                "ThumbprintList": self.thumbprints,
                "Tags": scope.tag_list(address, self.tags),
            },
        )
        arn = reply["OpenIDConnectProviderArn"]
        return {"id": arn, "arn": arn}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change what differs."""
        named = {"OpenIDConnectProviderArn": observed.id}
        if "clients" in changed:
            old = set(observed.fields.get("clients") or ())
            for client in sorted(set(self.clients) - old):
                yield aws("iam", "AddClientIDToOpenIDConnectProvider", {**named, "ClientID": client})
            for client in sorted(old - set(self.clients)):
                yield aws("iam", "RemoveClientIDFromOpenIDConnectProvider", {**named, "ClientID": client})
        if "thumbprints" in changed:
            yield aws("iam", "UpdateOpenIDConnectProviderThumbprint", {**named, "ThumbprintList": self.thumbprints})
        if changed & {"tags", "owner"}:
            yield aws("iam", "TagOpenIDConnectProvider", {**named, "Tags": scope.tag_list(address, self.tags)})
            gone = sorted(set(observed.fields.get("tags") or {}) - set(self.tags))
            if gone:
                yield aws("iam", "UntagOpenIDConnectProvider", {**named, "TagKeys": gone})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the provider."""
        yield aws("iam", "DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": observed.id}, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account and the URL."""
        arn = scope.arn("iam", f"oidc-provider/{self.url.removeprefix('https://')}", region="")
        return {"id": arn, "arn": arn}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the URL, the thumbprints and the quotas."""
        if "${" not in self.url and not re.fullmatch(r"https://[A-Za-z0-9.-]+(/[^?#\s]*[^?#\s/])?", self.url):
            help_ = "it begins with https:// and has no port, query, fragment or slash at its end"
            yield Problem("TW0460", f"{self.url!r} is not an issuer's URL", "url", help_)
        for print_ in self.thumbprints or ():
            if not re.fullmatch(r"[0-9A-Fa-f]{40}", print_):
                yield Problem("TW0460", f"{print_!r} is not a thumbprint: 40 hexadecimal digits", "thumbprints")
        if len(self.thumbprints or ()) > facts("iam")["oidc_thumbprints"]:
            yield Problem("TW0460", "a provider has at most 5 thumbprints", "thumbprints")
        if len(self.clients) > facts("iam")["oidc_clients"]:
            yield Problem("TW0460", "a provider has at most 100 clients", "clients")
        yield from tag_problems(self.tags, facts("iam")["tags_per_entity"])


class SamlProvider(Resource):
    """A SAML identity provider, by its metadata."""

    TYPE: ClassVar[str] = "aws.iam.saml_provider"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The provider's name")
    metadata: str = Field(description="The identity provider's metadata document (XML)")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the list of providers, and the metadata of those that are wanted."""
        reply = yield aws("iam", "ListSAMLProviders")
        found = []
        for item in reply.get("SAMLProviderList") or ():
            arn = item["Arn"]
            fields = {"name": arn.rpartition("/")[2]}
            if arn in wanted.ids or (fields["name"],) in wanted.keys:
                provider = yield aws("iam", "GetSAMLProvider", {"SAMLProviderArn": arn}, absent=GONE)
                if provider is None:
                    continue
                fields["metadata"] = provider["SAMLMetadataDocument"]
            found.append(Observed(arn, fields, {"id": arn, "arn": arn}))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the provider."""
        params = {"Name": self.name, "SAMLMetadataDocument": self.metadata}
        reply = yield aws("iam", "CreateSAMLProvider", params)
        arn = reply["SAMLProviderArn"]
        return {"id": arn, "arn": arn}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Exchange the metadata."""
        if "metadata" in changed:
            params = {"SAMLProviderArn": observed.id, "SAMLMetadataDocument": self.metadata}
            yield aws("iam", "UpdateSAMLProvider", params)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the provider."""
        yield aws("iam", "DeleteSAMLProvider", {"SAMLProviderArn": observed.id}, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account and the name."""
        arn = scope.arn("iam", f"saml-provider/{self.name}", region="")
        return {"id": arn, "arn": arn}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name and the metadata's size and kind."""
        yield from name_problems("SAML provider", self.name)
        if "${" in self.metadata:
            return
        low, high = facts("iam")["saml_metadata_length"]
        if not low <= len(self.metadata) <= high or "EntityDescriptor" not in self.metadata:
            yield Problem(
                "TW0461",
                f"metadata is an EntityDescriptor document of {low:,} to {high:,} characters",
                "metadata",
            )
