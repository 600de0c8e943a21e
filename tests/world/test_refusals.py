"""What AWS refuses and the store would accept: each with what passes beside it."""

import json

import pytest
from botocore.exceptions import ClientError
from people import administrator, role, trust

ACCOUNT = "123456789012"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip


def refusal(call, *args, **kwargs):
    """Return the code and status with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def ec2(clients):
    """EC2 of the world."""
    return clients("ec2")


@pytest.fixture
def vpc(ec2):
    """A VPC."""
    return ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def subnets(ec2, vpc):
    """Two subnets in zone a and one in zone b."""
    places = (("a", 1), ("a", 2), ("b", 3))
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")["Subnet"]["SubnetId"]
        for z, n in places
    ]


@pytest.fixture
def iam(clients):
    """IAM of the world."""
    return clients("iam")


def test_route_needs_its_nat_gateway(ec2, vpc, subnets):
    """A NAT gateway that never was, or was deleted, is not found; one that is there is taken."""
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    missing = ("InvalidNatGatewayID.NotFound", 400)
    assert refusal(ec2.create_route, NatGatewayId="nat-0123456789abcdef0", **route) == missing
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.create_route(NatGatewayId=nat, **route)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    assert refusal(ec2.replace_route, NatGatewayId=nat, **route) == missing


def test_sixth_vpc_of_a_region_is_over_the_quota(clients, ec2):
    """The default VPC counts; another Region has its own five."""
    for number in range(4):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    assert len(ec2.describe_vpcs()["Vpcs"]) == 5
    assert refusal(ec2.create_vpc, CidrBlock="10.9.0.0/16") == ("VpcLimitExceeded", 400)
    assert clients("ec2", region="eu-west-1").create_vpc(CidrBlock="10.9.0.0/16")


def make_group(ec2, vpc, name):
    """Make a security group."""
    return ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]


@pytest.mark.parametrize("user", ["interface", "rule", "load balancer", "database"])
def test_security_group_in_use_stays(clients, ec2, vpc, subnets, user):
    """A group that something refers to is not deleted until that is gone; its own rules do not hold it."""
    group = make_group(ec2, vpc, "web")
    own = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=own)
    if user == "interface":
        eni = ec2.create_network_interface(SubnetId=subnets[0], Groups=[group])["NetworkInterface"]
        release = lambda: ec2.delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])  # noqa: E731
    elif user == "rule":
        other = make_group(ec2, vpc, "db")
        ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=own)
        release = lambda: ec2.delete_security_group(GroupId=other)  # noqa: E731
    elif user == "load balancer":
        elb = clients("elbv2")
        about = {"Name": "lb", "Subnets": subnets[1:], "SecurityGroups": [group], "Scheme": "internal"}
        made = elb.create_load_balancer(**about)["LoadBalancers"][0]
        release = lambda: elb.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])  # noqa: E731
    else:
        rds = clients("rds")
        rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=subnets[1:])
        rds.create_db_instance(
            DBInstanceIdentifier="db", DBInstanceClass="db.m6g.large", Engine="postgres", AllocatedStorage=20,
            MasterUsername="u", MasterUserPassword="password1", VpcSecurityGroupIds=[group],
            DBSubnetGroupName="g",
        )  # fmt: skip
        release = lambda: rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)  # noqa: E731
    assert refusal(ec2.delete_security_group, GroupId=group) == ("DependencyViolation", 400)
    release()
    ec2.delete_security_group(GroupId=group)


def test_application_load_balancer_needs_two_zones(clients, subnets):
    """One subnet is too few, two in one zone are refused otherwise; a network load balancer may have one."""
    elb = clients("elbv2")
    assert refusal(elb.create_load_balancer, Name="lb", Subnets=subnets[:1]) == ("ValidationError", 400)
    assert refusal(elb.create_load_balancer, Name="lb", Subnets=subnets[:2]) == ("InvalidConfigurationRequest", 400)
    made = elb.create_load_balancer(Name="lb", Subnets=subnets[1:], Scheme="internal")["LoadBalancers"][0]
    elb.create_load_balancer(Name="nlb", Subnets=subnets[:1], Type="network", Scheme="internal")
    change = {"LoadBalancerArn": made["LoadBalancerArn"], "Subnets": subnets[:1]}
    assert refusal(elb.set_subnets, **change) == ("ValidationError", 400)


def test_open_load_balancer_needs_a_way_to_the_internet(clients, ec2, vpc, subnets):
    """Its VPC has an internet gateway that is attached; an internal one needs none, the default VPC has its own."""
    elb, gateway = clients("elbv2"), ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    for kind in ("application", "network"):
        about = {"Name": kind, "Subnets": subnets[1:], "Type": kind}
        assert refusal(elb.create_load_balancer, **about) == ("InvalidSubnet", 400)
    elb.create_load_balancer(Name="inside", Subnets=subnets[1:], Scheme="internal")
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    elb.create_load_balancer(Name="outside", Subnets=subnets[1:])
    default = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    elb.create_load_balancer(Name="default", Subnets=[subnet["SubnetId"] for subnet in default[:2]])


def test_subnet_group_needs_two_zones(clients, subnets):
    """Two subnets in one zone do not cover enough."""
    rds = clients("rds")
    group = {"DBSubnetGroupName": "g", "DBSubnetGroupDescription": "d"}
    code = ("DBSubnetGroupDoesNotCoverEnoughAZs", 400)
    assert refusal(rds.create_db_subnet_group, SubnetIds=subnets[:2], **group) == code
    rds.create_db_subnet_group(SubnetIds=subnets[1:], **group)


def test_unknown_instance_class_is_refused(clients):
    """RDS knows its classes, at creation and at change."""
    rds = clients("rds")
    wanted = {"DBInstanceIdentifier": "db", "Engine": "postgres", "AllocatedStorage": 20,
              "MasterUsername": "u", "MasterUserPassword": "password1"}  # fmt: skip
    bogus = ("InvalidParameterValue", 400)
    assert refusal(rds.create_db_instance, DBInstanceClass="db.m6g.huge", **wanted) == bogus
    rds.create_db_instance(DBInstanceClass="db.t4g.micro", **wanted)
    assert refusal(rds.modify_db_instance, DBInstanceIdentifier="db", DBInstanceClass="m6g.large") == bogus


def statement(**changes):
    """Return a trust document with one field of its statement changed; None takes it away."""
    first = TRUST["Statement"][0] | changes
    return json.dumps(TRUST | {"Statement": [{k: v for k, v in first.items() if v is not None}]})


@pytest.mark.parametrize(
    "document",
    [
        "{not json",
        json.dumps({"Version": "2012-10-17"}),
        json.dumps(TRUST | {"Version": "2020-01-01"}),
        statement(Effect="Permit"),
        statement(Principal=None),
        statement(Action=None),
        statement(Action="s3:GetObject"),
        statement(Resource="*"),
        statement(Principal={"Service": "ec2"}),
        statement(Principal={"AWS": "arn:aws:iam::123456789012:role/nobody"}),
        statement(Principal={"Federated": "example"}),
    ],
)
def test_malformed_trust_document_is_refused(iam, document):
    """CreateRole and UpdateAssumeRolePolicy take a true trust document only."""
    assert refusal(iam.create_role, RoleName="r", AssumeRolePolicyDocument=document) == ("MalformedPolicyDocument", 400)
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    code = refusal(iam.update_assume_role_policy, RoleName="r", PolicyDocument=document)
    assert code == ("MalformedPolicyDocument", 400)


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]},
        {"AWS": ACCOUNT},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        {"AWS": "arn:aws:iam::999999999999:role/elsewhere"},
        {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
        {"Federated": "cognito-identity.amazonaws.com"},
        "*",
    ],
)
def test_true_trust_document_is_taken(iam, principal):
    """Services, accounts, providers and foreign roles may be trusted."""
    assert iam.create_role(RoleName="r", AssumeRolePolicyDocument=statement(Principal=principal))


def policy(characters):
    """Return a policy document of so many characters without white space, and some white space besides."""
    document = {"Version": "2012-10-17", "Statement": [
        {"Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/"}]}  # fmt: skip
    short = len(json.dumps(document, separators=(",", ":")))
    document["Statement"][0]["Resource"] += "x" * (characters - short)
    return json.dumps(document, indent=1)


def test_policy_has_6144_characters_at_most(iam):
    """White space is not counted; one character more is refused."""
    iam.create_policy(PolicyName="fits", PolicyDocument=policy(6144))
    assert refusal(iam.create_policy, PolicyName="over", PolicyDocument=policy(6145)) == ("LimitExceeded", 409)


def test_role_takes_ten_managed_policies(iam):
    """The eleventh is refused; attaching one of the ten again is not."""
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    made = [iam.create_policy(PolicyName=f"p{n}", PolicyDocument=policy(300))["Policy"]["Arn"] for n in range(11)]
    for arn in made[:10]:
        iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    assert refusal(iam.attach_role_policy, RoleName="r", PolicyArn=made[10]) == ("LimitExceeded", 409)
    iam.attach_role_policy(RoleName="r", PolicyArn=made[0])


def test_role_that_does_not_exist_is_not_assumed(clients):
    """STS does not say that it does not exist; one that does is assumed by the same caller."""
    sts = clients("sts", credentials=administrator(clients))
    arn = role(clients, "somebody", trust({"AWS": ACCOUNT}))
    assert sts.assume_role(RoleArn=arn, RoleSessionName="s1")["Credentials"]
    assert refusal(sts.assume_role, RoleArn=f"{arn}x", RoleSessionName="s1") == ("AccessDenied", 403)
    assert refusal(sts.assume_role, RoleArn=arn.replace("role/", "role/x/"), RoleSessionName="s1") == (
        "AccessDenied",
        403,
    )


def bucket_policy(**changes):
    """Return a policy that lets anybody read, with changes to its statement."""
    first = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [first | changes]})


def test_public_policy_is_refused_where_it_is_blocked(clients):
    """The same policy is taken without the block, narrowed by a condition, or for a named principal."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="bucket")
    assert refusal(s3.put_bucket_policy, Bucket="bucket", Policy=bucket_policy()) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket="bucket")
    s3.put_bucket_policy(Bucket="bucket", Policy=bucket_policy())
    s3.put_public_access_block(Bucket="bucket", PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    put = s3.put_bucket_policy
    assert refusal(put, Bucket="bucket", Policy=bucket_policy()) == ("AccessDenied", 403)
    assert refusal(put, Bucket="bucket", Policy=bucket_policy(Principal={"AWS": ["*"]})) == ("AccessDenied", 403)
    wide = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
    assert refusal(put, Bucket="bucket", Policy=bucket_policy(Condition=wide)) == ("AccessDenied", 403)
    put(Bucket="bucket", Policy=bucket_policy(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}))
    put(Bucket="bucket", Policy=bucket_policy(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    put(Bucket="bucket", Policy=bucket_policy(Effect="Deny"))


def trail_policy(account=ACCOUNT, **condition):
    """Return the policy that lets CloudTrail write for an account."""
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    more = {"Condition": {"StringEquals": condition}} if condition else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [
        service | {"Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::logs"} | more,
        service | {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::logs/AWSLogs/{account}/*"} | more,
    ]})  # fmt: skip


def test_trail_needs_the_policy_of_its_bucket(clients):
    """No policy, one of another account, or one for another trail are insufficient."""
    s3, trails = clients("s3"), clients("cloudtrail")
    s3.create_bucket(Bucket="logs")
    insufficient = ("InsufficientS3BucketPolicyException", 400)
    assert refusal(trails.create_trail, Name="main", S3BucketName="logs") == insufficient
    arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/"
    for wrong in (trail_policy("999999999999"), trail_policy(**{"aws:SourceArn": arn + "other"})):
        s3.put_bucket_policy(Bucket="logs", Policy=wrong)
        assert refusal(trails.create_trail, Name="main", S3BucketName="logs") == insufficient
    s3.put_bucket_policy(Bucket="logs", Policy=trail_policy(**{"aws:SourceArn": arn + "main"}))
    assert refusal(trails.create_trail, Name="main", S3BucketName="logs", S3KeyPrefix="p") == insufficient
    trails.create_trail(Name="main", S3BucketName="logs")


@pytest.mark.parametrize(
    ("name", "kind", "value", "accepted"),
    [
        ("example.com", "CNAME", "other.example.net", False),
        ("www.example.com", "CNAME", "other.example.net", True),
        ("www.example.com", "A", "not-an-address", False),
        ("www.example.com", "A", "10.0.0.1", True),
        ("www.example.com", "AAAA", "10.0.0.1", False),
        ("www.example.com", "AAAA", "2001:db8::1", True),
    ],
)
def test_record_set_must_be_possible(clients, name, kind, value, accepted):
    """No CNAME at the apex, and addresses where addresses belong."""
    dns = clients("route53")
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    if accepted:
        assert dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    else:
        code = refusal(dns.change_resource_record_sets, HostedZoneId=zone, ChangeBatch=batch)
        assert code == ("InvalidChangeBatch", 400)
