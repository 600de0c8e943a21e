"""What is asked of a session: policies that limit it, tags, a length; checked as STS checks it.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

import re
from datetime import datetime
from typing import Any

from twin.world.authorisation.ask import Context
from twin.world.authorisation.documents import read
from twin.world.authorisation.mfa import authenticated
from twin.world.authorisation.session import Session
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
POLICY_CHARACTERS, MOST_ARNS, MOST_TAGS, SHORTEST, DEFAULT = 2048, 10, 50, 900, 3600


def invalid(parameter: str, value: Any, bound: str) -> AwsError:
    """Return the refusal of a parameter that is out of its bounds."""
    told = f"Value '{value}' at '{parameter}' failed to satisfy constraint: Member must {bound}"
    return AwsError("ValidationError", f"1 validation error detected: {told}")


def limits(parameters: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the documents and the ARNs of the session policies that a call gives."""
    text = parameters.get("Policy")
    arns = tuple(each["arn"] for each in parameters.get("PolicyArns") or () if each.get("arn"))
    if len(arns) > MOST_ARNS:
        raise invalid("policyArns", len(arns), f"have length less than or equal to {MOST_ARNS}")
    if not text:
        return (), arns
    if len(text) > POLICY_CHARACTERS:
        raise invalid("policy", text, f"have length less than or equal to {POLICY_CHARACTERS}")
    try:
        read(text, "session")
    except AwsError as wrong:
        raise AwsError("MalformedPolicyDocument", wrong.message) from wrong
    return (text,), arns


def tags_of_session(parameters: dict[str, Any], inherited: Session | None) -> tuple[tuple[str, str], ...]:
    """Return a session's tags; those that the caller's own session passes on cannot be changed."""
    asked = {tag["Key"]: tag.get("Value", "") for tag in parameters.get("Tags") or ()}
    if len(asked) > MOST_TAGS:
        raise invalid("tags", len(asked), f"have length less than or equal to {MOST_TAGS}")
    passed = {k: v for k, v in inherited.tags if k in inherited.transitive} if inherited is not None else {}
    clash = {name.lower() for name in asked} & {name.lower() for name in passed}
    if clash:
        raise AwsError(
            "InvalidParameterValue",
            f"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
            f"from the calling session: {', '.join(sorted(clash))}",
        )
    return tuple((passed | asked).items())


def source_identity(parameters: dict[str, Any], inherited: Session | None) -> str | None:
    """Return a session's source identity; one that the caller's own session has goes on, and cannot be changed.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html; how a change is
    refused is assumed.
    """
    told = parameters.get("SourceIdentity")
    kept = inherited.source_identity if inherited is not None else None
    if kept and told and told != kept:
        raise AwsError("AccessDenied", f"The source identity {kept} of the calling session cannot be changed", 403)
    return kept or told


def seconds(parameters: dict[str, Any], longest: int, *, chained: bool) -> int:
    """Return how long a role's session lasts."""
    asked = int(parameters.get("DurationSeconds") or DEFAULT)
    if asked < SHORTEST:
        raise invalid("durationSeconds", asked, f"have value greater than or equal to {SHORTEST}")
    if chained and asked > DEFAULT:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    if asked > longest:
        raise AwsError(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return asked


def session_context(parameters: dict[str, Any], tags: tuple[tuple[str, str], ...]) -> Context:
    """Return the condition keys of a request for a role's session."""
    plain = {"RoleSessionName": "sts:RoleSessionName", "ExternalId": "sts:ExternalId",
             "SourceIdentity": "sts:SourceIdentity", "DurationSeconds": "sts:DurationSeconds"}  # fmt: skip
    context: Context = {key: parameters[name] for name, key in plain.items() if parameters.get(name) is not None}
    context |= {f"aws:RequestTag/{name}": value for name, value in tags}
    if tags:
        context["aws:TagKeys"] = [name for name, _ in tags]
    if passed := parameters.get("TransitiveTagKeys"):
        context["sts:TransitiveTagKeys"] = list(passed)
    return context


def session_name(parameters: dict[str, Any]) -> str:
    """Return a session's name."""
    name = str(parameters.get("RoleSessionName") or "")
    if len(name) > 64:
        raise invalid("roleSessionName", name, "have length less than or equal to 64")
    if not NAME.fullmatch(name):
        raise invalid("roleSessionName", name, r"satisfy regular expression pattern: [\w+=,.@-]*")
    return name


def asked_session(call: Call, now: datetime) -> Session:
    """Return what a session of a user or of root remembers (GetSessionToken, GetFederationToken)."""
    if call.operation == "GetSessionToken":
        return Session("GetSessionToken", mfa=authenticated(call, now))
    parameters = call.parse()
    documents, arns = limits(parameters)
    tags = tags_of_session(parameters, None)
    return Session("GetFederationToken", bool(documents or arns), documents, arns, tags=tags)
