"""Managed rules of AWS Config evaluate: on recorded changes, or once a day; nothing while the recorder is stopped.

A daily look is on the agenda only while something it reads has changed since the last one, or is known to become old.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from twin.semantics.pricing.usage import Where
from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens, watches, witnesses
from twin.world.behaviors.config_items import SERVICES, Place, items_of, recorder_of, records
from twin.world.behaviors.config_recording import history_of
from twin.world.behaviors.config_rule_checks import ACCOUNT, CHECKS, Check
from twin.world.delays import delay
from twin.world.scene import Happening, Scene
from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import read_only

PROVIDES = {"config-rules": "Fifteen managed rules of AWS Config evaluate; the others say INSUFFICIENT_DATA."}
RESULTS, PLANS = "config.results", "config.plans"
COMPLIES = {True: "COMPLIANT", False: "NON_COMPLIANT"}
PAGE, MOST = 10, 100
COUNTED = 25


class Rule(NamedTuple):
    """A rule by its place and name."""

    account: str
    region: str
    name: str

    @property
    def place(self) -> Place:
        """Where the rule stands."""
        return Place(self.account, self.region)


def _kept(scene: Scene, rule: Rule) -> Any:
    return scene.state("config", *rule.place).config_rules.get(rule.name)


def _check(kept: Any) -> Check | None:
    return CHECKS.get(kept.source.source_identifier) if kept.source.owner == "AWS" else None


@follows("config", "PutConfigRule")
def written(done: Done, scene: Scene) -> None:
    """Evaluate a rule soon after it is written."""
    _soon(scene, Rule(done.call.account, done.call.region, done.parameters["ConfigRule"]["ConfigRuleName"]))


@answers("config", "StartConfigRulesEvaluation")
def start(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Evaluate rules now."""
    for name in asked.parameters.get("ConfigRuleNames") or ():
        rule = Rule(asked.call.account, asked.call.region, name)
        if _kept(scene, rule) is None:
            raise _missing(name)
        _soon(scene, rule)
    return {}


@follows("config", "DeleteConfigRule")
def deleted(done: Done, scene: Scene) -> None:
    """Forget what a rule found."""
    rule = Rule(done.call.account, done.call.region, done.parameters["ConfigRuleName"])
    scene.memory.get(RESULTS, {}).pop(rule, None)


def _soon(scene: Scene, rule: Rule) -> None:
    _plan(scene, rule, scene.now() + timedelta(seconds=scene.delay("config_recording.capture")))


def _plan(scene: Scene, rule: Rule, time: datetime) -> None:
    plans = scene.memory.setdefault(PLANS, {})
    if rule in plans:
        number, before = plans[rule]
        if before <= time:
            return
        scene.agenda.cancel(number)
    plans[rule] = (scene.agenda.at(time, "config.evaluate", rule=rule), time)


@watches("config.items.recorded")
def recorded(scene: Scene, happening: Happening) -> None:
    """Evaluate the rules that look at what was recorded."""
    place = Place(happening.facts["account"], happening.facts["region"])
    kinds = {kind for kind, _ in happening.facts["resources"]}
    for name, kept in list(scene.state("config", *place).config_rules.items()):
        check = _check(kept)
        if check is not None and not check.periodic and check.type in kinds:
            evaluate(scene, rule=Rule(*place, name))


@witnesses
def changed(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Have the daily rules look again on their next day, for something changed."""
    if entry.service not in SERVICES or entry.status >= 400 or read_only(entry.service, entry.operation):
        return
    for place in scene.memory.get("config.places", ()):
        if place[0] != entry.account:
            continue
        for name, kept in scene.state("config", *place).config_rules.items():
            check, rule = _check(kept), Rule(place[0], place[1], name)
            if check is not None and check.periodic and rule in scene.memory.get(RESULTS, {}):
                _plan(scene, rule, _next_day(scene, rule))


def _next_day(scene: Scene, rule: Rule) -> datetime:
    last: datetime = scene.memory[RESULTS][rule]["time"]
    day = timedelta(seconds=delay("config_recording.periodic").least)
    return last + day * ((scene.now() - last) // day + 1)


@happens("config.evaluate")
def evaluate(scene: Scene, *, rule: Rule) -> None:
    """Judge what a rule looks at, and tell what changed."""
    rule = Rule(*rule)
    plan = scene.memory.get(PLANS, {}).pop(rule, None)
    if plan is not None:
        scene.agenda.cancel(plan[0])
    kept = _kept(scene, rule)
    check = _check(kept) if kept is not None else None
    recorder = recorder_of(scene, rule.place)
    if check is None or recorder is None:
        return
    before = scene.memory.setdefault(RESULTS, {}).get(rule, {"results": {}})["results"]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for resource, complies in judged(scene, rule, check, parameters=kept.input_parameters_dict):
        old = before.get(resource)
        same = old is not None and old["complies"] == complies
        found[resource] = old if same else {"complies": complies, "time": scene.now()}
    scene.memory[RESULTS][rule] = {"time": scene.now(), "results": found}
    paid = Where(rule.account, rule.region, "config", "ConfigRuleEvaluations", rule.name)
    scene.meter.count(paid, max(1, len(found)), scene.now())
    for resource, result in found.items():
        old = before.get(resource)
        if old is None or old["complies"] != result["complies"]:
            _tell(scene, rule, resource, old=old)
    if kept.source.source_identifier == "ACCESS_KEYS_ROTATED":
        _plan_age(scene, rule, kept.input_parameters_dict)


def judged(
    scene: Scene, rule: Rule, check: Check, *, parameters: dict[str, Any]
) -> Iterator[tuple[tuple[str, str], bool]]:
    """Yield the resources that a check looks at, each with whether it complies."""
    if check.account is not None:
        yield (ACCOUNT, rule.account), check.account(scene, rule.place, parameters)
        return
    if check.judge is None:
        return
    for id_, configuration in _subjects(scene, rule, check):
        complies = check.judge(scene, configuration, parameters)
        if complies is not None:
            yield (check.type, id_), complies


def _subjects(scene: Scene, rule: Rule, check: Check) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a rule looks at: what was recorded, or for a daily rule what is there."""
    if check.periodic:
        yield from ((item.id, item.configuration) for item in items_of(scene, rule.place, check.type))
        return
    if not records(recorder_of(scene, rule.place), check.type):
        return
    for (kind, id_), kept in history_of(scene, rule.place).items():
        if kind == check.type and kept[-1]["status"] != "ResourceDeleted":
            yield id_, kept[-1]["configuration"]


def _plan_age(scene: Scene, rule: Rule, parameters: dict[str, Any]) -> None:
    """Look again on the day after the next key becomes too old."""
    age = timedelta(days=int(parameters.get("maxAccessKeyAge") or 90))
    ends = [
        datetime.fromisoformat(key["created"]).replace(tzinfo=UTC) + age
        for item in items_of(scene, rule.place, "AWS::IAM::User")
        for key in item.configuration["accessKeys"]
        if key["status"] == "Active"
    ]
    later = [time for time in ends if time >= scene.now()]
    if later:
        day = timedelta(seconds=delay("config_recording.periodic").least)
        last = scene.memory[RESULTS][rule]["time"]
        _plan(scene, rule, last + day * ((min(later) - last) // day + 1))


def _tell(scene: Scene, rule: Rule, resource: tuple[str, str], *, old: dict[str, Any] | None) -> None:
    result = scene.memory[RESULTS][rule]["results"][resource]
    scene.emit(
        "config.compliance.changed",
        account=rule.account,
        region=rule.region,
        rule=rule.name,
        type=resource[0],
        resource=resource[1],
        compliant=result["complies"],
    )
    scene.emit(
        "aws.event",
        account=rule.account,
        region=rule.region,
        source="aws.config",
        detail_type="Config Rules Compliance Change",
        resources=[],
        detail={
            "resourceId": resource[1],
            "awsRegion": rule.region,
            "awsAccountId": rule.account,
            "configRuleName": rule.name,
            "recordVersion": "1.0",
            "configRuleARN": _kept(scene, rule).config_rule_arn,
            "messageType": "ComplianceChangeNotification",
            "newEvaluationResult": _event_result(rule, resource, result),
            "oldEvaluationResult": _event_result(rule, resource, old) if old else None,
            "notificationCreationTime": scene.now().isoformat(),
            "resourceType": resource[0],
        },
    )


def _event_result(rule: Rule, resource: tuple[str, str], result: dict[str, Any]) -> dict[str, Any]:
    time = result["time"].isoformat()
    return {
        "evaluationResultIdentifier": {
            "evaluationResultQualifier": {
                "configRuleName": rule.name,
                "resourceType": resource[0],
                "resourceId": resource[1],
            },
            "orderingTimestamp": time,
        },
        "complianceType": COMPLIES[result["complies"]],
        "resultRecordedTime": time,
        "configRuleInvokedTime": time,
    }


@answers("config", "DescribeComplianceByConfigRule")
def compliance(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell whether rules are met; a rule that found nothing, or that the twin does not know, has too little data."""
    told, call = asked.parameters, asked.call
    rules = asked.state().config_rules
    names = told.get("ConfigRuleNames") or sorted(rules)
    listed = []
    for name in names:
        if name not in rules:
            raise _missing(name)
        results = _results(scene, Rule(call.account, call.region, name))
        broken = sum(not result["complies"] for result in results.values())
        kind = "INSUFFICIENT_DATA" if not results else "NON_COMPLIANT" if broken else "COMPLIANT"
        compliance_: dict[str, Any] = {"ComplianceType": kind}
        if broken:
            capped = {"CappedCount": min(broken, COUNTED), "CapExceeded": broken > COUNTED}
            compliance_["ComplianceContributorCount"] = capped
        if kind in (told.get("ComplianceTypes") or [kind]):
            listed.append({"ConfigRuleName": name, "Compliance": compliance_})
    return _page(told, "ComplianceByConfigRules", listed, size=MOST)


@answers("config", "GetComplianceDetailsByConfigRule")
def details(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell what a rule found, resource by resource."""
    told, call = asked.parameters, asked.call
    name = told["ConfigRuleName"]
    if name not in asked.state().config_rules:
        raise _missing(name)
    found = []
    for (kind, id_), result in sorted(_results(scene, Rule(call.account, call.region, name)).items()):
        if COMPLIES[result["complies"]] not in (told.get("ComplianceTypes") or COMPLIES.values()):
            continue
        qualifier = {"ConfigRuleName": name, "ResourceType": kind, "ResourceId": id_}
        identifier = {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": result["time"]}
        found.append(
            {
                "EvaluationResultIdentifier": identifier,
                "ComplianceType": COMPLIES[result["complies"]],
                "ResultRecordedTime": result["time"],
                "ConfigRuleInvokedTime": result["time"],
            }
        )
    return _page(told, "EvaluationResults", found, size=int(told.get("Limit") or PAGE))


def _results(scene: Scene, rule: Rule) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = scene.memory.get(RESULTS, {}).get(rule, {"results": {}})["results"]
    return found


def _page(told: dict[str, Any], name: str, items: list[dict[str, Any]], *, size: int) -> dict[str, Any]:
    start = int(told.get("NextToken") or 0)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return {name: items[start : start + size], **more}


def _missing(name: str) -> AwsError:
    return AwsError(
        "NoSuchConfigRuleException",
        f"The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name",
    )
