"""What Secrets Manager refuses about secrets that are marked for deletion and policies that are public.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
"""

import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.policies import is_public, statements

# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
NAME = re.compile(r"[\w/+=.@!-]{1,512}", re.ASCII)
CURRENT = "AWSCURRENT"
VALUES = ("SecretString", "SecretBinary")
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


@refuses("secretsmanager", "CreateSecret", "PutSecretValue", "UpdateSecret")
def one_value(asked: Asked) -> None:
    """A value is a text or bytes, and a new version has one; a name has the letters that it may."""
    given = [name for name in VALUES if asked.parameters.get(name) is not None]
    if len(given) > 1:
        raise Refusal("InvalidParameterException", "You can't specify both a binary secret value and a string secret "
                      "value in the same secret.")  # fmt: skip
    if not given and asked.call.operation == "PutSecretValue":
        raise Refusal("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
    if asked.call.operation == "CreateSecret" and not NAME.fullmatch(str(asked.parameters.get("Name"))):
        raise Refusal("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, "
                      "or any of the following: -/_+=.@!")  # fmt: skip


@refuses("secretsmanager", "ListSecretVersionIds", "TagResource", "UntagResource", "ReplicateSecretToRegions")
def secret_is_there(asked: Asked) -> None:
    """A secret that is told of, tagged or copied is there."""
    if asked.state().secrets.get(asked.parameters.get("SecretId")) is None:
        raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")


@refuses("secretsmanager", "UpdateSecretVersionStage")
def some_version_is_current(asked: Asked) -> None:
    """The current stage moves to another version, and is taken from none without."""
    given = asked.parameters
    if given.get("VersionStage") == CURRENT and not given.get("MoveToVersionId"):
        raise Refusal("InvalidParameterException", "You can only move staging label AWSCURRENT to a different secret "
                      "version. It can't be completely removed.")  # fmt: skip


@refuses("secretsmanager", "CreateSecret", "ReplicateSecretToRegions")
def regions_of_copies(asked: Asked) -> None:
    """A secret is copied to Regions that there are."""
    from twin.world.stores.moto_store import regions_session

    known = regions_session().get_available_regions("secretsmanager")
    for wanted in asked.parameters.get("AddReplicaRegions") or ():
        if wanted.get("Region") not in known:
            raise Refusal("InvalidParameterException", f"Invalid replica region: {wanted.get('Region')}")


def _marked(asked: Asked, name: Any) -> bool:
    kept = asked.state().secrets.get(name) if name else None
    return kept is not None and kept.is_deleted()
