"""IAM's entities and KMS's and Secrets Manager's things: what they refuse, and who is who after a deletion."""

from datetime import timedelta

import pytest
from people import ACCOUNT, allow, document, key_of, role, trust, user
from refused import refusal

from twin.world.authorisation.mfa import code_at

CONFLICT = ("DeleteConflict", 409)


@pytest.fixture
def iam(clients):
    """A client of an account with one user, Ann."""
    made = clients("iam")
    made.create_user(UserName="Ann")
    return made


def test_user_goes_only_when_nothing_hangs_on_it(clients, iam):
    """Key, password and group keep it; bare, it goes."""
    key = key_of(clients, "Ann")
    assert refusal(iam.delete_user, UserName="Ann") == CONFLICT
    iam.delete_access_key(UserName="Ann", AccessKeyId=key.access_key_id)
    iam.create_login_profile(UserName="Ann", Password="Passw0rd!")
    assert refusal(iam.delete_user, UserName="Ann") == CONFLICT
    iam.delete_login_profile(UserName="Ann")
    iam.create_group(GroupName="all")
    iam.add_user_to_group(GroupName="all", UserName="Ann")
    assert refusal(iam.delete_user, UserName="Ann") == CONFLICT
    iam.remove_user_from_group(GroupName="all", UserName="Ann")
    iam.delete_user(UserName="Ann")


def test_policy_goes_only_alone_and_unused(iam):
    """A boundary and an old version keep it."""
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="Ann", PermissionsBoundary=arn)
    assert refusal(iam.delete_policy, PolicyArn=arn) == CONFLICT
    iam.delete_user_permissions_boundary(UserName="Ann")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:Get*")))
    assert refusal(iam.delete_policy, PolicyArn=arn) == CONFLICT
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)


def test_names_passwords_codes_and_sizes_are_held(iam, clock):
    """Each is refused with IAM's code, and taken when it is in order."""
    assert refusal(iam.create_user, UserName="ANN") == ("EntityAlreadyExists", 409)
    assert refusal(iam.create_user, UserName="a b")[0] == "ValidationError"
    assert refusal(iam.create_user, UserName="a" * 65)[0] == "ValidationError"
    assert iam.create_user(UserName="a" * 64)
    assert refusal(iam.create_login_profile, UserName="Ann", Password="Abc1!")[0] == "PasswordPolicyViolation"
    assert refusal(iam.create_login_profile, UserName="Ann", Password="abcdefgh")[0] == "PasswordPolicyViolation"
    iam.update_account_password_policy(MinimumPasswordLength=10, RequireSymbols=True)
    assert refusal(iam.create_login_profile, UserName="Ann", Password="Abcdefgh12")[0] == "PasswordPolicyViolation"
    assert iam.create_login_profile(UserName="Ann", Password="Abcdefgh1!")
    long = document(allow([f"s3:Get{n:05}" for n in range(150)]))
    put = {"UserName": "Ann", "PolicyName": "p", "PolicyDocument": long}
    assert refusal(iam.put_user_policy, **put) == ("LimitExceeded", 409)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="m")["VirtualMFADevice"]
    seed, serial = device["Base32StringSeed"].decode(), device["SerialNumber"]
    first, second = (code_at(seed, clock.now() + timedelta(seconds=step)) for step in (-30, 0))
    enable = {"UserName": "Ann", "SerialNumber": serial}
    wrong = {"AuthenticationCode1": second, "AuthenticationCode2": first}
    assert refusal(iam.enable_mfa_device, **enable, **wrong) == ("InvalidAuthenticationCode", 403)
    iam.enable_mfa_device(**enable, AuthenticationCode1=first, AuthenticationCode2=second)


def test_lists_come_in_pages(iam):
    """A marker of another list, or of none, is refused."""
    for number in range(4):
        iam.create_user(UserName=f"u{number}")
    first = iam.list_users(MaxItems=2)
    assert (first["IsTruncated"], len(first["Users"])) == (True, 2)
    pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert refusal(iam.list_roles, Marker=first["Marker"])[0] == "ValidationError"
    assert refusal(iam.list_users, Marker="junk")[0] == "ValidationError"


def test_user_made_anew_under_a_name_is_not_the_one_that_was_trusted(clients):
    """The trust shows the old user's id, and lets nobody in until it is written again."""
    old = user(clients, "bob", allow("sts:AssumeRole"))
    named = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"})
    taken = {"RoleArn": role(clients, "ops", named), "RoleSessionName": "s1"}
    assert clients("sts", credentials=old).assume_role(**taken)
    iam, s3 = clients("iam"), clients("s3")
    s3.create_bucket(Bucket="lake")
    arn = f"arn:aws:iam::{ACCOUNT}:user/bob"
    lets = {"Effect": "Allow", "Principal": {"AWS": [arn]}, "Action": "s3:*", "Resource": "arn:aws:s3:::lake"}
    s3.put_bucket_policy(Bucket="lake", Policy=document(lets | {"Condition": {"ArnEquals": {"aws:PrincipalArn": arn}}}))
    iam.delete_access_key(UserName="bob", AccessKeyId=old.access_key_id)
    iam.delete_user_policy(UserName="bob", PolicyName="own")
    iam.delete_user(UserName="bob")
    new = user(clients, "bob")
    kept = iam.get_role(RoleName="ops")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
    assert kept.startswith("AIDA")
    assert f'"ArnEquals": {{"aws:PrincipalArn": "{arn}"}}' in s3.get_bucket_policy(Bucket="lake")["Policy"]
    assert refusal(clients("sts", credentials=new).assume_role, **taken) == ("AccessDenied", 403)
    assert refusal(clients("s3", credentials=new).list_objects_v2, Bucket="lake") == ("AccessDenied", 403)
    iam.update_assume_role_policy(RoleName="ops", PolicyDocument=named)
    assert clients("sts", credentials=new).assume_role(**taken)


def test_key_does_what_it_was_made_for_with_what_it_made(clients):
    """Wrong uses, foreign ciphertexts and signatures that do not hold are refused."""
    kms = clients("kms")
    seals, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    signs = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=seals, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(KeyId=seals, CiphertextBlob=blob)["Plaintext"] == b"x"
    assert refusal(kms.decrypt, KeyId=other, CiphertextBlob=blob)[0] == "IncorrectKeyException"
    assert refusal(kms.encrypt, KeyId=signs, Plaintext=b"x")[0] == "InvalidKeyUsageException"
    assert refusal(kms.enable_key_rotation, KeyId=signs)[0] == "UnsupportedOperationException"
    made = {"KeyId": signs, "MacAlgorithm": "HMAC_SHA_256"}
    mac = kms.generate_mac(Message=b"m", **made)["Mac"]
    assert kms.verify_mac(Message=b"m", Mac=mac, **made)["MacValid"]
    assert refusal(kms.verify_mac, Message=b"n", Mac=mac, **made)[0] == "KMSInvalidMacException"


def test_secret_that_waits_for_its_end_keeps_its_name_and_its_value(clients):
    """Nobody reads it or takes its name; a public policy is refused to who asks for that."""
    secrets = clients("secretsmanager")
    secrets.create_secret(Name="db", SecretString="1")
    public = document({"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
    put = {"SecretId": "db", "ResourcePolicy": public}
    assert refusal(secrets.put_resource_policy, **put, BlockPublicPolicy=True)[0] == "PublicPolicyException"
    secrets.put_resource_policy(**put)
    secrets.delete_secret(SecretId="db")
    assert refusal(secrets.get_secret_value, SecretId="db")[0] == "InvalidRequestException"
    assert refusal(secrets.create_secret, Name="db", SecretString="2")[0] == "InvalidRequestException"
    secrets.restore_secret(SecretId="db")
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "1"
