"""What AWS takes without a signature, and how to tell which service such a request is for."""

import re
from urllib.parse import urlsplit

from twin.wire import Request
from twin.world.stores.moto_routes import aws_host
from twin.world.stores.operations import ACTION, VERSION, parameter

ACTIONS = {"AssumeRoleWithSAML": "sts", "AssumeRoleWithWebIdentity": "sts", "ConfirmSubscription": "sns"}
# By the version of their query API, or the prefix of their target, services that take no unsigned call at all.
VERSIONS = {
    "2011-06-15": "sts", "2010-05-08": "iam", "2016-11-15": "ec2", "2010-03-31": "sns", "2014-10-31": "rds",
    "2015-12-01": "elbv2", "2011-01-01": "autoscaling", "2010-08-01": "cloudwatch",
}  # fmt: skip
TARGETS = {
    "DynamoDB_20120810": "dynamodb",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
    "Logs_20140328": "logs",
    "AWSEvents": "events",
    "AWSOrganizationsV20161128": "organizations",
    "AWSCognitoIdentityService": "cognito-identity",
    "AWSCognitoIdentityProviderService": "cognito-idp",
}
CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]+\.pem$")
# Who holds the token of a subscription confirms it without a signature.
OPEN_ACTIONS = {("sns", "ConfirmSubscription")}
PUBLIC_KEYS = ("/.well-known/jwks.json", "/.well-known/openid-configuration")
OPEN_OBJECT = {
    "GetObject", "HeadObject", "PutObject", "DeleteObject", "GetObjectTagging", "GetObjectAcl", "HeadBucket",
    "ListObjects", "ListObjectsV2", "ListObjectVersions",
}  # fmt: skip
# What is left of a signature that is too broken to be one.
SCOPE = re.compile(r"Credential=[^/,]*/\d*/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request")


def unsigned_service(request: Request) -> str | None:
    """Name the service of an unsigned request to a plain host; None when nothing in it speaks of AWS."""
    target = request.headers.get("X-Amz-Target", "").partition(".")[0]
    if target:
        return TARGETS.get(target)
    if action := parameter(request, ACTION):
        return ACTIONS.get(action) or VERSIONS.get(parameter(request, VERSION) or "")
    path = urlsplit(request.url).path
    if CERTIFICATE.match(path):
        return "sns"
    if path.endswith(PUBLIC_KEYS) and not path.startswith("/.well-known"):
        return "cognito-idp"
    return None


def unsigned_scope(request: Request, region: str) -> tuple[str, str]:
    """Return the service and Region of an unsigned request, from AWS's host name or from what it asks."""
    if scope := SCOPE.search(request.headers.get("Authorization", "")):
        return scope["service"], scope["region"]
    host = urlsplit(request.url).hostname or ""
    if not aws_host(host):
        return unsigned_service(request) or "s3", region
    labels = host.removesuffix(".cn").removesuffix(".amazonaws.com").removesuffix(".api.aws").split(".")
    if len(labels) > 1 and labels[-1].count("-") >= 2:
        region = labels[-1]
        labels = labels[:-1]
    return "s3" if {"s3", "s3-accesspoint"} & {*labels} else labels[-1], region
