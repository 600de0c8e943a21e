"""IAM, Systems Manager and CloudWatch Logs refuse what is about nothing, and the twin the queries that it cannot do."""

import json

from people import ACCOUNT, document, trust
from refused import refusal

READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def codes(client, wrong):
    """Return the codes with which calls are refused, each an operation with its parameters."""
    return [refusal(getattr(client, operation), **given)[0] for operation, given in wrong]


def test_iam_knows_what_is_there_and_what_is_in_use(clients):
    """Groups with members and policies, aliases, devices, boundaries, reserved tags, roles of services."""
    iam = clients("iam")
    iam.create_user(UserName="u")
    iam.create_group(GroupName="g")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"}))
    iam.add_user_to_group(GroupName="g", UserName="u")
    own = [{"Key": "aws:x", "Value": "1"}]
    digits = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    wrong = [
        ("delete_group", {"GroupName": "g"}), ("delete_account_alias", {"AccountAlias": "none"}),
        ("enable_mfa_device", {"UserName": "u", "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/none", **digits}),
        ("list_entities_for_policy", {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"}),
        ("delete_role_permissions_boundary", {"RoleName": "r"}),
        ("delete_user_permissions_boundary", {"UserName": "u"}), ("tag_role", {"RoleName": "r", "Tags": own}),
        ("create_service_linked_role", {"AWSServiceName": "none"}),
        ("create_service_linked_role", {"AWSServiceName": "autoscaling.amazonaws.com"}),
    ]  # fmt: skip
    none = "NoSuchEntity"
    assert codes(iam, wrong) == ["DeleteConflict", none, none, none, none, none, *["InvalidInput"] * 3]
    iam.remove_user_from_group(GroupName="g", UserName="u")
    iam.attach_group_policy(GroupName="g", PolicyArn=READ)
    assert codes(iam, [("delete_group", {"GroupName": "g"})]) == ["DeleteConflict"]
    iam.detach_group_policy(GroupName="g", PolicyArn=READ)
    iam.delete_group(GroupName="g")
    iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=READ)
    iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=READ)
    assert iam.list_entities_for_policy(PolicyArn=READ)["PolicyGroups"] == []
    iam.delete_role_permissions_boundary(RoleName="r")
    iam.delete_user_permissions_boundary(UserName="u")


def test_parameters_are_named_and_kept_as_they_may(clients):
    """Names, levels, types, paths; one whose history was asked for in vain is still none."""
    ssm = clients("ssm")
    made = {"Name": "/a/b", "Value": "1", "Type": "String"}
    ssm.put_parameter(**made)
    wrong = [
        ("put_parameter", {**made, "Name": "/a/b c"}), ("put_parameter", {**made, "Name": "a/b"}),
        ("put_parameter", {**made, "Name": "/a" * 16}),
        ("put_parameter", {**made, "Type": "StringList", "Overwrite": True}),
        ("get_parameters_by_path", {"Path": "a"}), ("get_parameter_history", {"Name": "none"}),
        ("delete_parameter", {"Name": "none"}), ("get_parameter", {"Name": "none", "WithDecryption": True}),
    ]  # fmt: skip
    form, lost = "ValidationException", "ParameterNotFound"
    assert codes(ssm, wrong) == [
        form, form, "HierarchyLevelLimitExceededException", "HierarchyTypeMismatchException", form, lost, lost, lost,
    ]  # fmt: skip
    ssm.put_parameter(**{**made, "Name": "/a" * 15})
    ssm.put_parameter(**{**made, "Value": "2"}, Overwrite=True)
    ssm.delete_parameter(Name="/a/b")


def test_events_are_filtered_by_every_form_of_pattern(clients, clock):
    """Words, quoted words, fields of JSON and of lines; a pattern that is none is refused."""
    logs, group = clients("logs"), {"logGroupName": "g"}
    logs.create_log_group(**group)
    logs.create_log_stream(**group, logStreamName="s")
    now = int(clock.now().timestamp() * 1000)
    texts = ['{"level": "warn", "took": 12}', '{"level": "info", "took": 3}', "GET /x 404", "an ERROR came"]
    events = [{"timestamp": now, "message": text} for text in texts]
    logs.put_log_events(**group, logStreamName="s", logEvents=events)

    def found(pattern):
        return [
            texts.index(each["message"]) for each in logs.filter_log_events(**group, filterPattern=pattern)["events"]
        ]

    assert [found(pattern) for pattern in ("", "ERROR", '"/x"', "{ $.took > 5 }", "[verb, path, status = 4*]")] == [
        [0, 1, 2, 3], [3], [2], [0], [2],
    ]  # fmt: skip
    assert codes(logs, [("filter_log_events", {**group, "filterPattern": "{ $.a = "})]) == ["InvalidParameterException"]


def test_logs_know_their_groups_filters_and_queries(clients, clock):
    """What is not there is told so; commands of a query that the twin does not carry out are refused by name."""
    logs, group = clients("logs"), {"logGroupName": "g"}
    logs.create_log_group(**group)
    logs.create_log_stream(**group, logStreamName="s")
    now = int(clock.now().timestamp())
    span = {"startTime": now - 60, "endTime": now + 60}
    arn = {"resourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:none"}
    large = [{"timestamp": now * 1000, "message": "x" * 1_048_551}]
    wrong = [
        ("put_log_events", {**group, "logStreamName": "s", "logEvents": large}),
        ("start_query", {**span, "queryString": "fields @message"}),
        ("start_query", {**group, **span, "queryString": "nonsense"}),
        *(("start_query", {**group, **span, "queryString": each}) for each in (
            "fields @message | filter @message like /x/", "stats count(*)", "fields level", "sort @message",
            "# nonsense\nstats count(*)")),
        ("start_query", {**span, "queryString": "SOURCE logGroups(namePrefix: ['g']) | fields @message"}),
        ("start_query", {**span, "queryLanguage": "SQL", "queryString": "SELECT * FROM `g`"}),
        ("start_query", {**group, **span, "queryLanguage": "PPL", "queryString": "where level = 'x'"}),
        ("get_query_results", {"queryId": "none"}), ("delete_metric_filter", {**group, "filterName": "none"}),
        ("tag_resource", {**arn, "tags": {"a": "b"}}), ("list_tags_for_resource", arn),
        ("put_resource_policy", {"policyName": "p", "policyDocument": "{"}),
    ]  # fmt: skip
    form, lost, lacking = "InvalidParameterException", "ResourceNotFoundException", "TwinUnsupportedOperation"
    assert codes(logs, wrong) == [
        form, form, "MalformedQueryException", *[lacking] * 8, lost, lost, lost, lost, form,
    ]  # fmt: skip
    small = [{"timestamp": now * 1000, "message": "x" * 1000}]
    logs.put_log_events(**group, logStreamName="s", logEvents=small)
    query = "fields @timestamp, @message | sort @timestamp desc | limit 5"
    asked = logs.start_query(**group, **span, queryString=query)["queryId"]
    assert logs.get_query_results(queryId=asked)["status"] == "Complete"
    said = "# all of it, limit 1\nfields\t@message # and when: sort @timestamp\n| limit\n5"
    asked = logs.start_query(**group, **span, queryString=said)["queryId"]
    (row,) = logs.get_query_results(queryId=asked)["results"]
    assert "@message" in [each["field"] for each in row]
    logs.put_resource_policy(policyName="p", policyDocument=document({"Effect": "Allow", "Action": "logs:*"}))
    assert json.loads(logs.describe_resource_policies()["resourcePolicies"][0]["policyDocument"])
