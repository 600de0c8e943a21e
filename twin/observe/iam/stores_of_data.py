"""Buckets, keys, secrets, tables, databases, queues, topics and image repositories, with their own policies."""

import json
from collections.abc import Iterator
from typing import Any

from twin.observe.iam.access_lists import listed_too
from twin.observe.iam.identities import tags
from twin.observe.iam.org import Thing, text
from twin.observe.iam.reader import Reader


def buckets(reader: Reader) -> Iterator[Thing]:
    """Yield S3 buckets."""
    told = reader.read("s3", "ListBuckets")
    if owner := told.get("Owner", {}).get("ID"):
        reader.canonical[owner] = reader.account
    for one in told.get("Buckets", ()):
        absent = ("NoSuchBucketPolicy",)
        reply = reader.read("s3", "GetBucketPolicy", {"Bucket": one["Name"]}, absent=absent)
        policy = listed_too(reader, one["Name"], _policy(reply.get("Policy")), owner=owner or "")
        yield Thing(f"arn:aws:s3:::{one['Name']}", "s3.bucket", reader.account, policy)


def keys(reader: Reader) -> Iterator[Thing]:
    """Yield KMS keys with their grants."""
    for one in reader.read("kms", "ListKeys").get("Keys", ()):
        key = {"KeyId": one["KeyId"]}
        policy = reader.read("kms", "GetKeyPolicy", {**key, "PolicyName": "default"}).get("Policy")
        # One that was not shown is taken for KMS's own default: an empty one would say that nobody has the key.
        policy = policy or text(_default_policy(reader.account))
        grants = reader.read("kms", "ListGrants", key).get("Grants", ())
        plain = ("GranteePrincipal", "Operations", "Constraints")
        texts = tuple(json.dumps({k: grant[k] for k in plain if grant.get(k)}) for grant in grants)
        yield Thing(one["KeyArn"], "kms.key", reader.account, _policy(policy), texts)


def _default_policy(account: str) -> dict[str, Any]:
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def secrets(reader: Reader) -> Iterator[Thing]:
    """Yield secrets."""
    for one in reader.read("secretsmanager", "ListSecrets").get("SecretList", ()):
        reply = reader.read("secretsmanager", "GetResourcePolicy", {"SecretId": one["ARN"]})
        policy = _policy(reply.get("ResourcePolicy"))
        yield Thing(one["ARN"], "secretsmanager.secret", reader.account, policy, tags=tags(one.get("Tags")))


def tables(reader: Reader) -> Iterator[Thing]:
    """Yield DynamoDB tables."""
    for name in reader.read("dynamodb", "ListTables").get("TableNames", ()):
        arn = reader.arn("dynamodb", f"table/{name}")
        absent = ("PolicyNotFoundException",)
        reply = reader.read("dynamodb", "GetResourcePolicy", {"ResourceArn": arn}, absent=absent)
        yield Thing(arn, "dynamodb.table", reader.account, _policy(reply.get("Policy")))


def databases(reader: Reader) -> Iterator[Thing]:
    """Yield RDS instances and clusters."""
    for one in reader.read("rds", "DescribeDBInstances").get("DBInstances", ()):
        yield Thing(one["DBInstanceArn"], "rds.instance", reader.account, tags=tags(one.get("TagList")))
    for one in reader.read("rds", "DescribeDBClusters").get("DBClusters", ()):
        yield Thing(one["DBClusterArn"], "rds.cluster", reader.account, tags=tags(one.get("TagList")))


def queues(reader: Reader) -> Iterator[Thing]:
    """Yield SQS queues."""
    for url in reader.read("sqs", "ListQueues").get("QueueUrls", ()):
        wanted = {"QueueUrl": url, "AttributeNames": ["All"]}
        told = reader.read("sqs", "GetQueueAttributes", wanted).get("Attributes", {})
        arn = told.get("QueueArn") or reader.arn("sqs", url.rpartition("/")[2])
        yield Thing(arn, "sqs.queue", reader.account, _policy(told.get("Policy")))


def topics(reader: Reader) -> Iterator[Thing]:
    """Yield SNS topics."""
    for one in reader.read("sns", "ListTopics").get("Topics", ()):
        told = reader.read("sns", "GetTopicAttributes", {"TopicArn": one["TopicArn"]}).get("Attributes", {})
        yield Thing(one["TopicArn"], "sns.topic", reader.account, _policy(told.get("Policy")))


def repositories(reader: Reader) -> Iterator[Thing]:
    """Yield ECR repositories."""
    for one in reader.read("ecr", "DescribeRepositories").get("repositories", ()):
        absent = ("RepositoryPolicyNotFoundException",)
        wanted = {"repositoryName": one["repositoryName"]}
        policy = reader.read("ecr", "GetRepositoryPolicy", wanted, absent=absent).get("policyText")
        yield Thing(one["repositoryArn"], "ecr.repository", reader.account, _policy(policy))


def _policy(written: str | None) -> str:
    return text(written) if written else ""


READERS = (buckets, keys, secrets, tables, databases, queues, topics, repositories)
