"""The decision: every layer of policies that binds a request, put together as AWS documents it.

From "Policy evaluation logic", "How AWS enforcement code logic evaluates requests to allow or deny access" and
"Cross-account policy evaluation logic" of the IAM User Guide. An explicit deny of any layer wins. RCPs, SCPs and the
endpoint's policy must each allow and never grant. Then, within one account, the resource's policy or the identity's
policies grant; across accounts both must. Boundaries and session policies limit what identity policies grant, and what
a resource's policy grants to a role's ARN, but not what it grants to a user, a session or everyone of its own account.
"""

from collections.abc import Iterable
from typing import NamedTuple

from twin.semantics.iam import scope
from twin.semantics.iam.case import Case, Request, make_case
from twin.semantics.iam.decision import Decision, Level, Policies, Reason
from twin.semantics.iam.policy import Policy
from twin.semantics.iam.principals import Grade

_ALLOWS = "its statement allows the action on the resource"
_DENIES = "its statement denies the action on the resource"
_GRADES = {
    Grade.ACCOUNT: "its statement allows the caller's account, which leaves it to the caller's own policies",
    Grade.ROLE: "its statement allows the caller's role",
    Grade.DIRECT: "its statement allows the caller itself",
}
_ROOT = Reason("identity", "allow", "the root user of an account may do everything in it")


class _Found(NamedTuple):
    """What one layer says: its allows, its denies, and what it lacks."""

    allows: list[Reason]
    denies: list[Reason]
    lacks: list[Reason]
    grade: Grade = Grade.NONE


def decide(request: Request, policies: Policies) -> Decision:
    """Decide one request; QuestionError says what is wrong with it."""
    case = make_case(request, bounded=policies.boundaries is not None)
    resource = _resource(case, policies)
    filters = _filters(case, policies)
    own = _own_layers(case, policies)
    denies: list[Reason] = []
    allows: list[Reason] = []
    for found in (*filters, resource, *own):
        denies += found.denies
        allows += found.allows
    if denies:
        return Decision("explicit_deny", tuple(denies))
    lacks = [reason for found in filters for reason in found.lacks]
    lacks += _grant(case, resource, own)
    return Decision("implicit_deny" if lacks else "allow", tuple(lacks + allows))


def _grant(case: Case, resource: _Found, own: list[_Found]) -> list[Reason]:
    """Return what lacks for the request to be granted, after the filters; nothing when it is."""
    grade = resource.grade
    if not case.same_account:
        lacks = [] if grade else [_no_resource(case)]
        return lacks + [reason for found in own for reason in found.lacks]
    if grade is Grade.DIRECT:
        return []
    if grade is Grade.ROLE:
        # The resource's policy stands in for the identity's, the first of the own layers; the limits stay.
        return [reason for found in own[1:] for reason in found.lacks]
    lacks = [_no_resource(case)] if not grade and scope.resource_must_allow(case) else []
    return lacks + [reason for found in own for reason in found.lacks]


def _no_resource(case: Case) -> Reason:
    if case.caller.account is None:
        why = "no statement of the resource's policy allows the caller, and it has no policies of its own"
    elif not case.same_account:
        why = "the resource is in another account, and no statement of its policy allows the caller"
    else:
        why = "a key and a role must allow access in their own policy, and no statement of it allows the caller"
    return Reason("resource", "none", why)


def _resource(case: Case, policies: Policies) -> _Found:
    """Ask the resource's policy and the key's grants."""
    allows: list[Reason] = []
    denies: list[Reason] = []
    grade = Grade.NONE
    if policies.resource is not None:
        spared = scope.owner_of_bucket(case)
        for statement in policies.resource.covering(case.action):
            named = statement.grade(case)
            if not named or not statement.applies(case):
                continue
            if not statement.deny:
                grade = max(grade, named)
                allows.append(Reason("resource", "allow", _GRADES[named], 0, statement))
            elif not spared:
                denies.append(Reason("resource", "deny", _DENIES, 0, statement))
    for index, grant in enumerate(policies.grants):
        if named := grant.grade(case):
            grade = max(grade, named)
            allows.append(Reason("grant", "allow", "the grant allows the operation to the caller", index))
    return _Found(allows, denies, [], grade)


def _filters(case: Case, policies: Policies) -> list[_Found]:
    """Ask what never grants: RCPs of the resource's account, SCPs of the principal's, the endpoint's policy."""
    found = []
    if policies.rcps is not None and scope.rcps_apply(case):
        found += _levels(case, "rcp", policies.rcps)
    if policies.scps is not None and scope.scps_apply(case):
        found += _levels(case, "scp", policies.scps)
    if policies.vpc_endpoint is not None:
        found.append(_ask(case, "vpc_endpoint", policies.vpc_endpoint))
    return found


def _levels(case: Case, layer: str, levels: Iterable[Level]) -> list[_Found]:
    return [_ask(case, layer, level.policies, level.name) for level in levels]


def _own_layers(case: Case, policies: Policies) -> list[_Found]:
    """Ask what is attached to the principal: identity policies first, then its boundary and its session policy."""
    if case.caller.account is None:
        return []
    if case.caller.kind == "root":
        return [_Found([_ROOT], [], [])]
    found = [_ask(case, "identity", policies.identity)]
    if policies.boundaries is not None:
        found.append(_ask(case, "boundary", policies.boundaries))
    if policies.session is not None:
        found.append(_ask(case, "session", policies.session))
    elif case.caller.kind == "federated-user":
        why = "a federated user without a session policy has no permissions of its own (GetFederationToken)"
        found.append(_Found([], [], [Reason("session", "none", why)]))
    return found


def _ask(case: Case, layer: str, policies: tuple[Policy, ...], level: str | None = None) -> _Found:
    """Ask the policies of one layer; any of them may allow."""
    allows: list[Reason] = []
    denies: list[Reason] = []
    for index, policy in enumerate(policies):
        for statement in policy.covering(case.action):
            if statement.principals is not None and not statement.grade(case):
                continue
            if statement.applies(case):
                if statement.deny:
                    denies.append(Reason(layer, "deny", _DENIES, index, statement, level))
                else:
                    allows.append(Reason(layer, "allow", _ALLOWS, index, statement, level))
    if allows or denies:
        return _Found(allows, denies, [])
    where = layer if level is None else f"{layer} at {level}"
    why = f"no statement of the layer ({where}) allows {case.request.action} on {case.resource}"
    return _Found(allows, denies, [Reason(layer, "none", why, level=level)])
