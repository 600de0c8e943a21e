"""Live guards: who the endpoints say we are, against whom the plan was made for. Nothing here writes."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from twin.engine.plan import Plan
from twin.engine.target import Target
from twin.errors import GuardError, TargetError
from twin.resources.call import Call, Refused, aws, cloudflare, okta


@dataclass(frozen=True, slots=True)
class Consent:
    """What the user allowed: the alias that was typed, and whether objects may be deleted."""

    alias: str | None
    allow_delete: bool


def admit(plan: Plan, target: Target, consent: Consent) -> None:
    """Let a plan pass to a live target; GuardError names every reason why not."""
    reasons = [*_identity(plan, target), *_consent(plan, consent)]
    if reasons:
        raise GuardError("refused, nothing was sent that writes:\n" + "\n".join(f"  - {r}" for r in reasons))


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


def _identity(plan: Plan, target: Target) -> list[str]:
    scope = plan.scope
    reasons = []
    for what, wanted, ask in (
        ("AWS account", scope.account, _aws_account),
        ("AWS account alias", scope.alias, _aws_alias),
        ("Cloudflare account", scope.cloudflare_account, _cloudflare_account),
        ("Okta org", urlsplit(scope.okta_url).hostname or "", _okta_org),
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


def _aws_alias(target: Target, _: Plan) -> str:
    reply = _reply(target, aws("iam", "ListAccountAliases"))
    aliases = reply.get("AccountAliases", []) if isinstance(reply, dict) else []
    return aliases[0] if aliases else "that it has none"


def _cloudflare_account(target: Target, plan: Plan) -> str:
    reply = _reply(target, cloudflare("GET", f"/accounts/{plan.scope.cloudflare_account}"))
    return str(reply["id"]) if isinstance(reply, dict) else "nothing"


def _okta_org(target: Target, _: Plan) -> str:
    reply = _reply(target, okta("GET", "/.well-known/okta-organization"))
    href = reply["_links"]["organization"]["href"] if isinstance(reply, dict) else ""
    return urlsplit(href).hostname or "nothing"
