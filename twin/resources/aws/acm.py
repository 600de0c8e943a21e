"""Certificates of AWS Certificate Manager, validated by DNS."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.quota import too_many
from twin.resources.aws.tags import Tags, tags_of
from twin.resources.call import Refused, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import references, unknown, whole
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope, plain_tags, user_tags

KeyAlgorithm = Literal["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1"]
# ListCertificates leaves out every other algorithm unless asked for it.
ALGORITHMS = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
PUBLISHED_AS = ("aws.route53.record", "cloudflare.dns_record")
VALIDATION = ("validation_name", "validation_type", "validation_value")


class Certificate(Resource):
    """A public certificate for a domain and names below it that share the domain's validation record.

    Whoever answers for the zone publishes `validation_name`, `validation_type`, `validation_value`; ACM then issues.
    """

    TYPE: ClassVar[str] = "aws.acm.certificate"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", *VALIDATION)

    domain: Annotated[str, IMMUTABLE] = Field(description="The domain, as in example.com")
    names: Annotated[list[str], UNORDERED, IMMUTABLE] = Field(
        default_factory=list, description="Other names: the wildcard of the domain, *.example.com"
    )
    key_algorithm: Annotated[KeyAlgorithm, IMMUTABLE] = "RSA_2048"
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all certificates with one ListCertificates, and the details of ours."""
        params = {"Includes": {"keyTypes": ALGORITHMS}}
        reply = yield aws("acm", "ListCertificates", params, pages=True)
        items = {item["CertificateArn"]: item for item in reply.get("CertificateSummaryList") or ()}
        tags = yield from tags_of(scope, wanted.ids & items.keys(), _tags)
        found = []
        for arn, item in items.items():
            if arn in tags:
                found.append((yield from _observe(scope, arn, tags[arn])))
            else:
                found.append(Observed(arn, {"domain": item["DomainName"]}, {"id": arn, "arn": arn}))
        return [item for item in found if item is not None]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Request the certificate and learn its validation record."""
        reply = yield aws(
            "acm",
            "RequestCertificate",
            {
                "DomainName": self.domain,
                "SubjectAlternativeNames": self.names or None,
                "ValidationMethod": "DNS",
                "KeyAlgorithm": self.key_algorithm,
                "Tags": scope.tag_list(address, self.tags),
            },
        )
        arn = reply["CertificateArn"]
        describe = aws("acm", "DescribeCertificate", {"CertificateArn": arn})
        for _ in range(10):
            certificate = (yield describe)["Certificate"]
            if record := _record(certificate):
                return {"id": arn, "arn": arn, **record}
        message = "ACM has not made the validation record yet"
        raise Refused(describe, "ValidationRecordPending", message, status=200, transient=True)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the tags."""
        params = {"CertificateArn": observed.id, "Tags": scope.tag_list(address, self.tags)}
        yield aws("acm", "AddTagsToCertificate", params)
        gone = sorted(set(observed.fields.get("tags", {})) - set(self.tags))
        if gone:
            params = {"CertificateArn": observed.id, "Tags": [{"Key": key} for key in gone]}
            yield aws("acm", "RemoveTagsFromCertificate", params)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the certificate."""
        params = {"CertificateArn": observed.id}
        yield aws("acm", "DeleteCertificate", params, absent=("ResourceNotFoundException",))

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """The record that proves it needs its values; that ACM issues follows from its publication, not before."""
        reply = yield aws("acm", "DescribeCertificate", {"CertificateArn": id_})
        return bool(_record(reply["Certificate"]))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Names are domain names, within the quota, and validated by the domain's own record."""
        known = facts("network")
        for field, name in [("domain", self.domain), *(("names", name) for name in self.names)]:
            if not unknown(name) and not (re.fullmatch(known["certificate_domain"], name) and len(name) <= 253):
                yield Problem("TW0429", f"{name!r} is no domain name", field)
        longest = known["certificate_common_name_characters"]
        if not unknown(self.domain) and len(self.domain) > longest:
            yield Problem("TW0429", f"a certificate's first name has at most {longest} characters", "domain")
        stem = self.domain.removeprefix("*.")
        for name in self.names:
            if not unknown([name, stem]) and name.removeprefix("*.") != stem:
                message = f"{name} is validated by another record than {self.domain}"
                yield Problem("TW0429", message, "names", "make it a certificate of its own")
        yield from too_many("names_per_certificate", 1 + len(self.names), what="names", field="names")


def proofs(certificate: str | None, desired: Mapping[Address, Resource]) -> Iterator[Address]:
    """Yield the records that prove a certificate; one proves its namesakes in other Regions, too."""
    meant = whole(certificate)
    if meant is None or meant.address.type != Certificate.TYPE:
        return
    name = meant.address.name.partition("@")[0]
    for address, resource in desired.items():
        for reference in references(getattr(resource, "name", "")) if address.type in PUBLISHED_AS else ():
            about = reference.address.type, reference.address.name.partition("@")[0]
            if about == (Certificate.TYPE, name) and reference.attribute in VALIDATION:
                yield address


def issued(arn: str) -> Steps[bool]:
    """Tell whether ACM is done with a certificate; what it gave up is left to the service that is to use it."""
    reply = yield aws("acm", "DescribeCertificate", {"CertificateArn": arn}, absent=("ResourceNotFoundException",))
    return reply is None or reply["Certificate"].get("Status") != "PENDING_VALIDATION"


def _tags(arn: str) -> Steps[Tags]:
    reply = yield aws("acm", "ListTagsForCertificate", {"CertificateArn": arn}, absent=("ResourceNotFoundException",))
    return plain_tags((reply or {}).get("Tags"))


def _observe(scope: Scope, arn: str, tags: Tags) -> Steps[Observed | None]:
    call = aws("acm", "DescribeCertificate", {"CertificateArn": arn}, absent=("ResourceNotFoundException",))
    reply = yield call
    if reply is None:
        return None
    item = reply["Certificate"]
    fields = {
        "domain": item["DomainName"],
        "names": sorted(set(item.get("SubjectAlternativeNames", ())) - {item["DomainName"]}),
        # DescribeCertificate writes RSA-2048 where RequestCertificate takes RSA_2048.
        "key_algorithm": item["KeyAlgorithm"].replace("-", "_"),
        "tags": user_tags(tags),
    }
    return Observed(arn, fields, {"id": arn, "arn": arn, **_record(item)}, scope.own(tags), other=scope.other(tags))


def _record(certificate: Mapping[str, Any]) -> dict[str, str]:
    """Return the validation record, names without the last dot; empty while ACM has not made it."""
    options = certificate["DomainValidationOptions"]
    record = options[0].get("ResourceRecord") if options else None
    if not record:
        return {}
    return {
        "validation_name": record["Name"].rstrip("."),
        "validation_type": record["Type"],
        "validation_value": record["Value"].rstrip("."),
    }
