"""How AWS words a refusal: who may not do what on what, and which kind of policy is why.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from twin.semantics.iam import Decision
from twin.world.authorisation.ask import Ask
from twin.world.authorisation.organization import management_of
from twin.world.authorisation.published import EXCEPTIONS
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

# Of several kinds of policy that refuse, one is told.
KINDS = {
    "rcp": ("a resource control policy", "resource control policy"),
    "scp": ("a service control policy", "service control policy"),
    "vpc_endpoint": ("a VPC endpoint policy", "VPC endpoint policy"),
    "boundary": ("a permissions boundary", "permissions boundary"),
    "session": ("a session policy", "session policy"),
    "resource": ("a resource-based policy", "resource-based policy"),
    "identity": ("an identity-based policy", "identity-based policy"),
}
TRUST = ("a role trust policy", "role trust policy")
# These name no resource where an action has none.
NAMELESS = {"ec2", "s3"}
CODES: dict[str, list[str | int]] = EXCEPTIONS["refusals"]


def refused(call: Call, ask: Ask, decision: Decision) -> AwsError:
    """Return the refusal of a question in the words of the call's service."""
    if ask.words is not None:
        return AwsError(*ask.words, status_of(call))
    if call.service == "s3" and _stranger(call, ask):
        return AwsError("AccessDenied", "Access Denied", 403)
    return denied(call, ask, reason(call, ask, decision))


def _stranger(call: Call, ask: Ask) -> bool:
    """Tell whether S3 keeps its reason to itself: from everybody outside of the bucket's account and organization."""
    if call.principal.kind == "anonymous":
        return True
    if ask.owner in (None, call.account):
        return False
    own = management_of(call.account)
    return own is None or own != management_of(str(ask.owner))


def denied(call: Call, ask: Ask, why: str) -> AwsError:
    """Return a refusal for a reason."""
    quoted = f'"{ask.resource}"' if call.service == "s3" else ask.resource
    text = f"User: {call.principal.arn} is not authorized to perform: {_action(call, ask)}"
    if ask.resource != "*" or call.service not in NAMELESS:
        text += f" on resource: {quoted}"
    text += f" {why}"
    if call.service == "ec2":
        text = f"You are not authorized to perform this operation. {text}"
    return AwsError(code_of(call), text, status_of(call))


def reason(call: Call, ask: Ask, decision: Decision) -> str:
    """Say which kind of policy denies or lacks an allow."""
    wanted = "deny" if decision.decision == "explicit_deny" else "none"
    layers = [each.layer for each in decision.because if each.effect == wanted]
    layer = next((kind for kind in KINDS if kind in layers), "identity")
    article, bare = KINDS[layer]
    if layer == "resource" and ask.action.startswith("sts:AssumeRole"):
        article, bare = TRUST
    if wanted == "deny":
        return f"with an explicit deny in {article}"
    return f"because no {bare} allows the {_action(call, ask)} action"


def code_of(call: Call) -> str:
    """Return the code with which a service refuses."""
    return str(_form(call)[0])


def status_of(call: Call) -> int:
    """Return the status with which a service refuses."""
    return int(_form(call)[1])


def _form(call: Call) -> list[str | int]:
    return CODES.get(call.service) or CODES[call.protocol]


def _action(call: Call, ask: Ask) -> str:
    # These two write their actions in a way of their own.
    if call.service == "sqs":
        return ask.action.lower()
    return ask.action.replace("sns:", "SNS:", 1) if call.service == "sns" else ask.action
