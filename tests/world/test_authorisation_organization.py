"""Organization, keys, roles that are passed, tags: what decides besides a caller's own policies."""

import pytest
from botocore.exceptions import ClientError
from people import ACCOUNT, OTHER, administrator, allow, assumed, deny, document, role, trust, user
from refused import refusal

DENIED = ("AccessDenied", 403)
JSON_DENIED = ("AccessDeniedException", 400)


@pytest.fixture
def member(clients):
    """An organization with an OU and an account in it; returns its ids and the member's administrator."""
    organizations = clients("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    unit = organizations.create_organizational_unit(ParentId=root, Name="prod")["OrganizationalUnit"]["Id"]
    account = organizations.create_account(AccountName="m", Email="m@example.com")["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    held = assumed(clients, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", administrator(clients))
    return {"root": root, "unit": unit, "account": account, "held": held, "organizations": organizations}


def control(member, target, *statements):
    """Attach a service control policy to a target; returns its id."""
    made = member["organizations"].create_policy(
        Name=f"p-{target}", Description="d", Type="SERVICE_CONTROL_POLICY", Content=document(*statements)
    )["Policy"]["PolicySummary"]["Id"]
    member["organizations"].attach_policy(PolicyId=made, TargetId=target)
    return made


@pytest.mark.parametrize("level", ["root", "unit", "account"])
def test_control_policy_binds_a_member_at_every_level(clients, member, level):
    """A deny on the root, the OU or the account stops the member's administrator, and not the management account."""
    sqs = clients("sqs", credentials=member["held"])
    assert sqs.create_queue(QueueName="before")
    policy = control(member, member[level], deny("sqs:CreateQueue"))
    assert refusal(sqs.create_queue, QueueName="after") == DENIED
    assert sqs.list_queues()["QueueUrls"]
    assert clients("sqs", credentials=administrator(clients, "second")).create_queue(QueueName="mine")
    with pytest.raises(ClientError, match="with an explicit deny in a service control policy"):
        sqs.create_queue(QueueName="after")
    member["organizations"].detach_policy(PolicyId=policy, TargetId=member[level])
    assert sqs.create_queue(QueueName="after")


def test_list_of_services_allows_no_other(clients, member):
    """Without FullAWSAccess on the account, what its policies do not name is refused."""
    control(member, member["account"], allow("sqs:*"))
    member["organizations"].detach_policy(PolicyId="p-FullAWSAccess", TargetId=member["account"])
    assert clients("sqs", credentials=member["held"]).list_queues()
    with pytest.raises(ClientError, match="because no service control policy allows the sns:ListTopics action"):
        clients("sns", credentials=member["held"]).list_topics()


def test_region_fence_spares_the_region_inside(clients, member):
    """The usual deny outside of the allowed Regions works by aws:RequestedRegion."""
    outside = {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}}
    control(member, member["unit"], deny("ec2:*", Condition=outside))
    assert clients("ec2", credentials=member["held"]).describe_vpcs()["Vpcs"] is not None
    away = clients("ec2", credentials=member["held"], region="eu-west-1")
    assert refusal(away.describe_vpcs) == ("UnauthorizedOperation", 403)


def test_organization_of_the_caller_opens_a_bucket(clients, member):
    """aws:PrincipalOrgID lets the member in, and an account outside of the organization not."""
    clients("s3").create_bucket(Bucket="shared")
    clients("s3").put_object(Bucket="shared", Key="k", Body=b"x")
    ours = member["organizations"].describe_organization()["Organization"]["Id"]
    opened = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/*",
              "Condition": {"StringEquals": {"aws:PrincipalOrgID": ours}}}  # fmt: skip
    clients("s3").put_bucket_policy(Bucket="shared", Policy=document(opened))
    assert clients("s3", credentials=member["held"]).get_object(Bucket="shared", Key="k")["Body"].read() == b"x"
    stranger = administrator(clients, account=OTHER)
    assert refusal(clients("s3", credentials=stranger).get_object, Bucket="shared", Key="k") == DENIED


def test_resource_control_policy_binds_whoever_calls(clients, member):
    """An RCP on the member's bucket stops its own administrator."""
    s3 = clients("s3", credentials=member["held"])
    s3.create_bucket(Bucket="theirs")
    s3.put_object(Bucket="theirs", Key="k", Body=b"x")
    statement = {**deny("s3:GetObject"), "Principal": "*"}
    organizations = member["organizations"]
    policy = organizations.create_policy(
        Name="rcp", Description="d", Type="RESOURCE_CONTROL_POLICY", Content=document(statement)
    )["Policy"]["PolicySummary"]["Id"]
    assert s3.get_object(Bucket="theirs", Key="k")
    organizations.attach_policy(PolicyId=policy, TargetId=member["unit"])
    with pytest.raises(ClientError, match="with an explicit deny in a resource control policy"):
        s3.get_object(Bucket="theirs", Key="k")


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


def test_kind_of_an_instance_is_a_condition_of_the_instance_alone(clients):
    """The usual statement pair bounds the type and leaves image, subnet and the rest free."""
    small = {"StringEquals": {"ec2:InstanceType": ["t3.micro"]}}
    parts = ["image", "subnet", "network-interface", "security-group", "volume", "key-pair"]
    key = user(
        clients, "ann",
        allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*", Condition=small),
        allow("ec2:RunInstances", [f"arn:aws:ec2:*:{'' if p == 'image' else '*'}:{p}/*" for p in parts]),
    )  # fmt: skip
    image = clients("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2 = clients("ec2", credentials=key)
    run = {"ImageId": image, "MinCount": 1, "MaxCount": 1}
    assert ec2.run_instances(**run, InstanceType="t3.micro")["Instances"]
    assert refusal(ec2.run_instances, **run, InstanceType="m5.large") == ("UnauthorizedOperation", 403)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "lake"}]}]
    tagged = {**run, "InstanceType": "t3.micro", "TagSpecifications": tags}
    assert refusal(ec2.run_instances, **tagged) == ("UnauthorizedOperation", 403)
    creating = {"StringEquals": {"ec2:CreateAction": "RunInstances"}}
    grant = document(allow("ec2:CreateTags", "arn:aws:ec2:*:*:instance/*", Condition=creating))
    clients("iam").put_user_policy(UserName="ann", PolicyName="tags", PolicyDocument=grant)
    assert ec2.run_instances(**tagged)["Instances"]


def test_tags_of_a_resource_decide(clients):
    """A user stops the instances of its own team and no others."""
    image = clients("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]

    def instance(team):
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": team}]}]
        made = clients("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)
        return made["Instances"][0]["InstanceId"]

    mine, other = instance("lake"), instance("web")
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    tags = [{"Key": "team", "Value": "lake"}]
    ec2 = clients("ec2", credentials=user(clients, "ann", allow("ec2:StopInstances", Condition=same), Tags=tags))
    assert ec2.stop_instances(InstanceIds=[mine])["StoppingInstances"]
    assert refusal(ec2.stop_instances, InstanceIds=[other]) == ("UnauthorizedOperation", 403)
    assert refusal(ec2.stop_instances, InstanceIds=[mine, other]) == ("UnauthorizedOperation", 403)


def test_tags_of_a_request_decide(clients):
    """A queue is made with its owner's tag or not at all."""
    must = {"StringEquals": {"aws:RequestTag/owner": "ann"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["owner"]}}
    sqs = clients("sqs", credentials=user(clients, "ann", allow("sqs:CreateQueue", Condition=must)))
    assert refusal(sqs.create_queue, QueueName="a") == DENIED
    assert refusal(sqs.create_queue, QueueName="b", tags={"owner": "bob"}) == DENIED
    assert refusal(sqs.create_queue, QueueName="c", tags={"owner": "ann", "more": "x"}) == DENIED
    assert sqs.create_queue(QueueName="d", tags={"owner": "ann"})["QueueUrl"]


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


def test_address_and_endpoint_of_the_caller_decide(clients, world):
    """A caller from elsewhere, or past the endpoint's policy, is refused."""
    home = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    sqs = clients("sqs", credentials=user(clients, "ann", allow("sqs:*", Condition=home)))
    headers = {}
    sqs.meta.events.register_first(
        "before-sign", lambda request, **_: [request.headers.add_header(*h) for h in headers.items()]
    )
    assert refusal(sqs.list_queues) == DENIED
    headers["X-Twin-Source-Ip"] = "10.1.2.3"
    assert sqs.list_queues()
    headers["X-Twin-Source-Ip"] = "192.0.2.1"
    assert refusal(sqs.list_queues) == DENIED
    headers["X-Twin-Source-Ip"] = "10.1.2.3"
    vpc = clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    narrow = {**allow("sqs:ListQueues"), "Principal": "*"}
    made = clients("ec2").create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.sqs",
        VpcEndpointType="Interface",
        PolicyDocument=document(narrow),
    )["VpcEndpoint"]["VpcEndpointId"]
    headers["X-Twin-Vpc-Endpoint"] = made
    assert sqs.list_queues()
    with pytest.raises(ClientError, match="because no VPC endpoint policy allows"):
        sqs.create_queue(QueueName="q")
    headers["X-Twin-Vpc-Endpoint"] = "vpce-0123456789abcdef0"
    assert refusal(sqs.list_queues)[0] == "InvalidVpcEndpointId.NotFound"


def test_policy_that_is_none_is_refused_when_it_is_written(clients, member):
    """Each service refuses what is no policy, in its own words, and takes what is one."""
    s3, kms = clients("s3"), clients("kms")
    s3.create_bucket(Bucket="papers")
    odd = document({"Effect": "Maybe", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})
    assert refusal(s3.put_bucket_policy, Bucket="papers", Policy=odd) == ("MalformedPolicy", 400)
    assert refusal(kms.create_key, Policy=odd) == ("MalformedPolicyDocumentException", 400)
    create = member["organizations"].create_policy
    named = {"Name": "n", "Description": "d", "Type": "SERVICE_CONTROL_POLICY"}
    assert refusal(create, **named, Content=odd) == ("MalformedPolicyDocumentException", 400)
    assert create(**named, Content=document(deny("sqs:*")))["Policy"]
