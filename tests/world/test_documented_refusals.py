"""What the vendor's API reference says is refused, beside the request in order; grouped so that few worlds are made."""

import json
from datetime import timedelta

import pytest
from moto.dynamodb.models.table import Table
from people import ACCOUNT, OTHER, document, role, trust
from refused import refusal

QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"


def code(call, **parameters):
    """Return only the code with which a call is refused."""
    return refusal(call, **parameters)[0]


def test_fifo_queue_knows_what_it_was_sent_for_five_minutes(clients, clock):
    """A repeated message has the first one's id and is not delivered, received and deleted or not; later it is."""
    sqs = clients("sqs")
    made = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    to = {"QueueUrl": sqs.create_queue(QueueName="q.fifo", Attributes=made)["QueueUrl"]}
    sent = sqs.send_message(**to, MessageBody="a", MessageGroupId="g")["MessageId"]
    assert sqs.send_message(**to, MessageBody="a", MessageGroupId="g")["MessageId"] == sent
    (held,) = sqs.receive_message(**to, MaxNumberOfMessages=10)["Messages"]
    sqs.delete_message(**to, ReceiptHandle=held["ReceiptHandle"])
    clock.advance(299)
    assert sqs.send_message(**to, MessageBody="a", MessageGroupId="g")["MessageId"] == sent
    assert "Messages" not in sqs.receive_message(**to)
    clock.advance(1)
    assert sqs.send_message(**to, MessageBody="a", MessageGroupId="g")["MessageId"] != sent
    assert sqs.receive_message(**to)["Messages"]


def test_queue_shows_a_message_at_once_when_it_is_given_back_and_takes_attributes_within_bounds(clients):
    """The clock stands still between giving back and receiving."""
    sqs = clients("sqs")
    to = {"QueueUrl": sqs.create_queue(QueueName="q")["QueueUrl"]}
    sqs.send_message(**to, MessageBody="a")
    held = sqs.receive_message(**to)["Messages"][0]["ReceiptHandle"]
    assert "Messages" not in sqs.receive_message(**to)
    sqs.change_message_visibility(**to, ReceiptHandle=held, VisibilityTimeout=0)
    assert sqs.receive_message(**to)["Messages"]
    assert code(sqs.send_message, **to, MessageBody="\x01") == "InvalidMessageContents"
    for wrong in ({"VisibilityTimeout": "43201"}, {"MessageRetentionPeriod": "59"}, {"Policy": "{"}):
        assert code(sqs.set_queue_attributes, **to, Attributes=wrong) == "InvalidAttributeValue"
    sqs.set_queue_attributes(**to, Attributes={"VisibilityTimeout": "43200"})


def test_topic_takes_messages_that_say_something_to_protocols_there_are(clients):
    """Each wrong form is InvalidParameter; small letters match whatever their size."""
    sns, sqs = clients("sns"), clients("sqs")
    topic = {"TopicArn": sns.create_topic(Name="t")["TopicArn"]}
    wrong = [{"Message": ""}, {"Message": "{}", "MessageStructure": "json"}]
    wrong += [{"Message": "a", "Subject": each} for each in ("a\nb", "a\x85b", "a" * 101)]
    assert {code(sns.publish, **topic, **each) for each in wrong} == {"InvalidParameter"}
    assert sns.publish(**topic, Message="a", Subject=" Größe überschritten")["MessageId"]
    assert code(sns.subscribe, **topic, Protocol="bogus", Endpoint="x") == "InvalidParameter"
    policy = {"AttributeName": "Policy", "AttributeValue": "{"}
    assert code(sns.set_topic_attributes, **topic, **policy) == "InvalidParameter"
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    lets = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(lets)})
    wanted = {"FilterPolicy": json.dumps({"kind": [{"equals-ignore-case": "ABC"}]})}
    sns.subscribe(**topic, Protocol="sqs", Endpoint=QUEUE, Attributes=wanted)
    for word in ("aBc", "other"):
        attributes = {"kind": {"DataType": "String", "StringValue": word}}
        sns.publish(**topic, Message=word, MessageAttributes=attributes)
    heard = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(each["Body"])["Message"] for each in heard] == ["aBc"]


def test_batch_of_records_is_tried_as_a_whole(clients):
    """Conflicts, values and routing are looked at before anything is changed."""
    dns = clients("route53")
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    check = dns.create_health_check

    def change(*changes):
        batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
        return {"HostedZoneId": zone, "ChangeBatch": {"Changes": batch}}

    def record(name, value="1.2.3.4", kind="A", **more):
        return {"Name": f"{name}.example.com", "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]} | more

    put, weighted = dns.change_resource_record_sets, {"SetIdentifier": "1", "Weight": 1}
    put(**change(("CREATE", record("a")), ("CREATE", record("w", **weighted))))
    wrong = [
        ("CREATE", record("a", "4.3.2.1")), ("CREATE", record("a", "b.com", "CNAME")), ("DELETE", record("b")),
        ("DELETE", record("a", "4.3.2.1")), ("CREATE", record("w")), ("CREATE", record("t", "bare", "TXT")),
        ("CREATE", record("w", SetIdentifier="2", Failover="PRIMARY")), ("CREATE", record("m", "mail.com", "MX")),
        ("CREATE", record("a") | {"Name": "a.other.com"}),
    ]  # fmt: skip
    assert [code(put, **change(("CREATE", record("n")), each)) for each in wrong] == ["InvalidChangeBatch"] * 9
    assert code(put, **change(("CREATE", record("s", SetIdentifier="1")))) == "InvalidInput"
    assert code(put, **change(("CREATE", record("s", SetIdentifier="1", Weight=256)))) == "InvalidInput"
    assert code(put, **change(("UPSERT", record("w", **weighted, HealthCheckId="no")))) == "NoSuchHealthCheck"
    names = {each["Name"] for each in dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]}
    assert names == {"example.com.", "a.example.com.", "w.example.com."}
    put(**change(("DELETE", record("a")), ("CREATE", record("a", "b.com", "CNAME"))))
    assert code(dns.create_hosted_zone, Name="other.com", CallerReference="1") == "HostedZoneAlreadyExists"
    assert code(check, CallerReference="1", HealthCheckConfig={"Type": "HTTP", "Port": 80}) == "InvalidInput"


def test_instances_groups_and_volumes_are_as_ec2_wants_them(clients):
    """Ids, names, zones, sizes, attachments, quotas; each beside one that passes."""
    ec2 = clients("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launch = {"ImageId": image, "InstanceType": "t3.micro", "MaxCount": 1}
    assert code(ec2.describe_instances, InstanceIds=["junk"]) == "InvalidInstanceID.Malformed"
    assert code(ec2.describe_security_groups, GroupIds=["pg-0123456789abcdef0"]) == "InvalidGroupId.Malformed"
    assert code(ec2.describe_placement_groups, GroupIds=["pg-0123456789abcdef0"]) != "InvalidGroupId.Malformed"
    assert code(ec2.run_instances, **launch, MinCount=2) == "InvalidParameterCombination"
    profile = {"IamInstanceProfile": {"Name": "none"}}
    assert code(ec2.run_instances, **launch, MinCount=1, **profile) == "InvalidParameterValue"
    (instance,) = ec2.run_instances(**launch, MinCount=1)["Instances"]
    kind = {"InstanceId": instance["InstanceId"], "InstanceType": {"Value": "t3.small"}}
    assert code(ec2.modify_instance_attribute, **kind) == "IncorrectInstanceState"
    assert code(ec2.create_security_group, GroupName="sg-x", Description="d") == "InvalidParameterValue"
    (group,) = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    assert code(ec2.delete_security_group, GroupId=group["GroupId"]) == "CannotDelete"
    zone = instance["Placement"]["AvailabilityZone"]
    far, near = ("us-east-1f" if zone != "us-east-1f" else "us-east-1e"), zone
    made = ec2.create_volume
    assert code(made, AvailabilityZone="us-east-1z", Size=1) == "InvalidZone.NotFound"
    assert code(made, AvailabilityZone=near, Size=16_385, VolumeType="gp2") == "InvalidParameterValue"
    elsewhere, here = (made(AvailabilityZone=each, Size=1)["VolumeId"] for each in (far, near))
    to = {"InstanceId": instance["InstanceId"], "Device": "/dev/sdf"}
    assert code(ec2.attach_volume, VolumeId=elsewhere, **to) == "InvalidVolume.ZoneMismatch"
    ec2.attach_volume(VolumeId=here, **to)
    assert code(ec2.attach_volume, VolumeId=here, **to) == "VolumeInUse"
    ec2.create_image(InstanceId=instance["InstanceId"], Name="base")
    assert code(ec2.create_image, InstanceId=instance["InstanceId"], Name="base") == "InvalidAMIName.Duplicate"
    for _ in range(5):
        ec2.allocate_address()
    assert code(ec2.allocate_address) == "AddressLimitExceeded"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"MasterUserPassword": "short"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "with/slash"}, "InvalidParameterValue"),
        ({"MasterUsername": "admin"}, "InvalidParameterValue"),
        ({"DBInstanceIdentifier": "1x"}, "InvalidParameterValue"),
        ({"AllocatedStorage": 19}, "InvalidParameterValue"),
        ({"BackupRetentionPeriod": 36}, "InvalidParameterValue"),
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
        ({"DBParameterGroupName": "none"}, "DBParameterGroupNotFound"),
        ({"MultiAZ": True, "AvailabilityZone": "us-east-1a"}, "InvalidParameterCombination"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_database_is_not_made_of_wrong_parameters(clients, wrong, expected):
    """It is not there afterwards."""
    rds = clients("rds")
    sound = {
        "DBInstanceIdentifier": "db", "DBInstanceClass": "db.t3.medium", "Engine": "postgres", "AllocatedStorage": 20,
        "MasterUsername": "owner", "MasterUserPassword": "secret123",
    }  # fmt: skip
    assert code(rds.create_db_instance, **sound | wrong) == expected
    assert rds.describe_db_instances()["DBInstances"] == []


def test_metrics_logs_parameters_and_tables_are_held(clients, clock):
    """Namespaces, times, windows, terms, sizes, patterns, keys, points in time."""
    metrics, logs, ssm, tables = clients("cloudwatch"), clients("logs"), clients("ssm"), clients("dynamodb")
    datum = {"MetricName": "m", "Value": 1.0}
    put = metrics.put_metric_data
    assert code(put, Namespace="AWS/X", MetricData=[datum]) == "InvalidParameterValue"
    old = datum | {"Timestamp": clock.now() - timedelta(days=15)}
    assert code(put, Namespace="X", MetricData=[old]) == "InvalidParameterValue"
    assert code(put, Namespace="X", MetricData=[{"MetricName": "m"}]) == "MissingParameter"
    alarm = {
        "AlarmName": "a", "Namespace": "X", "MetricName": "m", "Statistic": "Sum", "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold", "Period": 86_400,
    }  # fmt: skip
    assert code(metrics.put_metric_alarm, **alarm, EvaluationPeriods=8) == "ValidationError"
    metrics.put_metric_alarm(**alarm, EvaluationPeriods=7)
    logs.create_log_group(logGroupName="g")
    assert code(logs.put_retention_policy, logGroupName="g", retentionInDays=2) == "InvalidParameterException"
    absent = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    assert code(logs.associate_kms_key, logGroupName="g", kmsKeyId=absent) == "InvalidParameterException"
    keep = {"Name": "/p", "Type": "String"}
    assert code(ssm.put_parameter, **keep, Value="x" * 4097) == "ValidationException"
    pattern = {"Value": "abc", "AllowedPattern": r"^\d+$"}
    assert code(ssm.put_parameter, **keep, **pattern) == "ParameterPatternMismatchException"
    key = clients("kms").create_key()["KeyMetadata"]["KeyId"]
    ssm.put_parameter(Name="/k", Type="SecureString", Value="x", KeyId=key)
    clients("kms").disable_key(KeyId=key)
    assert code(ssm.get_parameter, Name="/k", WithDecryption=True) == "InvalidKeyId"
    assert ssm.get_parameter(Name="/k")
    schema = {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    tables.create_table(TableName="src", AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}], **schema)
    back = {"SourceTableName": "src", "TargetTableName": "dst"}
    restore = tables.restore_table_to_point_in_time
    assert code(restore, **back, UseLatestRestorableTime=True) == "PointInTimeRecoveryUnavailableException"
    kept = {"PointInTimeRecoveryEnabled": True}
    tables.update_continuous_backups(TableName="src", PointInTimeRecoverySpecification=kept)
    assert code(restore, **back, RestoreDateTime=clock.now()) == "TwinUnsupportedOperation"
    assert restore(**back, UseLatestRestorableTime=True)


def test_functions_policies_trails_detectors_and_certificates_are_held(clients):
    """One of each is refused with its service's code, and made when it is in order."""
    functions, arn = clients("lambda"), role(clients, "fn", trust({"Service": "lambda.amazonaws.com"}))
    sound = {"FunctionName": "f", "Runtime": "python3.12", "Role": arn, "Handler": "a.h", "Code": {"ZipFile": b"PK"}}
    make = functions.create_function
    assert code(make, **sound | {"Runtime": "python2.1"}) == "InvalidParameterValueException"
    assert code(make, **sound | {"Timeout": 901}) == "ValidationException"
    make(**sound)
    lets = {
        "FunctionName": "f",
        "StatementId": "s",
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
    }
    functions.add_permission(**lets)
    assert code(functions.add_permission, **lets) == "ResourceConflictException"
    assert code(functions.invoke, FunctionName="f") == "TwinUnsupportedOperation"
    assert functions.invoke(FunctionName="f", InvocationType="Event")["StatusCode"] == 202
    assert code(functions.invoke, FunctionName="none", InvocationType="Event") == "ResourceNotFoundException"
    org = clients("organizations")
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    full = {"PolicyId": "p-FullAWSAccess", "TargetId": root}
    assert code(org.attach_policy, **full) == "DuplicatePolicyAttachmentException"
    assert code(org.detach_policy, **full) == "ConstraintViolationException"
    invited = org.invite_account_to_organization(Target={"Id": OTHER, "Type": "ACCOUNT"})["Handshake"]["Id"]
    member = clients("organizations", account=OTHER)
    member.accept_handshake(HandshakeId=invited)
    assert code(member.list_accounts) == "AccessDeniedException"
    assert len(org.list_accounts()["Accounts"]) == 2
    unit = org.create_organizational_unit(ParentId=root, Name="work")["OrganizationalUnit"]["Id"]
    org.move_account(AccountId=OTHER, SourceParentId=root, DestinationParentId=unit)
    delete = org.delete_organizational_unit
    assert code(delete, OrganizationalUnitId=unit) == "OrganizationalUnitNotEmptyException"
    org.move_account(AccountId=OTHER, SourceParentId=unit, DestinationParentId=root)
    delete(OrganizationalUnitId=unit)
    assert code(clients("cloudtrail").create_trail, Name="t", S3BucketName="x") == "InvalidTrailNameException"
    guard = clients("guardduty")
    guard.create_detector(Enable=True)
    assert code(guard.create_detector, Enable=True) == "BadRequestException"
    assert code(clients("acm").request_certificate, DomainName="bad domain") == "ValidationException"
    rule = {"ConfigRuleName": "r", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}}
    assert code(clients("config").put_config_rule, ConfigRule=rule) == "NoAvailableConfigurationRecorderException"


def test_item_whose_time_to_live_is_over_goes_after_days(clients, clock):
    """It is read until it is deleted; an item without a time, or with a text, stays."""
    tables = clients("dynamodb")
    schema = {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    tables.create_table(TableName="tab", AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}], **schema)
    tables.update_time_to_live(TableName="tab", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    end = str(int(clock.now().timestamp()) + 60)
    for name, until in (("over", {"N": end}), ("text", {"S": end}), ("none", None)):
        tables.put_item(TableName="tab", Item={"p": {"S": name}} | ({"until": until} if until else {}))
    clock.advance(3600)
    assert tables.scan(TableName="tab")["Count"] == 3
    clock.advance(2 * 86_400)
    assert sorted(each["p"]["S"] for each in tables.scan(TableName="tab")["Items"]) == ["none", "text"]


def test_nobody_goes_through_a_table_in_which_nothing_is_over(clients, clock, monkeypatch):
    """A call looks at the items only when the earliest of them may be due, however it was written or put off."""
    tables = clients("dynamodb")
    schema = {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    tables.create_table(TableName="tab", AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}], **schema)
    tables.update_time_to_live(TableName="tab", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    looks, now = [], int(clock.now().timestamp())
    by_moto = Table.all_items
    monkeypatch.setattr(Table, "all_items", lambda table: looks.append(1) or by_moto(table))
    keys = [{"p": {"S": name}} for name in ("first", "second", "third")]
    for place, key in enumerate(keys):
        tables.put_item(TableName="tab", Item={**key, "until": {"N": str(now + 86_400 * 10 * (place + 1))}})
    for key in keys * 5:
        tables.get_item(TableName="tab", Key=key)
    assert len(looks) == 1
    put_off = {"UpdateExpression": "SET #u = :u", "ExpressionAttributeNames": {"#u": "until"}}
    tables.update_item(
        TableName="tab", Key=keys[2], **put_off, ExpressionAttributeValues={":u": {"N": str(now + 86_400)}}
    )
    clock.advance(3 * 86_400 + 1)
    assert "Item" not in tables.get_item(TableName="tab", Key=keys[2])
    assert "Item" in tables.get_item(TableName="tab", Key=keys[0])
    assert len(looks) == 2
    clock.advance(30 * 86_400)
    assert "Item" not in tables.get_item(TableName="tab", Key=keys[1])
    assert len(looks) == 3


def test_endpoints_lead_to_services_that_there_are(clients):
    """In the Region that is meant, or offered by a customer; a name that is none is refused."""
    ec2 = clients("ec2")
    made = {"VpcId": ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"], "VpcEndpointType": "Interface"}
    create = ec2.create_vpc_endpoint
    for wrong in ("com.amazonaws.us-east-1.nothing", "com.amazonaws.eu-west-1.sqs", "sqs"):
        assert code(create, **made, ServiceName=wrong) == "InvalidServiceName"
    assert code(create, **made, ServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0") == "InvalidServiceName"
    for right in ("sqs", "ecr.dkr", "ssmmessages", "kms-fips", "monitoring"):
        assert create(**made, ServiceName=f"com.amazonaws.us-east-1.{right}")["VpcEndpoint"]["VpcEndpointId"]


def test_addresses_that_aws_keeps_are_given_to_nobody(clients):
    """The first four and the last of a subnet, those outside it and those in use; the first free one is given."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = {"SubnetId": ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]}
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launch = {"ImageId": image, "MinCount": 1, "MaxCount": 1}
    for address in ("10.0.0.0", "10.0.0.3", "10.0.0.255", "10.0.1.4"):
        wrong = {**subnet, "PrivateIpAddress": address}
        assert code(ec2.run_instances, **launch, **wrong) == "InvalidParameterValue"
        interfaces = [{"DeviceIndex": 0, **wrong}]
        assert code(ec2.run_instances, **launch, NetworkInterfaces=interfaces) == "InvalidParameterValue"
        assert code(ec2.create_network_interface, **wrong) == "InvalidParameterValue"
    given = {**subnet, "PrivateIpAddress": "10.0.0.4"}
    assert ec2.run_instances(**launch, **given)["Instances"][0]["PrivateIpAddress"] == "10.0.0.4"
    assert code(ec2.run_instances, **launch, **given) == "InvalidIPAddress.InUse"


def test_launch_starts_as_many_instances_as_have_room(clients):
    """The most that are asked for, or what the subnet has addresses for; less than the least is refused."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/28")["Subnet"]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launch = {"ImageId": image, "InstanceType": "t3.micro", "SubnetId": subnet}
    assert len(ec2.run_instances(**launch, MinCount=1, MaxCount=8)["Instances"]) == 8
    assert len(ec2.run_instances(**launch, MinCount=1, MaxCount=8)["Instances"]) == 3
    assert code(ec2.run_instances, **launch, MinCount=1, MaxCount=8) == "InsufficientFreeAddressesInSubnet"


def test_rules_and_tags_that_are_asked_for(clients):
    """A rule that is none is told, in an account without rules too; an immutable tag keeps its image."""
    named = {"ConfigRuleNames": ["none"]}
    assert code(clients("config").describe_config_rules, **named) == "NoSuchConfigRuleException"
    ecr, kind = clients("ecr"), "application/vnd.docker.distribution.manifest.v2+json"
    filters = [{"filterType": "WILDCARD", "filter": "dev*"}]
    for name, mutability in (("fixed", "IMMUTABLE"), ("free", "MUTABLE"), ("both", "IMMUTABLE_WITH_EXCLUSION")):
        more = {"imageTagMutabilityExclusionFilters": filters} if name == "both" else {}
        ecr.create_repository(repositoryName=name, imageTagMutability=mutability, **more)

    def put(name, tag, body):
        manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "layers": [], "config": {"digest": body}})
        return {"repositoryName": name, "imageTag": tag, "imageManifest": manifest}

    for name, tag in (("fixed", "v1"), ("free", "v1"), ("both", "v1"), ("both", "dev1")):
        ecr.put_image(**put(name, tag, "a"))
    for name in ("fixed", "both"):
        assert code(ecr.put_image, **put(name, "v1", "b")) == "ImageTagAlreadyExistsException"
    assert code(ecr.put_image, **put("fixed", "v1", "a")) == "ImageAlreadyExistsException"
    ecr.put_image(**put("free", "v1", "b"))
    ecr.put_image(**put("both", "dev1", "b"))
