"""The operations that moto lacks answer in the world as AWS does, errors too."""

import json

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"


def code(call, **params):
    """The error code of a call that has to fail."""
    with pytest.raises(ClientError) as refused:
        call(**params)
    return refused.value.response["Error"]["Code"]


def test_selections_of_a_plan(clients):
    """A selection is made, told, listed and deleted; then it is not there, nor is one of an unknown plan."""
    backup = clients("backup")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "main"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "org", "Rules": [rule]})["BackupPlanId"]
    chosen = {"SelectionName": "all", "IamRoleArn": "arn:aws:iam::123456789012:role/backup", "Resources": ["*"]}
    id_ = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=chosen)["SelectionId"]
    named = {"BackupPlanId": plan, "SelectionId": id_}
    assert backup.get_backup_selection(**named)["BackupSelection"] == chosen
    assert [s["SelectionId"] for s in backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]] == [id_]
    backup.delete_backup_selection(**named)
    assert backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"] == []
    assert code(backup.get_backup_selection, **named) == "ResourceNotFoundException"
    assert code(backup.list_backup_selections, BackupPlanId="nothing") == "ResourceNotFoundException"


def test_plan_gets_a_new_version(clients):
    """An update replaces the rules and keeps the plan's id; a deleted plan takes none."""
    backup = clients("backup")

    def document(name):
        return {"BackupPlanName": "org", "Rules": [{"RuleName": name, "TargetBackupVaultName": "main"}]}

    made = backup.create_backup_plan(BackupPlan=document("daily"))
    changed = backup.update_backup_plan(BackupPlanId=made["BackupPlanId"], BackupPlan=document("weekly"))
    assert changed["BackupPlanArn"] == made["BackupPlanArn"]
    assert changed["VersionId"] != made["VersionId"]
    told = backup.get_backup_plan(BackupPlanId=made["BackupPlanId"])
    assert [rule["RuleName"] for rule in told["BackupPlan"]["Rules"]] == ["weekly"]
    backup.delete_backup_plan(BackupPlanId=made["BackupPlanId"])
    refused = code(backup.update_backup_plan, BackupPlanId=made["BackupPlanId"], BackupPlan=document("daily"))
    assert refused == "ResourceNotFoundException"


def test_budget_changes_and_tells_its_subscribers(clients):
    """An update keeps the notifications, whose subscribers can be listed; those of another notification cannot."""
    budgets = clients("budgets")
    limit = {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    notification = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    told = [{"SubscriptionType": "EMAIL", "Address": "ops@example.com"}]
    budgets.create_budget(
        AccountId=ACCOUNT,
        Budget={**limit, "BudgetLimit": {"Amount": "10", "Unit": "USD"}},
        NotificationsWithSubscribers=[{"Notification": notification, "Subscribers": told}],
    )
    budgets.update_budget(AccountId=ACCOUNT, NewBudget={**limit, "BudgetLimit": {"Amount": "20", "Unit": "USD"}})
    [budget] = budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert budget["BudgetLimit"]["Amount"] == "20"
    listed = budgets.describe_subscribers_for_notification
    assert listed(AccountId=ACCOUNT, BudgetName="b", Notification=notification)["Subscribers"] == told
    other = {**notification, "Threshold": 90.0}
    assert code(listed, AccountId=ACCOUNT, BudgetName="b", Notification=other) == "NotFoundException"
    assert code(listed, AccountId=ACCOUNT, BudgetName="c", Notification=notification) == "NotFoundException"


def test_cluster_rises_one_version_at_a_time(clients):
    """EKS raises a cluster by one minor version, not by two and not down."""
    eks = clients("eks")
    network = {"subnetIds": ["subnet-1", "subnet-2"]}
    trust = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = clients("iam").create_role(RoleName="eks", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    network["subnetIds"] = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for i, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    eks.create_cluster(name="c", version="1.33", roleArn=role, resourcesVpcConfig=network)
    assert eks.update_cluster_version(name="c", version="1.34")["update"]["type"] == "VersionUpdate"
    assert eks.describe_cluster(name="c")["cluster"]["version"] == "1.34"
    assert code(eks.update_cluster_version, name="c", version="1.36") == "InvalidParameterException"
    assert code(eks.update_cluster_version, name="c", version="1.33") == "InvalidParameterException"


def test_tags_of_node_groups_detectors_and_pools(clients):
    """What moto cannot tag can be tagged, read and untagged; what is not there cannot."""
    pool = clients("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Arn"]
    id_ = clients("guardduty").create_detector(Enable=True)["DetectorId"]
    detector = f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/{id_}"
    for service, arn in (("cognito-idp", pool), ("guardduty", detector)):
        client = clients(service)
        client.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
        client.untag_resource(ResourceArn=arn, TagKeys=["a"])
        tags = client.list_tags_for_resource(ResourceArn=arn)
        assert (tags.get("Tags") or tags.get("tags")) == {"b": "2"}
    gone = pool.rpartition("/")[0] + "/us-east-1_nothing"
    tag = clients("cognito-idp").tag_resource
    assert code(tag, ResourceArn=gone, Tags={"a": "1"}) == "ResourceNotFoundException"


def test_resource_server_changes_and_goes(clients):
    """A resource server is renamed and deleted; deleted again it is not there."""
    cognito = clients("cognito-idp")
    named = {"UserPoolId": cognito.create_user_pool(PoolName="p")["UserPool"]["Id"], "Identifier": "api"}
    cognito.create_resource_server(**named, Name="old")
    assert cognito.update_resource_server(**named, Name="new")["ResourceServer"]["Name"] == "new"
    cognito.delete_resource_server(**named)
    assert code(cognito.delete_resource_server, **named) == "ResourceNotFoundException"


def test_log_group_takes_and_loses_a_key(clients):
    """A key is put on a group and taken off it; a group that is not there takes none."""
    logs, key = clients("logs"), clients("kms").create_key()["KeyMetadata"]["Arn"]
    logs.create_log_group(logGroupName="/app")
    logs.associate_kms_key(logGroupName="/app", kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    logs.disassociate_kms_key(logGroupName="/app")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    assert code(logs.associate_kms_key, logGroupName="/none", kmsKeyId=key) == "ResourceNotFoundException"


def test_subnet_group_outlives_its_modification(clients):
    """A modified DB subnet group is still there, with its new subnets."""
    ec2, rds = clients("ec2"), clients("rds")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{z}")["Subnet"]["SubnetId"]
        for i, z in enumerate("abc")
    ]
    rds.create_db_subnet_group(DBSubnetGroupName="db", DBSubnetGroupDescription="d", SubnetIds=subnets[:2])
    rds.modify_db_subnet_group(DBSubnetGroupName="db", SubnetIds=subnets)
    [group] = [g for g in rds.describe_db_subnet_groups()["DBSubnetGroups"] if g["DBSubnetGroupName"] == "db"]
    assert len(group["Subnets"]) == 3
    refused = code(rds.modify_db_subnet_group, DBSubnetGroupName="none", SubnetIds=subnets)
    assert refused == "DBSubnetGroupNotFoundFault"


@pytest.mark.parametrize(
    ("statement", "good"),
    [
        ({"Principal": {"Service": "logging.s3.amazonaws.com"}}, True),
        ({"Principal": {"Service": ["logging.s3.amazonaws.com", "a.amazonaws.com"]}, "Action": ["s3:Put*"]}, True),
        ({"Principal": {"Service": "a.amazonaws.com"}}, False),
        ({"Principal": "*", "Effect": "Deny"}, False),
        ({"Principal": {"Service": "logging.s3.amazonaws.com"}, "Resource": "arn:aws:s3:::acme-target/other/*"}, False),
    ],
)
def test_bucket_logs_go_where_the_log_service_is_let_in(clients, statement, good):
    """The target's policy is read as S3 reads one: principals and actions alone or in lists, "*" too."""
    s3 = clients("s3", s3={"addressing_style": "path"})
    for name in ("acme-source", "acme-target"):
        s3.create_bucket(Bucket=name)
    whole = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-target/*", **statement}
    tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::acme-target/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [tls, whole]}
    s3.put_bucket_policy(Bucket="acme-target", Policy=json.dumps(policy))
    enabled = {"LoggingEnabled": {"TargetBucket": "acme-target", "TargetPrefix": "logs/"}}
    asked = {"Bucket": "acme-source", "BucketLoggingStatus": enabled}
    if good:
        s3.put_bucket_logging(**asked)
        assert s3.get_bucket_logging(Bucket="acme-source")["LoggingEnabled"]["TargetBucket"] == "acme-target"
    else:
        assert code(s3.put_bucket_logging, **asked) == "InvalidTargetBucketForLogging"


def test_bucket_tells_who_pays(clients):
    """The owner pays until the requester shall; a payer that S3 does not know is refused, and so is no bucket."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    assert s3.get_bucket_request_payment(Bucket="lake")["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket="lake", RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket="lake")["Payer"] == "Requester"
    wrong = {"Bucket": "lake", "RequestPaymentConfiguration": {"Payer": "Nobody"}}
    assert code(s3.put_bucket_request_payment, **wrong) == "MalformedXML"
    assert code(s3.get_bucket_request_payment, Bucket="sea") == "NoSuchBucket"


def test_queue_tells_its_attributes_as_aws_writes_them(clients):
    """Terraform compares the policy's text with its own, which has no spaces; a queue without a policy tells none."""
    sqs = clients("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "5"})
    url = sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": policy})["QueueUrl"]

    def told(queue):
        return sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]

    assert told(url)["RedrivePolicy"] == f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":5}}'
    assert "RedrivePolicy" not in told(dead)
    assert told(dead)["CreatedTimestamp"] == "1772366400"


def test_queue_counts_what_can_be_received(clients, clock):
    """Delayed, taken and waiting messages are counted apart; each attribute alone is the same as among all."""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    for delay in (0, 0, 0, 30):
        sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=delay)
    clock.advance(seconds=1)
    assert len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2)["Messages"]) == 2

    def counted(names):
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return [int(told[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "Delayed", "NotVisible")]

    names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "Delayed", "NotVisible")]
    assert counted(["All"]) == counted(names) == [1, 1, 2]
    clock.advance(seconds=31)
    assert counted(names) == [4, 0, 0]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"] == {
        "DelaySeconds": "0"
    }
    assert code(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["Nonsense"]) == "InvalidAttributeName"


def test_receiving_does_not_wait_on_a_clock_that_stands(clients, clock):
    """An empty queue answers a long poll at once; a message that waits is received, one that is too old is not."""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName="orders", Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    sqs.send_message(QueueUrl=url, MessageBody="m")
    clock.advance(seconds=59)
    got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, VisibilityTimeout=0)["Messages"]
    assert [message["Body"] for message in got] == ["m"]
    clock.advance(seconds=2)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_log_group_takes_its_tags_along(clients):
    """Another group of the same name begins without those of the one that was deleted."""
    logs = clients("logs")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/a"
    logs.create_log_group(logGroupName="/a", tags={"team": "a"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "a"}
    logs.delete_log_group(logGroupName="/a")
    logs.create_log_group(logGroupName="/a")
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    assert code(logs.delete_log_group, logGroupName="/b") == "ResourceNotFoundException"
