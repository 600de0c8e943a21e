"""What moto gets wrong about buckets, instances and plans, and the twin's store does not."""

import json

import pytest
from botocore.exceptions import ClientError

TRAIL = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:aws:s3:::logs/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def log_into(clients, resource):
    """Send a bucket's access logs to a bucket whose policy allows deliveries to `resource`."""
    s3 = clients("s3")
    for name in ("logs", "source"):
        s3.create_bucket(Bucket=name)
    policy = {"Version": "2012-10-17", "Statement": [TLS_ONLY, {**TRAIL, "Resource": resource}]}
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps(policy))
    target = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "s3/source/"}}
    s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=target)
    return s3.get_bucket_logging(Bucket="source")["LoggingEnabled"]["TargetBucket"]


def test_logs_are_delivered_where_the_policy_allows_them(clients):
    """A statement for everybody beside it is no matter, and a folder above the prefix covers it."""
    assert log_into(clients, "arn:aws:s3:::logs/s3/*") == "logs"


def test_logs_are_not_delivered_where_the_policy_allows_another_folder(clients):
    """S3 refuses the target."""
    with pytest.raises(ClientError, match="InvalidTargetBucketForLogging"):
        log_into(clients, "arn:aws:s3:::logs/other/*")


def launch(clients, image):
    """Start one instance by an Auto Scaling group with a launch template."""
    ec2, scaling = clients("ec2"), clients("autoscaling")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    data = {"ImageId": image, "InstanceType": "t3.micro"}
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)["LaunchTemplate"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"]},
    )
    return ec2.describe_instances()["Reservations"][0]["Instances"][0]


def test_an_image_named_by_a_parameter_is_looked_up_at_launch(clients):
    """The instance has the image that the parameter holds."""
    parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    wanted = clients("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    assert launch(clients, f"resolve:ssm:{parameter}")["ImageId"] == wanted


def test_an_image_named_by_a_parameter_that_is_not_there_is_refused(clients):
    """Nothing is launched."""
    with pytest.raises(ClientError, match="valid fully-formed launch template"):
        launch(clients, "resolve:ssm:/nobody/knows")


def test_the_interface_of_a_terminated_instance_is_gone(clients):
    """So that its security group can be deleted."""
    parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    instance = launch(clients, f"resolve:ssm:{parameter}")
    ec2 = clients("ec2")

    def interfaces():
        return {item["NetworkInterfaceId"] for item in ec2.describe_network_interfaces()["NetworkInterfaces"]}

    (own,) = interfaces()
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    assert own not in interfaces()  # the group starts another instance soon


def test_the_name_of_a_deleted_backup_plan_is_free(clients):
    """A plan can be made, deleted and made again, but not twice at once."""
    backup = clients("backup")
    backup.create_backup_vault(BackupVaultName="main")
    plan = {"BackupPlanName": "daily", "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "main"}]}
    first = backup.create_backup_plan(BackupPlan=plan)["BackupPlanId"]
    with pytest.raises(ClientError, match="AlreadyExists"):
        backup.create_backup_plan(BackupPlan=plan)
    backup.delete_backup_plan(BackupPlanId=first)
    assert backup.create_backup_plan(BackupPlan=plan)["BackupPlanId"] != first


def test_a_queue_keeps_its_policy_when_something_else_is_set(clients):
    """Until the policy itself is set, or taken away by an empty text."""
    sqs, policy = clients("sqs"), json.dumps({"Version": "2012-10-17", "Statement": [TRAIL]})
    url = sqs.create_queue(QueueName="q", Attributes={"Policy": policy})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "9"})
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "DelaySeconds"])["Attributes"]
    assert (json.loads(told["Policy"]), told["DelaySeconds"]) == (json.loads(policy), "9")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
