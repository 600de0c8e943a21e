"""Whether the policy of a resource lets a service of AWS act on it for something that the service acts for."""

import json
from typing import Any

from twin.semantics.iam import Policies, PolicyError, Request, compile_policy, decide


def service_may(service: str, action: str, resource: str, *, policy: Any, source_arn: str) -> bool:
    """Tell whether `service` (`events.amazonaws.com`) may act on `resource` on behalf of `source_arn`.

    A policy that cannot be read lets nobody in, as one that is not there.
    """
    account = source_arn.split(":")[4]
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": account, "aws:SecureTransport": "true"}
    if resource.split(":")[4] == account:
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
