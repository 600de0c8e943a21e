"""What a health check finds at an endpoint: a load balancer, an instance, a bucket of the twin, or somebody else's."""

from typing import Any, NamedTuple

from twin.world.behaviors.reachability import answering
from twin.world.health import forced
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

DOWN = "route53.down"
ANSWERS = ("A", "AAAA", "CNAME")
DEEPEST = 8


class Finding(NamedTuple):
    """Whether an endpoint answers, and what the checker says of it."""

    alive: bool
    said: str


def endpoint_down(scene: Scene, endpoint: str) -> None:
    """Let an endpoint that nobody in the twin plays (a name, an address) answer no health check from now on."""
    scene.memory.setdefault(DOWN, set()).add(endpoint)
    scene.emit("route53.endpoint.changed", endpoint=endpoint)


def endpoint_up(scene: Scene, endpoint: str) -> None:
    """Let an endpoint that nobody in the twin plays answer again."""
    scene.memory.setdefault(DOWN, set()).discard(endpoint)
    scene.emit("route53.endpoint.changed", endpoint=endpoint)


def examine(scene: Scene, check: Any) -> Finding:
    """Return what a checker finds now at the endpoint of a check, by its address or else its name."""
    tcp = check.type_ == "TCP"
    if forced(scene, check.id) is False:
        return _said(False, tcp=tcp)
    if check.ip_address:
        return _address(scene, check.ip_address, tcp=tcp)
    return _name(scene, (check.fqdn or "").rstrip(".").lower(), tcp=tcp, depth=0)


def _address(scene: Scene, address: str, *, tcp: bool) -> Finding:
    for regions in list(backends("ec2").values()):
        for backend in list(regions.values()):
            elastic = next((one for one in backend.addresses if one.public_ip == address), None)
            if elastic is not None:
                # A stopped instance keeps its elastic address, though it does not tell it any more.
                held = elastic.instance
                return _said(held is not None and instance_alive(scene, held), tcp=tcp)
            for instance in backend.all_instances():
                if address in (instance.public_ip, instance.private_ip_address):
                    return _said(instance_alive(scene, instance), tcp=tcp)
    return _foreign(scene, address, tcp=tcp)


def instance_alive(scene: Scene, instance: Any) -> bool:
    """Tell whether an instance runs, on a host and in a zone that work."""
    return answering(scene, instance.id)[0]


def _name(scene: Scene, name: str, *, tcp: bool, depth: int) -> Finding:
    from twin.world.behaviors.route53_answers import answer, zone_of

    if name in scene.memory.get(DOWN, ()):
        return _said(False, tcp=tcp)
    balancer = find_balancer(name)
    if balancer is not None:
        return _said(balancer_alive(scene, *balancer, tcp=tcp), tcp=tcp)
    zone = zone_of(name)
    if zone is not None and depth < DEEPEST:
        for kind in ANSWERS:
            found = answer(scene, zone, name, kind)
            if found.values:
                return _value(scene, found.values[0], tcp=tcp, depth=depth)
        return Finding(False, "Failure: DNS resolution failed: Rcode NXDOMAIN(3)")
    records = scene.elsewhere(name) if depth < DEEPEST else None
    if records is not None:
        found_there = [record["content"] for record in records if record["type"] in ANSWERS]
        if not found_there:
            return Finding(False, "Failure: DNS resolution failed: Rcode NXDOMAIN(3)")
        return _value(scene, found_there[0], tcp=tcp, depth=depth)
    return _foreign(scene, name, tcp=tcp)


def _value(scene: Scene, value: str, *, tcp: bool, depth: int) -> Finding:
    if value.replace(".", "").isdigit():
        return _address(scene, value, tcp=tcp)
    return _name(scene, value.rstrip(".").lower(), tcp=tcp, depth=depth + 1)


def find_balancer(name: str) -> tuple[Any, Any] | None:
    """Return the load balancer of a DNS name with the store that holds it; None when there is none."""
    name = name.rstrip(".").lower().removeprefix("dualstack.")
    for regions in list(backends("elbv2").values()):
        for backend in list(regions.values()):
            for balancer in list(backend.load_balancers.values()):
                if balancer.dns_name.lower() == name:
                    return backend, balancer
    return None


def balancer_alive(scene: Scene, backend: Any, balancer: Any, *, tcp: bool = False) -> bool:
    """Tell whether a load balancer answers: it stands in a zone that works, and (but for TCP) has a healthy target."""
    zones = {subnet.availability_zone for subnet in balancer.subnets}
    if zones and all(scene.conditions.broken("zone", zone) for zone in zones):
        return False
    if tcp and balancer.type != "network":
        return True
    groups = [group for group in backend.target_groups.values() if balancer.arn in group.load_balancer_arns]
    return any(target_alive(scene, backend, group, target=target) for group in groups for target in group.targets)


def target_alive(scene: Scene, backend: Any, group: Any, *, target: str) -> bool:
    """Tell whether a target is healthy, as its checks found or else as its instance and its zone are."""
    known = getattr(group, "health", {}).get(target)
    if known is not None and known["state"] != "healthy":
        return False
    if not target.startswith("i-"):
        return True
    # Asked apart, since this may be told of an instance before its load balancers are.
    return answering(scene, target)[0]


def _said(alive: bool, *, tcp: bool) -> Finding:
    if alive:
        return Finding(True, "Success: TCP connection succeeded" if tcp else "Success: HTTP Status Code 200, OK")
    what = "The health checker could not establish a connection within the timeout limit."
    return Finding(False, f"Failure: {what}")


def _foreign(scene: Scene, endpoint: str, *, tcp: bool) -> Finding:
    return _said(endpoint not in scene.memory.get(DOWN, ()), tcp=tcp)
