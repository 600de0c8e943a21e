"""EC2, RDS, Auto Scaling, Route 53 and others refuse what names nothing, lacks something or is still in use."""

import pytest
from people import ACCOUNT
from refused import refusal

GONE = "0123456789abcdef0"
NOWHERE = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:none"
RECORD = {"Name": "a.x.example", "Type": "A"}
ALIAS = {"HostedZoneId": "Z0", "DNSName": "b.x.example", "EvaluateTargetHealth": False}


def record(**more):
    """Return the change that creates a record."""
    return {"Changes": [{"Action": "CREATE", "ResourceRecordSet": {**RECORD, **more}}]}


@pytest.mark.parametrize(
    ("service", "wrong"),
    [
        ("rds", [
            ("promote_read_replica", {"DBInstanceIdentifier": "none"}, "DBInstanceNotFound"),
            ("modify_db_cluster", {"DBClusterIdentifier": "none"}, "DBClusterNotFoundFault"),
            ("describe_db_parameter_groups", {"DBParameterGroupName": "none"}, "DBParameterGroupNotFound"),
            ("delete_db_proxy", {"DBProxyName": "none"}, "DBProxyNotFoundFault"),
            ("list_tags_for_resource", {"ResourceName": NOWHERE}, "DBInstanceNotFound"),
            ("describe_db_instances", {"MaxRecords": 19}, "InvalidParameterValue"),
            ("describe_db_instances", {"Marker": "none"}, "InvalidParameterValue"),
        ]),
        ("autoscaling", [
            ("create_or_update_tags", {"Tags": [{"ResourceId": "none", "Key": "a"}]}, "ValidationError"),
            ("execute_policy", {"PolicyName": "none"}, "ValidationError"),
            ("put_warm_pool", {"AutoScalingGroupName": "none"}, "ValidationError"),
            ("enable_metrics_collection", {"AutoScalingGroupName": "none", "Granularity": "1Minute"},
             "ValidationError"),
            ("delete_launch_configuration", {"LaunchConfigurationName": "none"}, "ValidationError"),
        ]),
        ("route53", [
            ("create_hosted_zone", {"Name": "a b", "CallerReference": "1"}, "InvalidDomainName"),
            ("list_tags_for_resource", {"ResourceType": "hostedzone", "ResourceId": "Z0"}, "NoSuchHostedZone"),
            ("list_tags_for_resource", {"ResourceType": "healthcheck", "ResourceId": "x"}, "NoSuchHealthCheck"),
        ]),
        ("cloudwatch", [
            ("put_metric_alarm", {"AlarmName": "a", "EvaluationPeriods": 1}, "ValidationError"),
            ("describe_alarm_history", {"NextToken": "none"}, "InvalidNextToken"),
        ]),
        ("cognito-idp", [
            ("list_resource_servers", {"UserPoolId": "us-east-1_none"}, "ResourceNotFoundException"),
        ]),
        ("ec2", [
            ("create_tags", {"Resources": [f"i-{GONE}"], "Tags": []}, "InvalidInstanceID.NotFound"),
            ("create_tags", {"Resources": [], "Tags": [{"Key": "aws:a"}]}, "InvalidParameterValue"),
            ("run_instances", {"MinCount": 1, "MaxCount": 1}, "MissingParameter"),
            ("run_instances", {"ImageId": f"ami-{GONE}", "MinCount": 1, "MaxCount": 1, "UserData": "x" * 16_385},
             "InvalidParameterValue"),
            ("create_volume", {"AvailabilityZone": "us-east-1a", "Size": 1, "VolumeType": "none"}, "UnknownVolumeType"),
            ("create_volume", {"AvailabilityZone": "us-east-1a", "Size": 1, "VolumeType": "gp3", "Iops": 100},
             "InvalidParameterValue"),
            ("create_launch_template_version", {"LaunchTemplateData": {}}, "MissingParameter"),
            ("delete_launch_template", {"LaunchTemplateName": "none"}, "InvalidLaunchTemplateName.NotFoundException"),
            ("create_nat_gateway", {"SubnetId": f"subnet-{GONE}"}, "MissingParameter"),
            ("create_security_group", {"GroupName": "g", "Description": "d", "VpcId": f"vpc-{GONE}"},
             "InvalidVpcID.NotFound"),
            ("describe_regions", {"RegionNames": ["mars-1"]}, "InvalidParameterValue"),
            ("describe_availability_zones", {"ZoneNames": ["us-east-1z"]}, "InvalidParameterValue"),
        ]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_names_of_nothing_are_refused(clients, service, wrong):
    """Each in the service's own code."""
    client = clients(service)
    found = [(operation, refusal(getattr(client, operation), **given)[0]) for operation, given, _ in wrong]
    assert found == [(operation, expected) for operation, _, expected in wrong]


def test_page_of_rds_is_as_large_as_its_operation_takes(clients):
    """Twenty to a hundred, a thousand for what can be ordered, any number where RDS states none."""
    rds = clients("rds")
    invalid = ("InvalidParameterValue", 400)
    for operation, wrong, right in (
        ("describe_orderable_db_instance_options", 1001, 1000), ("describe_db_parameter_groups", 101, 100),
        ("describe_db_snapshots", 19, 20),
    ):  # fmt: skip
        more = {"Engine": "postgres"} if "orderable" in operation else {}
        assert refusal(getattr(rds, operation), MaxRecords=wrong, **more) == invalid
        getattr(rds, operation)(MaxRecords=right, **more)
    rds.describe_db_instance_automated_backups(MaxRecords=1)


def test_subnet_with_an_instance_stays(clients):
    """Until the instance is gone; rules are of protocols that there are, groups of instances as well."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = {"SubnetId": ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]}
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (made,) = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, **subnet, UserData="x" * 16_384)["Instances"]
    instance = made["InstanceId"]
    assert refusal(ec2.delete_subnet, **subnet)[0] == "DependencyViolation"
    wrong = {"InstanceId": instance, "Groups": [f"sg-{GONE}"]}
    assert refusal(ec2.modify_instance_attribute, **wrong)[0] == "InvalidGroup.NotFound"
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    rule = {"FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    for given in ({}, {"IpPermissions": [{**rule, "IpProtocol": "none"}]}):
        code = refusal(ec2.authorize_security_group_ingress, GroupId=group, **given)[0]
        assert code == ("InvalidParameterValue" if given else "MissingParameter")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**rule, "IpProtocol": "tcp"}])
    ec2.create_tags(Resources=[instance, vpc], Tags=[{"Key": "a", "Value": "b"}])
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.delete_subnet(**subnet)


def test_record_has_values_or_an_alias(clients):
    """A plain one has both values and a time to live, an alias neither."""
    dns = clients("route53")
    zone = dns.create_hosted_zone(Name="x.example", CallerReference="1")["HostedZone"]["Id"]
    value = {"ResourceRecords": [{"Value": "1.2.3.4"}]}
    for wrong in (value, {"TTL": 60}, {"AliasTarget": ALIAS, "TTL": 60}):
        call = {"HostedZoneId": zone, "ChangeBatch": record(**wrong)}
        assert refusal(dns.change_resource_record_sets, **call)[0] == "InvalidInput"
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=record(**value, TTL=60))
