"""What KMS refuses about the form of a request: keys that are none, algorithms of other keys, digests, grants.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import Where, find_key

SYMMETRIC, SEALS = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"
USES = {"RSA": (SEALS, "SIGN_VERIFY"), "ECC_NIST": ("SIGN_VERIFY", "KEY_AGREEMENT"), "ECC_SECG": ("SIGN_VERIFY",),
        "HMAC": ("GENERATE_VERIFY_MAC",), "SM2": (SEALS, "SIGN_VERIFY", "KEY_AGREEMENT"), "SYMMETRIC": (SEALS,),
        "ML": ("SIGN_VERIFY",)}  # fmt: skip
DIGESTS = {"SHA_256": 32, "SHA_384": 48, "SHA_512": 64}
GRANTED = {
    SEALS: ("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
            "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
    "SIGN_VERIFY": ("Sign", "Verify"), "GENERATE_VERIFY_MAC": ("GenerateMac", "VerifyMac"),
    "KEY_AGREEMENT": ("DeriveSharedSecret",),
}  # fmt: skip
ANY = ("CreateGrant", "RetireGrant", "DescribeKey", "GetPublicKey")
ARN = re.compile(r"arn:[\w-]+:kms:([\w-]+):(\d{12}):key/[\w-]+")


@refuses("kms", "CreateKey")
def use_of_a_new_key(asked: Asked) -> None:
    """A key is made for what its kind can do, and its use is said where there are several."""
    spec = str(asked.parameters.get("KeySpec") or asked.parameters.get("CustomerMasterKeySpec") or SYMMETRIC)
    usage = str(asked.parameters.get("KeyUsage") or SEALS)
    uses = next((uses for kind, uses in USES.items() if spec.startswith(kind)), (usage,))
    if usage not in uses:
        raise _invalid(f"KeyUsage {usage} is not compatible with KeySpec {spec}")


@refuses("kms", "CreateGrant", "ListGrants", "RevokeGrant", "RetireGrant", "DescribeKey")
def key_is_there(asked: Asked) -> None:
    """A key that is asked of by its ARN is one of this Region."""
    name = str(asked.parameters.get("KeyId") or "")
    found = ARN.fullmatch(name)
    if found is not None and found[1] != asked.call.region:
        raise Refusal("NotFoundException", f"Invalid arn {found[1]}")
    if not name and asked.call.operation == "RetireGrant":
        if not asked.parameters.get("GrantToken"):
            raise _invalid("A GrantToken, or a KeyId and a GrantId, must be specified")
        return
    if name and asked.call.operation != "DescribeKey" and find_key(name, _where(asked)) is None:
        raise Refusal("NotFoundException", f"Key '{name}' does not exist")


@refuses("kms", "RetireGrant", "RevokeGrant")
def grant_is_there(asked: Asked) -> None:
    """A grant that ends was there."""
    token, id_ = asked.parameters.get("GrantToken"), asked.parameters.get("GrantId")
    kept = [grant for key in asked.state().keys.values() for grant in key.grants.values()]
    if token and not any(grant.token == token for grant in kept):
        raise Refusal("InvalidGrantTokenException", "")
    if not token and id_ and not any(grant.id == id_ for grant in kept):
        raise Refusal("NotFoundException", f"Grant ID {id_} not found")


@refuses("kms", "CreateGrant")
def operations_of_a_grant(asked: Asked) -> None:
    """A grant allows what its key can do."""
    key = find_key(str(asked.parameters.get("KeyId")), _where(asked))
    if key is None:
        return
    allowed = (*GRANTED.get(key.key_usage or SEALS, ()), *ANY)
    if wrong := [name for name in asked.parameters.get("Operations") or () if name not in allowed]:
        raise _invalid(f"Operations {wrong} are not valid for the key usage {key.key_usage}")


@refuses("kms", "Sign", "Verify")
def digest_of_a_message(asked: Asked) -> None:
    """A digest is as long as its algorithm makes it; the twin signs messages, not digests that others made."""
    given = asked.parameters
    if given.get("MessageType") != "DIGEST":
        return
    length = next((size for name, size in DIGESTS.items() if str(given.get("SigningAlgorithm")).endswith(name)), None)
    if length is not None and len(given.get("Message") or b"") != length:
        raise _invalid("Digest is invalid length for algorithm " + str(given.get("SigningAlgorithm")))


@refuses("kms", "Encrypt", "Decrypt", "GenerateMac", "VerifyMac")
def algorithm_of_the_key(asked: Asked) -> None:
    """An algorithm is one of the key's, and only symmetric keys take a context."""
    given = asked.parameters
    key = find_key(str(given["KeyId"]), _where(asked)) if given.get("KeyId") else None
    if key is None:
        return
    spec = str(key.key_spec or SYMMETRIC)
    wanted = given.get("MacAlgorithm") or given.get("EncryptionAlgorithm")
    if spec.startswith("HMAC") and wanted and wanted != f"HMAC_SHA_{spec.rpartition('_')[2]}":
        raise _wrong(asked, key, str(wanted))
    if not spec.startswith("HMAC") and wanted and (wanted == SYMMETRIC) != (spec == SYMMETRIC):
        raise _wrong(asked, key, str(wanted))
    if spec.startswith("RSA") and given.get("EncryptionContext"):
        raise _invalid("The encryption context is not supported for asymmetric keys")


@refuses("kms", "GetPublicKey")
def public_part(asked: Asked) -> None:
    """A symmetric key has no public part."""
    key = find_key(str(asked.parameters.get("KeyId")), _where(asked))
    spec = str(key.key_spec or SYMMETRIC) if key is not None else ""
    if spec == SYMMETRIC or spec.startswith("HMAC"):
        raise Refusal("UnsupportedOperationException", f"{key.arn} is not an asymmetric key.")


@refuses("kms", "UpdateAlias")
def kind_under_an_alias(asked: Asked) -> None:
    """An alias moves to a key of the same kind and use."""
    name, where = str(asked.parameters.get("AliasName")), _where(asked)
    old, new = find_key(name, where), find_key(str(asked.parameters.get("TargetKeyId")), where)
    if old is not None and new is not None and _kind(old) != _kind(new):
        raise _invalid(f"Alias {name} cannot be changed from {_kind(old)} to {_kind(new)}")


@refuses("kms", "TagResource", "CreateKey")
def tags_of_a_key(asked: Asked) -> None:
    """AWS's own prefix is kept for its tags."""
    if any(str(tag.get("TagKey")).startswith("aws:") for tag in asked.parameters.get("Tags") or ()):
        raise Refusal("TagException", "Tags beginning with aws: are reserved")


@refuses("kms", "GenerateRandom")
def length_of_the_random(asked: Asked) -> None:
    """Who wants random bytes says how many."""
    if not asked.parameters.get("NumberOfBytes"):
        raise _invalid("NumberOfBytes must be specified")


@refuses("kms", "Encrypt", "Decrypt", "Sign", "Verify", "GenerateMac", "VerifyMac", "GenerateDataKey", "ReEncrypt",
         "GenerateDataKeyWithoutPlaintext", "CreateGrant", "RevokeGrant", "RetireGrant")  # fmt: skip
def dry_run(asked: Asked) -> None:
    """A dry run that would have succeeded says so."""
    if asked.parameters.get("DryRun"):
        raise Refusal("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")


def _kind(key: Any) -> tuple[str, str]:
    spec = str(key.key_spec or SYMMETRIC)
    return ("symmetric" if spec == SYMMETRIC else "HMAC" if spec.startswith("HMAC") else "asymmetric"), key.key_usage


def _wrong(asked: Asked, key: Any, wanted: str) -> Refusal:
    return Refusal("InvalidKeyUsageException", f"Algorithm {wanted} is incompatible with key spec {key.key_spec}.")


def _where(asked: Asked) -> Where:
    return Where(asked.call.account, asked.call.region)


def _invalid(message: str) -> Refusal:
    return Refusal("ValidationException", message)
