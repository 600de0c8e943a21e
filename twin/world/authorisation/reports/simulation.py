"""The policy simulator: what a principal's policies, or given ones, would decide, and by which statements.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import re
from dataclasses import dataclass
from typing import Any

from twin.semantics.iam import Decision, Policies, Request, decide
from twin.semantics.iam.mistake import QuestionError
from twin.world.authorisation.authorisation import Authorisation
from twin.world.authorisation.documents import read
from twin.world.authorisation.entities import Entity, Ref
from twin.world.authorisation.reports.places import Source, missing_keys, source
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

ENTITY = re.compile(r"arn:aws:iam::(?P<account>\d{12}):(?P<kind>user|group|role)/(?:.*/)?(?P<name>[^/]+)")
DECISIONS = {"allow": "allowed", "implicit_deny": "implicitDeny", "explicit_deny": "explicitDeny"}
PAGE = 100
# Without a resource's policy the simulator asks the principal's alone, also of keys and roles.
OPEN = '{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"*","Resource":"*"}}'


@dataclass(frozen=True, slots=True)
class Simulated:
    """The principal of a simulation with the policies that count for it."""

    caller: str
    account: str
    identity: list[Source]
    boundaries: list[Source] | None
    facts: dict[str, Any]
    controlled: bool


class Simulator:
    """Answers the simulations and which context keys they want."""

    def __init__(self, authorisation: Authorisation) -> None:
        self._authorisation = authorisation

    def principal(self, call: Call) -> dict[str, Any]:
        """Simulate the policies of a user, a group or a role."""
        return self._results(call, self._entity(call))

    def custom(self, call: Call) -> dict[str, Any]:
        """Simulate policies that the call brings along."""
        return self._results(call, self._given(call))

    def principal_keys(self, call: Call) -> dict[str, Any]:
        """Return the context keys that a principal's policies name."""
        return self._keys(self._entity(call).identity)

    def custom_keys(self, call: Call) -> dict[str, Any]:
        """Return the context keys that given policies name."""
        return self._keys(_inputs(call.parse().get("PolicyInputList"), "PolicyInputList"))

    def _keys(self, sources: list[Source]) -> dict[str, Any]:
        return {"ContextKeyNames": sorted({key for each in sources for key in each.keys})}

    def _given(self, call: Call) -> Simulated:
        parameters = call.parse()
        caller = parameters.get("CallerArn") or f"arn:aws:iam::{call.account}:user/simulated"
        boundaries = parameters.get("PermissionsBoundaryPolicyInputList")
        return Simulated(
            caller, caller.split(":")[4] or call.account, _inputs(parameters.get("PolicyInputList"), "PolicyInputList"),
            None if boundaries is None else _inputs(boundaries, "PermissionsBoundaryPolicyInputList", "boundary"),
            {}, controlled=False,
        )  # fmt: skip

    def _entity(self, call: Call) -> Simulated:
        parameters = call.parse()
        named = ENTITY.fullmatch(parameters["PolicySourceArn"])
        if named is None or named["account"] != call.account:
            raise AwsError("InvalidInput", f"Invalid Entity Arn: {parameters['PolicySourceArn']}")
        kind, name = named["kind"], named["name"]
        view = self._authorisation.view
        entity = view.entity(Ref(kind, call.account, name))
        if entity is None:
            raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
        identity = self._sources(entity, kind, call.account)
        for group in entity.groups:
            kept = view.entity(Ref("group", call.account, group))
            identity += self._sources(kept, "group", call.account) if kept is not None else []
        identity += _inputs(parameters.get("PolicyInputList"), "PolicyInputList")
        boundaries = self._boundary(entity, call)
        facts = {f"aws:PrincipalTag/{key}": value for key, value in entity.tags}
        if kind == "user":
            facts |= {"aws:username": name, "aws:userid": entity.id}
        caller = entity.arn if kind != "group" else f"arn:aws:iam::{call.account}:user/simulated"
        return Simulated(
            parameters.get("CallerArn") or caller, call.account, identity, boundaries, facts, controlled=True
        )

    def _boundary(self, entity: Entity, call: Call) -> list[Source] | None:
        given = call.parse().get("PermissionsBoundaryPolicyInputList")
        if given is not None:
            return _inputs(given, "PermissionsBoundaryPolicyInputList", "boundary")
        if entity.boundary is None:
            return None
        text = self._authorisation.view.policy(Ref("policy", call.account, entity.boundary))
        return [source(entity.boundary.rpartition("/")[2], "user-managed", text, kind="boundary")] if text else []

    def _sources(self, entity: Entity, kind: str, account: str) -> list[Source]:
        found = [source(name, kind, text) for name, text in entity.inline]
        for arn in entity.attached:
            text = self._authorisation.view.policy(Ref("policy", account, arn))
            managed = "aws-managed" if arn.startswith("arn:aws:iam::aws:") else "user-managed"
            found += [source(arn.rpartition("/")[2], managed, text)] if text else []
        return found

    def _results(self, call: Call, who: Simulated) -> dict[str, Any]:
        parameters = call.parse()
        context = dict(who.facts)
        for entry in parameters.get("ContextEntries") or ():
            if name := entry.get("ContextKeyName"):
                context[name] = list(entry.get("ContextKeyValues") or ())
        resources = parameters.get("ResourceArns") or ["*"]
        pairs = [(action, resource) for action in parameters["ActionNames"] for resource in resources]
        start = int(parameters.get("Marker") or 0)
        end = start + int(parameters.get("MaxItems") or PAGE)
        results = [self._result(call, who, context, pair=pair) for pair in pairs[start:end]]
        page = {"EvaluationResults": results, "IsTruncated": end < len(pairs)}
        return page | ({"Marker": str(end)} if end < len(pairs) else {})

    def _result(self, call: Call, who: Simulated, context: dict[str, Any], *, pair: tuple[str, str]) -> dict[str, Any]:
        action, resource = pair
        policies, place = self._policies(call, who), self._authorisation.binder.place(who.account)
        try:
            decision = decide(Request(who.caller, action, resource, self._owner(call, who), dict(context)), policies)
        except QuestionError as wrong:
            raise AwsError("InvalidInput", str(wrong)) from wrong
        sources = {"identity": who.identity, "boundary": who.boundaries or []}
        told: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": DECISIONS[decision.decision],
            "MatchedStatements": _matched(decision, sources),
            "MissingContextValues": missing_keys(who.identity + (who.boundaries or []), pair, context),
        }
        lacking = {reason.layer for reason in decision.because if reason.effect != "allow"}
        if who.controlled and place is not None and place.scps is not None:
            told["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": "scp" not in lacking}
        if who.boundaries is not None:
            told["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": "boundary" not in lacking}
        return told

    def _owner(self, call: Call, who: Simulated) -> str:
        owner = call.parse().get("ResourceOwner")
        return str(owner).split(":")[4] if owner and str(owner).startswith("arn:") else str(owner or who.account)

    def _policies(self, call: Call, who: Simulated) -> Policies:
        text = call.parse().get("ResourcePolicy") or OPEN % who.account
        place = self._authorisation.binder.place(who.account) if who.controlled else None
        return Policies(
            identity=tuple(each.document.policy for each in who.identity),
            resource=read(text, "resource").policy,
            boundaries=None if who.boundaries is None else tuple(each.document.policy for each in who.boundaries),
            scps=place.scps if place is not None else None,
        )


def _inputs(texts: Any, name: str, kind: Any = "identity") -> list[Source]:
    try:
        return [source(f"{name}.{number}", "none", text, kind=kind) for number, text in enumerate(texts or (), 1)]
    except AwsError as wrong:
        raise AwsError("InvalidInput", wrong.message) from wrong


def _matched(decision: Decision, sources: dict[str, list[Source]]) -> list[dict[str, Any]]:
    wanted = "deny" if decision.decision == "explicit_deny" else "allow"
    found = []
    for reason in decision.because:
        if reason.effect == wanted and reason.layer in sources and reason.statement is not None:
            origin = sources[reason.layer][reason.policy or 0]
            place = origin.document.policy.statements.index(reason.statement)
            found.append(origin.told(place))
    return found
