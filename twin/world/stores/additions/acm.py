"""ACM: a certificate ends by its date, and is issued by its validation record, never by waiting."""

from datetime import UTC
from typing import Any

from moto.acm.models import CertBundle
from moto.core.utils import utcnow

from twin.world.stores.additions import adds

UNTIL_ISSUED = ("NotBefore", "NotAfter", "Serial", "IssuedAt")
UNISSUED = ("PENDING_VALIDATION", "VALIDATION_TIMED_OUT", "FAILED")

_describe = CertBundle.describe


@adds(CertBundle)
def check(certificate: Any) -> None:
    """Look whether a certificate that was issued is over."""
    if certificate.status == "ISSUED" and certificate._not_valid_after(certificate._cert) <= utcnow():
        certificate.status = "EXPIRED"


@adds(CertBundle)
def describe(certificate: Any) -> dict[str, Any]:
    """Tell of a certificate; of one that is not issued neither serial nor dates are known."""
    told: dict[str, Any] = _describe(certificate)
    about = told["Certificate"]
    if certificate.type != "AMAZON_ISSUED":
        return told
    if certificate.status in UNISSUED:
        for name in UNTIL_ISSUED:
            about.pop(name, None)
    elif (time := getattr(certificate, "twin_issued", None)) is not None:
        about["IssuedAt"] = time.replace(tzinfo=UTC).timestamp()
    if certificate.status == "VALIDATION_TIMED_OUT":
        for option in about["DomainValidationOptions"]:
            option["ValidationStatus"] = "FAILED"
    return told
