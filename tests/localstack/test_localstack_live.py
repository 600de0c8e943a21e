"""LocalStack by itself as the real account, for the services that it has: plan, guards, apply, change, destroy."""

import boto3
import pytest
from served import Shell

ACCOUNT, ALIAS = "100000000004", "acme-local"
SPEC = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "100000000004", alias: acme-local, region: us-east-1}
resources:
  aws.kms.key:
    data: {description: Data}
  aws.sqs.queue:
    orders: {name: orders, kms_key: "${aws.kms.key.data.arn}"}
  aws.sns.topic:
    orders: {name: orders}
  aws.sns.subscription:
    orders: {topic: "${aws.sns.topic.orders.arn}", protocol: sqs, endpoint: "${aws.sqs.queue.orders.arn}"}
  aws.secretsmanager.secret:
    vault: {name: vault, generate: {length: 40}, recovery_window: 0}
"""
FREE = "delivery: {promotion: {rehearsal: waived}}\n"
PROMOTED = (
    SPEC
    + """\
delivery:
  promotion: {scenarios: [L1]}
"""
)
SCENARIO = """\
id: L1
title: An order comes through
spec: spec.yaml
seed: 1
duration: 5m
begin: 1m
runbook:
  order: {call: "sns:Publish", with: {TopicArn: "${aws.sns.topic.orders.arn}", Message: one order}}
expect:
  it-arrives:
    call: sqs:GetQueueAttributes
    with: {QueueUrl: "${aws.sqs.queue.orders.id}", AttributeNames: [ApproximateNumberOfMessages]}
    value: Attributes.ApproximateNumberOfMessages
    equals: "1"
"""


@pytest.fixture
def account(endpoint, tmp_path):
    """A shell with credentials for an account of LocalStack's, which tells it by the key's id, and a client for it."""
    keys = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    shell = Shell(tmp_path / "home", tmp_path, AWS_ENDPOINT_URL=endpoint, **keys)
    (tmp_path / "spec.yaml").write_text(SPEC + FREE)

    def client(service):
        return boto3.client(
            service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )  # fmt: skip

    # A service is loaded at its first call, which takes LocalStack longer than a command may.
    client("kms").list_keys()
    client("sns").list_topics()
    client("events").list_event_buses()
    assert "QueueUrls" not in client("sqs").list_queues()
    assert client("secretsmanager").list_secrets()["SecretList"] == []
    client("iam").create_account_alias(AccountAlias=ALIAS)
    yield shell, client
    client("iam").delete_account_alias(AccountAlias=ALIAS)


def good(shell, *arguments):
    """Run a command that must succeed."""
    code, out, err = shell(*arguments)
    assert code == 0, out + err
    return out


def test_an_org_goes_live_on_localstack_and_goes_again(account):
    """Without the alias it is refused; a second plan is empty; a change by hand is seen; nothing is left behind."""
    shell, client = account
    good(shell, "plan", "spec.yaml", "--live", "-o", "plan.json")
    code, _, err = shell("apply", "plan.json", "--live")
    assert (code, "none was given" in err) == (4, True), err
    good(shell, "apply", "plan.json", "--live", "--confirm", ALIAS)
    (url,) = client("sqs").list_queues()["QueueUrls"]
    good(shell, "plan", "spec.yaml", "--live", "--exit-code")
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "9"})
    code, out, _ = shell("plan", "spec.yaml", "--live", "--exit-code")
    assert (code, "changed by hand" in out) == (1, True), out
    good(shell, "plan", "spec.yaml", "--live", "--destroy", "-o", "plan.json")
    good(shell, "apply", "plan.json", "--live", "--confirm", ALIAS, "--allow-delete")
    assert "QueueUrls" not in client("sqs").list_queues()
    assert client("secretsmanager").list_secrets()["SecretList"] == []


def test_another_account_of_localstack_is_refused(account):
    """The key's id says whose it is."""
    shell, _ = account
    good(shell, "plan", "spec.yaml", "--live", "-o", "plan.json")
    shell.environ["AWS_ACCESS_KEY_ID"] = "100000000005"
    code, _, err = shell("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (code, "the spec says 100000000004, the vendor says 100000000005" in err) == (4, True), err


def test_a_plan_goes_to_localstack_with_a_rehearsal_of_its_own_alone(account, tmp_path):
    """Not rehearsed, breaking what is demanded, or tampered with, it is refused and nothing is written."""
    shell, client = account
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "l1.yaml").write_text(SCENARIO)
    go = ("apply", "plan.json", "--live", "--confirm", ALIAS)
    (tmp_path / "spec.yaml").write_text(PROMOTED)  # the queue's policy lets no topic in
    good(shell, "plan", "spec.yaml", "--live", "-o", "plan.json")
    code, out, _ = shell("rehearse", "plan.json")
    assert (code, "FAIL    L1" in out) == (1, True), out
    (tmp_path / "spec.yaml").write_text(PROMOTED.replace('name: orders, kms_key: "${aws.kms.key.data.arn}"', LET_IN))
    good(shell, "plan", "spec.yaml", "--live", "-o", "plan.json")
    code, _, err = shell(*go)
    assert (code, "scenario L1: it was not rehearsed" in err) == (4, True), err
    assert "PASS    L1" in good(shell, "rehearse", "plan.json")
    written = (tmp_path / "plan.json").read_text()
    (tmp_path / "plan.json").write_text(written.replace('"orders"', '"others"', 1))
    code, _, err = shell(*go)
    assert (code, "was changed after it was saved" in err) == (4, True), err
    assert "QueueUrls" not in client("sqs").list_queues()
    (tmp_path / "plan.json").write_text(written)
    good(shell, *go)
    good(shell, "plan", "spec.yaml", "--live", "--exit-code")
    good(shell, "plan", "spec.yaml", "--live", "--destroy", "-o", "plan.json")
    good(shell, "rehearse", "plan.json")
    good(shell, *go, "--allow-delete")
    assert "QueueUrls" not in client("sqs").list_queues()


LET_IN = """name: orders, policy: {Version: "2012-10-17", Statement: [{
      Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: "sqs:SendMessage",
      Resource: "arn:aws:sqs:us-east-1:100000000004:orders",
      Condition: {ArnEquals: {"aws:SourceArn": "${aws.sns.topic.orders.arn}"}}}]}"""
