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


@pytest.fixture
def account(endpoint, tmp_path):
    """A shell with credentials for an account of LocalStack's, which tells it by the key's id, and a client for it."""
    keys = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    shell = Shell(tmp_path / "home", tmp_path, AWS_ENDPOINT_URL=endpoint, **keys)
    (tmp_path / "spec.yaml").write_text(SPEC)

    def client(service):
        return boto3.client(
            service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )  # fmt: skip

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
