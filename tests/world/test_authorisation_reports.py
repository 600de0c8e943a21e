"""What IAM tells: simulations, last access, the credential report."""

import csv
import json

import pytest
from people import ACCOUNT, administrator, allow, assumed, deny, document, role, trust, user
from refused import refusal

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"


def verdicts(reply):
    """Return the decisions of a simulation by action and resource."""
    return {
        (each["EvalActionName"], each["EvalResourceName"]): each["EvalDecision"] for each in reply["EvaluationResults"]
    }


def test_simulation_tells_the_decision_its_statements_and_missing_keys(clients):
    """Allowed, denied explicitly and for want of an allow; where the statement stands; which key was not given."""
    text = json.dumps({"Version": "2012-10-17", "Statement": [
        allow("s3:Get*", "arn:aws:s3:::lake/*", Condition={"StringEquals": {"aws:PrincipalTag/team": "lake"}}),
        deny("s3:GetObject", "arn:aws:s3:::lake/secret"),
    ]}, indent=2)  # fmt: skip
    user(clients, "ann")
    iam = clients("iam")
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=text)
    asked = {"PolicySourceArn": ANN, "ActionNames": ["s3:GetObject", "s3:PutObject"],
             "ResourceArns": ["arn:aws:s3:::lake/k", "arn:aws:s3:::lake/secret"]}  # fmt: skip
    entry = {"ContextKeyName": "aws:PrincipalTag/team", "ContextKeyType": "string", "ContextKeyValues": ["lake"]}
    without = iam.simulate_principal_policy(**asked)
    given = iam.simulate_principal_policy(**asked, ContextEntries=[entry])
    get, put = "s3:GetObject", "s3:PutObject"
    plain, secret = asked["ResourceArns"]
    assert verdicts(without)[get, plain] == "implicitDeny"
    assert without["EvaluationResults"][0]["MissingContextValues"] == ["aws:PrincipalTag/team"]
    assert verdicts(given) == {
        (get, plain): "allowed", (get, secret): "explicitDeny",
        (put, plain): "implicitDeny", (put, secret): "implicitDeny",
    }  # fmt: skip
    first, second = given["EvaluationResults"][:2]
    assert (first["MissingContextValues"], given["IsTruncated"]) == ([], False)
    (matched,) = first["MatchedStatements"]
    assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == ("own", "user")
    (denied,) = second["MatchedStatements"]
    lines = text.splitlines()
    start, end = denied["StartPosition"], denied["EndPosition"]
    assert lines[start["Line"] - 1][start["Column"] - 1] == "{"
    assert '"Deny"' in lines[start["Line"]]
    assert lines[end["Line"] - 1][end["Column"] - 2] == "}"


def test_simulation_agrees_with_the_gateway(clients):
    """What the simulator says of a user with a group and a boundary is what the calls then meet."""
    iam = clients("iam")
    edge = iam.create_policy(PolicyName="edge", PolicyDocument=document(allow(["sqs:*", "sns:*"])))["Policy"]["Arn"]
    key = user(clients, "ann", allow("sns:*"), deny("sns:CreateTopic"), PermissionsBoundary=edge)
    iam.create_group(GroupName="ops")
    iam.attach_group_policy(GroupName="ops", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
    iam.attach_group_policy(GroupName="ops", PolicyArn="arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    calls = {
        "sqs:ListQueues": ("sqs", "list_queues", {}), "sns:ListTopics": ("sns", "list_topics", {}),
        "sns:CreateTopic": ("sns", "create_topic", {"Name": "t"}), "ec2:DescribeVpcs": ("ec2", "describe_vpcs", {}),
        "iam:ListUsers": ("iam", "list_users", {}),
    }  # fmt: skip
    said = verdicts(iam.simulate_principal_policy(PolicySourceArn=ANN, ActionNames=list(calls)))
    assert set(said.values()) == {"allowed", "implicitDeny", "explicitDeny"}
    for action, (service, operation, parameters) in calls.items():
        call = getattr(clients(service, credentials=key), operation)
        if said[action, "*"] == "allowed":
            assert call(**parameters)
        else:
            assert refusal(call, **parameters)[1] in (400, 403)
    results = iam.simulate_principal_policy(PolicySourceArn=ANN, ActionNames=["ec2:DescribeVpcs"])["EvaluationResults"]
    assert results[0]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_custom_simulation_takes_its_policies_along(clients):
    """Policies, boundary, a resource's policy and pages; a document that is none is refused."""
    iam = clients("iam")
    given = {"PolicyInputList": [document(allow("s3:*")), document(deny("s3:PutObject"))], "ActionNames":
             ["s3:GetObject", "s3:PutObject", "sqs:ListQueues"]}  # fmt: skip
    reply = iam.simulate_custom_policy(**given)
    assert list(verdicts(reply).values()) == ["allowed", "explicitDeny", "implicitDeny"]
    assert reply["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyId"] == "PolicyInputList.1"
    assert reply["EvaluationResults"][1]["MatchedStatements"][0]["SourcePolicyId"] == "PolicyInputList.2"
    bounded = iam.simulate_custom_policy(**given, PermissionsBoundaryPolicyInputList=[document(allow("sqs:*"))])
    assert verdicts(bounded)["s3:GetObject", "*"] == "implicitDeny"
    open_ = {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "sqs:ListQueues", "Resource": "*"}
    opened = iam.simulate_custom_policy(**given, CallerArn=ANN, ResourcePolicy=document(open_))
    assert verdicts(opened)["sqs:ListQueues", "*"] == "allowed"
    first = iam.simulate_custom_policy(**given, MaxItems=2)
    assert (len(first["EvaluationResults"]), first["IsTruncated"]) == (2, True)
    rest = iam.simulate_custom_policy(**given, Marker=first["Marker"])
    assert [each["EvalActionName"] for each in rest["EvaluationResults"]] == ["sqs:ListQueues"]
    assert refusal(iam.simulate_custom_policy, PolicyInputList=["{}"], ActionNames=["s3:GetObject"]) == (
        "InvalidInput",
        400,
    )
    nobody = {"PolicySourceArn": ANN, "ActionNames": ["s3:GetObject"]}
    assert refusal(iam.simulate_principal_policy, **nobody) == ("NoSuchEntity", 404)


def test_keys_that_policies_name_are_told(clients):
    """Keys of conditions and of variables, each once."""
    text = document(
        allow("s3:*", "arn:aws:s3:::home/${aws:username}/*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    )
    reply = clients("iam").get_context_keys_for_custom_policy(PolicyInputList=[text, text])
    assert reply["ContextKeyNames"] == ["aws:SecureTransport", "aws:username"]


def details(clients, arn, **settings):
    """Make a report of last access and return its services by namespace."""
    iam = clients("iam")
    job = iam.generate_service_last_accessed_details(Arn=arn, **settings)["JobId"]
    reply = iam.get_service_last_accessed_details(JobId=job)
    assert reply["JobStatus"] == "COMPLETED"
    return {each["ServiceNamespace"]: each for each in reply["ServicesLastAccessed"]}, job


def test_last_access_tells_what_was_used_and_what_only_could_be(clients, clock):
    """A service that was tried has its time and who; one that is only allowed has none; others do not appear."""
    key = user(clients, "ann", allow(["sqs:ListQueues", "sns:*"]))
    clock.advance(3600)
    at = clock.now()
    clients("sqs", credentials=key, region="eu-west-1").list_queues()
    assert refusal(clients("sqs", credentials=key).create_queue, QueueName="q")
    clients("sns").list_topics()  # root's call is not ann's
    found, _ = details(clients, ANN)
    assert set(found) == {"sqs", "sns"}
    assert found["sqs"]["LastAuthenticated"] == at
    assert found["sqs"]["LastAuthenticatedEntity"] == ANN
    assert found["sqs"]["TotalAuthenticatedEntities"] == 1
    assert "LastAuthenticated" not in found["sns"]
    actions, _ = details(clients, ANN, Granularity="ACTION_LEVEL")
    assert {a["ActionName"] for a in actions["sqs"]["TrackedActionsLastAccessed"]} == {"ListQueues", "CreateQueue"}


def test_last_access_of_a_role_and_of_a_policy(clients):
    """A session's calls are its role's; a policy's are those of whoever has it."""
    caller = administrator(clients)
    arn = role(clients, "ops", trust({"AWS": ACCOUNT}), allow("sqs:*"))
    clients("sqs", credentials=assumed(clients, arn, caller)).list_queues()
    found, _ = details(clients, arn)
    assert found["sqs"]["LastAuthenticatedEntity"] == arn
    iam = clients("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    assert details(clients, policy)[0]["sqs"]["TotalAuthenticatedEntities"] == 0
    iam.attach_role_policy(RoleName="ops", PolicyArn=policy)
    found, job = details(clients, policy)
    assert found["sqs"]["TotalAuthenticatedEntities"] == 1
    told = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="sqs")
    assert [each["EntityInfo"]["Arn"] for each in told["EntityDetailsList"]] == [arn]
    assert refusal(iam.get_service_last_accessed_details, JobId="0" * 36) == ("NoSuchEntity", 404)
    assert refusal(iam.generate_service_last_accessed_details, Arn=ANN) == ("NoSuchEntity", 404)


@pytest.fixture
def report(clients):
    """A reader of the credential report: rows by user."""

    def read():
        iam = clients("iam")
        iam.generate_credential_report()
        got = iam.get_credential_report()
        assert got["ReportFormat"] == "text/csv"
        return {row["user"]: row for row in csv.DictReader(got["Content"].decode().splitlines())}

    return read


def test_credential_report_has_root_and_every_user(clients, clock, report):
    """Root's row first in its own form; of a user the password, the factor and both keys with their last use."""
    iam = clients("iam")
    assert refusal(iam.get_credential_report) == ("ReportNotPresent", 410)
    key = user(clients, "ann", allow("sqs:*"))
    iam.create_user(UserName="bob")
    iam.create_login_profile(UserName="bob", Password="Correct-horse-1")
    second = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="ann", AccessKeyId=second, Status="Inactive")
    clock.advance(60)
    clients("sqs", credentials=key, region="eu-west-1").list_queues()
    rows = report()
    assert list(rows) == ["<root_account>", "ann", "bob"]
    root, ann, bob = rows.values()
    assert (root["arn"], root["password_enabled"]) == (f"arn:aws:iam::{ACCOUNT}:root", "not_supported")
    assert (root["access_key_1_active"], root["access_key_1_last_used_date"]) == ("true", "2026-03-01T12:00:00+00:00")
    assert (ann["password_enabled"], ann["password_last_used"], ann["mfa_active"]) == ("false", "N/A", "false")
    used = (
        ann["access_key_1_last_used_date"],
        ann["access_key_1_last_used_region"],
        ann["access_key_1_last_used_service"],
    )
    assert used == ("2026-03-01T12:01:00+00:00", "eu-west-1", "sqs")
    assert (ann["access_key_1_active"], ann["access_key_2_active"]) == ("true", "false")
    assert ann["access_key_2_last_used_date"] == "N/A"
    assert (bob["password_enabled"], bob["password_last_used"]) == ("true", "no_information")
    assert len(root) == 22


def test_credential_report_is_made_anew_after_four_hours(clients, clock, report):
    """Until then the old one stands; after that it has expired."""
    iam = clients("iam")
    assert iam.generate_credential_report()["State"] == "STARTED"
    iam.create_user(UserName="late")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert "late" not in report()
    clock.advance(4 * 3600)
    assert refusal(iam.get_credential_report) == ("ReportExpired", 410)
    assert "late" in report()
