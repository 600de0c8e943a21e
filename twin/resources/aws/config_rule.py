"""AWS Config's managed rules."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import matches
from twin.resources.aws.tagging import CONFIG
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED, text
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, WRITE_ONLY, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags


class Rule(Resource):
    """A rule of AWS's own by which Config judges resources."""

    TYPE: ClassVar[str] = "aws.config.rule"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    name: Annotated[str, IMMUTABLE]
    identifier: Annotated[str, IMMUTABLE] = Field(description="The managed rule, such as ROOT_ACCOUNT_MFA_ENABLED")
    description: str = ""
    parameters: dict[str, str] = Field(default_factory=dict)
    resource_types: Annotated[list[str], UNORDERED] = Field(default_factory=list, description="Without it the rule's")
    frequency: Literal["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"] | None = None
    recorder: Annotated[str | None, RefTo("aws.config.recorder"), WRITE_ONLY] = Field(
        None, description="Id of the recorder, without which Config takes no rule; only orders the two"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all rules with one DescribeConfigRules, their tags with the tagging API."""
        reply = yield aws("config", "DescribeConfigRules", pages=True)
        rules = {r["ConfigRuleName"]: r for r in reply["ConfigRules"] if r.get("ConfigRuleState") != "DELETING"}
        names = sought(wanted) & rules.keys()
        tags = yield from tags_of(scope, (rules[name]["ConfigRuleArn"] for name in names), CONFIG.read)
        return [_observed(scope, rule, tags.get(rule["ConfigRuleArn"], {})) for rule in rules.values()]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the rule; its ARN, which the creation does not tell, is nothing that others refer to."""
        yield self._put(Tags=scope.tag_list(address, self.tags))
        return {"id": self.name}

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The id is the name."""
        return {"id": self.name}

    def _put(self, **more: Any) -> Call:
        rule: dict[str, Any] = {
            "ConfigRuleName": self.name,
            "Description": self.description,
            "Source": {"Owner": "AWS", "SourceIdentifier": self.identifier},
            "InputParameters": text(self.parameters),
        }
        if self.resource_types:
            rule["Scope"] = {"ComplianceResourceTypes": self.resource_types}
        if self.frequency is not None:
            rule["MaximumExecutionFrequency"] = self.frequency
        return aws("config", "PutConfigRule", {"ConfigRule": rule, **more})

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Put the rule anew, then tags."""
        if changed - {"tags", "owner", "recorder"}:
            yield self._put()
        if changed & {"tags", "owner"}:
            yield from CONFIG.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the rule."""
        absent = ("NoSuchConfigRuleException",)
        yield aws("config", "DeleteConfigRule", {"ConfigRuleName": observed.id}, absent=absent)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """AWS has the rule, and the rule has the parameters, those that it requires among them."""
        yield from matches("services", "config.rule_name", self.name, "name")
        known = facts("config_rules")["managed_rules"]
        if unknown(self.identifier):
            return
        if self.identifier not in known:
            yield Problem("TW0487", f"AWS Config has no managed rule {self.identifier!r}", "identifier", _near(self))
            return
        required, optional = (known[self.identifier].get(kind, []) for kind in ("required", "optional"))
        for name in sorted(self.parameters.keys() - {*required, *optional}):
            offered = ", ".join((*required, *optional)) or "none"
            yield Problem("TW0487", f"{self.identifier} has no parameter {name!r}", "parameters", f"it has {offered}")
        for name in sorted(set(required) - self.parameters.keys()):
            yield Problem("TW0487", f"{self.identifier} needs the parameter {name!r}", "parameters")


def _near(rule: Rule) -> str | None:
    name = rule.identifier.upper().replace("-", "_")
    return f"did you mean {name}?" if name in facts("config_rules")["managed_rules"] else None


def _observed(scope: Scope, item: Mapping[str, Any], tags: Mapping[str, str]) -> Observed:
    name = item["ConfigRuleName"]
    return Observed(
        id=name,
        fields={
            "name": name,
            "identifier": item["Source"].get("SourceIdentifier"),
            "description": item.get("Description", ""),
            "parameters": json.loads(item.get("InputParameters") or "{}"),
            "resource_types": (item.get("Scope") or {}).get("ComplianceResourceTypes") or [],
            "frequency": item.get("MaximumExecutionFrequency"),
            "tags": user_tags(tags),
        },
        outputs={"id": name, "arn": item["ConfigRuleArn"]},
        owner=scope.own(tags),
        other=scope.other(tags),
        builtin=bool(item.get("CreatedBy")),
    )
