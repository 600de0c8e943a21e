"""`POST /api/v1/policies/simulate`: which policies and rules a sign-in would meet, condition by condition."""

from collections.abc import Mapping
from typing import Any

from twin.semantics.signon.conditions import CHECKS, failing
from twin.semantics.signon.context import Context, context
from twin.semantics.signon.evaluation import ordered, rules_of
from twin.wire import Response
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.policies import of_type
from twin.world.saas.okta.shapes import Check, listing, open_record, record, text
from twin.world.saas.okta.sign_on import whole
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

TYPES = ("OKTA_SIGN_ON", "ACCESS_POLICY", "MFA_ENROLL")
IDS: Check = record(ids=listing(text(least=1)))
ASKED = record(
    "appInstance",
    appInstance=text(least=1),
    policyTypes=listing(text()),
    policyContext=record(
        user=record("id", id=text(least=1)), groups=IDS, ip=text(), zones=IDS,
        device=open_record(), risk=record(level=text(), minRiskLevel=text()),
    ),
)  # fmt: skip
MATCH, NO_MATCH, UNDEFINED = "MATCH", "NOT_MATCH", "UNDEFINED"
# condition -> the members of the context without which it cannot be judged
DEVICE = ("device",)
NEEDS = {"network": ("ip", "zones"), "riskScore": ("risk",), "risk": ("risk",), "device": DEVICE, "platform": DEVICE}


@ROUTER.route("POST", "/api/v1/policies/simulate")
def simulate(org: Org, hit: Hit) -> Response:
    """Evaluate the policies of the asked types for a user, or for groups, and an app."""
    try:
        bodies = hit.json()
    except ValueError as broken:
        raise OktaError("E0000003") from broken
    causes = list(listing(ASKED, most=10)("", bodies))
    if causes or not bodies:
        refuse("simulate", *(causes or ["At least one simulation must be asked for"]))
    return json_response(200, [one for body in bodies for one in _evaluations(org, body)])


def _evaluations(org: Org, body: Record) -> list[Record]:
    app = find(org.apps, body["appInstance"], "AppInstance")
    told: Record = body.get("policyContext") or {}
    kinds = body.get("policyTypes") or TYPES
    for kind in kinds:
        if kind not in TYPES:
            refuse("policyTypes", f"policyTypes: '{kind}' is not simulated here")
    given = _context(org, told)
    return [_evaluation(org, kind, app, (given, told)) for kind in kinds]


def _context(org: Org, told: Record) -> Context:
    user_id = (told.get("user") or {}).get("id", "")
    if user_id and told.get("groups"):
        refuse("policyContext", "policyContext: Only user IDs or Group IDs are allowed, not both")
    user = find(org.users, user_id, "User") if user_id else {}
    groups = (told.get("groups") or {}).get("ids") or [key for key, held in org.members.items() if user_id in held]
    # Everybody is in the built-in group, whichever groups a question names.
    groups = [*groups, *(key for key, one in org.groups.items() if one["type"] == "BUILT_IN" and key not in groups)]
    asked: dict[str, Any] = {"groups": groups, "user": {"id": user_id, "profile": user.get("profile")}}
    asked |= {name: told[name] for name in ("ip", "device") if told.get(name)}
    asked |= {"risk": told["risk"]["level"]} if (told.get("risk") or {}).get("level") else {}
    zones = (told.get("zones") or {}).get("ids")
    try:
        return context(asked | ({"zones": zones} if zones else {}), () if zones else list(org.zones.values()))
    except ValueError as wrong:
        refuse("policyContext", f"policyContext: {wrong}")


def _evaluation(org: Org, kind: str, app: Record, asked: tuple[Context, Record]) -> Record:
    """Return what one type of policy says; the first match ends it."""
    policies = [org.policies[app["#policy"]]] if kind == "ACCESS_POLICY" else of_type(org, kind)
    found: dict[str, list[Record]] = {MATCH: [], NO_MATCH: [], UNDEFINED: []}
    for policy in ordered(whole(org, policies), "policies"):
        if policy["status"] != "ACTIVE":
            continue
        shown = _judged(policy, asked)
        shown["rules"] = []
        for rule in ordered(rules_of(policy), "rules") if shown["status"] == MATCH else ():
            if rule["status"] == "ACTIVE":
                shown["rules"].append(_judged(rule, asked))
                if shown["rules"][-1]["status"] == MATCH:
                    break
        results = [one["status"] for one in shown["rules"]] or [shown["status"]]
        result = MATCH if MATCH in results else UNDEFINED if UNDEFINED in results else NO_MATCH
        if result == MATCH:
            shown["rules"] = shown["rules"][-1:]
        found[result].append(shown)
        if result == MATCH:
            break
    parts = {name: {"policies": found[status]} for name, status in
             (("result", MATCH), ("evaluated", NO_MATCH), ("undefined", UNDEFINED))}  # fmt: skip
    return {"policyType": [kind], "status": MATCH if found[MATCH] else NO_MATCH, **parts}


def _judged(one: Mapping[str, Any], asked: tuple[Context, Record]) -> Record:
    """Return how each condition of a policy or a rule stands, and the whole: undefined where the context is silent."""
    given, told = asked
    conditions = []
    for name, part in (one.get("conditions") or {}).items():
        if part and name in CHECKS:
            silent = name in NEEDS and not any(told.get(need) for need in NEEDS[name])
            wrong = failing({name: part}, given, "conditions")
            status = MATCH if not wrong else UNDEFINED if silent else NO_MATCH
            conditions.append({"type": name, "status": status})
    states = [row["status"] for row in conditions]
    status = NO_MATCH if NO_MATCH in states else UNDEFINED if UNDEFINED in states else MATCH
    return {"id": one["id"], "name": one["name"], "status": status, "conditions": conditions}
