"""The edge: the Cloudflare zone, its settings and rules, its load balancers and tokens."""

from datetime import timedelta

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.records import target_of
from twin.resources.aws.secretsmanager import Secret
from twin.resources.cloudflare.api_token import ApiToken, TokenPolicy
from twin.resources.cloudflare.load_balancing import LoadBalancer, Monitor, Origin, Pool
from twin.resources.cloudflare.ruleset import RateLimit, Rule, Ruleset
from twin.resources.cloudflare.zone import Zone, ZoneSettings
from twin.resources.declaration import Path
from twin.spec.model.edge import CacheRule, Edge, EdgeLoadBalancer, EdgeTls

AT: Path = ("edge",)
ZONE = ref("cloudflare.zone", "main")
MANAGED = "efb7b8c949ac4650a09736fc376e9aee"
"""The id of the Cloudflare Managed Ruleset, the same for everybody (developers.cloudflare.com/waf/managed-rules)."""


def build(blueprint: Blueprint) -> None:
    """Declare the zone and everything in it but its records."""
    edge, cloudflare = blueprint.org.edge, blueprint.org.cloudflare
    if edge is None or cloudflare is None:
        return
    places = {"name": (*AT, "zone"), "plan": ("cloudflare", "plan")}
    blueprint.add("main", Zone(name=edge.zone, plan=cloudflare.plan), AT, places)
    blueprint.add("main", ZoneSettings(zone=ZONE, settings=_settings(edge.tls)), (*AT, "tls"))
    _firewall(blueprint, edge)
    _limits(blueprint, edge)
    if edge.cache:
        rules = [_cache(rule) for rule in edge.cache]
        ruleset = Ruleset(zone=ZONE, phase="http_request_cache_settings", rules=rules)
        blueprint.add("cache", ruleset, (*AT, "cache"), {"rules": (*AT, "cache")})
    for name, balancer in edge.load_balancers.items():
        _load_balancer(blueprint, name, balancer)
    _tokens(blueprint, edge)


def _settings(tls: EdgeTls) -> dict[str, object]:
    settings: dict[str, object] = {
        "ssl": tls.mode,
        "min_tls_version": tls.min,
        "tls_1_3": "on",
        "always_use_https": "on" if tls.always_https else "off",
        "automatic_https_rewrites": "on",
    }
    if tls.hsts:
        promise = {
            "enabled": True,
            "max_age": int(tls.hsts.max_age.total_seconds()),
            "include_subdomains": tls.hsts.subdomains,
            "preload": tls.hsts.preload,
            "nosniff": True,
        }
        settings["security_header"] = {"strict_transport_security": promise}
    return settings


def _firewall(blueprint: Blueprint, edge: Edge) -> None:
    at = (*AT, "waf")
    if edge.waf.rules:
        rules = [
            Rule(
                description=rule.name,
                expression=rule.expression,
                action=rule.action,
                action_parameters={"ruleset": "current"} if rule.action == "skip" else None,
            )
            for rule in edge.waf.rules
        ]
        ruleset = Ruleset(zone=ZONE, phase="http_request_firewall_custom", rules=rules)
        blueprint.add("waf", ruleset, (*at, "rules"), {"rules": (*at, "rules")})
    if edge.waf.managed:
        rule = Rule(description="managed", expression="true", action="execute", action_parameters={"id": MANAGED})
        ruleset = Ruleset(zone=ZONE, phase="http_request_firewall_managed", rules=[rule])
        blueprint.add("managed", ruleset, (*at, "managed"), {"rules": (*at, "managed")})


def _limits(blueprint: Blueprint, edge: Edge) -> None:
    if not edge.rate_limits:
        return
    rules = [
        Rule(
            description=limit.name,
            expression=limit.expression,
            action=limit.action,
            ratelimit=RateLimit(
                characteristics=list(limit.by),
                period=_seconds(limit.period),
                requests_per_period=limit.requests,
                mitigation_timeout=_seconds(limit.block_for),
            ),
        )
        for limit in edge.rate_limits
    ]
    at = (*AT, "rate_limits")
    blueprint.add("rate-limits", Ruleset(zone=ZONE, phase="http_ratelimit", rules=rules), at, {"rules": at})


def _cache(rule: CacheRule) -> Rule:
    parameters: dict[str, object] = {"cache": not rule.bypass}
    for field in ("edge_ttl", "browser_ttl"):
        if (ttl := getattr(rule, field)) is not None:
            parameters[field] = {"mode": "override_origin", "default": _seconds(ttl)}
    return Rule(
        description=rule.name,
        expression=rule.expression,
        action="set_cache_settings",
        action_parameters=parameters,
    )


def _load_balancer(blueprint: Blueprint, name: str, intent: EdgeLoadBalancer) -> None:
    at = (*AT, "load_balancers", name)
    monitor = Monitor(
        type="https",
        method="GET",
        path=intent.monitor.path,
        expected_codes=intent.monitor.expect,
        interval=_seconds(intent.monitor.interval),
        timeout=_seconds(intent.monitor.timeout),
        retries=intent.monitor.retries,
        header={"Host": [intent.host]},
    )
    places = {field: (*at, "monitor", field) for field in ("path", "interval", "timeout", "retries")}
    probe = blueprint.add(name, monitor, at, {**places, "expected_codes": (*at, "monitor", "expect")})
    pools = []
    for pool, origins in intent.pools.items():
        place = (*at, "pools", pool)
        members = [
            Origin(
                name=origin,
                address=o.address or target_of(blueprint, o.target or "", (*place, origin, "target")),
                weight=o.weight,
            )
            for origin, o in origins.items()
        ]
        resource = Pool(name=blueprint.name(name, pool), origins=members, monitor=probe.id)
        pools.append(blueprint.add(f"{name}-{pool}", resource, place, {"origins": place}).id)
    balancer = LoadBalancer(zone=ZONE, name=intent.host, default_pools=pools, fallback_pool=pools[-1])
    blueprint.add(name, balancer, at, {"name": (*at, "host"), "default_pools": (*at, "pools")})


def _tokens(blueprint: Blueprint, edge: Edge) -> None:
    for name, intent in edge.tokens.items():
        at = (*AT, "tokens", name)
        if intent.expires_after:
            blueprint.unsupported("the lifetime of a token", (*at, "expires_after"), "leave `expires_after` out")
        label = f"cloudflare-{name}"
        secret = Secret(name=blueprint.name(label), description=f"Cloudflare API token for {edge.zone}")
        store = blueprint.add(label, secret, at)
        policy = TokenPolicy(
            permission_groups=list(intent.permissions), resources={f"com.cloudflare.api.account.zone.{ZONE}": "*"}
        )
        ranges = [str(range_) for range_ in intent.allowed_from]
        token = ApiToken(name=blueprint.name(name), policies=[policy], allowed_from=ranges, store=store.arn)
        places = {"policies": (*at, "permissions"), "allowed_from": (*at, "allowed_from")}
        blueprint.add(name, token, at, places)


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
