"""What load balancers, distributions and ACM itself refuse about certificates that are not issued."""

import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.additions.acm import UNISSUED
from twin.world.stores.moto_store import backends

ACM = re.compile(r"arn:aws[\w-]*:acm:([a-z0-9-]+):(\d{12}):certificate/.+")
BAD_VIEWER = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, "
    "or doesn't include a valid certificate chain."
)


def _held(asked: Asked, arn: str, region: str) -> Any:
    """Return a certificate of ACM's in the call's account and a Region; None when there is none."""
    place = ACM.fullmatch(arn)
    if place is None or place.groups() != (region, asked.call.account):
        return None
    return backends("acm")[asked.call.account][region]._certificates.get(arn)


@refuses("elbv2", "CreateListener", "ModifyListener", "AddListenerCertificates")
def certificate_of_a_listener(asked: Asked) -> None:
    """A listener takes certificates of its own Region and account, once they are issued."""
    for named in asked.parameters.get("Certificates") or ():
        arn = str(named.get("CertificateArn", ""))
        if not ACM.fullmatch(arn):
            continue  # a server certificate of IAM's, which the store knows
        certificate = _held(asked, arn, asked.call.region)
        if certificate is None:
            raise Refusal("CertificateNotFound", f"Certificate '{arn}' not found")
        if certificate.status in UNISSUED:
            message = "must have a fully-qualified domain name, a supported signature, and a supported key size."
            raise Refusal("UnsupportedCertificate", f"The certificate '{arn}' {message}")


@refuses("cloudfront", "CreateDistribution", "CreateDistributionWithTags", "UpdateDistribution")
def certificate_of_a_distribution(asked: Asked) -> None:
    """A distribution takes certificates that are issued in us-east-1."""
    config = asked.parameters.get("DistributionConfig") or asked.parameters.get("DistributionConfigWithTags") or {}
    viewer = config.get("DistributionConfig", config).get("ViewerCertificate") or {}
    arn = viewer.get("ACMCertificateArn")
    if arn:
        certificate = _held(asked, str(arn), "us-east-1")
        if certificate is None or certificate.status in UNISSUED:
            raise Refusal("InvalidViewerCertificate", BAD_VIEWER)


@refuses("acm", "GetCertificate")
def body_of_a_certificate(asked: Asked) -> None:
    """A certificate that is not issued yet has no body."""
    arn = asked.parameters.get("CertificateArn")
    certificate = asked.state()._certificates.get(arn)
    if certificate is not None and certificate.status == "PENDING_VALIDATION":
        raise Refusal("RequestInProgressException", f"Certificate {arn} is not issued yet: {certificate.status}")


@refuses("acm", "DeleteCertificate")
def certificate_in_use(asked: Asked) -> None:
    """A certificate that a load balancer or a distribution uses stays."""
    from twin.world.behaviors.acm_renewal import users_of

    arn = str(asked.parameters.get("CertificateArn", ""))
    if arn in asked.state()._certificates and users_of(arn):
        message = f"Certificate {arn} in account {asked.call.account} is in use."
        raise Refusal("ResourceInUseException", message)
