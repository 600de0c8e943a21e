"""ACM: a certificate that waits for its validation record is not issued by waiting alone."""

from typing import Any

from moto.acm.models import CertBundle

from twin.world.stores.additions import adds

_check = CertBundle.check


@adds(CertBundle)
def check(certificate: Any) -> None:
    """Look whether a certificate expired, or was issued meanwhile."""
    if getattr(certificate, "twin_waits", False) and certificate.status != "ISSUED":
        return
    _check(certificate)
