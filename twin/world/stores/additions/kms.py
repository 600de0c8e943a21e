"""KMS: multi-Region keys, whose ids moto makes too long for its own ciphertexts and whose replicas share too much.

A symmetric key has no pair of keys, which moto makes for each at the price of a twentieth of a second.
"""

import json
from copy import copy
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms import models
from moto.kms.exceptions import NotFoundException
from moto.kms.models import KmsBackend, kms_backends
from moto.kms.responses import KmsResponse
from moto.kms.utils import generate_private_key as pair_of_moto
from moto.moto_api._internal import mock_random

from twin.world.stores.additions import adds

# https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
MULTI_REGION = "mrk-"
PRIMARY, REPLICA = "PRIMARY", "REPLICA"
SYMMETRIC = ("SYMMETRIC_DEFAULT", "HMAC_")


def _key_id(multi_region: bool = False) -> str:
    """Return the id of a new key: a UUID, or `mrk-` and 32 hexadecimal digits."""
    id_ = str(mock_random.uuid4())
    return MULTI_REGION + id_.replace("-", "") if multi_region else id_


vars(models)["generate_key_id"] = _key_id


def _pair(key_spec: str) -> Any:
    """Return the pair of keys that a key is of; None for a symmetric one."""
    return None if key_spec.startswith(SYMMETRIC) else pair_of_moto(key_spec)


vars(models)["generate_private_key"] = _pair


@adds(KmsBackend)
def replicate_key(backend: Any, key_id: str, replica_region: str) -> Any:
    """Make a replica: the same id and material in another Region, with a state, aliases and grants of its own."""
    primary = backend.keys[key_id]
    if not primary.multi_region or primary.multi_region_configuration["MultiRegionKeyType"] != PRIMARY:
        raise JsonRESTError("UnsupportedOperationException", f"{primary.arn} is not a multi-Region primary key.")
    others = kms_backends[backend.account_id][replica_region].keys
    if key_id in others:
        raise JsonRESTError("AlreadyExistsException", f"A key with id {key_id} already exists in {replica_region}.")
    replica = copy(primary)
    replica.region = replica_region
    replica.arn = primary.arn.replace(f":{primary.region}:", f":{replica_region}:", 1)
    replica.aliases, replica.grants, replica.rotations = {}, {}, []
    primary.multi_region_configuration["ReplicaKeys"].append({"Arn": replica.arn, "Region": replica_region})
    # One list for all of them, so that each tells every replica.
    replica.multi_region_configuration = {**primary.multi_region_configuration, "MultiRegionKeyType": REPLICA}
    others[key_id] = replica
    return replica


def _answer(response: Any) -> str:
    """Answer ReplicateKey: a replica has a policy, a description and tags of its own."""
    key_id, region = response._get_param("KeyId"), response._get_param("ReplicaRegion")
    response._validate_key_id(key_id)
    replica = response.kms_backend.replicate_key(key_id, region)
    replica.policy = response._get_param("Policy") or replica.generate_default_policy()
    replica.description = response._get_param("Description") or ""
    kms_backends[response.current_account][region].tagger.tag_resource(replica.id, response._get_param("Tags") or [])
    told = {"ReplicaKeyMetadata": replica.to_dict()["KeyMetadata"], "ReplicaPolicy": replica.policy}
    return json.dumps({**told, "ReplicaTags": response._get_param("Tags") or []})


# The store has an operation of this name, and the class of its answers one too.
setattr(KmsResponse, "replicate_key", _answer)  # noqa: B010 - an assignment is none to a method


validate_by_moto = KmsResponse._validate_cmk_id


@adds(KmsResponse)
def _validate_cmk_id(response: Any, key_id: str) -> None:
    """Refuse a key that is not there; moto takes the true form of a multi-Region id for none."""
    if not key_id.startswith(MULTI_REGION):
        validate_by_moto(response, key_id)
    elif key_id not in response.kms_backend.keys:
        raise NotFoundException(f"Key '{response._display_arn(key_id)}' does not exist")


def _by_any_name(name: str) -> None:
    by_moto = getattr(KmsBackend, name)

    def taken(backend: Any, key_id: str, *given: Any, **named: Any) -> Any:
        return by_moto(backend, backend.any_id_to_key_id(key_id), *given, **named)

    setattr(KmsBackend, name, taken)


# moto looks these keys up by id alone, and stumbles over an ARN.
for operation in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion", "replicate_key"):
    _by_any_name(operation)
