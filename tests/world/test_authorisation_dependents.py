"""What a call needs besides its own action: a role that is passed, the key behind an object or a secret."""

import pytest
from botocore.exceptions import ClientError
from people import ACCOUNT, allow, document, role, trust, user
from refused import refusal

DENIED = ("AccessDenied", 403)
JSON_DENIED = ("AccessDeniedException", 400)


PASSING = [
    ("lambda", "create_function", {"FunctionName": "f", "Runtime": "python3.12", "Handler": "a.b",
     "Code": {"ZipFile": b"PK\x05\x06" + bytes(18)}}, "Role", "lambda.amazonaws.com"),
    ("eks", "create_cluster", {"name": "c", "resourcesVpcConfig": {}}, "roleArn", "eks.amazonaws.com"),
    ("config", "put_configuration_recorder", {}, "ConfigurationRecorder", "config.amazonaws.com"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "given", "parameter", "passed_to"), PASSING)
def test_role_is_passed_only_with_permission(clients, service, operation, given, parameter, passed_to):
    """Who may make the thing and not pass the role makes nothing; nor who may pass it to another service only."""
    arn = role(clients, "worker", trust({"Service": passed_to}))
    value = {"name": "default", "roleARN": arn} if parameter == "ConfigurationRecorder" else arn
    makes = allow(f"{service}:*")
    to = {"Condition": {"StringEquals": {"iam:PassedToService": passed_to}}}
    elsewhere = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    passes = {
        "none": (makes,),
        "elsewhere": (makes, allow("iam:PassRole", arn, **elsewhere)),
        "other": (makes, allow("iam:PassRole", arn + "x")),
        "right": (makes, allow("iam:PassRole", arn, **to)),
    }
    for name, statements in passes.items():
        client = clients(service, credentials=user(clients, name, *statements))
        try:
            getattr(client, operation)(**given, **{parameter: value})
            code = None
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            assert f"iam:PassRole on resource: {arn}" in message or name == "right"
        assert (code == "AccessDeniedException") == (name != "right")


def test_role_of_an_instance_profile_is_passed_to_ec2(clients):
    """RunInstances with a profile passes the profile's role."""
    arn = role(clients, "web", trust({"Service": "ec2.amazonaws.com"}))
    iam = clients("iam")
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    image = clients("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    run = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}
    half = clients("ec2", credentials=user(clients, "half", allow("ec2:*")))
    whole = clients("ec2", credentials=user(clients, "whole", allow("ec2:*"), allow("iam:PassRole", arn)))
    assert half.run_instances(**run)["Instances"]
    profile = {"IamInstanceProfile": {"Name": "web"}}
    assert refusal(half.run_instances, **run, **profile) == ("UnauthorizedOperation", 403)
    assert whole.run_instances(**run, **profile)["Instances"]


@pytest.fixture
def key(clients):
    """A key whose policy leaves it to IAM."""
    return clients("kms").create_key()["KeyMetadata"]["Arn"]


def test_key_opens_by_its_policy_and_iam_together(clients, key):
    """The default policy leaves it to IAM; one that does not name the account shuts IAM out, if it is meant to."""
    able = user(clients, "able", allow("kms:Encrypt", key))
    unable = user(clients, "unable")
    kms = clients("kms", credentials=able)
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refusal(kms.describe_key, KeyId=key) == JSON_DENIED
    assert refusal(clients("kms", credentials=unable).encrypt, KeyId=key, Plaintext=b"x") == JSON_DENIED
    only = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/unable"},
        "Action": "kms:*",
        "Resource": "*",
    }
    put = {"KeyId": key, "PolicyName": "default", "Policy": document(only)}
    assert refusal(clients("kms").put_key_policy, **put) == ("MalformedPolicyDocumentException", 400)
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    clients("kms").put_key_policy(**put, BypassPolicyLockoutSafetyCheck=True)
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == JSON_DENIED
    assert clients("kms", credentials=unable).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def test_grant_opens_a_key_for_its_operations(clients, key):
    """A grantee does what the grant names, in the context that it names, until it is revoked."""
    kms = clients("kms", credentials=user(clients, "ann"))
    grant = clients("kms").create_grant(
        KeyId=key, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:user/ann", Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"app": "a"}},
    )["GrantId"]  # fmt: skip
    encrypt = {"KeyId": key, "Plaintext": b"x", "EncryptionContext": {"app": "a"}}
    assert kms.encrypt(**encrypt)["CiphertextBlob"]
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == JSON_DENIED
    assert refusal(kms.describe_key, KeyId=key) == JSON_DENIED
    clients("kms").revoke_grant(KeyId=key, GrantId=grant)
    assert refusal(kms.encrypt, **encrypt) == JSON_DENIED


def test_encrypted_object_needs_its_key_too(clients, key):
    """Who may read the object and not use its key reads nothing; a statement by kms:ViaService is enough."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="vault")
    sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Bucket="vault", Key="k", Body=b"x", **sealed)
    through = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com",
                                "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::vault/k"}}  # fmt: skip
    files = allow(["s3:GetObject", "s3:PutObject"])
    half = clients("s3", credentials=user(clients, "half", files))
    whole = user(clients, "whole", files, allow("kms:Decrypt", key, Condition=through))
    with pytest.raises(ClientError, match=f'kms:Decrypt on resource: "{key}"'):
        half.get_object(Bucket="vault", Key="k")
    assert clients("s3", credentials=whole).get_object(Bucket="vault", Key="k")["Body"].read() == b"x"
    assert refusal(clients("s3", credentials=whole).put_object, Bucket="vault", Key="k", Body=b"y", **sealed) == DENIED
    sealed_blob = clients("kms").encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refusal(clients("kms", credentials=whole).decrypt, CiphertextBlob=sealed_blob) == JSON_DENIED


def test_secret_under_a_customers_key_needs_the_key(clients, key):
    """Secrets Manager hides which key it was."""
    clients("secretsmanager").create_secret(Name="s", SecretString="v", KmsKeyId=key)
    reads = allow("secretsmanager:GetSecretValue")
    half = clients("secretsmanager", credentials=user(clients, "half", reads))
    whole = clients("secretsmanager", credentials=user(clients, "whole", reads, allow("kms:Decrypt", key)))
    with pytest.raises(ClientError, match="Access to KMS is not allowed"):
        half.get_secret_value(SecretId="s")
    assert whole.get_secret_value(SecretId="s")["SecretString"] == "v"


def test_secure_parameter_needs_its_key(clients, key):
    """With the parameter alone a caller reads its sealed form, and not what is in it."""
    clients("ssm").put_parameter(Name="/app/token", Type="SecureString", Value="v", KeyId=key)
    reads = allow("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/app/*")
    half = clients("ssm", credentials=user(clients, "half", reads))
    whole = clients("ssm", credentials=user(clients, "whole", reads, allow("kms:Decrypt", key)))
    assert half.get_parameter(Name="/app/token")["Parameter"]["Type"] == "SecureString"
    assert refusal(half.get_parameter, Name="/app/token", WithDecryption=True) == JSON_DENIED
    assert whole.get_parameter(Name="/app/token", WithDecryption=True)["Parameter"]["Value"] == "v"
