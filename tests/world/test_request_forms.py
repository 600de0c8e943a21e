"""Requests that AWS refuses for their form or their targets: each wrong one beside one that passes."""

import json
from ipaddress import ip_network

import pytest
from people import ACCOUNT
from refused import refusal

GONE = "i-0123456789abcdef0"


def code(call, **parameters):
    """Return only the code with which a call is refused."""
    return refusal(call, **parameters)[0]


def codes(client, wrong):
    """Return the codes with which calls are refused, each an operation with its parameters."""
    return [code(getattr(client, operation), **given) for operation, given in wrong]


def test_values_out_of_a_models_bounds_are_refused_in_the_services_own_code(clients):
    """Length, form and choice; a secret value is not told, and a form holds for the whole of a value."""
    logs, events, ssm, iam = (clients(name) for name in ("logs", "events", "ssm", "iam"))
    assert code(logs.create_log_group, logGroupName="a b") == "InvalidParameterException"
    rule = {"Name": "arn:aws:events:us-east-1:1:rule/r", "ScheduleExpression": "rate(1 day)"}
    assert code(events.put_rule, **rule) == "ValidationException"
    assert code(ssm.put_parameter, Name="/p", Value="x", Type="Number") == "ValidationException"
    assert code(iam.create_user, UserName="u" * 65) == "ValidationError"
    with pytest.raises(Exception, match="Value at 'username' failed"):
        clients("cognito-idp").admin_get_user(UserPoolId="us-east-1_a", Username="x" * 129)
    with pytest.raises(Exception, match="2 validation errors detected"):
        iam.create_user(UserName="ü" * 65)
    logs.create_log_group(logGroupName="/app/a-b_c.d#1")
    events.put_rule(**rule | {"Name": "r"})
    iam.create_user(UserName="u" * 64)


def test_page_that_nobody_gave_out_is_refused(clients):
    """In the service's own code, where the store would break."""
    for service, operation, expected in (
        ("sns", "list_topics", "InvalidParameter"), ("ssm", "describe_parameters", "InvalidNextToken"),
        ("secretsmanager", "list_secrets", "InvalidNextTokenException"),
    ):  # fmt: skip
        list_ = getattr(clients(service), operation)
        assert code(list_, NextToken="none") == expected
        list_()


def run_one(clients, subnet):
    """Run an instance in a subnet; returns its id."""
    ec2 = clients("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (made,) = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"]
    return made["InstanceId"]


@pytest.fixture
def network(clients):
    """A VPC with an instance, another one with one, and a target group by instance and one by address."""
    ec2, elb = clients("ec2"), clients("elbv2")
    told = {}
    for name, part in (("here", "10.0"), ("there", "10.1")):
        vpc = ec2.create_vpc(CidrBlock=f"{part}.0.0/16")["Vpc"]["VpcId"]
        placed = {"VpcId": vpc, "CidrBlock": f"{part}.0.0/24", "AvailabilityZone": "us-east-1a"}
        subnet = ec2.create_subnet(**placed)["Subnet"]["SubnetId"]
        told[name] = {"vpc": vpc, "subnet": subnet, "instance": run_one(clients, subnet)}
    for kind in ("instance", "ip"):
        made = elb.create_target_group(
            Name=kind, Protocol="HTTP", Port=80, VpcId=told["here"]["vpc"], TargetType=kind
        )  # fmt: skip
        told[kind] = made["TargetGroups"][0]["TargetGroupArn"]
    return told


def test_targets_are_there_and_where_the_group_is(clients, network):
    """Instances that run in the VPC, private addresses of it or placed outside by name."""
    elb, ec2 = clients("elbv2"), clients("ec2")

    def told(kind, id_, **more):
        return {"TargetGroupArn": network[kind], "Targets": [{"Id": id_, **more}]}

    register, here = elb.register_targets, network["here"]["instance"]
    for id_, expected in (
        (GONE, "InvalidTarget"), (network["there"]["instance"], "InvalidTarget"), ("10.0.0.9", "ValidationError"),
    ):  # fmt: skip
        assert code(register, **told("instance", id_)) == expected
    for id_, zone in (("192.168.0.9", None), ("8.8.8.8", "all"), ("10.0.0.9", "all"), (here, None)):
        placed = {"AvailabilityZone": zone} if zone else {}
        assert code(register, **told("ip", id_, **placed)) == "ValidationError"
    register(**told("instance", here))
    second = run_one(clients, network["here"]["subnet"])
    ec2.stop_instances(InstanceIds=[here])
    both = {"TargetGroupArn": network["instance"], "Targets": [{"Id": second}, {"Id": here}]}
    assert code(register, **both) == "InvalidTarget"
    held = elb.describe_target_health(TargetGroupArn=network["instance"])["TargetHealthDescriptions"]
    assert [one["Target"]["Id"] for one in held] == [here]
    register(**told("ip", "10.0.0.9"))
    register(**told("ip", "192.168.0.9", AvailabilityZone="all"))


def test_target_of_a_group_by_ipv6_address_lies_in_a_subnet_of_that_kind(clients, network):
    """An address of the subnet's IPv6 block is taken, one of another network and one by IPv4 are not."""
    elb, ec2, here = clients("elbv2"), clients("ec2"), network["here"]
    (vpc,) = ec2.describe_vpcs(VpcIds=[here["vpc"]])["Vpcs"]
    block = ec2.associate_vpc_cidr_block(VpcId=vpc["VpcId"], AmazonProvidedIpv6CidrBlock=True)
    whole = ip_network(block["Ipv6CidrBlockAssociation"]["Ipv6CidrBlock"])
    part = next(whole.subnets(new_prefix=64))
    ec2.associate_subnet_cidr_block(SubnetId=here["subnet"], Ipv6CidrBlock=str(part))
    made = elb.create_target_group(
        Name="six", Protocol="HTTP", Port=80, VpcId=here["vpc"], TargetType="ip", IpAddressType="ipv6"
    )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
    inside = str(part[9])
    elb.register_targets(TargetGroupArn=made, Targets=[{"Id": inside}])
    for wrong in ("2001:db8::9", "10.0.0.9"):
        assert code(elb.register_targets, TargetGroupArn=made, Targets=[{"Id": wrong}]) == "ValidationError"
    mixed = {"TargetGroupArn": network["ip"], "Targets": [{"Id": inside}]}
    assert code(elb.register_targets, **mixed) == "ValidationError"


def test_load_balancers_are_named_and_set_as_they_may(clients, network):
    """Names, ranges, log buckets, loops of redirects; a target group that is asked for again is told."""
    elb, vpc = clients("elbv2"), network["here"]["vpc"]
    second = clients("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1f")["Subnet"]
    sound = {"Scheme": "internal", "Subnets": [network["here"]["subnet"], second["SubnetId"]]}
    for name in ("a_b", "-ab", "a" * 33, "internal-a"):
        assert code(elb.create_load_balancer, Name=name, **sound) == "ValidationError"
    (made,) = elb.create_load_balancer(Name="front", **sound)["LoadBalancers"]
    arn = {"LoadBalancerArn": made["LoadBalancerArn"]}

    def attribute(**pairs):
        return {"Attributes": [{"Key": name.replace("__", "."), "Value": value} for name, value in pairs.items()]}

    wrong = attribute(deregistration_delay__timeout_seconds="3601")
    assert code(elb.modify_target_group_attributes, TargetGroupArn=network["ip"], **wrong) == "ValidationError"
    logs = attribute(access_logs__s3__enabled="true", access_logs__s3__bucket="no-such-bucket")
    assert code(elb.modify_load_balancer_attributes, **arn, **logs) == "InvalidConfigurationRequest"
    actions = [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}]
    loop = {"Protocol": "HTTP", "Port": 80, "DefaultActions": actions}
    assert code(elb.create_listener, **arn, **loop) == "InvalidLoadBalancerAction"
    assert code(elb.delete_rule, RuleArn=made["LoadBalancerArn"].replace("loadbalancer", "listener-rule")) == (
        "RuleNotFound"
    )
    again = {"Name": "ip", "Protocol": "HTTP", "VpcId": vpc, "TargetType": "ip"}
    assert elb.create_target_group(**again, Port=80)["TargetGroups"][0]["TargetGroupArn"] == network["ip"]
    assert code(elb.create_target_group, **again, Port=81) == "DuplicateTargetGroupName"


def test_parameter_groups_are_of_their_engine(clients):
    """Families, names, ways to apply, ranges, default groups, and whose a group is."""
    rds = clients("rds")
    make, change = rds.create_db_parameter_group, rds.modify_db_parameter_group
    group = {"DBParameterGroupName": "own", "Description": "d"}
    assert code(make, **group, DBParameterGroupFamily="postgres10.7") == "InvalidParameterValue"
    for number, old in enumerate(("aurora-postgresql9.6", "aurora-postgresql10", "postgres9.6")):
        make(DBParameterGroupName=f"Old{number}", Description="d", DBParameterGroupFamily=old)
    (told,) = rds.describe_db_parameter_groups(DBParameterGroupName="Old0")["DBParameterGroups"]
    assert told["DBParameterGroupFamily"] == "aurora-postgresql9.6"
    make(**group, DBParameterGroupFamily="postgres17")
    make(**group | {"DBParameterGroupName": "other"}, DBParameterGroupFamily="postgres16")

    def changed(name, value, method="immediate", of="own"):
        one = {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}
        return {"DBParameterGroupName": of, "Parameters": [one]}

    assert code(change, **changed("character_set_server", "utf8")) == "InvalidParameterValue"
    for slip in ("max_conections", "shared_bufers", "rds.log_retention_perid"):
        assert code(change, **changed(slip, "1")) == "InvalidParameterValue"
    assert code(change, **changed("max_connections", "100")) == "InvalidParameterCombination"
    assert code(change, **changed("max_connections", "5", "pending-reboot")) == "InvalidParameterValue"
    assert code(change, **changed("log_checkpoints", "maybe")) == "InvalidParameterValue"
    assert code(change, **changed("work_mem", "64", of="default.postgres17")) == "InvalidParameterValue"
    for name, value, method in (
        ("max_connections", "100", "pending-reboot"), ("work_mem", "4096", "immediate"),
        ("shared_buffers", "{DBInstanceClassMemory/32768}", "pending-reboot"),
        ("pg_stat_statements.track", "all", "immediate"), ("recovery_min_apply_delay", "1000", "immediate"),
        ("rds.allowed_delegated_extensions", "pg_trgm", "immediate"), ("ssl_crl_file", "a", "immediate"),
    ):  # fmt: skip
        change(**changed(name, value, method))
    database = {
        "DBInstanceIdentifier": "db", "DBInstanceClass": "db.t3.medium", "Engine": "postgres", "EngineVersion": "17",
        "AllocatedStorage": 20, "MasterUsername": "owner", "MasterUserPassword": "secret123",
    }  # fmt: skip
    for foreign in ("other", "default.postgres16"):
        assert code(rds.create_db_instance, **database, DBParameterGroupName=foreign) == "InvalidParameterCombination"
    rds.create_db_instance(**database, DBParameterGroupName="own")
    other = {"DBInstanceIdentifier": "db", "DBParameterGroupName": "other"}
    assert code(rds.modify_db_instance, **other) == "InvalidParameterCombination"


def test_access_control_lists_are_read_back_grant_by_grant(clients):
    """A canned list that lets read and write is two grants; lists that name nobody are refused."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    off = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    s3.put_public_access_block(Bucket="lake", PublicAccessBlockConfiguration=off)
    s3.put_bucket_ownership_controls(Bucket="lake", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    for canned, expected in (
        ("public-read-write", ["READ", "WRITE"]), ("public-read", ["READ"]), ("private", []),
        ("log-delivery-write", ["READ_ACP", "WRITE"]),
    ):  # fmt: skip
        s3.put_bucket_acl(Bucket="lake", ACL=canned)
        told = s3.get_bucket_acl(Bucket="lake")["Grants"]
        assert [each["Permission"] for each in told if each["Grantee"]["Type"] == "Group"] == expected
    by_mail = {"GrantRead": "emailAddress=a@b.example"}
    assert code(s3.put_bucket_acl, Bucket="lake", **by_mail) == "UnresolvableGrantByEmailAddress"
    assert code(s3.put_bucket_acl, Bucket="lake", ACL="everybody") == "InvalidArgument"
    assert code(s3.put_bucket_acl, Bucket="lake") == "MissingSecurityHeader"


def test_requests_of_s3_are_well_formed(clients):
    """Places, tags, pages, versions, parts, ranges, documents; then each as S3 takes it."""
    s3, mine = clients("s3"), {"Bucket": "lake"}
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_versioning(**mine, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(**mine, Key="a", Body=b"hello")
    upload = {**mine, "Key": "m", "UploadId": s3.create_multipart_upload(**mine, Key="m")["UploadId"]}
    part = {**upload, "PartNumber": 1, "CopySource": "lake/a"}
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    aes = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "k"}}
    marker = s3.delete_object(**mine, Key="gone")["VersionId"]
    wrong = [
        ("create_bucket", {"Bucket": "far", "CreateBucketConfiguration": {"LocationConstraint": "mars-1"}}),
        ("put_object", {**mine, "Key": "a", "Tagging": "a=1&a=2"}),
        ("put_object_tagging", {**mine, "Key": "a", "Tagging": {"TagSet": twice}}),
        ("get_object", {**mine, "Key": "a", "VersionId": "bad"}),
        ("list_objects_v2", {**mine, "MaxKeys": -1}),
        ("list_object_versions", {**mine, "VersionIdMarker": "x"}),
        ("upload_part", {**upload, "PartNumber": 0, "Body": b"x"}),
        ("upload_part_copy", {**part, "CopySource": "lake/none"}),
        ("upload_part_copy", {**part, "CopySourceRange": "0-1"}),
        ("upload_part_copy", {**part, "CopySourceRange": "bytes=0-5"}),
        ("complete_multipart_upload", upload),
        ("copy_object", {**mine, "Key": "b", "CopySource": f"lake/gone?versionId={marker}"}),
        ("put_bucket_versioning", {**mine, "VersioningConfiguration": {"Status": "On"}}),
        ("put_bucket_lifecycle_configuration", {**mine, "LifecycleConfiguration": {"Rules": []}}),
        ("put_bucket_ownership_controls", {**mine, "OwnershipControls": {"Rules": [{"ObjectOwnership": "Mine"}]}}),
        ("put_bucket_encryption", {**mine, "ServerSideEncryptionConfiguration": {"Rules": [aes]}}),
    ]  # fmt: skip
    assert codes(s3, wrong) == [
        "InvalidLocationConstraint", "InvalidArgument", "InvalidTag", "InvalidArgument", "InvalidArgument",
        "InvalidArgument", "InvalidArgument", "NoSuchKey", "InvalidArgument", "InvalidArgument", "InvalidRequest",
        "InvalidRequest", "MalformedXML", "MalformedXML", "MalformedXML", "InvalidArgument",
    ]  # fmt: skip
    s3.put_object(**mine, Key="a", Body=b"hello", Tagging="a=1&b=2")
    s3.list_object_versions(**mine, KeyMarker="a", VersionIdMarker="null")
    tag = s3.upload_part_copy(**part, CopySourceRange="bytes=0-4")["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    assert s3.get_object(**mine, Key="m")["Body"].read() == b"hello"


def test_queues_and_messages_are_held(clients):
    """Attributes there are, dead-letter queues of the same kind, bodies, attributes of messages, batches."""
    sqs = clients("sqs")
    url, fifo = (
        sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"]
        for name, given in (("q", {}), ("f.fifo", {"FifoQueue": "true"}))
    )

    def redrive(name, most=3):
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        return {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": most})}

    def sent(**attribute):
        return {"QueueUrl": url, "MessageBody": "a", "MessageAttributes": {"a": attribute}}

    number = {"DataType": "Number", "StringValue": "1"}
    wrong = [
        ("create_queue", {"QueueName": "x.fifo"}), ("create_queue", {"QueueName": "x", "Attributes": {"No": "1"}}),
        *(("set_queue_attributes", {"QueueUrl": url, "Attributes": each}) for each in (
            {"FifoQueue": "true"}, redrive("none"), redrive("q", 1001), redrive("f.fifo"), {"RedrivePolicy": "{"})),
        ("send_message", {"QueueUrl": url, "MessageBody": ""}),
        ("send_message", {"QueueUrl": url, "MessageBody": "a", "MessageDeduplicationId": "1"}),
        ("send_message", sent(DataType="Number", StringValue="x")),
        ("send_message", sent(DataType="String", StringValue="")),
        ("send_message", {**sent(), "MessageAttributes": {f"a{n}": number for n in range(11)}}),
        ("send_message", {**sent(), "MessageAttributes": {"AWS.x": number}}),
        ("change_message_visibility_batch", {"QueueUrl": url, "Entries": []}),
        ("list_queues", {"MaxResults": 1001}),
    ]  # fmt: skip
    value = "InvalidParameterValue"
    assert codes(sqs, wrong) == [
        value, "InvalidAttributeName", "InvalidAttributeName", value, value, value, value, "MissingParameter", value,
        value, value, value, value, "AWS.SimpleQueueService.EmptyBatchRequest", value,
    ]  # fmt: skip
    assert sqs.get_queue_attributes(QueueUrl=fifo, AttributeNames=["RedrivePolicy"]).get("Attributes") is None
    sqs.create_queue(QueueName="dead")
    sqs.set_queue_attributes(QueueUrl=url, Attributes=redrive("dead", 1000))
    sqs.send_message(**sent(DataType="Number.int", StringValue="-1.5"))


def test_topics_and_subscriptions_are_held(clients):
    """Attributes there are, endpoints of their protocol, switches, dead-letter queues, batches."""
    sns = clients("sns")
    topic = {"TopicArn": sns.create_topic(Name="t", Attributes={"DisplayName": "d"})["TopicArn"]}
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    clients("sqs").create_queue(QueueName="q")
    made = sns.subscribe(**topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]

    def attribute(name, value):
        return {"SubscriptionArn": made, "AttributeName": name, "AttributeValue": value}

    wrong = [
        ("create_topic", {"Name": "t", "Attributes": {"DisplayName": "other"}}),
        ("create_topic", {"Name": "t", "Tags": [{"Key": "a", "Value": "b"}]}),
        ("set_topic_attributes", {**topic, "AttributeName": "No", "AttributeValue": "x"}),
        ("publish", {"Message": "a"}),
        *(("subscribe", {**topic, "Protocol": kind, "Endpoint": "none"}) for kind in ("email", "https", "lambda")),
        ("set_subscription_attributes", attribute("RawMessageDelivery", "maybe")),
        ("set_subscription_attributes", attribute("RedrivePolicy", '{"deadLetterTargetArn": "x"}')),
        ("unsubscribe", {"SubscriptionArn": "none"}),
    ]
    assert set(codes(sns, wrong)) == {"InvalidParameter"}
    assert code(sns.publish_batch, **topic, PublishBatchRequestEntries=[]) == "EmptyBatchRequest"
    sns.create_topic(Name="t", Attributes={"DisplayName": "d"})
    sns.set_subscription_attributes(**attribute("RedrivePolicy", json.dumps({"deadLetterTargetArn": arn})))
    sns.set_subscription_attributes(**attribute("RawMessageDelivery", "true"))
