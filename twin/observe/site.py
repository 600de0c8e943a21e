"""What stands on a request's way beside the network itself: load balancers, their targets, databases."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from twin.observe.site_databases import Database, databases_of
from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import identity, inside, objects


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does: forward to target groups by weight, redirect, or answer with a status by itself."""

    kind: str
    groups: tuple[tuple[str, int], ...] = ()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A listener's rule; it applies when every condition has a value that fits."""

    priority: int
    conditions: Mapping[str, tuple[str, ...]]
    action: Action


@dataclass(frozen=True, slots=True)
class Listener:
    """A port of a load balancer with its rules, the first that applies first."""

    port: int
    protocol: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer: `subnets` by the name of their zone, one node in each."""

    arn: str
    name: str
    address: str
    kind: str
    scheme: str
    vpc: str
    subnets: Mapping[str, str]
    groups: tuple[str, ...]
    listeners: tuple[Listener, ...]

    @property
    def region(self) -> str:
        """The Region in which it stands."""
        return self.arn.split(":")[3]


@dataclass(frozen=True, slots=True)
class Target:
    """A registered target and its state (`healthy`, `unhealthy`, `initial`, …)."""

    id: str
    port: int
    state: str


@dataclass(frozen=True, slots=True)
class Site:
    """All of it, of one account and one Region or several; `targets` by target group."""

    balancers: tuple[Balancer, ...] = ()
    targets: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The target type of each target group."""
    databases: tuple[Database, ...] = ()


BALANCING = ("LoadBalancers", "Listeners", "Rules", "TargetGroups", "TargetHealthDescriptions")
DATABASES = ("DBInstances", "DBClusters")


def site_of(snapshot: Snapshot) -> Site:
    """Return what a snapshot tells of load balancers, their targets and databases."""
    kinds = {identity(one, "TargetGroupArn"): str(one.data["TargetType"]) for one in snapshot.of("TargetGroups")}
    balancers = tuple(_balancer(one, snapshot) for one in snapshot.of("LoadBalancers"))
    targets = _targets(snapshot.of("TargetHealthDescriptions"))
    return Site(balancers, targets, kinds, tuple(databases_of(snapshot)))


def _targets(described: Iterable[Item]) -> dict[str, tuple[Target, ...]]:
    """Return targets by target group, from descriptions that stand beside their group's ARN."""
    found: dict[str, list[Target]] = defaultdict(list)
    for item in described:
        target, state = item.data["Target"], str(inside(item.data, "TargetHealth", "State"))
        found[str(item.beside["TargetGroupArn"])].append(Target(target["Id"], int(target.get("Port") or 0), state))
    return {arn: tuple(targets) for arn, targets in found.items()}


def _balancer(item: Item, snapshot: Snapshot) -> Balancer:
    data, arn = item.data, identity(item, "LoadBalancerArn")
    listeners = [one for one in snapshot.of("Listeners") if one.data["LoadBalancerArn"] == arn]
    return Balancer(
        arn,
        str(data["LoadBalancerName"]),
        str(data["DNSName"]),
        str(data["Type"]),
        str(data.get("Scheme") or "internet-facing"),
        str(data["VpcId"]),
        {str(one["ZoneName"]): str(one["SubnetId"]) for one in objects(item, data, "AvailabilityZones")},
        tuple(data.get("SecurityGroups") or ()),
        tuple(_listener(one, snapshot) for one in listeners),
    )


def _listener(item: Item, snapshot: Snapshot) -> Listener:
    arn = identity(item, "ListenerArn")
    mine = [one for one in snapshot.of("Rules") if one.beside["ListenerArn"] == arn]
    rules = sorted((_rule(one) for one in mine), key=lambda rule: rule.priority)
    if not rules:  # network load balancers have no rules beside the default actions
        rules = [Rule(LAST, {}, _action(item, "DefaultActions"))]
    return Listener(int(item.data["Port"]), str(item.data["Protocol"]), tuple(rules))


LAST = 1_000_000


def _rule(item: Item) -> Rule:
    conditions: dict[str, tuple[str, ...]] = {}
    for one in objects(item, item.data, "Conditions"):
        name = str(one["Field"])
        config = one.get("".join(part.title() for part in name.split("-")) + "Config") or {}
        conditions[name] = tuple(map(str, one.get("Values") or config.get("Values") or ()))
    priority = item.data["Priority"]
    return Rule(LAST if priority == "default" else int(priority), conditions, _action(item, "Actions"))


def _action(item: Item, member: str) -> Action:
    """Return the action that ends a rule; those before it only ask who the visitor is."""
    last = list(objects(item, item.data, member))[-1]
    kind = str(last["Type"])
    if kind == "forward":
        listed_groups = inside(last, "ForwardConfig", "TargetGroups") or [last]
        groups = tuple((str(one["TargetGroupArn"]), int(one.get("Weight", 1))) for one in listed_groups)
        return Action(kind, groups)
    status = inside(last, "RedirectConfig", "StatusCode") or inside(last, "FixedResponseConfig", "StatusCode")
    return Action(kind, status=str(status or ""))
