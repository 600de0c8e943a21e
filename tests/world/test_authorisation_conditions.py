"""Conditions see the request: its parameters, its tags, the resource's tags, the caller's address."""

import pytest
from botocore.exceptions import ClientError
from people import ACCOUNT, allow, document, user
from refused import refusal

DENIED = ("AccessDenied", 403)


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


@pytest.mark.parametrize(("team", "taken"), [("lake", True), ("web", False)])
def test_role_is_taken_by_its_tags(clients, team, taken):
    """Who may take roles of a tag takes no others; the key is IAM's, as AWS documents it for this action."""
    trusted = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    tags = [{"Key": "team", "Value": team}]
    made = clients("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trusted, Tags=tags)["Role"]["Arn"]
    mine = {"StringEquals": {"iam:ResourceTag/team": "lake"}}
    sts = clients("sts", credentials=user(clients, "ann", allow("sts:AssumeRole", Condition=mine)))
    wanted = {"RoleArn": made, "RoleSessionName": "ann"}
    if taken:
        assert sts.assume_role(**wanted)["Credentials"]
    else:
        assert refusal(sts.assume_role, **wanted) == DENIED


def test_tags_of_a_request_decide(clients):
    """A queue is made with its owner's tag or not at all."""
    must = {"StringEquals": {"aws:RequestTag/owner": "ann"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["owner"]}}
    sqs = clients("sqs", credentials=user(clients, "ann", allow("sqs:CreateQueue", Condition=must)))
    assert refusal(sqs.create_queue, QueueName="a") == DENIED
    assert refusal(sqs.create_queue, QueueName="b", tags={"owner": "bob"}) == DENIED
    assert refusal(sqs.create_queue, QueueName="c", tags={"owner": "ann", "more": "x"}) == DENIED
    assert sqs.create_queue(QueueName="d", tags={"owner": "ann"})["QueueUrl"]


TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:t"
BIG = {"DBInstanceIdentifier": "d", "Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20,
       "MasterUsername": "u", "MasterUserPassword": "password-1"}  # fmt: skip
KEYED = [
    ("rds", "create_db_instance", "rds:StorageEncrypted", "Bool", "true", {**BIG, "StorageEncrypted": True}, BIG),
    ("sns", "subscribe", "sns:Protocol", "StringEquals", "sqs",
     {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"},
     {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "a@example.com"}),
    ("cloudwatch", "put_metric_data", "cloudwatch:namespace", "StringEquals", "ours",
     {"Namespace": "ours", "MetricData": [{"MetricName": "m", "Value": 1}]},
     {"Namespace": "theirs", "MetricData": [{"MetricName": "m", "Value": 1}]}),
    ("kms", "create_key", "kms:KeySpec", "StringEquals", "ECC_NIST_P256",
     {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "condition", "operator", "value", "right", "wrong"), KEYED)
def test_parameter_of_a_request_decides(clients, service, operation, condition, operator, value, right, wrong):
    """A key of the service's own holds what the request says."""
    clients("sns").create_topic(Name="t")
    clients("sqs").create_queue(QueueName="q")
    when = {operator: {condition: value}}
    client = clients(service, credentials=user(clients, "ann", allow(f"{service}:*", Condition=when)))
    assert refusal(getattr(client, operation), **wrong)[0] in (
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
    )
    assert getattr(client, operation)(**right)


def test_name_of_a_record_decides(clients):
    """Who may change one name of a zone changes no other."""
    zone = clients("route53").create_hosted_zone(Name="acme.example", CallerReference="1")["HostedZone"]["Id"]
    mine = {
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["www.acme.example"]}
    }
    dns = clients(
        "route53", credentials=user(clients, "ann", allow("route53:ChangeResourceRecordSets", Condition=mine))
    )

    def change(*names):
        sets = [{"Name": n, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]} for n in names]
        changes = [{"Action": "UPSERT", "ResourceRecordSet": each} for each in sets]
        return {"HostedZoneId": zone, "ChangeBatch": {"Changes": changes}}

    assert dns.change_resource_record_sets(**change("www.acme.example."))
    assert refusal(dns.change_resource_record_sets, **change("api.acme.example")) == DENIED
    assert refusal(dns.change_resource_record_sets, **change("www.acme.example", "api.acme.example")) == DENIED


def test_address_and_endpoint_of_the_caller_decide(clients, world):
    """A caller from elsewhere, or past the endpoint's policy, is refused."""
    home = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    ann = user(clients, "ann", allow("sqs:*", Condition=home))
    sqs = clients("sqs", credentials=ann, own=True)
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
    assert refusal(sqs.list_queues) == DENIED  # the address is a private one there, under another key
    home["IpAddress"] = {"aws:VpcSourceIp": "10.0.0.0/8"}
    home["ArnEquals"] = {"aws:SourceVpcArn": f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/{vpc}"}
    written = document(allow("sqs:*", Condition=home))
    clients("iam").put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=written)
    assert sqs.list_queues()
    with pytest.raises(ClientError, match="because no VPC endpoint policy allows"):
        sqs.create_queue(QueueName="q")
    headers["X-Twin-Vpc-Endpoint"] = "vpce-0123456789abcdef0"
    assert refusal(sqs.list_queues)[0] == "InvalidVpcEndpointId.NotFound"
