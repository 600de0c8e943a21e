"""Live guards: who the endpoints say we are, against whom the plan was made for. Nothing here writes."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from twin.attestation.demands import Demand, promotion_of
from twin.engine.folder import make_folder
from twin.engine.plan import Plan
from twin.engine.target import Target
from twin.errors import GuardError, TargetError
from twin.resources.call import Call, Refused, auth0, aws, cloudflare, github, okta, pagerduty


@dataclass(frozen=True, slots=True)
class Consent:
    """What the user allowed: the alias that was typed, whether objects may be deleted, why the glass is broken."""

    alias: str | None
    allow_delete: bool
    break_glass: str | None = None


def admit(
    plan: Plan, target: Target, consent: Consent, demands: Sequence[Demand], *, unlike: Sequence[str] = ()
) -> None:
    """Let a plan pass to a live target; GuardError names every reason why not.

    `unlike` tells in what the plan is another than its spec makes.
    """
    reasons = [*_identity(plan, target), *_consent(plan, consent), *_promotion(plan, consent, demands), *unlike]
    if reasons:
        raise GuardError("refused, nothing was sent that writes:\n" + "\n".join(f"  - {r}" for r in reasons))


def record(file: Path, plan: Plan, demands: Sequence[Demand], *, reason: str, at: datetime) -> None:
    """Append who was passed over, why and when; GuardError where that cannot be written."""
    line = {
        "at": at.isoformat(timespec="seconds"),
        "plan": plan.digest,
        "owner": plan.scope.owner,
        "reason": reason,
        "passed_over": [f"{demand.name}: {demand.found}" for demand in demands if not demand.held],
    }
    way = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW  # never through a link, after which nobody would look
    try:
        make_folder(file.parent)
        with os.fdopen(os.open(file, way, 0o600), "a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise GuardError(f"refused, nothing more is sent: {file} cannot be written: {error.strerror}") from error


def _consent(plan: Plan, consent: Consent) -> list[str]:
    reasons = []
    if plan.target != "live":
        reasons.append(f"the plan was made for the target {plan.target}; make one with `twin plan --live -o FILE`")
    if not plan.scope.alias:
        reasons.append("the plan names no account alias")
    elif consent.alias != plan.scope.alias:
        given = f"{consent.alias!r} was given" if consent.alias else "none was given"
        reasons.append(f"the account alias must be confirmed (--confirm {plan.scope.alias}); {given}")
    lost = [c.key for c in plan.pending if c.action in ("delete", "replace")]
    if lost and not consent.allow_delete:
        reasons.append(f"the plan deletes {', '.join(lost)}; that needs --allow-delete")
    return reasons


def _promotion(plan: Plan, consent: Consent, demands: Sequence[Demand]) -> list[str]:
    """Return the demands that are not fulfilled, unless the glass may be broken and a reason is given."""
    if consent.break_glass is None:
        return [f"{demand.name}: {demand.found}" for demand in demands if not demand.held]
    if not consent.break_glass.strip():
        return ["--break-glass needs a reason"]
    if not promotion_of(plan).break_glass:
        return ["the plan's spec does not let anybody break the glass (delivery.promotion.break_glass)"]
    return []


def _identity(plan: Plan, target: Target) -> list[str]:
    scope = plan.scope
    reasons = []
    for what, wanted, ask in (
        ("AWS account", scope.account, _aws_account),
        ("AWS account alias", scope.alias, _aws_alias),
        ("Cloudflare account", scope.cloudflare_account, _cloudflare_account),
        ("Okta org", urlsplit(scope.okta_url).hostname or "", _okta_org),
        ("Auth0 tenant", scope.auth0_domain, _auth0_tenant),
        ("PagerDuty account", scope.pagerduty, _pagerduty_account),
        ("GitHub organisation", scope.github_organization, _github_organisation),
    ):
        if not wanted:
            continue
        found = _ask(what, target, plan, ask)
        if found != wanted:
            reasons.append(f"{what}: the spec says {wanted}, the vendor says {found}")
    return reasons


def _ask(what: str, target: Target, plan: Plan, ask: Callable[[Target, Plan], str]) -> str:
    """Ask a vendor who we are; a refusal is an answer too, an unreachable vendor is an error."""
    try:
        return ask(target, plan)
    except Refused as refused:
        return f"no: {refused}"
    except KeyError as missing:
        raise TargetError(f"{what}: the target has no {missing.args[0]}") from missing


def _reply(target: Target, call: Call) -> object:
    return target.systems[call.system].execute(call)


def _aws_account(target: Target, _: Plan) -> str:
    reply = _reply(target, aws("sts", "GetCallerIdentity"))
    return str(reply["Account"]) if isinstance(reply, dict) else "nothing"


def _aws_alias(target: Target, plan: Plan) -> str:
    reply = _reply(target, aws("iam", "ListAccountAliases"))
    aliases = reply.get("AccountAliases", []) if isinstance(reply, dict) else []
    return (
        aliases[0] if aliases else f"that it has none: aws iam create-account-alias --account-alias {plan.scope.alias}"
    )


def _cloudflare_account(target: Target, plan: Plan) -> str:
    reply = _reply(target, cloudflare("GET", f"/accounts/{plan.scope.cloudflare_account}"))
    return str(reply["id"]) if isinstance(reply, dict) else "nothing"


def _okta_org(target: Target, _: Plan) -> str:
    reply = _reply(target, okta("GET", "/.well-known/okta-organization"))
    href = reply["_links"]["organization"]["href"] if isinstance(reply, dict) else ""
    return urlsplit(href).hostname or "nothing"


def _auth0_tenant(target: Target, _: Plan) -> str:
    """Return the domain in the identifier of the tenant's own management API, which nobody can change."""
    servers = _reply(target, auth0("GET", "/api/v2/resource-servers", query={"include_totals": "true"}, pages=True))
    own = [one["identifier"] for one in servers if one.get("is_system")] if isinstance(servers, list) else []
    return next((urlsplit(one).hostname or "" for one in own if one.endswith("/api/v2/")), "nothing")


def _pagerduty_account(target: Target, _: Plan) -> str:
    """Return the subdomain at which the account shows its users; there is at least the one who made the key."""
    users = _reply(target, pagerduty("GET", "/users", pages=True))
    shown = [str(one.get("html_url") or "") for one in users] if isinstance(users, list) else []
    return (urlsplit(shown[0]).hostname or "").partition(".")[0] if shown else "nobody"


def _github_organisation(target: Target, plan: Plan) -> str:
    """Return the organisation as GitHub names it to whoever the token makes us."""
    reply = _reply(target, github("GET", f"/orgs/{plan.scope.github_organization}"))
    return str(reply["login"]) if isinstance(reply, dict) else "nothing"
