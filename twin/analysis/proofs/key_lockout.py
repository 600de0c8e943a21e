"""Every key can be administered by its account, also when one principal is gone: TW1010."""

from collections.abc import Iterator

from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding
from twin.resources.aws.policy_grammar import listed, statements
from twin.semantics.iam import Policies, Request, compile_policy, decide

RULE = "TW1010"
ADMINISTER = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion")


def prove(case: Case) -> Iterator[Finding]:
    """Yield the keys whose policy nobody of the account, or nobody but named principals, can change again."""
    scope = case.planned.scope
    root = scope.arn("iam", "root", region="")
    for one, values in case.planned.of("aws.kms.key"):
        policy = values.get("policy")
        if policy is None:
            continue
        arn = case.planned.arn(one)
        compiled = compile_policy(policy, "resource")
        request = Request(root, ADMINISTER[0], arn, scope.account, {"kms:CallerAccount": scope.account})
        if decide(request, Policies(resource=compiled)).allowed and _delegates(policy, root, scope.account):
            continue
        able = [holder.principal for holder in case.reach.who_can(ADMINISTER[0], arn)]
        mend = f'allow "kms:*" to {root}, which leaves it to the identity policies of the account'
        if able:
            names = ", ".join(arn.rpartition(":")[2] for arn in able)
            yield Finding(
                RULE, "warning", f"{one.address}: only {names} can change its policy: when that is deleted, so is all "
                "control over the key", one, "policy", mend=mend, about="fragile",
            )  # fmt: skip
        else:
            yield Finding(
                RULE, "error", f"{one.address}: nobody of this plan can change its policy or delete it", one, "policy",
                mend=mend, about="locked", notes=_denials(policy),
            )  # fmt: skip


def _delegates(policy: object, root: str, account: str) -> bool:
    """Return whether the account itself is named: only then do its identity policies count."""
    return any(
        statement.get("Effect") == "Allow"
        and isinstance(principal := statement.get("Principal"), dict)
        and {root, account} & set(listed(principal.get("AWS")))
        for statement in statements(policy)
    )


def _denials(policy: object) -> tuple[str, ...]:
    denied = [
        s.get("Sid") or f"statement {n}" for n, s in enumerate(statements(policy), 1) if s.get("Effect") == "Deny"
    ]
    return (f"it is denied by {', '.join(denied)}",) if denied else ()
