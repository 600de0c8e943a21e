"""From a call to what is asked: the action and the resources, for the services of the catalogue."""

import pytest
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.authorisation.ask import ASKERS, Asking
from twin.world.authorisation.passed_roles import passed_roles
from twin.world.authorisation.published import action, prefix_of
from twin.world.authorisation.resources import published_asks
from twin.world.aws_call import Call
from twin.world.principals import Principal

HERE = "us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/r"
GROUP = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/t/0123456789abcdef"
BALANCER = f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/l/0123456789abcdef"
ID = "0123456789abcdef0"
ME = Principal("user", "123456789012", "arn:aws:iam::123456789012:user/ann", "AIDA")


def asked(service, operation, parameters, url="https://x/", **headers):
    """Return what a call asks for, as pairs."""
    request = Request("POST", url, Headers(headers))
    call = Call(request, url, "us-east-1", service, operation, "json", ME, lambda: parameters)
    asking = Asking(call)
    asks = ASKERS.get(service, published_asks)(asking)
    return [(ask.action, ask.resource) for ask in asks + passed_roles(asking, asks)]


ONE = [
    ("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"}, f"arn:aws:ec2:{HERE}:vpc/*"),
    ("ec2", "DeleteVpc", {"VpcId": f"vpc-{ID}"}, f"arn:aws:ec2:{HERE}:vpc/vpc-{ID}"),
    ("ec2", "DescribeVpcs", {"VpcIds": [f"vpc-{ID}"]}, "*"),
    ("ec2", "AuthorizeSecurityGroupIngress", {"GroupId": f"sg-{ID}"}, f"arn:aws:ec2:{HERE}:security-group/sg-{ID}"),
    ("ec2", "CreateRoute", {"RouteTableId": f"rtb-{ID}", "GatewayId": f"igw-{ID}"},
     f"arn:aws:ec2:{HERE}:route-table/rtb-{ID}"),
    ("rds", "RebootDBInstance", {"DBInstanceIdentifier": "d"}, f"arn:aws:rds:{HERE}:db:d"),
    ("rds", "DescribeDBInstances", {}, f"arn:aws:rds:{HERE}:db:*"),
    ("rds", "AddTagsToResource", {"ResourceName": f"arn:aws:rds:{HERE}:db:d"}, f"arn:aws:rds:{HERE}:db:d"),
    ("eks", "DescribeCluster", {"name": "c"}, f"arn:aws:eks:{HERE}:cluster/c"),
    ("eks", "DescribeNodegroup", {"clusterName": "c", "nodegroupName": "n"}, f"arn:aws:eks:{HERE}:nodegroup/c/n/*"),
    ("elbv2", "CreateLoadBalancer", {"Name": "l", "Type": "network"},
     f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/net/l/*"),
    ("elbv2", "CreateListener", {"LoadBalancerArn": BALANCER}, BALANCER),
    ("elbv2", "AddTags", {"ResourceArns": [GROUP]}, GROUP),
    ("elbv2", "DescribeLoadBalancers", {}, "*"),
    ("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": "g"},
     f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/g"),
    ("cloudtrail", "StopLogging", {"Name": "t"}, f"arn:aws:cloudtrail:{HERE}:trail/t"),
    ("cloudtrail", "StopLogging", {"Name": f"arn:aws:cloudtrail:{HERE}:trail/t"}, f"arn:aws:cloudtrail:{HERE}:trail/t"),
    ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a"}, f"arn:aws:cloudwatch:{HERE}:alarm:a"),
    ("cloudwatch", "PutMetricData", {"Namespace": "n"}, "*"),
    ("logs", "CreateLogGroup", {"logGroupName": "/g"}, f"arn:aws:logs:{HERE}:log-group:/g:log-stream:"),
    ("logs", "PutLogEvents", {"logGroupName": "/g", "logStreamName": "s"},
     f"arn:aws:logs:{HERE}:log-group:/g:log-stream:s"),
    ("events", "PutRule", {"Name": "r"}, f"arn:aws:events:{HERE}:rule/r"),
    ("events", "PutRule", {"Name": "r", "EventBusName": "b"}, f"arn:aws:events:{HERE}:rule/b/r"),
    ("events", "PutEvents", {"Entries": [{"EventBusName": "b"}]}, f"arn:aws:events:{HERE}:event-bus/b"),
    ("sns", "Publish", {"TopicArn": f"arn:aws:sns:{HERE}:t"}, f"arn:aws:sns:{HERE}:t"),
    ("sns", "CreateTopic", {"Name": "t"}, f"arn:aws:sns:{HERE}:t"),
    ("sqs", "SendMessage", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/210987654321/q"},
     "arn:aws:sqs:us-east-1:210987654321:q"),
    ("dynamodb", "CreateTable", {"TableName": "t"}, f"arn:aws:dynamodb:{HERE}:table/t"),
    ("dynamodb", "Query", {"TableName": "t"}, f"arn:aws:dynamodb:{HERE}:table/t"),
    ("dynamodb", "Query", {"TableName": "t", "IndexName": "i"}, f"arn:aws:dynamodb:{HERE}:table/t/index/i"),
    ("ecr", "PutImage", {"repositoryName": "r"}, f"arn:aws:ecr:{HERE}:repository/r"),
    ("ecr", "GetAuthorizationToken", {}, "*"),
    ("route53", "ChangeResourceRecordSets", {"HostedZoneId": "/hostedzone/Z1"}, "arn:aws:route53:::hostedzone/Z1"),
    ("acm", "DescribeCertificate", {"CertificateArn": f"arn:aws:acm:{HERE}:certificate/c"},
     f"arn:aws:acm:{HERE}:certificate/c"),
    ("backup", "DeleteBackupPlan", {"BackupPlanId": "p"}, f"arn:aws:backup:{HERE}:backup-plan:p"),
    ("config", "DeleteConfigRule", {"ConfigRuleName": "r"}, f"arn:aws:config:{HERE}:config-rule/r"),
    ("guardduty", "UpdateDetector", {"DetectorId": "d"}, f"arn:aws:guardduty:{HERE}:detector/d"),
    ("organizations", "ListAccounts", {}, "*"),
    ("cognito-idp", "AdminCreateUser", {"UserPoolId": "us-east-1_x"},
     f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_x"),
    ("ssm", "GetParameter", {"Name": "/a/b"}, f"arn:aws:ssm:{HERE}:parameter/a/b"),
    ("ssm", "StartSession", {"Target": f"i-{ID}"}, f"arn:aws:ec2:{HERE}:instance/i-{ID}"),
    ("iam", "CreateUser", {"UserName": "u", "Path": "/p/"}, "arn:aws:iam::123456789012:user/p/u"),
    ("iam", "AddUserToGroup", {"UserName": "u", "GroupName": "g"}, "arn:aws:iam::123456789012:group/g"),
    ("iam", "CreateAccessKey", {}, "arn:aws:iam::123456789012:user/ann"),
    ("iam", "ListUsers", {}, "arn:aws:iam::123456789012:user/"),
    ("iam", "GetAccountSummary", {}, "*"),
    ("kms", "CreateKey", {}, "*"),
    ("secretsmanager", "CreateSecret", {"Name": "s"}, f"arn:aws:secretsmanager:{HERE}:secret:s-??????"),
    ("secretsmanager", "ListSecrets", {}, "*"),
    ("lambda", "ListFunctions", {}, "*"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "parameters", "resource"), ONE)
def test_call_asks_for_its_resource(world, service, operation, parameters, resource):
    """The action has the operation's name, the resource the ARN that AWS documents for it."""
    assert asked(service, operation, parameters) == [(f"{prefix_of(service)}:{operation}", resource)]


OTHERS = [
    ("lambda", "Invoke", {"FunctionName": "f", "Qualifier": "live"},
     [("lambda:InvokeFunction", f"arn:aws:lambda:{HERE}:function:f:live")]),
    ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE},
     [("lambda:CreateFunction", f"arn:aws:lambda:{HERE}:function:f"), ("iam:PassRole", ROLE)]),
    ("budgets", "CreateBudget", {"Budget": {"BudgetName": "b"}},
     [("budgets:ModifyBudget", "arn:aws:budgets::123456789012:budget/b")]),
    ("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "t"}}, {"Delete": {"TableName": "u"}}]},
     [("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/t"),
      ("dynamodb:DeleteItem", f"arn:aws:dynamodb:{HERE}:table/u")]),
    ("dynamodb", "BatchGetItem", {"RequestItems": {"a": {}, "b": {}}},
     [("dynamodb:BatchGetItem", f"arn:aws:dynamodb:{HERE}:table/{t}") for t in "ab"]),
    ("ec2", "CreateSubnet", {"VpcId": f"vpc-{ID}"},
     [("ec2:CreateSubnet", f"arn:aws:ec2:{HERE}:subnet/*"), ("ec2:CreateSubnet", f"arn:aws:ec2:{HERE}:vpc/vpc-{ID}")]),
    ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["a", "b"]},
     [("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{HERE}:alarm:{a}") for a in "ab"]),
    ("kms", "CreateAlias", {"AliasName": "alias/a", "TargetKeyId": "k"},
     [("kms:CreateAlias", f"arn:aws:kms:{HERE}:alias/a"), ("kms:CreateAlias", f"arn:aws:kms:{HERE}:key/k")]),
    ("backup", "CreateBackupSelection", {"BackupPlanId": "p", "BackupSelection": {"IamRoleArn": ROLE}},
     [("backup:CreateBackupSelection", f"arn:aws:backup:{HERE}:backup-plan:p"), ("iam:PassRole", ROLE)]),
    ("sts", "GetFederationToken", {"Name": "b"},
     [("sts:GetFederationToken", "arn:aws:sts::123456789012:federated-user/b")]),
    ("s3control", "PutPublicAccessBlock", {}, [("s3:PutAccountPublicAccessBlock", "*")]),
    ("s3", "ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
    ("s3", "GET /nothing", {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "parameters", "asks"), OTHERS)
def test_call_asks_under_another_name_or_for_more(world, service, operation, parameters, asks):
    """Actions that are not called like their operation, and calls that ask for several things."""
    assert asked(service, operation, parameters) == asks


def test_every_action_of_the_exceptions_is_one_of_aws(world):
    """No name in the table of exceptions is one that AWS's tables do not have."""
    from twin.world.authorisation.published import DATA, EXCEPTIONS, actions_of

    for service, operations in EXCEPTIONS["actions"].items():
        for operation in operations:
            for each in actions_of(service, operation):
                prefix, _, name = each.name.partition(":")
                assert DATA.actions.action_exists(prefix, name), each.name
    assert action("s3:NoSuchAction").types == ()


def test_every_condition_key_of_the_exceptions_is_one_of_aws(world):
    """Nor is a condition key one that AWS does not have, or a parameter one that no operation takes."""
    from moto.core.utils import get_service_model

    from twin.world.authorisation.published import DATA, EXCEPTIONS, parameter_names

    for service, keys in EXCEPTIONS["request_keys"].items():
        known = {key.lower() for key in DATA.conditions.get_condition_keys_for_service(prefix_of(service))}
        operations = get_service_model(service).operation_names
        taken = {name for operation in operations for name in parameter_names(service, operation).values()}
        assert {key for key in keys.values() if key.lower() not in known} == set()
        assert set(keys) <= taken
