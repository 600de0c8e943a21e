"""A call about a resource of another account acts where the resource is, once the policies of both allow it.

Which operations of a service reach across accounts is documented per service, as with SQS:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html
"""

from collections.abc import Callable
from typing import Any

from twin.world.authorisation.ask import UNREADABLE
from twin.world.aws_call import Call
from twin.world.function_names import function_named
from twin.world.stores.kms_keys import sealed_under
from twin.world.stores.moto_store import backends

Named = Callable[[dict[str, Any], Call], str]
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
QUEUES = {
    "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage", "DeleteMessageBatch",
    "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage", "SendMessage",
    "SendMessageBatch",
}  # fmt: skip
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
KEYS = {
    "CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetKeyRotationStatus",
    "GetPublicKey", "ListGrants", "RetireGrant", "RevokeGrant", "Sign", "Verify", "VerifyMac",
}  # fmt: skip


def _queue(parameters: dict[str, Any], call: Call) -> str:
    if call.operation not in QUEUES:
        return ""
    owner = parameters.get("QueueOwnerAWSAccountId")
    return str(owner or str(parameters.get("QueueUrl", "")).rpartition("/")[0].rpartition("/")[2])


def _key(parameters: dict[str, Any], call: Call) -> str:
    if call.operation not in KEYS:
        return ""
    name = parameters.get("KeyId") or sealed_under(parameters.get("CiphertextBlob"), call.account, call.region)
    return _owner(name)


def _by(*names: str) -> Named:
    def named(parameters: dict[str, Any], _call: Call) -> str:
        return next((owner for name in names if (owner := _owner(parameters.get(name)))), "")

    return named


def _function(parameters: dict[str, Any], _call: Call) -> str:
    name = str(parameters.get("FunctionName") or "")
    return _owner(name) or function_named(name)[0]


def _registry(parameters: dict[str, Any], _call: Call) -> str:
    return str(parameters.get("registryId") or "")


def _owner(arn: Any) -> str:
    parts = arn.split(":", 5) if isinstance(arn, str) and arn.startswith("arn:") else []
    return parts[4] if len(parts) > 5 else ""


SHARED: dict[str, Named] = {
    "sqs": _queue,
    "kms": _key,
    "sns": _by("TopicArn", "SubscriptionArn", "TargetArn", "ResourceArn"),
    "secretsmanager": _by("SecretId"),
    "lambda": _function,
    "dynamodb": _by("TableName", "ResourceArn"),
    "ecr": _registry,
}


def owner_of(call: Call) -> str | None:
    """Return the other account in which an authorised call acts; None when it acts in its caller's."""
    named = SHARED.get(call.service)
    if named is None or not call.operation.isalnum():
        return None
    try:
        owner = named(call.parse(), call)
    except UNREADABLE:
        return None
    # Only where the caller was asked about: what named no resource of the other account reaches none.
    return owner if owner in call.about and owner != call.account and owner in backends(call.service) else None
