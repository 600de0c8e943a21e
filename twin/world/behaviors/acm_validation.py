"""ACM issues a certificate once its validation record is public, at once where the world provisions instantly."""

from datetime import UTC, datetime
from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens, watches
from twin.world.behaviors.route53_answers import answer, zone_of
from twin.world.scene import Happening, Scene
from twin.world.stores.moto_store import backends

WAITING = "PENDING_VALIDATION"


def validated(scene: Scene, certificate: Any) -> bool:
    """Tell whether the validation records of all of a certificate's names are public, here or at Cloudflare."""
    if getattr(certificate, "twin_method", "DNS") != "DNS":
        return False  # nobody here answers a mail
    options = certificate.describe()["Certificate"].get("DomainValidationOptions") or ()
    records = [option["ResourceRecord"] for option in options if "ResourceRecord" in option]
    return bool(records) and all(_public(scene, record) for record in records)


def _public(scene: Scene, record: dict[str, Any]) -> bool:
    name, value = record["Name"].rstrip(".").lower(), record["Value"].rstrip(".").lower()
    zone = zone_of(name)
    found: tuple[str, ...] | list[str] = ()
    if zone is not None:
        found = answer(scene, zone, name, "CNAME").values
    if not found:
        # A proxied name is answered with Cloudflare's addresses; its record is seen by nobody.
        records = [one for one in scene.elsewhere(name) or () if not one.get("proxied")]
        found = [one["content"] for one in records if one["type"] == "CNAME"]
    return value in [one.rstrip(".").lower() for one in found]


def not_after(certificate: Any) -> datetime:
    """Return when a certificate ends."""
    ends: datetime = certificate._not_valid_after(certificate._cert)
    return ends.replace(tzinfo=UTC)


@follows("acm", "RequestCertificate")
def requested(done: Done, scene: Scene) -> None:
    """Let a certificate wait for its record, which may be there already."""
    arn = done.result["CertificateArn"]
    certificate = done.state()._certificates[arn]
    if certificate.status != WAITING or hasattr(certificate, "twin_ends"):
        return
    certificate.twin_method = done.parameters.get("ValidationMethod", "DNS")
    told = {"account": done.call.account, "region": done.call.region, "arn": arn}
    certificate.twin_ends = scene.after(scene.delay("acm_renewal.validation_ends"), "acm.unvalidated", **told)
    look(scene)


@follows("route53", "ChangeResourceRecordSets")
def records_changed(done: Done, scene: Scene) -> None:
    """Look whether a certificate's record became public."""
    look(scene)


@watches("cloudflare.dns.changed")
def changed_at_cloudflare(scene: Scene, happening: Happening) -> None:
    """Look whether a certificate's record became public at Cloudflare."""
    look(scene)


def look(scene: Scene) -> None:
    """Have ACM find the records that are public by now."""
    for account, regions in list(backends("acm").items()):
        for region, backend in list(regions.items()):
            for arn, certificate in list(backend._certificates.items()):
                waits = certificate.status == WAITING and not getattr(certificate, "twin_found", False)
                if waits and validated(scene, certificate):
                    _found(scene, certificate, {"account": account, "region": region, "arn": arn})


def _found(scene: Scene, certificate: Any, told: dict[str, str]) -> None:
    seconds = scene.delay("acm_renewal.validation")
    if not seconds:
        issue(scene, **told)
        return
    certificate.twin_found = True
    scene.after(seconds, "acm.validated", **told)


@happens("acm.validated")
def issue(scene: Scene, *, account: str, region: str, arn: str) -> None:
    """Issue a certificate, when its record is still there."""
    certificate = scene.state("acm", account, region)._certificates.get(arn)
    if certificate is None or certificate.status != WAITING:
        return
    certificate.twin_found = False
    if validated(scene, certificate):
        certificate.status, certificate.twin_issued = "ISSUED", scene.now()
        scene.agenda.cancel(certificate.twin_ends)
        scene.emit("acm.certificate.issued", account=account, region=region, certificate=arn)


@happens("acm.unvalidated")
def give_up(scene: Scene, *, account: str, region: str, arn: str) -> None:
    """Give a certificate up whose record did not become public in time."""
    certificate = scene.state("acm", account, region)._certificates.get(arn)
    if certificate is not None and certificate.status == WAITING:
        certificate.status = "VALIDATION_TIMED_OUT"
        scene.emit("acm.certificate.unvalidated", account=account, region=region, certificate=arn)
