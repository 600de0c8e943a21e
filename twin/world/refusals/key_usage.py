"""What KMS refuses for what a key is made for, and for a key that did not make the ciphertext.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import Where, find_key, sealed_under

USES = {
    "Encrypt": "ENCRYPT_DECRYPT", "Decrypt": "ENCRYPT_DECRYPT", "GenerateDataKey": "ENCRYPT_DECRYPT",
    "GenerateDataKeyWithoutPlaintext": "ENCRYPT_DECRYPT", "Sign": "SIGN_VERIFY", "Verify": "SIGN_VERIFY",
    "GenerateMac": "GENERATE_VERIFY_MAC", "VerifyMac": "GENERATE_VERIFY_MAC",
}  # fmt: skip
SYMMETRIC = "SYMMETRIC_DEFAULT"
WRONG_KEY = "The key ID in the request does not identify a CMK that can perform this operation."


@refuses("kms", *USES)
def use_of_the_key(asked: Asked) -> None:
    """A key does what it was made for, and nothing else."""
    name, wanted = asked.parameters.get("KeyId"), USES[asked.call.operation]
    key = find_key(str(name), Where(asked.call.account, asked.call.region)) if name else None
    usage = (key.key_usage or USES["Encrypt"]) if key is not None else wanted
    if key is not None and usage != wanted:
        raise Refusal(
            "InvalidKeyUsageException",
            f"{key.arn} key usage is {usage} which is not valid for {asked.call.operation}.",
        )


@refuses("kms", "Decrypt", "ReEncrypt")
def key_of_the_ciphertext(asked: Asked) -> None:
    """A key that is named is the one that encrypted."""
    name = asked.parameters.get("KeyId") or asked.parameters.get("SourceKeyId")
    where = Where(asked.call.account, asked.call.region)
    named = find_key(str(name), where) if name else None
    if named is None or (named.key_spec or SYMMETRIC) != SYMMETRIC:
        return
    made = find_key(sealed_under(asked.parameters.get("CiphertextBlob"), where.account, where.region), where)
    if made is not None and made is not named:
        raise Refusal("IncorrectKeyException", WRONG_KEY)


@refuses("kms", "EnableKeyRotation", "RotateKeyOnDemand")
def rotation_of_the_key(asked: Asked) -> None:
    """Only symmetric keys for encryption rotate."""
    key = find_key(str(asked.parameters.get("KeyId")), Where(asked.call.account, asked.call.region))
    if key is not None and (key.key_spec or SYMMETRIC) != SYMMETRIC:
        raise Refusal("UnsupportedOperationException", "")
