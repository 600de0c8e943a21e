"""The origins that the twin itself holds: load balancers and instances of its stores, and sites of somebody else's.

It goes by what answers, not by who is let in; an org's network walk takes its place with `world.edge.origin = …`.
"""

from datetime import UTC
from typing import Any

from twin.semantics.edge import Broken, Certificate, Forwarded, Returned
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

FOREVER = 4_102_444_800.0  # 2100-01-01, for sites whose certificates are somebody else's care
ALIVE = b"The origin answers.\n"
ANSWERED_BY = "x-twin-origin"


class StoredOrigins:
    """An origin for every address, as the stores have it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def __call__(self, sent: Forwarded) -> Returned | Broken:
        """Answer as what stands at the address: an ALB without a healthy target says 503."""
        from twin.world.behaviors.route53_endpoints import DOWN, find_balancer

        if sent.address in self.scene.memory.get(DOWN, ()):
            return Broken("timeout")
        balancer = find_balancer(sent.address)
        if balancer is not None:
            return self._balancer(*balancer, sent)
        alive = self._instance(sent.address)
        if alive is None and sent.address.endswith(".elb.amazonaws.com"):
            return Broken("dns")
        if alive is False:
            return Broken("timeout")
        shown = Certificate((sent.sni,), FOREVER) if sent.scheme == "https" else None
        return _alive(sent, shown)

    def _balancer(self, backend: Any, balancer: Any, sent: Forwarded) -> Returned | Broken:
        from twin.world.behaviors.route53_endpoints import balancer_alive

        zones = {subnet.availability_zone for subnet in balancer.subnets}
        if zones and all(self.scene.conditions.broken("zone", zone) for zone in zones):
            return Broken("timeout")
        heard = next((one for one in balancer.listeners.values() if int(one.port) == sent.port), None)
        if heard is None:
            return Broken("refused")
        if sent.scheme == "https" and heard.protocol not in ("HTTPS", "TLS"):
            return Broken("handshake")
        shown = _certificate(heard) if sent.scheme == "https" else None
        if not balancer_alive(self.scene, backend, balancer):
            return Returned(503, {"content-type": ("text/html",)}, b"Service Unavailable", shown)
        return _alive(sent, shown)

    def _instance(self, address: str) -> bool | None:
        """Tell whether the instance of an address answers; None when no instance of the stores has it."""
        from twin.world.behaviors.route53_endpoints import instance_alive

        for regions in list(backends("ec2").values()):
            for backend in list(regions.values()):
                for instance in backend.all_instances():
                    if address == instance.public_ip:
                        return instance_alive(self.scene, instance)
        return None


def _alive(sent: Forwarded, shown: Certificate | None) -> Returned:
    """Answer, and tell by a header who does, so that it is known of what the cache keeps too."""
    return Returned(200, {"content-type": ("text/plain",), ANSWERED_BY: (sent.address,)}, ALIVE, shown)


def _certificate(listener: Any) -> Certificate | None:
    """Return the certificate of a listener as ACM holds it: imported ones are trusted when their issuer is public."""
    for regions in list(backends("acm").values()):
        for backend in list(regions.values()):
            for arn in listener.certificates or ():
                held = backend._certificates.get(arn)
                if held is not None:
                    return _shown(held)
    return None


def _shown(held: Any) -> Certificate:
    told = held.describe()["Certificate"]
    ends = told["NotAfter"]
    seconds = float(ends) if isinstance(ends, int | float) else ends.replace(tzinfo=UTC).timestamp()
    names = (told["DomainName"], *told.get("SubjectAlternativeNames", ()))
    return Certificate(tuple(dict.fromkeys(names)), seconds, trusted=told["Type"] == "AMAZON_ISSUED")
