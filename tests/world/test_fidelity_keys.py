"""The state of a key counts: for KMS itself, for S3 and for Secrets Manager."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from refused import refusal

DAY = 86_400
DISABLED = ("DisabledException", 400)
WAITS = "PendingReplicaDeletion"
INVALID = ("KMSInvalidStateException", 400)


@pytest.fixture
def kms(clients):
    """KMS of the world."""
    return clients("kms")


@pytest.fixture
def key(kms):
    """A key."""
    return kms.create_key()["KeyMetadata"]["KeyId"]


def test_disabled_key_is_not_used(kms, key):
    """Not by id nor by alias, and not for what it encrypted; enabled again, it is."""
    kms.create_alias(AliasName="alias/main", TargetKeyId=key)
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"])
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == DISABLED
    assert refusal(kms.encrypt, KeyId="alias/main", Plaintext=b"x") == DISABLED
    assert refusal(kms.decrypt, CiphertextBlob=sealed) == DISABLED
    assert refusal(kms.generate_data_key, KeyId=key, KeySpec="AES_256") == DISABLED
    assert refusal(kms.generate_data_key_without_plaintext, KeyId=key, KeySpec="AES_256") == DISABLED
    assert refusal(kms.enable_key_rotation, KeyId=key) == DISABLED
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_key_that_waits_for_deletion_is_not_used(kms, key, clock):
    """Nor enabled, nor deleted once more; cancelled it is disabled; when the time is over it is gone."""
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refusal(kms.cancel_key_deletion, KeyId=key) == INVALID
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(kms.decrypt, CiphertextBlob=sealed) == INVALID
    assert refusal(kms.generate_data_key, KeyId=key, KeySpec="AES_256") == INVALID
    assert refusal(kms.enable_key, KeyId=key) == INVALID
    assert refusal(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=7) == INVALID
    kms.cancel_key_deletion(KeyId=key)
    assert refusal(kms.decrypt, CiphertextBlob=sealed) == DISABLED
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock.advance(8 * DAY)
    assert refusal(kms.describe_key, KeyId=key) == ("NotFoundException", 400)
    assert key not in {each["KeyId"] for each in kms.list_keys()["Keys"]}


def test_both_keys_of_a_new_encryption_count(kms, key):
    """ReEncrypt needs the key that it comes from and the key that it goes to."""
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=other)
    assert refusal(kms.re_encrypt, CiphertextBlob=sealed, DestinationKeyId=other) == DISABLED
    kms.enable_key(KeyId=other)
    kms.disable_key(KeyId=key)
    assert refusal(kms.re_encrypt, CiphertextBlob=sealed, DestinationKeyId=other) == DISABLED
    kms.enable_key(KeyId=key)
    again = kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=other)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=again)["Plaintext"] == b"x"


def test_signing_key_counts_too(kms):
    """A disabled key signs nothing."""
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    wanted = {"KeyId": key, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**wanted)["Signature"]
    kms.disable_key(KeyId=key)
    assert refusal(kms.sign, **wanted) == DISABLED
    assert refusal(kms.verify, Signature=signature, **wanted) == DISABLED


def test_a_pair_of_keys_has_a_public_half_and_a_symmetric_key_has_none(kms, key):
    """An RSA key signs and shows what verifies it; a symmetric one, or one for MACs, is refused."""
    pair = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["KeyId"]
    told = kms.get_public_key(KeyId=pair)["PublicKey"]
    signed = kms.sign(KeyId=pair, Message=b"x", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256")["Signature"]
    load_der_public_key(told).verify(signed, b"x", PKCS1v15(), SHA256())
    mac = kms.create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")["KeyMetadata"]["KeyId"]
    for one in (key, mac):
        assert refusal(kms.get_public_key, KeyId=one) == ("UnsupportedOperationException", 400)
        asked = {"KeyId": one, "Message": b"x", "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"}
        assert refusal(kms.sign, **asked)[1] == 400


def test_replica_decrypts_what_the_primary_encrypted(clients, kms):
    """And the reverse; each has its own state, aliases and grants; a key of one Region knows nothing elsewhere."""
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1")
    away = clients("kms", region="eu-west-1")
    sealed = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    assert away.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    returned = away.encrypt(KeyId=primary, Plaintext=b"y")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=returned)["Plaintext"] == b"y"
    kms.create_alias(AliasName="alias/here", TargetKeyId=primary)
    assert not [a for a in away.list_aliases()["Aliases"] if a["AliasName"] == "alias/here"]
    kinds = [c.describe_key(KeyId=primary)["KeyMetadata"]["MultiRegionConfiguration"] for c in (kms, away)]
    assert [kind["MultiRegionKeyType"] for kind in kinds] == ["PRIMARY", "REPLICA"]
    assert kinds[0]["ReplicaKeys"] == kinds[1]["ReplicaKeys"]
    kms.disable_key(KeyId=primary)
    assert refusal(kms.decrypt, CiphertextBlob=sealed) == DISABLED
    assert away.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    single = kms.create_key()["KeyMetadata"]["KeyId"]
    alone = kms.encrypt(KeyId=single, Plaintext=b"z")["CiphertextBlob"]
    assert refusal(away.decrypt, CiphertextBlob=alone)[0] in ("AccessDeniedException", "NotFoundException")
    assert refusal(kms.replicate_key, KeyId=single, ReplicaRegion="eu-west-1")[0] == "UnsupportedOperationException"


def test_primary_key_waits_for_its_last_replica_before_its_own_days_begin(clients, clock, kms):
    """It has no date while a replica is there, scheduled or not; it is not used, and can be kept."""
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    away = clients("kms", region="eu-west-1")
    kms.replicate_key(KeyId=primary, ReplicaRegion="eu-west-1")
    told = kms.schedule_key_deletion(KeyId=primary, PendingWindowInDays=10)
    assert (told["KeyState"], told["PendingWindowInDays"], "DeletionDate" in told) == (WAITS, 10, False)
    about = kms.describe_key(KeyId=primary)["KeyMetadata"]
    assert (about["KeyState"], about["PendingDeletionWindowInDays"], "DeletionDate" in about) == (WAITS, 10, False)
    assert refusal(kms.encrypt, KeyId=primary, Plaintext=b"x") == INVALID
    assert away.encrypt(KeyId=primary, Plaintext=b"x")["KeyId"].split(":")[3] == "eu-west-1"
    kms.cancel_key_deletion(KeyId=primary)
    assert kms.describe_key(KeyId=primary)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.schedule_key_deletion(KeyId=primary, PendingWindowInDays=10)
    clock.advance(365 * DAY)
    assert kms.describe_key(KeyId=primary)["KeyMetadata"]["KeyState"] == WAITS
    went = away.schedule_key_deletion(KeyId=primary, PendingWindowInDays=7)["DeletionDate"]
    clock.advance(8 * DAY)
    about = kms.describe_key(KeyId=primary)["KeyMetadata"]
    assert (about["KeyState"], about["DeletionDate"]) == ("PendingDeletion", went + timedelta(days=10))
    assert about["MultiRegionConfiguration"]["ReplicaKeys"] == []
    assert refusal(away.describe_key, KeyId=primary)[0] == "NotFoundException"
    clock.advance(9 * DAY)
    assert refusal(kms.describe_key, KeyId=primary)[0] == "NotFoundException"


ABSENT = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def test_object_is_written_under_a_key_that_works(clients, kms, key):
    """A key that is not there, disabled or to be deleted is refused, whether the call or the bucket names it."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="b-1")
    sealed = {"Bucket": "b-1", "Key": "k", "Body": b"x", "ServerSideEncryption": "aws:kms"}
    assert refusal(s3.put_object, SSEKMSKeyId=ABSENT, **sealed) == ("KMS.NotFoundException", 400)
    s3.put_object(SSEKMSKeyId=key, **sealed)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="b-1", ServerSideEncryptionConfiguration={"Rules": [rule]})
    kms.disable_key(KeyId=key)
    disabled = ("KMS.DisabledException", 400)
    assert refusal(s3.put_object, SSEKMSKeyId=key, **sealed) == disabled
    assert refusal(s3.put_object, Bucket="b-1", Key="k", Body=b"x") == disabled
    assert refusal(s3.create_multipart_upload, Bucket="b-1", Key="k") == disabled
    s3.put_object(Bucket="b-1", Key="plain", Body=b"x", ServerSideEncryption="AES256")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(s3.put_object, Bucket="b-1", Key="k", Body=b"x") == ("KMS.KMSInvalidStateException", 400)


def test_object_is_read_while_its_key_works(clients, kms, key, clock):
    """Objects under other keys are read all the same, and this one again when its key is enabled."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="b-1")
    s3.put_object(Bucket="b-1", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    s3.put_object(Bucket="b-1", Key="own", Body=b"y", ServerSideEncryption="aws:kms")
    kms.disable_key(KeyId=key)
    wanted = {"Bucket": "b-1", "Key": "k"}
    assert refusal(s3.get_object, **wanted) == ("KMS.DisabledException", 400)
    assert refusal(s3.copy_object, Bucket="b-1", Key="c", CopySource="b-1/k") == ("KMS.DisabledException", 400)
    assert s3.get_object(Bucket="b-1", Key="own")["Body"].read() == b"y"
    kms.enable_key(KeyId=key)
    assert s3.get_object(**wanted)["Body"].read() == b"x"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(s3.get_object, **wanted) == ("KMS.KMSInvalidStateException", 400)
    clock.advance(8 * DAY)
    assert refusal(s3.get_object, **wanted) == ("KMS.NotFoundException", 400)


def test_secret_is_read_and_written_while_its_key_works(clients, kms, key):
    """With a disabled key neither; a secret under AWS's own key does not care."""
    secrets = clients("secretsmanager")
    secrets.create_secret(Name="own", SecretString="a")
    secrets.create_secret(Name="db", SecretString="b", KmsKeyId=key)
    assert refusal(secrets.create_secret, Name="x", SecretString="c", KmsKeyId=ABSENT) == ("EncryptionFailure", 400)
    kms.disable_key(KeyId=key)
    assert refusal(secrets.get_secret_value, SecretId="db") == ("DecryptionFailure", 400)
    assert refusal(secrets.put_secret_value, SecretId="db", SecretString="c") == ("EncryptionFailure", 400)
    assert secrets.get_secret_value(SecretId="own")["SecretString"] == "a"
    kms.enable_key(KeyId=key)
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "b"


def test_current_stage_takes_the_value_along(clients):
    """The version to which AWSCURRENT moves is what is read; the one before is AWSPREVIOUS; and back again."""
    secrets = clients("secretsmanager")
    first = secrets.create_secret(Name="db", SecretString="old")["VersionId"]
    second = secrets.put_secret_value(SecretId="db", SecretString="new", VersionStages=["AWSPENDING"])["VersionId"]
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "old"
    move = {"SecretId": "db", "VersionStage": "AWSCURRENT"}
    secrets.update_secret_version_stage(RemoveFromVersionId=first, MoveToVersionId=second, **move)
    read = secrets.get_secret_value(SecretId="db")
    assert (read["SecretString"], read["VersionId"]) == ("new", second)
    assert secrets.get_secret_value(SecretId="db", VersionStage="AWSPREVIOUS")["SecretString"] == "old"
    secrets.update_secret_version_stage(RemoveFromVersionId=second, MoveToVersionId=first, **move)
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "old"


def test_rotation_needs_a_function(clients):
    """None, or one that is not there, is refused; the pending version leaves the value until the stage moves."""
    from test_fidelity_configuration import make_function, make_role

    secrets = clients("secretsmanager")
    first = secrets.create_secret(Name="db", SecretString="old")["VersionId"]
    assert refusal(secrets.rotate_secret, SecretId="db") == ("InvalidRequestException", 400)
    absent = "arn:aws:lambda:us-east-1:123456789012:function:none"
    missing = ("ResourceNotFoundException", 400)
    assert refusal(secrets.rotate_secret, SecretId="db", RotationLambdaARN=absent) == missing
    function = make_function(clients, make_role(clients, "rotator", "lambda.amazonaws.com"))["FunctionArn"]
    rules = {"AutomaticallyAfterDays": 30}
    pending = secrets.rotate_secret(SecretId="db", RotationLambdaARN=function, RotationRules=rules)["VersionId"]
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "old"
    assert refusal(secrets.rotate_secret, SecretId="db") == ("InvalidRequestException", 400)
    token = {"SecretId": "db", "ClientRequestToken": pending}
    secrets.put_secret_value(SecretString="new", VersionStages=["AWSPENDING"], **token)
    move = {"RemoveFromVersionId": first, "MoveToVersionId": pending}
    secrets.update_secret_version_stage(SecretId="db", VersionStage="AWSCURRENT", **move)
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "new"
    told = secrets.describe_secret(SecretId="db")
    assert (told["RotationEnabled"], told["RotationLambdaARN"]) == (True, function)
    assert secrets.rotate_secret(SecretId="db")["VersionId"] not in (first, pending)


def test_key_table_names_operations_of_kms():
    """Every operation in the table of states is one of KMS."""
    from moto.core.utils import get_service_model

    from twin.world.refusals.key_states import TABLE

    names = {name for names in TABLE.values() for name in names}
    assert names <= set(get_service_model("kms").operation_names), json.dumps(sorted(names))
