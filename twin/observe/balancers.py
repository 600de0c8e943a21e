"""Load balancers with their listeners, target groups and target health, as their describe replies tell them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import identity, inside, objects
from twin.semantics.network.balancing import Backend, Listener, LoadBalancer
from twin.semantics.network.headers import TCP, UDP
from twin.semantics.network.topology import Interface

PROTOCOLS = {"UDP": (UDP,), "TCP_UDP": (TCP, UDP), "QUIC": (UDP,), "TCP_QUIC": (TCP, UDP)}
UNFIT = frozenset({"unhealthy", "draining", "unavailable", "unhealthy.draining"})


def load_balancers(
    snapshot: Snapshot, interfaces: Mapping[str, Interface]
) -> tuple[dict[str, LoadBalancer], list[str]]:
    """Return the load balancers, and notes on target health that names no target group."""
    notes: list[str] = []
    targets = _targets(snapshot, notes)
    forwards = _forwards(snapshot)
    found: dict[str, LoadBalancer] = {}
    for item in snapshot.of("LoadBalancers"):
        if "LoadBalancerArn" not in item.data:
            notes.append(f"{item.path}: a classic load balancer is not understood")
            continue
        arn = identity(item, "LoadBalancerArn")
        suffix = arn.partition(":loadbalancer/")[2]
        mine = [one for one in snapshot.of("Listeners") if one.data.get("LoadBalancerArn") == arn]
        kind = str(item.data.get("Type") or "application")
        found[arn] = LoadBalancer(
            arn,
            str(item.data.get("LoadBalancerName") or suffix),
            kind,
            tuple(one.id for one in interfaces.values() if suffix and one.description == f"ELB {suffix}"),
            tuple(_listener(one, forwards, targets) for one in mine),
            str(item.data.get("Scheme") or "internet-facing"),
            str(item.data.get("DNSName") or ""),
        )
    return found, notes


def _listener(item: Item, forwards: Mapping[str, list[str]], targets: Mapping[str, list[Backend]]) -> Listener:
    backends = [one for group in forwards.get(identity(item, "ListenerArn"), ()) for one in targets.get(group, ())]
    protocols = PROTOCOLS.get(str(item.data.get("Protocol") or "HTTP"), (TCP,))
    return Listener(int(item.data.get("Port") or 0), protocols, tuple(backends))


def _forwards(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the target groups that each listener's default actions and rules forward to."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in snapshot.of("Listeners"):
        found[identity(item, "ListenerArn")] += _groups(item, "DefaultActions")
    for item in snapshot.of("Rules"):
        head, _, _ = identity(item, "RuleArn").replace(":listener-rule/", ":listener/").rpartition("/")
        found[head] += [one for one in _groups(item, "Actions") if one not in found[head]]
    return found


def _groups(item: Item, member: str) -> Iterator[str]:
    for action in objects(item, item.data, member):
        listed: list[Any] = inside(action, "ForwardConfig", "TargetGroups") or []
        names = [one.get("TargetGroupArn") for one in listed] or [action.get("TargetGroupArn")]
        yield from (str(name) for name in names if name)


def _targets(snapshot: Snapshot, notes: list[str]) -> dict[str, list[Backend]]:
    found: dict[str, list[Backend]] = defaultdict(list)
    groups = [identity(one, "TargetGroupArn") for one in snapshot.of("TargetGroups")]
    keeping = _keeping(snapshot)
    for item in snapshot.of("TargetHealthDescriptions"):
        group = _of_group(item)
        # A file may carry the group's name instead, and with one group alone there is no doubt.
        named = [arn for arn in groups if arn.split("/")[-2] in item.path.stem]
        group = group or (named[0] if len(named) == 1 else groups[0] if len(groups) == 1 else "")
        if not group:
            notes.append(f"{item.path}: target health of no named target group")
            continue
        target = item.data.get("Target") or {}
        state = str(inside(item.data, "TargetHealth", "State") or "healthy")
        port = target.get("Port")
        fit, keeps = state not in UNFIT, group in keeping
        found[group].append(Backend(str(target.get("Id")), int(port) if port else None, fit, keeps))
    return found


def _of_group(item: Item) -> str:
    """Return the target group of whose targets or attributes an object tells, empty when it is not named."""
    return str(item.beside.get("TargetGroupArn") or item.data.get("TargetGroupArn") or "")


def _keeping(snapshot: Snapshot) -> set[str]:
    """Return the target groups of network load balancers whose targets see the client's address.

    With UDP it is always on. Where the attribute was not told it is on for instances, off for addresses, and it is
    never for another load balancer:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
    """
    told = {
        _of_group(one): one.data.get("Value") == "true"
        for one in snapshot.of("Attributes")
        if one.data.get("Key") == "preserve_client_ip.enabled"
    }
    found = set()
    for item in snapshot.of("TargetGroups"):
        arn, protocol = identity(item, "TargetGroupArn"), str(item.data.get("Protocol") or "")
        kind = item.data.get("TargetType") or "instance"
        always = kind in ("instance", "ip") and "UDP" in protocol
        if (
            protocol not in ("HTTP", "HTTPS", "GENEVE")
            and kind != "alb"
            and (always or told.get(arn, kind == "instance"))
        ):
            found.add(arn)
    return found
