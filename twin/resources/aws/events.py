"""EventBridge rules on the default bus."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.event_pattern import pattern_problems
from twin.resources.aws.limits import at_most, matches
from twin.resources.aws.policy_document import untrusting
from twin.resources.aws.schedules import schedule_problems
from twin.resources.aws.tagging import EVENTS
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Call, Refused, Steps, aws
from twin.resources.canonical import UNORDERED, text
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

GONE = ("ResourceNotFoundException",)


class Target(BaseModel):
    """What gets the events of a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    arn: str
    role: str | None = Field(None, description="ARN of the role that EventBridge assumes to reach the target")
    input: str | None = Field(None, description="A text sent in place of the event")


class Rule(Resource):
    """Events that match a pattern, or a schedule, and the targets that get them, owned as a whole."""

    TYPE: ClassVar[str] = "aws.events.rule"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    description: str = ""
    pattern: dict[str, Any] | None = None
    schedule: str | None = Field(None, description="rate(…) or cron(…)")
    enabled: bool = True
    targets: Annotated[list[Target], RefTo("aws.sns.topic", "aws.sqs.queue", "aws.logs.group"), UNORDERED] = Field(
        default_factory=list
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all rules with one ListRules, their tags with the tagging API, the targets of ours one by one."""
        reply = yield aws("events", "ListRules", pages=True)
        rules = {rule["Name"]: rule for rule in reply["Rules"]}
        mine = sought(wanted) & rules.keys()
        tags = yield from tags_of(scope, (rules[name]["Arn"] for name in mine), EVENTS.read)
        found = []
        for name, rule in rules.items():
            own = tags.get(rule["Arn"], {})
            fields = _fields(rule) | {"tags": user_tags(own)}
            if name in mine or scope.own(own):
                fields["targets"] = yield from _targets(name)
            outputs = {"id": name, "arn": rule["Arn"]}
            found.append(
                Observed(
                    name, fields, outputs, scope.own(own), other=scope.other(own), builtin=bool(rule.get("ManagedBy"))
                )
            )
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("events", f"rule/{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the rule, then all its targets in one call."""
        yield self._put(Tags=scope.tag_list(address, self.tags))
        if self.targets:
            yield from self._aim(self.targets)
        return self.predict(scope)

    def _put(self, **more: Any) -> Call:
        params = {
            "Name": self.name,
            "Description": self.description,
            "EventPattern": None if self.pattern is None else text(self.pattern),
            "ScheduleExpression": self.schedule,
            "State": "ENABLED" if self.enabled else "DISABLED",
        }
        return aws("events", "PutRule", {**params, **more})

    def _aim(self, targets: Iterable[Target]) -> Steps[None]:
        names = {"id": "Id", "arn": "Arn", "role": "RoleArn", "input": "Input"}
        entries = [{names[k]: v for k, v in target if v is not None} for target in targets]
        call = aws("events", "PutTargets", {"Rule": self.name, "Targets": entries})
        reply = yield call
        if isinstance(reply, Mapping) and reply.get("FailedEntryCount"):
            first = reply["FailedEntries"][0]
            raise Refused(call, first["ErrorCode"], f"{first['TargetId']}: {first['ErrorMessage']}", status=400)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Put the rule anew, bring the targets to the wanted ones, then tags."""
        if changed - {"tags", "owner", "targets"}:
            yield self._put()
        if "targets" in changed:
            before = {target["id"]: target for target in observed.fields.get("targets") or ()}
            gone = sorted(before.keys() - {target.id for target in self.targets})
            if gone:
                yield aws("events", "RemoveTargets", {"Rule": self.name, "Ids": gone})
            new = [target for target in self.targets if before.get(target.id) != target.model_dump()]
            if new:
                yield from self._aim(new)
        if changed & {"tags", "owner"}:
            yield from EVENTS.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the targets, without which EventBridge keeps the rule, then the rule."""
        ids = sorted(target["id"] for target in observed.fields.get("targets") or ())
        if ids:
            yield aws("events", "RemoveTargets", {"Rule": observed.id, "Ids": ids}, absent=GONE)
        yield aws("events", "DeleteRule", {"Name": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A rule has a pattern or a schedule that can be read, and no more targets than EventBridge takes."""
        yield from matches("services", "events.rule_name", self.name, "name")
        if self.pattern is None and self.schedule is None:
            yield Problem("TW0488", "a rule has a pattern or a schedule", "pattern")
        if self.pattern is not None:
            yield from pattern_problems(self.pattern, "pattern")
        if self.schedule is not None:
            yield from schedule_problems(self.schedule, "schedule")
        yield from at_most("services", "events.targets", len(self.targets), "targets")
        ids = [target.id for target in self.targets]
        for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1}):
            yield Problem("TW0494", f"two targets have the id {id_!r}", "targets")
        for target in self.targets:
            if target.role is not None:
                yield from untrusting(peers, target.role, "events.amazonaws.com", "targets")


def _fields(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": rule["Name"],
        "description": rule.get("Description", ""),
        "pattern": json.loads(rule["EventPattern"]) if rule.get("EventPattern") else None,
        "schedule": rule.get("ScheduleExpression"),
        "enabled": rule.get("State") != "DISABLED",
    }


def _targets(name: str) -> Steps[list[dict[str, Any]]]:
    reply = yield aws("events", "ListTargetsByRule", {"Rule": name}, pages=True, absent=GONE)
    return [
        {"id": item["Id"], "arn": item["Arn"], "role": item.get("RoleArn"), "input": item.get("Input")}
        for item in (reply or {}).get("Targets", ())
    ]
