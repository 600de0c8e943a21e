"""Whether the policy of a resource lets a service of AWS act on it for something that the service acts for."""

import json
from typing import Any

from twin.semantics.iam.case import Request
from twin.semantics.iam.decision import Policies
from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.policy import compile_policy
from twin.semantics.iam.procedure import decide

KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
"""What a service does with the key of a topic or queue: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""
NAMELESS = ("budgets.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com")
"""Services that do not tell the owner of the source, for which SNS's default policy asks; a policy must name them.

https://repost.aws/knowledge-center/sns-not-getting-eventbridge-notification and
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
"""


def service_may(service: str, action: str, resource: str, *, policy: Any, source_arn: str, owner: str = "") -> bool:
    """Tell whether `service` (`events.amazonaws.com`) may act on `resource` on behalf of `source_arn`.

    `owner` is the account of a source whose ARN does not tell it.
    A policy that cannot be read lets nobody in, as one that is not there.
    """
    account = owner or source_arn.split(":")[4]
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": account, "aws:SecureTransport": "true"}
    context["aws:ViaAWSService"] = "false"  # the service calls as itself, and not for a caller's request
    if resource.split(":")[4] == account and service not in NAMELESS:
        # SNS's default policy wants the owner of the source, which is the account itself.
        context |= {"aws:SourceOwner": account}
    try:
        written = json.loads(policy) if isinstance(policy, str) else policy
        compiled = compile_policy(written, "resource") if written else None
    except (PolicyError, ValueError):
        return False
    if compiled is None:
        return False
    asked = Request(service, action, resource, resource.split(":")[4] or account, context)
    return decide(asked, Policies(resource=compiled)).allowed


def key_takes(service: str, key: str, *, policy: Any, source_arn: str) -> bool:
    """Tell whether the policy of a key lets a service encrypt what it publishes on behalf of `source_arn`."""
    return all(service_may(service, one, key, policy=policy, source_arn=source_arn) for one in KEY_ACTIONS)
