"""Keys, signatures and secrets: each wrong request beside one that passes."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from people import ACCOUNT
from refused import refusal

NONE = "00000000-0000-0000-0000-000000000000"


def code(call, **parameters):
    """Return only the code with which a call is refused."""
    return refusal(call, **parameters)[0]


def codes(client, wrong):
    """Return the codes with which calls are refused, each an operation with its parameters."""
    return [code(getattr(client, operation), **given) for operation, given in wrong]


def test_keys_and_grants_are_held(clients):
    """Kinds and uses, algorithms, grants that are not there, aliases between kinds, dry runs."""
    kms = clients("kms")
    key, signer = kms.create_key()["KeyMetadata"], kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    id_, signs = key["KeyId"], signer["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=id_)
    grant = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root"}
    algorithm = {"SigningAlgorithm": "ECDSA_SHA_256"}
    wrong = [
        ("create_key", {"KeyUsage": "SIGN_VERIFY"}), ("create_key", {"KeySpec": "ECC_NIST_P256"}),
        ("create_grant", {**grant, "KeyId": NONE, "Operations": ["Encrypt"]}),
        ("create_grant", {**grant, "KeyId": id_, "Operations": ["Sign"]}), ("list_grants", {"KeyId": NONE}),
        ("revoke_grant", {"KeyId": id_, "GrantId": "0" * 64}), ("retire_grant", {}),
        ("retire_grant", {"GrantToken": "none"}),
        ("describe_key", {"KeyId": key["Arn"].replace("us-east-1", "eu-west-1")}), ("get_public_key", {"KeyId": id_}),
        ("update_alias", {"AliasName": "alias/a", "TargetKeyId": signs}),
        ("sign", {"KeyId": signs, "Message": b"short", "MessageType": "DIGEST", **algorithm}),
        ("encrypt", {"KeyId": id_, "Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}),
        ("encrypt", {"KeyId": id_, "Plaintext": b"x", "DryRun": True}), ("generate_random", {}),
        ("tag_resource", {"KeyId": id_, "Tags": [{"TagKey": "aws:x", "TagValue": "1"}]}),
    ]  # fmt: skip
    form, lost = "ValidationException", "NotFoundException"
    assert codes(kms, wrong) == [
        form, form, lost, form, lost, lost, form, "InvalidGrantTokenException", lost, "UnsupportedOperationException",
        form, form, "InvalidKeyUsageException", "DryRunOperationException", form, "TagException",
    ]  # fmt: skip
    made = kms.create_grant(**grant, KeyId=id_, Operations=["Encrypt"])
    kms.retire_grant(KeyId=key["Arn"], GrantId=made["GrantId"])
    assert kms.list_grants(KeyId=id_)["Grants"] == []


@pytest.mark.parametrize(
    ("spec", "algorithm", "scheme"),
    [
        ("ECC_NIST_P256", "ECDSA_SHA_256", (ec.ECDSA(hashes.SHA256()),)),
        ("RSA_2048", "RSASSA_PSS_SHA_256", (padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())),
    ],
)
def test_digest_is_signed_as_it_is(clients, spec, algorithm, scheme):
    """Who has the public key verifies the message; the message's own signature holds for its digest too."""
    kms = clients("kms")
    key = {"KeyId": kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec=spec)["KeyMetadata"]["KeyId"]}
    asked = {**key, "SigningAlgorithm": algorithm}
    digest = {"Message": hashlib.sha256(b"m").digest(), "MessageType": "DIGEST"}
    signature = kms.sign(**asked, **digest)["Signature"]
    serialization.load_der_public_key(kms.get_public_key(**key)["PublicKey"]).verify(signature, b"m", *scheme)
    assert kms.verify(**asked, Message=b"m", Signature=signature)["SignatureValid"]
    raw = kms.sign(**asked, Message=b"m")["Signature"]
    assert kms.verify(**asked, **digest, Signature=raw)["SignatureValid"]
    other = {"Message": b"n", "Signature": signature}
    assert code(kms.verify, **asked, **other) == "KMSInvalidSignatureException"


def test_secrets_are_held(clients):
    """One value, a name of its form, a stage that stays, copies where there are Regions, secrets that are there."""
    secrets = clients("secretsmanager")
    secrets.create_secret(Name="a/b_c", SecretString="1")
    lost = "ResourceNotFoundException"
    wrong = [
        ("create_secret", {"Name": "a b", "SecretString": "1"}),
        ("create_secret", {"Name": "x", "SecretString": "1", "SecretBinary": b"1"}),
        ("put_secret_value", {"SecretId": "a/b_c"}), ("list_secret_version_ids", {"SecretId": "none"}),
        ("tag_resource", {"SecretId": "none", "Tags": [{"Key": "a", "Value": "b"}]}),
        ("replicate_secret_to_regions", {"SecretId": "a/b_c", "AddReplicaRegions": [{"Region": "xx-north-9"}]}),
        ("update_secret_version_stage", {"SecretId": "a/b_c", "VersionStage": "AWSCURRENT",
                                         "RemoveFromVersionId": "0" * 32}),
    ]  # fmt: skip
    assert codes(secrets, wrong) == [
        "ValidationException", "InvalidParameterException", "InvalidRequestException", lost, lost,
        "InvalidParameterException", "InvalidParameterException",
    ]  # fmt: skip
    assert secrets.get_secret_value(SecretId="a/b_c")["SecretString"] == "1"
    secrets.replicate_secret_to_regions(SecretId="a/b_c", AddReplicaRegions=[{"Region": "eu-west-1"}])
