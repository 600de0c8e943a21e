"""What AWS refuses about networks, databases, clusters, functions and policies: each wrong one beside the right one."""

import io
import json
import zipfile

import pytest
from refused import refusal

ACCOUNT = "123456789012"
BAD_VALUE = ("InvalidParameterValue", 400)
BAD_CLUSTER = ("InvalidParameterException", 400)
NOBODY = f"arn:aws:iam::{ACCOUNT}:role/nobody"


@pytest.fixture
def ec2(clients):
    """EC2 of the world."""
    return clients("ec2")


@pytest.fixture
def network(ec2):
    """A VPC with a subnet in each of two zones."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    places = [{"CidrBlock": f"10.0.{n}.0/24", "AvailabilityZone": f"us-east-1{zone}"} for n, zone in enumerate("ab")]
    return vpc, [ec2.create_subnet(VpcId=vpc, **place)["Subnet"]["SubnetId"] for place in places]


def make_role(clients, name, service):
    """Make a role that trusts a service."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return clients("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


@pytest.mark.parametrize(
    ("protocol", "first", "last", "accepted"),
    [
        ("tcp", 99999, 99999, False),
        ("tcp", 0, 65536, False),
        ("udp", -1, 53, False),
        ("tcp", 443, 80, False),
        ("6", 70000, 70000, False),
        ("tcp", 0, 65535, True),
        ("udp", 53, 53, True),
        ("icmp", 8, -1, True),
        ("-1", -1, -1, True),
    ],
)
def test_ports_of_a_rule_are_ports(ec2, network, protocol, first, last, accepted):
    """Above 65535, below 0 or backwards is refused, inwards and outwards."""
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network[0])["GroupId"]
    rule = {"IpProtocol": protocol, "FromPort": first, "ToPort": last, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    for call in (ec2.authorize_security_group_ingress, ec2.authorize_security_group_egress):
        if accepted:
            assert call(GroupId=group, IpPermissions=[rule])
        else:
            assert refusal(call, GroupId=group, IpPermissions=[rule]) == BAD_VALUE


def test_both_ports_of_a_rule_are_given(ec2, network):
    """One without the other is refused."""
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network[0])["GroupId"]
    rule = {"IpProtocol": "tcp", "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    assert refusal(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule]) == BAD_VALUE


def bucket_policy(principal):
    """Return a policy that lets a principal read."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b-1/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_bucket_policy_names_principals_that_exist(clients):
    """A role or user of the account that is not there is refused, as is what is no principal at all."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="b-1")
    wrong = ({"AWS": NOBODY}, {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/nobody"]}, {"AWS": "alice"}, {"Service": "ec2"})
    for principal in wrong:
        assert refusal(s3.put_bucket_policy, Bucket="b-1", Policy=bucket_policy(principal)) == ("MalformedPolicy", 400)
    role = make_role(clients, "reader", "ec2.amazonaws.com")
    right = ({"AWS": role}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": ACCOUNT},
             {"Service": "cloudtrail.amazonaws.com"}, {"AWS": "arn:aws:iam::999999999999:role/elsewhere"},
             {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"})  # fmt: skip
    for principal in right:
        s3.put_bucket_policy(Bucket="b-1", Policy=bucket_policy(principal))


DATABASE = {"DBInstanceIdentifier": "db", "AllocatedStorage": 20, "MasterUsername": "u",
            "MasterUserPassword": "password1", "DBInstanceClass": "db.m6g.large"}  # fmt: skip


def test_database_has_an_engine_version_that_is_offered(clients):
    """An unknown engine and unknown versions are refused, at creation and at change; a major alone is taken."""
    rds = clients("rds")
    missing = ("InvalidParameterCombination", 400)
    assert refusal(rds.create_db_instance, Engine="postgres", EngineVersion="99.1", **DATABASE) == missing
    assert refusal(rds.create_db_instance, Engine="mysql", EngineVersion="17.6", **DATABASE) == missing
    assert refusal(rds.create_db_instance, Engine="postgrez", **DATABASE) == BAD_VALUE
    rds.create_db_instance(Engine="postgres", EngineVersion="17.6", **DATABASE)
    change = {"DBInstanceIdentifier": "db", "ApplyImmediately": True}
    assert refusal(rds.modify_db_instance, EngineVersion="17.99", **change) == missing
    rds.modify_db_instance(EngineVersion="17.7", **change)
    major = rds.create_db_instance(Engine="postgres", EngineVersion="17", **DATABASE | {"DBInstanceIdentifier": "db2"})
    assert major["DBInstance"]["EngineVersion"].startswith("17.")


@pytest.mark.parametrize(
    ("engine", "right", "wrong"),
    [
        ("mariadb", "11.4.5", "11.4.99"),
        ("mariadb", "10.11", "17.6"),
        ("sqlserver-se", "16.00.4140.3.v1", "16.00.1.1.v1"),
        ("mysql", "8.4.9", "8.4.99"),
    ],
)
def test_versions_of_every_engine_are_checked(clients, engine, right, wrong):
    """One that RDS offers is taken, one that it does not is refused; without any, one is chosen."""
    rds = clients("rds")
    missing = ("InvalidParameterCombination", 400)
    assert refusal(rds.create_db_instance, Engine=engine, EngineVersion=wrong, **DATABASE) == missing
    rds.create_db_instance(Engine=engine, EngineVersion=right, **DATABASE)
    chosen = rds.create_db_instance(Engine=engine, **DATABASE | {"DBInstanceIdentifier": "chosen"})["DBInstance"]
    assert chosen["EngineVersion"]


@pytest.mark.parametrize("engine", ["aurora-postgresql", "aurora-mysql"])
def test_versions_of_clusters_are_checked(clients, engine):
    """At creation and at change."""
    rds = clients("rds")
    right, wrong = {"aurora-postgresql": ("16.9", "16.99"), "aurora-mysql": ("8.0.mysql_aurora.3.10.0", "8.0.40")}[
        engine
    ]
    wanted = {"DBClusterIdentifier": "c", "Engine": engine, "MasterUsername": "u", "MasterUserPassword": "password1"}
    missing = ("InvalidParameterCombination", 400)
    assert refusal(rds.create_db_cluster, EngineVersion=wrong, **wanted) == missing
    rds.create_db_cluster(EngineVersion=right, **wanted)
    assert refusal(rds.modify_db_cluster, DBClusterIdentifier="c", EngineVersion=wrong) == missing


def test_database_has_security_groups_that_exist(clients, ec2, network):
    """A group that is not there is refused, at creation and at change; so is one of another VPC."""
    rds = clients("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="d", DBSubnetGroupDescription="d", SubnetIds=network[1])
    wanted = DATABASE | {"Engine": "postgres", "DBSubnetGroupName": "d"}
    bogus = ["sg-0123456789abcdef0"]
    assert refusal(rds.create_db_instance, VpcSecurityGroupIds=bogus, **wanted) == BAD_VALUE
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network[0])["GroupId"]
    elsewhere = DATABASE | {"Engine": "postgres", "VpcSecurityGroupIds": [group]}
    assert refusal(rds.create_db_instance, **elsewhere) == ("InvalidParameterCombination", 400)
    rds.create_db_instance(VpcSecurityGroupIds=[group], **wanted)
    assert refusal(rds.modify_db_instance, DBInstanceIdentifier="db", VpcSecurityGroupIds=bogus) == BAD_VALUE


def test_database_has_a_key_that_works(clients):
    """A key that is not there or is disabled is refused."""
    rds, kms = clients("rds"), clients("kms")
    wanted = DATABASE | {"Engine": "postgres", "StorageEncrypted": True}
    inaccessible = ("KMSKeyNotAccessibleFault", 400)
    assert refusal(rds.create_db_instance, KmsKeyId="00000000-0000-0000-0000-000000000000", **wanted) == inaccessible
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=key)
    assert refusal(rds.create_db_instance, KmsKeyId=key, **wanted) == inaccessible
    kms.enable_key(KeyId=key)
    rds.create_db_instance(KmsKeyId=key, **wanted)


def test_cluster_needs_what_it_names(clients, network):
    """Subnets, two zones, a role that trusts EKS and a version that is offered; node groups alike."""
    eks, (_, subnets) = clients("eks"), network
    role = make_role(clients, "eks", "eks.amazonaws.com")
    nodes = make_role(clients, "nodes", "ec2.amazonaws.com")

    def cluster(**changes):
        return {"name": "c", "version": "1.34", "roleArn": role, "resourcesVpcConfig": {"subnetIds": subnets}} | changes

    wrong = (
        {"resourcesVpcConfig": {"subnetIds": [subnets[0], "subnet-0123456789abcdef0"]}},
        {"resourcesVpcConfig": {"subnetIds": subnets[:1]}},
        {"resourcesVpcConfig": {"subnetIds": subnets, "securityGroupIds": ["sg-0123456789abcdef0"]}},
        {"roleArn": NOBODY},
        {"roleArn": nodes},
        {"version": "1.99"},
        {"version": "1.20"},
    )
    for change in wrong:
        assert refusal(eks.create_cluster, **cluster(**change)) == BAD_CLUSTER
    eks.create_cluster(**cluster())
    assert refusal(eks.update_cluster_version, name="c", version="1.99") == BAD_CLUSTER
    group = {"clusterName": "c", "nodegroupName": "n"}
    assert refusal(eks.create_nodegroup, nodeRole=role, subnets=subnets, **group) == BAD_CLUSTER
    assert refusal(eks.create_nodegroup, nodeRole=nodes, subnets=["subnet-0123456789abcdef0"], **group) == BAD_CLUSTER
    eks.create_nodegroup(nodeRole=nodes, subnets=subnets, **group)


def code_archive():
    """Return a zip file with a function's code."""
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): return event")
        return buffer.getvalue()


def make_function(clients, role):
    """Make a function."""
    return clients("lambda").create_function(
        FunctionName="f", Runtime="python3.12", Role=role, Handler="index.handler", Code={"ZipFile": code_archive()}
    )


def test_function_has_a_role_that_trusts_lambda(clients):
    """No role, or one that trusts another service, is refused at creation and at change."""
    bad = ("InvalidParameterValueException", 400)
    other = make_role(clients, "other", "ec2.amazonaws.com")
    for wrong in (NOBODY, other):
        assert refusal(make_function, clients, wrong) == bad
    make_function(clients, make_role(clients, "right", "lambda.amazonaws.com"))
    assert refusal(clients("lambda").update_function_configuration, FunctionName="f", Role=other) == bad


def test_protected_load_balancer_stays(clients, network):
    """It is deleted once the protection is off."""
    elb = clients("elbv2")
    arn = elb.create_load_balancer(Name="lb", Subnets=network[1], Scheme="internal")["LoadBalancers"][0][
        "LoadBalancerArn"
    ]

    def protect(value):
        attributes = [{"Key": "deletion_protection.enabled", "Value": value}]
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)

    protect("true")
    assert refusal(elb.delete_load_balancer, LoadBalancerArn=arn) == ("OperationNotPermitted", 400)
    protect("false")
    elb.delete_load_balancer(LoadBalancerArn=arn)
    assert elb.describe_load_balancers()["LoadBalancers"] == []
