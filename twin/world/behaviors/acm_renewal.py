"""ACM renews what is in use and still validates, warns of what comes to its end, and lets it end.

Of each certificate only the next date is on the agenda.
https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
"""

from datetime import datetime, timedelta
from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.behaviors.acm_validation import not_after, validated
from twin.world.delays import delay
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

PROVIDES = {"certificate-renewal": "ACM renews certificates that are in use and still validate, warns, and lets end."}
RENEWED = ("cert", "key", "chain", "_key", "_cert", "created_at")


def _span(name: str) -> timedelta:
    return timedelta(seconds=delay(f"acm_renewal.{name}").least)


@follows("acm", "RequestCertificate", "ImportCertificate")
def made(done: Done, scene: Scene) -> None:
    """Put a certificate's first date on the agenda."""
    arn = done.result["CertificateArn"]
    certificate = done.state()._certificates[arn]
    task = getattr(certificate, "twin_task", None)
    if task is not None:
        scene.agenda.cancel(task)
    place = (done.call.account, done.call.region, arn)
    _plan(scene, certificate, place, not_after(certificate) - _span("renew_before"))


def _plan(scene: Scene, certificate: Any, place: tuple[str, str, str], time: datetime) -> None:
    certificate.twin_task = scene.agenda.at(time, "acm.date", place=place)


@happens("acm.date")
def date_came(scene: Scene, *, place: tuple[str, str, str]) -> None:
    """Renew, warn or end a certificate, and put its next date on the agenda."""
    account, region, arn = place
    certificate = scene.state("acm", account, region)._certificates.get(arn)
    if certificate is None or certificate.status not in ("ISSUED", "EXPIRED"):
        return
    ends, now = not_after(certificate), scene.now()
    if now >= ends:
        certificate.status = "EXPIRED"
        _tell(scene, certificate, place, "ACM Certificate Expired")
        return
    certificate.check()
    if certificate.type == "AMAZON_ISSUED" and certificate.status == "ISSUED" and users_of(arn):
        if validated(scene, certificate):
            _renew(scene, certificate, place)
            return
        certificate.twin_renewal = {"status": "PENDING_VALIDATION", "time": now}
    if now >= ends - _span("warn_before"):
        _tell(scene, certificate, place, "ACM Certificate Approaching Expiration")
    _plan(scene, certificate, place, min(ends, max(now + _span("warn_every"), ends - _span("warn_before"))))


def _renew(scene: Scene, certificate: Any, place: tuple[str, str, str]) -> None:
    fresh = type(certificate).generate_cert(
        certificate.common_name, account_id=place[0], region=place[1], sans=list(certificate.sans)
    )
    for name in RENEWED:
        setattr(certificate, name, getattr(fresh, name))
    certificate.twin_renewal = {"status": "SUCCESS", "time": scene.now()}
    scene.emit("acm.certificate.renewed", account=place[0], region=place[1], certificate=place[2])
    _plan(scene, certificate, place, not_after(certificate) - _span("renew_before"))


def _tell(scene: Scene, certificate: Any, place: tuple[str, str, str], what: str) -> None:
    ends = not_after(certificate)
    detail: dict[str, Any] = {
        "DaysToExpiry": max(0, (ends - scene.now()).days),
        "CommonName": certificate.common_name,
    }
    if what == "ACM Certificate Expired":
        detail = {
            "CertificateType": certificate.type,
            "CommonName": certificate.common_name,
            "DomainValidationMethod": "DNS",
            "CertificateExpirationDate": ends.isoformat(),
        }
    scene.emit(
        "aws.event",
        account=place[0],
        region=place[1],
        source="aws.acm",
        detail_type=what,
        resources=[place[2]],
        detail=detail,
    )


def users_of(arn: str) -> list[str]:
    """Return what uses a certificate: load balancers by their listeners, and distributions."""
    found = [
        balancer.arn
        for regions in list(backends("elbv2").values())
        for backend in list(regions.values())
        for balancer in list(backend.load_balancers.values())
        for listener in list(balancer.listeners.values())
        if arn in (listener.certificates or ())
    ]
    for held in list(backends("cloudfront").values()):
        for distribution in list(held["aws"].distributions.values()) if "aws" in held else ():
            viewer = getattr(distribution.distribution_config, "ViewerCertificate", None)
            if getattr(viewer, "acm_certificate_arn", None) == arn:
                found.append(distribution.arn)
    return sorted(set(found))


@follows("acm", "DescribeCertificate")
def described(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Tell who uses a certificate, and how its renewal goes."""
    certificate = done.state()._certificates[done.parameters["CertificateArn"]]
    users = users_of(certificate.arn)
    renewal = getattr(certificate, "twin_renewal", None)
    eligible = certificate.type == "AMAZON_ISSUED" and certificate.status == "ISSUED" and bool(users)
    if not users and renewal is None:
        return None
    told = done.result["Certificate"]
    told |= {"InUseBy": users, "RenewalEligibility": "ELIGIBLE" if eligible else "INELIGIBLE"}
    if renewal is not None:
        options = told.get("DomainValidationOptions") or []
        states = [{**option, "ValidationStatus": renewal["status"]} for option in options]
        told["RenewalSummary"] = {
            "RenewalStatus": renewal["status"],
            "DomainValidationOptions": states,
            "UpdatedAt": renewal["time"],
        }
    return {"Certificate": told}
