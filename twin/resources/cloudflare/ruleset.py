"""Rulesets: the rules of one phase of a zone, owned whole; the owner is marked in the description."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Steps, cloudflare
from twin.resources.cloudflare.compare import covers
from twin.resources.cloudflare.rule_expressions import mistakes
from twin.resources.cloudflare.zone import Zone, account_zones, fact
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
REGEX = re.compile(r"\bmatches\b|~|\bregex_replace\s*\(")


class RateLimit(BaseModel):
    """How requests are counted and for how long the action lasts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    characteristics: list[str] = Field(description="By what is counted, as in ip.src and cf.colo.id")
    period: int = Field(description="Seconds over which is counted")
    requests_per_period: int = Field(gt=0, description="The action strikes beyond this many")
    mitigation_timeout: int = Field(description="Seconds for which the action lasts")
    counting_expression: str | None = None
    requests_to_origin: bool | None = None


class Rule(BaseModel):
    """One rule: when its expression is true of a request, its action is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = Field("", description="What the rule is for")
    expression: str = Field(min_length=1, description="In the rules language, up to 4,096 characters")
    action: str = Field(pattern="^[a-z_]+$", description="As the phase allows")
    action_parameters: dict[str, Any] | None = None
    ratelimit: RateLimit | None = Field(None, description="Of a rule in http_ratelimit")
    enabled: bool = True
    ref: str | None = Field(None, description="A name that keeps the rule's id when the ruleset is written anew")

    def body(self) -> dict[str, Any]:
        """Return the rule as the API takes it."""
        body: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        return body


class Ruleset(Resource):
    """The entry point of a phase in a zone: there is one, and its list of rules is ours alone."""

    TYPE: ClassVar[str] = "cloudflare.ruleset"
    KEY: ClassVar[tuple[str, ...]] = ("zone", "phase")
    TAGGED: ClassVar[bool] = True

    zone: Annotated[str, RefTo("cloudflare.zone"), IMMUTABLE] = Field(description="The zone's id")
    phase: Annotated[str, IMMUTABLE] = Field(description="As in http_request_firewall_custom, http_ratelimit")
    description: str = ""
    rules: list[Rule] = Field(description="In order; the whole list")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """List the entry points of every zone; the rules only of those that are ours or wanted."""
        found = []
        for zone in (yield from account_zones(scope)):
            listed = yield cloudflare("GET", f"/zones/{zone['id']}/rulesets", pages=True)
            for item in listed:
                if item.get("kind") == "zone":
                    found.append((yield from cls._observe(scope, zone["id"], item, wanted)))  # noqa: PERF401
        return found

    @classmethod
    def _observe(cls, scope: Scope, zone: str, item: Mapping[str, Any], wanted: Wanted) -> Steps[Observed]:
        owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
        fields = {"zone": zone, "phase": item["phase"], "description": unmark(item.get("description"))}
        if owner or item["id"] in wanted.ids or (zone, item["phase"]) in wanted.keys:
            whole = yield cloudflare("GET", f"/zones/{zone}/rulesets/{item['id']}")
            fields["rules"] = [_rule(rule) for rule in whole.get("rules") or ()]
        return Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other)

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Write the entry point; Cloudflare makes it when there is none."""
        body = {"description": scope.mark(address, self.description), "rules": [rule.body() for rule in self.rules]}
        reply = yield cloudflare("PUT", f"/zones/{self.zone}/rulesets/phases/{self.phase}/entrypoint", body)
        return {"id": reply["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the entry point anew, as a new version."""
        yield from self.create(scope, address)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the entry point with its rules."""
        path = f"/zones/{observed.fields['zone']}/rulesets/{observed.id}"
        yield cloudflare("DELETE", path, absent=("404",))

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare rules by what is desired of each; what Cloudflare fills in is no difference."""
        return covers(observed, desired) if name == "rules" else super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The phase's actions, the plan's quotas, the language's limits."""
        phases = fact("phases")
        if self.phase not in phases:
            yield Problem("TW0520", f"a zone has no phase {self.phase!r}", "phase", f"one of {', '.join(phases)}")
            return
        zone = peers.get(self.zone)
        plan = zone.plan if isinstance(zone, Zone) else None
        limit = fact("rules_per_phase").get(self.phase, {}).get(plan)
        if limit is not None and len(self.rules) > limit:
            yield Problem("TW0521", f"{len(self.rules)} rules in {self.phase}, {limit} fit on the {plan} plan", "rules")
        for rule in self.rules:
            for code, message in (*_rule_problems(rule, self.phase), *_plan_problems(rule, plan)):
                yield Problem(code, f"rule {rule.description or rule.expression[:40]!r}: {message}", "rules")


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: rule.get(name) for name in Rule.model_fields}
    # Cloudflare gives a rule without a ref its own id as one.
    return {**known, "ref": None if rule.get("ref") == rule.get("id") else rule.get("ref")}


def _rule_problems(rule: Rule, phase: str) -> Iterator[tuple[str, str]]:
    allowed, length = fact("phases")[phase], fact("expression_length")
    if rule.action not in allowed:
        yield "TW0522", f"{phase} has no action {rule.action}; it has {', '.join(allowed)}"
    if len(rule.expression) > length:
        yield "TW0523", f"its expression has {len(rule.expression)} characters, {length} are the most"
    if not unknown(rule.expression) and not _balanced(rule.expression):
        yield "TW0524", "its expression has unbalanced quotes, brackets or braces"
    else:
        for message in mistakes(rule.body(), phase):
            yield "TW0541", message
    if phase == "http_ratelimit" and rule.action != "execute" and rule.ratelimit is None:
        yield "TW0525", "a rule that limits rates says how in `ratelimit`"
    if phase != "http_ratelimit" and rule.ratelimit is not None:
        yield "TW0525", f"{phase} counts nothing: `ratelimit` belongs into http_ratelimit"
    if rule.ratelimit is not None:
        yield from _rate_problems(rule.ratelimit)


def _rate_problems(rate: RateLimit) -> Iterator[tuple[str, str]]:
    facts = fact("ratelimit")
    if rate.period not in facts["periods"]:
        yield "TW0526", f"a period of {rate.period} s; Cloudflare has {facts['periods']}"
    if rate.mitigation_timeout not in facts["timeouts"]:
        yield "TW0526", f"a mitigation of {rate.mitigation_timeout} s; Cloudflare has {facts['timeouts']}"
    if fact("mandatory_characteristic") not in rate.characteristics:
        yield "TW0526", f"its characteristics lack {fact('mandatory_characteristic')}, which the API demands"


def _plan_problems(rule: Rule, plan: str | None) -> Iterator[tuple[str, str]]:
    if plan is None:
        return
    if REGEX.search(STRING.sub('""', rule.expression)) and plan not in fact("regex_plans"):
        yield "TW0527", f"regular expressions need the business plan, the zone is on {plan}"
    if rule.action == "log" and plan not in fact("log_action_plans"):
        yield "TW0528", f"the log action needs the enterprise plan, the zone is on {plan}"
    yield from _parameter_problems(rule.action, rule.action_parameters or {}, plan)
    limits, rate = fact("ratelimit").get(plan), rule.ratelimit
    if limits is None or rate is None:
        return
    if rate.period not in limits.get("periods", [rate.period]) or rate.period > limits.get("max_period", rate.period):
        yield "TW0529", f"a period of {rate.period} s is not for the {plan} plan"
    timeout = rate.mitigation_timeout
    if timeout not in limits.get("timeouts", [timeout]) or timeout > limits.get("max_timeout", timeout):
        yield "TW0529", f"a mitigation of {timeout} s is not for the {plan} plan"
    if rate.counting_expression and plan not in fact("counting_expression_plans"):
        yield "TW0529", f"a counting expression needs the business plan, the zone is on {plan}"
    free = {fact("mandatory_characteristic"), *limits.get("characteristics", rate.characteristics)}
    extra = set(rate.characteristics) - free
    if extra:
        yield "TW0529", f"counting by {', '.join(sorted(extra))} is not for the {plan} plan"


def _parameter_problems(action: str, given: Mapping[str, Any], plan: str) -> Iterator[tuple[str, str]]:
    entitled = fact("managed_rulesets").get(given.get("id")) if action == "execute" else None
    if entitled is not None and plan not in entitled:
        yield "TW0542", f"this managed ruleset needs the {entitled[0]} plan, the zone is on {plan}"
    edge = given.get("edge_ttl") if action == "set_cache_settings" else None
    least = fact("min_edge_ttl")[plan]
    if isinstance(edge, Mapping) and edge.get("mode") == "override_origin" and edge.get("default", least) < least:
        yield "TW0543", f"an edge TTL of {edge['default']} s, the {plan} plan has {least} s at least"


def _balanced(expression: str) -> bool:
    """Tell whether quotes, brackets and braces close; raw strings (r"…", r#"…"#) may hold anything."""
    rest = re.sub(r'r(#*)".*?"\1', '""', expression, flags=re.DOTALL)
    rest = STRING.sub("", rest)
    stack: list[str] = []
    pairs = {")": "(", "]": "[", "}": "{"}
    for sign in rest:
        if sign in pairs.values():
            stack.append(sign)
        elif sign in pairs and (not stack or stack.pop() != pairs[sign]):
            return False
    return not stack and '"' not in rest
