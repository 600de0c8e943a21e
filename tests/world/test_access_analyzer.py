"""Access Analyzer: findings come after a policy changes, are over when it is mended, and come back."""

import json

import pytest
from refused import refusal

HALF_HOUR = 1801


@pytest.fixture
def analyzer(clients):
    """An analyzer of the account, and its ARN."""
    client = clients("accessanalyzer")
    return client, client.create_analyzer(analyzerName="outside", type="ACCOUNT")["arn"]


def share(clients, account):
    """Let an account read a bucket."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": "arn:aws:s3:::files/*"}]}
    clients("s3").put_bucket_policy(Bucket="files", Policy=json.dumps(policy))


def test_finding_follows_the_policy(clients, clock, analyzer):
    """Nothing at first, a finding within half an hour, over when the policy is mended, active when it is back."""
    client, arn = analyzer
    clients("s3").create_bucket(Bucket="files")
    share(clients, "210987654321")
    assert client.list_findings(analyzerArn=arn)["findings"] == []
    clock.advance(HALF_HOUR)
    (found,) = client.list_findings(analyzerArn=arn)["findings"]
    assert (found["status"], found["isPublic"], found["principal"]) == ("ACTIVE", False, {"AWS": "210987654321"})
    share(clients, "123456789012")
    clock.advance(HALF_HOUR)
    assert client.get_finding(analyzerArn=arn, id=found["id"])["finding"]["status"] == "RESOLVED"
    share(clients, "210987654321")
    clock.advance(HALF_HOUR)
    (again,) = client.list_findings(analyzerArn=arn, filter={"status": {"eq": ["ACTIVE"]}})["findings"]
    assert again["id"] == found["id"]


@pytest.mark.parametrize("outside", [True, False])
def test_roles_keys_queues_topics_and_secrets_are_analysed(clients, clock, analyzer, outside):
    """Each kind of resource has its finding when the other account is let in, and none when its own is."""
    client, arn = analyzer
    who = {"AWS": f"arn:aws:iam::{'210987654321' if outside else '123456789012'}:root"}

    def policy(action):
        statement = {"Effect": "Allow", "Principal": who, "Action": action, "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}]}
    clients("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
    clients("kms").create_key(Policy=policy("kms:*"), BypassPolicyLockoutSafetyCheck=True)
    clients("sqs").create_queue(QueueName="q", Attributes={"Policy": policy("sqs:*")})
    topic = clients("sns").create_topic(Name="t")["TopicArn"]
    clients("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy("sns:Publish"))
    clients("secretsmanager").create_secret(Name="s", SecretString="x")
    clients("secretsmanager").put_resource_policy(SecretId="s", ResourcePolicy=policy("secretsmanager:GetSecretValue"))
    clock.advance(HALF_HOUR)
    kinds = {f["resourceType"] for f in client.list_findings(analyzerArn=arn)["findings"]}
    every = {"IAM::Role", "KMS::Key", "SQS::Queue", "SNS::Topic", "SecretsManager::Secret"}
    assert kinds == ({f"AWS::{kind}" for kind in every} if outside else set())


def test_archived_findings_stay_so_and_analyzers_are_few(clients, clock, analyzer):
    """A finding can be set aside; one analyzer of a type per Region; what is not there is refused."""
    client, arn = analyzer
    clients("s3").create_bucket(Bucket="files")
    share(clients, "210987654321")
    clock.advance(HALF_HOUR)
    (found,) = client.list_findings(analyzerArn=arn)["findings"]
    client.update_findings(analyzerArn=arn, status="ARCHIVED", ids=[found["id"]])
    share(clients, "210987654321")
    clock.advance(HALF_HOUR)
    assert [f["status"] for f in client.list_findings(analyzerArn=arn)["findings"]] == ["ARCHIVED"]
    assert refusal(client.create_analyzer, analyzerName="outside", type="ACCOUNT") == ("ConflictException", 409)
    assert refusal(client.create_analyzer, analyzerName="b", type="ACCOUNT") == ("ServiceQuotaExceededException", 402)
    assert refusal(client.list_findings, analyzerArn=arn + "x") == ("ResourceNotFoundException", 404)
    client.delete_analyzer(analyzerName="outside")
    assert client.list_analyzers()["analyzers"] == []
