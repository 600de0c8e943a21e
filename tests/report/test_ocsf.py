"""OCSF: each kind of event becomes the class that it is of, with what the class requires and nothing secret."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.report.ocsf_schema import faults
from twin.observe.flows import of_flow
from twin.observe.happenings import HIDDEN, Happening, without_secrets
from twin.report.ocsf import lines, ocsf

AT = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MILLIS = 1772366430000
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
VALUE = "hunter2-never-shown"
EVE = {
    "type": "IAMUser", "principalId": "AIDAEVE", "arn": f"arn:aws:iam::{ACCOUNT}:user/eve", "accountId": ACCOUNT,
    "accessKeyId": "AKIAEVE", "userName": "eve",
}  # fmt: skip
SESSION = {
    "type": "AssumedRole", "principalId": "AROADEPLOY:ci", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci",
    "accountId": ACCOUNT, "accessKeyId": "ASIADEPLOY",
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}, "webIdFederationData": {}, "attributes": {
        "creationDate": "2026-03-01T12:00:00Z", "mfaAuthenticated": "false"}},
}  # fmt: skip
KEY = {"credentials": {"accessKeyId": "ASIADEPLOY", "sessionToken": VALUE}}


def trail(service, operation, *, by=None, asked=None, answered=None, error=None, read_only=False, **more):
    """Return a call as CloudTrail tells it."""
    detail = {
        "eventVersion": "1.11", "userIdentity": by or EVE, "eventTime": "2026-03-01T12:00:30Z",
        "eventSource": f"{service}.amazonaws.com", "eventName": operation, "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli/2", "requestParameters": asked,
        "responseElements": answered, "requestID": "r-1", "eventID": f"e-{operation}", "readOnly": read_only,
        "eventType": "AwsApiCall", "recipientAccountId": ACCOUNT, "eventCategory": "Management", **more,
    }  # fmt: skip
    if error:
        detail |= {"errorCode": error, "errorMessage": "no"}
    return Happening(
        f"e-{operation}", AT, "trail", "eve", f"{service}:{operation}", error or "ok", detail=without_secrets(detail)
    )


def okta(named, *targets, outcome="SUCCESS", severity="INFO"):
    """Return an event of the System Log."""
    detail = {
        "actor": {"id": "00u1", "type": "User", "alternateId": "ada@acme.example", "displayName": "Ada"},
        "client": {"ipAddress": "203.0.113.9", "userAgent": {"rawUserAgent": "Firefox", "os": "Linux"}, "zone": "null"},
        "authenticationContext": {"externalSessionId": "trs1"}, "displayMessage": "It happened",
        "eventType": named, "outcome": {"result": outcome, "reason": None}, "published": "2026-03-01T12:00:30.000Z",
        "severity": severity, "debugContext": {"debugData": {"requestId": "q1"}},
        "uuid": f"u-{named}", "target": list(targets),
    }  # fmt: skip
    return Happening(f"u-{named}", AT, "okta", "ada@acme.example", named, "ok", detail=without_secrets(detail))


def cloudflare(action, *, good=True, ip="203.0.113.9"):
    """Return an entry of the audit log."""
    detail = {
        "id": "c-1", "action": {"info": "Did it", "result": good, "type": action},
        "actor": {"id": "a1", "email": "owner@acme.example", "ip": ip, "type": "user"}, "interface": "API",
        "metadata": {"scope": "accounts"}, "newValueJson": {"apiKey": VALUE}, "owner": {"id": "o1"},
        "resource": {"id": "t1", "type": "api_token"}, "when": "2026-03-01T12:00:30Z",
    }  # fmt: skip
    return Happening("c-1", AT, "cloudflare", "owner@acme.example", action, "ok", detail=without_secrets(detail))


def finding(severity=8.0, *, updated="2026-03-01T12:00:30.000Z", archived=False):
    """Return a finding of GuardDuty."""
    call = {"Api": "StopLogging", "CallerType": "Remote IP", "ServiceName": "cloudtrail.amazonaws.com",
            "RemoteIpDetails": {"IpAddressV4": "203.0.113.9"}}  # fmt: skip
    key = {"AccessKeyId": "AKIAEVE", "PrincipalId": "AIDAEVE", "UserName": "eve", "UserType": "IAMUser"}
    detail = {
        "AccountId": ACCOUNT, "Arn": "arn:aws:guardduty:x", "CreatedAt": "2026-03-01T12:00:30.000Z", "Id": "f1",
        "Description": "A trail was stopped.", "Region": "us-east-1", "SchemaVersion": "2.0", "Severity": severity,
        "Resource": {"ResourceType": "AccessKey", "AccessKeyDetails": key, "InstanceDetails": {"InstanceId": "i-1"}},
        "Service": {"Action": {"ActionType": "AWS_API_CALL", "AwsApiCallAction": call}, "Archived": archived,
                    "Count": 3, "DetectorId": "d1", "EventFirstSeen": "2026-03-01T12:00:00.000Z",
                    "EventLastSeen": "2026-03-01T12:00:20.000Z"},
        "Title": "A trail was stopped.", "Type": "Stealth:IAMUser/CloudTrailLoggingDisabled", "UpdatedAt": updated,
    }  # fmt: skip
    return Happening("f1", AT, "guardduty", "eve", detail["Type"], "severity 8.0", detail=detail)


def alarm(state="ALARM"):
    """Return a line of an alarm's history."""
    detail = {"AlarmName": "down", "Timestamp": AT, "HistoryItemType": "StateUpdate", "HistorySummary": "To ALARM"}
    return Happening("alarm 1", AT, "alarms", "cloudwatch", "alarm:StateUpdate", state, "down", detail=detail)


USER = {"id": "00u2", "type": "User", "alternateId": "eve@acme.example", "displayName": "Eve"}


def flow(action="ACCEPT", **more):
    """Return a record of a flow log."""
    record = {
        "version": "2", "account-id": ACCOUNT, "interface-id": "eni-1", "srcaddr": "203.0.113.9", "dstaddr": "10.0.0.5",
        "srcport": "40000", "dstport": "443", "protocol": "6", "packets": "10", "bytes": "1500", "start": "1772366400",
        "end": "1772366430", "action": action, "log-status": "OK", **more,
    }  # fmt: skip
    return of_flow(record, "us-east-1")


APP = {"id": "0oa1", "type": "AppInstance", "alternateId": "AWS", "displayName": "AWS"}
SERVICE = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}
ASSUMED = {"asked": {"roleArn": ROLE, "roleSessionName": "ci"},
           "answered": KEY | {"assumedRoleUser": {"arn": SESSION["arn"], "assumedRoleId": "AROADEPLOY:x"}}}  # fmt: skip
CASES = {
    "a bucket is made": (trail("s3", "CreateBucket"), 600301, 1, 1),
    "objects are listed": (trail("s3", "ListObjects", read_only=True), 600302, 1, 1),
    "a policy is put": (trail("s3", "PutBucketPolicy"), 600303, 1, 1),
    "a key is to be deleted": (trail("kms", "ScheduleKeyDeletion"), 600304, 1, 1),
    "a trail is told to stop": (trail("cloudtrail", "StopLogging", error="AccessDenied"), 600303, 2, 2),
    "a verb of its own": (trail("sqs", "SendMessage"), 600399, 1, 1),
    "by a service": (trail("ec2", "RunInstances", by=SERVICE, sourceIPAddress=SERVICE["invokedBy"]), 600301, 1, 1),
    "by nobody known": (trail("s3", "GetObject", by={"type": "Unknown"}, read_only=True), 600302, 1, 1),
    "a role is assumed": (trail("sts", "AssumeRole", read_only=True, **ASSUMED), 300201, 1, 1),
    "a role is refused": (trail("sts", "AssumeRole", asked={"roleArn": ROLE}, error="AccessDenied"), 300201, 2, 2),
    "a role with SAML": (trail("sts", "AssumeRoleWithSAML", by={"type": "Unknown"}, **ASSUMED), 300201, 1, 1),
    "who am I": (trail("sts", "GetCallerIdentity", read_only=True), 600302, 1, 1),
    "a user is made": (trail("iam", "CreateUser", asked={"userName": "mallory"}), 300101, 1, 1),
    "a policy is attached": (trail("iam", "AttachUserPolicy", asked={"userName": "mallory"}), 300107, 1, 1),
    "a role is made": (trail("iam", "CreateRole"), 600301, 1, 1),
    "a grave finding": (finding(), 200401, 4, 1),
    "a finding again": (finding(2.0, updated="2026-03-01T12:15:00.000Z"), 200402, 2, 1),
    "a finding put away": (finding(9.5, archived=True), 200403, 5, 5),
    "a sign-in at Okta": (okta("user.session.start"), 300201, 1, 1),
    "a sign-in refused": (okta("user.session.start", outcome="FAILURE", severity="WARN"), 300201, 3, 2),
    "a sign-out": (okta("user.session.end"), 300202, 1, 1),
    "into an app": (okta("user.authentication.sso", APP), 300201, 1, 1),
    "a push denied": (okta("user.mfa.okta_verify.deny_push"), 300299, 1, 1),
    "a person is made": (okta("user.lifecycle.create", USER), 300101, 1, 1),
    "a factor is taken away": (okta("user.mfa.factor.deactivate", USER), 300111, 1, 1),
    "a token is made": (okta("system.api_token.create", {"id": "00T1", "type": "Token"}), 600301, 1, 1),
    "a policy is weighed": (okta("policy.evaluate_sign_on", outcome="CHALLENGE"), 600399, 1, 99),
    "a token at Cloudflare": (cloudflare("create"), 600301, 1, 1),
    "a failure at Cloudflare": (cloudflare("delete", good=False), 600304, 2, 2),
    "Cloudflare by itself": (cloudflare("purge_cache", ip=""), 600399, 1, 1),
    "packets": (flow(), 400106, 1, 1),
    "packets dropped": (flow("REJECT"), 400105, 2, 2),
    "an alarm": (alarm(), 99, 3, 99),
    "an alarm is over": (alarm("OK"), 99, 1, 99),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_event_has_its_class_and_what_the_class_requires(name):
    """Type, severity and status; the instant in milliseconds; whose log it was; and no secret."""
    happening, kind, severity, status = CASES[name]
    event = ocsf(happening)
    assert faults(event) == []
    assert (event["type_uid"], event["severity_id"], event["status_id"]) == (kind, severity, status)
    assert (event["time"], event["metadata"]["version"]) == (MILLIS, "1.3.0")
    assert VALUE not in json.dumps(event)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("type_uid",), 600302, "type 600302"),
        (("time",), "2026-03-01", "time is '2026-03-01'"),
        (("class_uid",), 6999, "no class 6999"),
        (("activity_id",), 7, "activity 7"),
        (("actor", "user"), {"type_id": 1}, "user has none of ['account', 'name', 'uid']"),
        (("api", "operation"), "", "operation is empty"),
        (("metadata",), {"version": "1.3.0"}, "metadata lacks product"),
    ],
    ids=["type", "time", "class", "activity", "user", "operation", "metadata"],
)
def test_an_event_that_is_wrong_is_found(path, value, fault):
    """The schema that the events are held against is no rubber stamp."""
    event = deepcopy(ocsf(CASES["a bucket is made"][0]))
    at = event
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    assert fault in faults(event)


def test_a_session_says_who_asked_for_it_and_which_it_is():
    """Actor, the role's session with the id of its key, the service; the token is hidden."""
    event = ocsf(CASES["a role is assumed"][0])
    assert (event["actor"]["user"]["name"], event["actor"]["user"]["credential_uid"]) == ("eve", "AKIAEVE")
    assert (event["user"]["uid"], event["user"]["credential_uid"]) == (SESSION["arn"], "ASIADEPLOY")
    assert (event["session"]["issuer"], event["service"]["name"]) == (ROLE, "sts.amazonaws.com")
    assert event["api"]["response"]["data"]["credentials"]["sessionToken"] == HIDDEN


def test_a_call_of_a_session_names_its_role_and_its_address():
    """Which pivots an analyst has: address, user, resource; what has no place is kept beside."""
    bucket = {"ARN": "arn:aws:s3:::data", "type": "AWS::S3::Bucket", "accountId": ACCOUNT}
    event = ocsf(trail("s3", "DeleteBucket", by=SESSION, resources=[bucket], additionalEventData={"x": 1}))
    assert (event["actor"]["session"]["issuer"], event["actor"]["session"]["is_mfa"]) == (ROLE, False)
    assert event["actor"]["session"]["created_time"] == MILLIS - 30_000
    assert {(one["type_id"], one["value"]) for one in event["observables"]} == {
        (2, "203.0.113.9"), (4, "ci"), (10, "arn:aws:s3:::data"),
    }  # fmt: skip
    assert event["unmapped"]["additionalEventData"] == {"x": 1}
    assert event["cloud"] == {
        "provider": "AWS", "region": "us-east-1", "account": {"uid": ACCOUNT, "type": "AWS Account", "type_id": 10},
    }  # fmt: skip


def test_a_finding_names_the_call_and_keeps_what_has_no_place():
    """When it was first and last seen, how often, by whom and from where."""
    event = ocsf(finding())
    info, (evidence,) = event["finding_info"], event["evidences"]
    assert (info["uid"], info["last_seen_time"] - info["first_seen_time"], event["count"]) == ("f1", 20_000, 3)
    assert (evidence["api"]["operation"], evidence["src_endpoint"]["ip"]) == ("StopLogging", "203.0.113.9")
    assert evidence["actor"]["user"]["name"] == "eve"
    assert event["unmapped"]["Resource"] == {"InstanceDetails": {"InstanceId": "i-1"}}


def test_lines_are_the_oldest_first_and_a_second_keeps_its_order():
    """Every line is JSON by itself; what is told the newest first is turned round, also within one second."""
    events = [case[0] for case in CASES.values()]
    late = replace(events[0], time=AT + timedelta(seconds=1))
    told = [json.loads(line) for line in lines([*events, late])]
    assert [one["metadata"]["uid"] for one in told] == [ocsf(one)["metadata"]["uid"] for one in [*events[::-1], late]]


def test_packets_are_told_with_both_ends_and_where_they_were_seen():
    """Ports as numbers, bytes, whether they passed; the interface at the end at which it is, as far as that is told."""
    event = ocsf(flow(**{"flow-direction": "ingress", "vpc-id": "vpc-1", "tcp-flags": "3"}))
    assert event["dst_endpoint"] == {"ip": "10.0.0.5", "port": 443, "interface_uid": "eni-1", "vpc_uid": "vpc-1"}
    assert event["src_endpoint"] == {"ip": "203.0.113.9", "port": 40000}
    assert event["traffic"] == {"packets": 10, "bytes": 1500}
    told = event["connection_info"]
    assert (told["direction_id"], told["protocol_num"], told["tcp_flags"]) == (1, 6, 3)
    assert (event["action_id"], ocsf(flow("REJECT"))["action_id"]) == (1, 2)
    assert ocsf(flow())["unmapped"]["interface-id"] == "eni-1"


def test_a_record_without_data_is_no_event():
    """Nor is one of a format that does not say when or between whom."""
    assert flow(srcaddr="-", dstaddr="-") is None
    assert of_flow({"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2"}, "us-east-1") is None
