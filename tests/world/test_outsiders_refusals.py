"""What somebody tries who does not know the services: each mistake is refused in the service's own code."""

import json

import pytest
from people import ACCOUNT, OTHER
from refused import refusal


def code(call, **parameters):
    """Return only the code with which a call is refused."""
    return refusal(call, **parameters)[0]


@pytest.fixture
def site(clients):
    """A load balancer that listens on port 80; returns its client, what it was made of, and a listener's settings."""
    ec2, elb = clients("ec2"), clients("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    places = [{"CidrBlock": f"10.0.{n}.0/24", "AvailabilityZone": f"us-east-1{z}"} for n, z in enumerate("ab")]
    subnets = [ec2.create_subnet(VpcId=vpc, **place)["Subnet"]["SubnetId"] for place in places]
    about = {"Name": "web", "Subnets": subnets, "Scheme": "internal"}
    arn = elb.create_load_balancer(**about)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elb.create_target_group(Name=protocol.lower(), Protocol=protocol, Port=80, VpcId=vpc)["TargetGroups"][0]
        for protocol in ("HTTP", "TCP")
    ]
    forward, wrong = ([{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}] for group in groups)
    listener = {"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward}
    elb.create_listener(**listener)
    return elb, about, listener, wrong


def test_load_balancers_and_listeners_are_told_again_or_refused(site):
    """The very same is answered as it stands; another on its port, or one that cannot be, is not made."""
    elb, about, listener, wrong = site
    arn = listener["LoadBalancerArn"]
    assert elb.create_load_balancer(**about)["LoadBalancers"][0]["LoadBalancerArn"] == arn
    assert len(elb.describe_load_balancers()["LoadBalancers"]) == 1
    elb.create_listener(**listener)
    assert len(elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]) == 1
    gone = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    assert code(elb.create_listener, **{**listener, "DefaultActions": [gone]}) == "DuplicateListener"
    other = {**listener, "Port": 81}
    assert code(elb.create_listener, **{**other, "Protocol": "HTTPS"}) == "ValidationError"
    assert code(elb.create_listener, **{**other, "Protocol": "TCP"}) == "ValidationError"
    assert code(elb.create_listener, **{**other, "DefaultActions": wrong}) == "IncompatibleProtocols"
    assert code(elb.create_listener, **{**other, "Port": 65_536}) == "ValidationError"
    assert code(elb.create_load_balancer, **{**about, "Name": "internal-web"}) == "ValidationError"
    nowhere = {**about, "Name": "b", "Subnets": [about["Subnets"][0], "subnet-0123456789abcdef0"]}
    assert code(elb.create_load_balancer, **nowhere) == "SubnetNotFound"
    guarded = {**about, "Name": "b", "SecurityGroups": ["sg-0123456789abcdef0"]}
    assert code(elb.create_load_balancer, **guarded) == "InvalidSecurityGroup"


def test_rules_of_a_listener_say_when_and_what(site):
    """A place among 50,000, a condition, one final action; the default rule stays."""
    elb, _, listener, wrong = site
    (kept,) = elb.describe_listeners(LoadBalancerArn=listener["LoadBalancerArn"])["Listeners"]
    rule = {"ListenerArn": kept["ListenerArn"], "Priority": 50_000, "Actions": listener["DefaultActions"]}
    rule["Conditions"] = [{"Field": "path-pattern", "Values": ["/x"]}]
    gone = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    assert code(elb.create_rule, **{**rule, "Priority": 50_001}) == "ValidationError"
    assert code(elb.create_rule, **{**rule, "Conditions": []}) == "ValidationError"
    assert code(elb.create_rule, **{**rule, "Actions": [*rule["Actions"], gone]}) == "InvalidLoadBalancerAction"
    assert code(elb.create_rule, **{**rule, "Actions": wrong}) == "IncompatibleProtocols"
    elb.create_rule(**rule)
    default = next(r for r in elb.describe_rules(ListenerArn=kept["ListenerArn"])["Rules"] if r["IsDefault"])
    assert code(elb.delete_rule, RuleArn=default["RuleArn"]) == "OperationNotPermitted"


def test_recorders_detectors_and_clusters_need_what_they_name(clients):
    """A bucket for what is recorded, a name of its own for a filter, a cluster for nodes."""
    config, guard = clients("config"), clients("guardduty")
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    channel = {"DeliveryChannel": {"name": "default", "s3BucketName": "records"}}
    assert code(config.put_delivery_channel, **channel) == "NoSuchBucketException"
    clients("s3").create_bucket(Bucket="records")
    config.put_delivery_channel(**channel)
    detector = guard.create_detector(Enable=True)["DetectorId"]
    about = {"DetectorId": detector, "Name": "low", "FindingCriteria": {"Criterion": {"severity": {"Gte": 4}}}}
    guard.create_filter(**about)
    assert code(guard.create_filter, **about) == "BadRequestException"
    nodes = {"clusterName": "none", "nodegroupName": "n", "subnets": ["subnet-1"], "nodeRole": role}
    assert refusal(clients("eks").create_nodegroup, **nodes) == ("ResourceNotFoundException", 404)


def test_budgets_tell_each_notification_once_and_few(clients):
    """Ten addresses and a topic; another account's budgets are not asked for."""
    budgets = clients("budgets")
    limit = {
        "BudgetName": "m",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "9", "Unit": "USD"},
    }
    budgets.create_budget(AccountId=ACCOUNT, Budget=limit)
    notice = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
    told = {"AccountId": ACCOUNT, "BudgetName": "m", "Notification": notice}
    people = [{"SubscriptionType": "EMAIL", "Address": f"p{n}@a.example"} for n in range(11)]
    assert code(budgets.create_notification, **told, Subscribers=people) == "CreationLimitExceededException"
    budgets.create_notification(**told, Subscribers=people[:10])
    assert code(budgets.create_notification, **told, Subscribers=people[:1]) == "DuplicateRecordException"
    budgets.create_notification(**{**told, "Notification": {**notice, "Threshold": 90}}, Subscribers=people[:1])
    assert code(budgets.describe_budgets, AccountId=OTHER) == "AccessDeniedException"


def test_organizations_keep_their_units_apart_and_their_management_account(clients):
    """A parent that is there, one unit of a name below it, policies of a type that is switched on."""
    org = clients("organizations")
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    unit = org.create_organizational_unit(ParentId=root, Name="apps")["OrganizationalUnit"]["Id"]
    assert code(org.create_organizational_unit, ParentId=root, Name="apps") == "DuplicateOrganizationalUnitException"
    org.create_organizational_unit(ParentId=unit, Name="apps")
    assert code(org.create_organizational_unit, ParentId="ou-abcd-12345678", Name="b") == "ParentNotFoundException"
    gone = {"AccountId": ACCOUNT}
    assert code(org.remove_account_from_organization, **gone) == "MasterCannotLeaveOrganizationException"
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    about = {"Content": json.dumps(deny), "Name": "p", "Description": "", "Type": "SERVICE_CONTROL_POLICY"}
    policy = {"PolicyId": org.create_policy(**about)["Policy"]["PolicySummary"]["Id"], "TargetId": unit}
    kind = {"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"}
    org.disable_policy_type(**kind)
    assert code(org.attach_policy, **policy) == "PolicyTypeNotEnabledException"
    org.enable_policy_type(**kind)
    org.attach_policy(**policy)


def test_user_pools_have_domains_of_their_own_and_clients_whose_flows_go_together(clients):
    """A domain leads to one pool and goes first; a machine has a secret and one flow; scopes are there."""
    pools = clients("cognito-idp")
    pool = pools.create_user_pool(PoolName="p")["UserPool"]["Id"]
    other = pools.create_user_pool(PoolName="o")["UserPool"]["Id"]
    pools.create_user_pool_domain(Domain="acme", UserPoolId=pool)
    assert code(pools.create_user_pool_domain, Domain="acme", UserPoolId=other) == "InvalidParameterException"
    assert code(pools.delete_user_pool, UserPoolId=pool) == "InvalidParameterException"
    scopes = [{"ScopeName": "read", "ScopeDescription": "d"}]
    pools.create_resource_server(UserPoolId=pool, Identifier="https://api", Name="api", Scopes=scopes)
    client = {"UserPoolId": pool, "ClientName": "c", "AllowedOAuthFlowsUserPoolClient": True}
    code_flow = {**client, "AllowedOAuthFlows": ["code"], "CallbackURLs": ["https://a.example"]}
    machine = {**client, "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["https://api/read"]}
    create = pools.create_user_pool_client
    assert code(create, **code_flow, AllowedOAuthScopes=["https://api/write"]) == "ScopeDoesNotExistException"
    insecure = {**code_flow, "CallbackURLs": ["http://a.example"], "AllowedOAuthScopes": ["openid"]}
    assert code(create, **insecure) == "InvalidParameterException"
    create(**{**insecure, "CallbackURLs": ["http://localhost:3000"]})
    assert code(create, **machine) == "InvalidOAuthFlowException"
    both = {**machine, "AllowedOAuthFlows": ["client_credentials", "code"], "GenerateSecret": True}
    assert code(create, **both) == "InvalidOAuthFlowException"
    create(**machine, GenerateSecret=True)
    pools.delete_user_pool_domain(Domain="acme", UserPoolId=pool)
    pools.delete_user_pool(UserPoolId=pool)
