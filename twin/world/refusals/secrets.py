"""What Secrets Manager refuses about secrets that are marked for deletion and policies that are public.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
"""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.policies import is_public, statements

MARKED = "You can't perform this operation on the secret because it was marked for deletion."
TAKEN = "You can't create this secret because a secret with this name is already scheduled for deletion."
PUBLIC = (
    "You can't use this resource policy because it grants broad access to the secret: the BlockPublicPolicy parameter "
    "is set."
)


@refuses(
    "secretsmanager", "GetSecretValue", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "TagResource",
    "UntagResource", "PutResourcePolicy", "RotateSecret",
)  # fmt: skip
def secret_lives(asked: Asked) -> None:
    """A secret that waits for its end is only told of, or restored."""
    if _marked(asked, asked.parameters.get("SecretId")):
        raise Refusal("InvalidRequestException", MARKED)


@refuses("secretsmanager", "CreateSecret")
def name_is_free(asked: Asked) -> None:
    """A name is taken until its secret is gone."""
    if _marked(asked, asked.parameters.get("Name")):
        raise Refusal("InvalidRequestException", TAKEN)


@refuses("secretsmanager", "PutResourcePolicy")
def policy_is_not_public(asked: Asked) -> None:
    """Who asks for it is kept from publishing a secret."""
    policy = asked.parameters.get("ResourcePolicy") or ""
    if asked.parameters.get("BlockPublicPolicy") and any(is_public(each) for each in statements(policy)):
        raise Refusal("PublicPolicyException", PUBLIC)


def _marked(asked: Asked, name: Any) -> bool:
    kept = asked.state().secrets.get(name) if name else None
    return kept is not None and kept.is_deleted()
